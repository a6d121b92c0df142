"""Decides that an invoice is drafted, approved and issued once, with its day's facts, and is frozen from then on."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.database.migrate import as_owner
from goodterms.interactions.models import Interaction
from goodterms.invoicing import document
from goodterms.invoicing.actions import (
    Written,
    approve,
    credit,
    credit_on_account,
    discard,
    draft,
    edit,
    ensure_series,
    issue,
    issue_many,
    send_back,
    written,
)
from goodterms.invoicing.line import Adjustment, Line, Tax
from goodterms.invoicing.models import Instalment, Invoice
from goodterms.invoicing.models import Line as LineRow
from goodterms.invoicing.saying import lines_of
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor, must_be_true
from goodterms.ledger.models import Posting
from goodterms.parties.actions import change_vendor
from goodterms.parties.models import Customer, Vendor
from goodterms.terms.actions import agree
from goodterms.terms.rules import Days, Part, Terms
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
VAT = Tax("S", Decimal(20))
LINES = [
    Line("Labels, second run", Decimal("1200"), Decimal("0.35"), VAT, unit="piece", project="Autumn"),
    Line("Courier", Decimal(1), Decimal("12.50"), Tax("Z", Decimal(0))),
]
TOM: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor(bank={"iban": "GB33BUKB20201555555555"})
    with acting_for([vendor.id]):
        yield a_customer(vendor.id, address="1 Dock Street")
        must_be_true(vendor.id)


def drafted(customer: Customer, lines: list[Line] | None = None, **more: Any) -> Invoice:
    return draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=lines or LINES, **{**TOM, **more})


def issued(customer: Customer, on: date = TODAY, **more: Any) -> Invoice:
    invoice = drafted(customer, **more)
    approve(invoice_id=invoice.id, **TOM)
    return issue(invoice_id=invoice.id, issued_on=on, **TOM)


@pytest.mark.parametrize("days", [2, 166])
def test_nothing_is_issued_ahead_of_its_day(customer: Customer, days: int) -> None:
    """A year mistyped was an invoice of 2027 in the row of 2026, sent today, that could not be taken back."""
    ahead = TODAY + timedelta(days=days)
    with pytest.raises(Refused, match=f"{ahead} is still to come"), transaction.atomic():
        issued(customer, ahead)
    one = issued(customer)
    with pytest.raises(Refused, match=f"{ahead} is still to come"), transaction.atomic():
        credit(invoice_id=one.id, reason="x", issued_on=ahead, **TOM)
    with pytest.raises(Refused, match=f"{ahead} is still to come"), transaction.atomic():
        credit_on_account(
            vendor_id=customer.vendor_id, customer_id=customer.id, lines=LINES, reason="x", issued_on=ahead, **TOM
        )  # fmt: skip
    assert issued(customer, TODAY + timedelta(days=1)).number, "it is tomorrow already, somewhere"


def test_a_draft_adds_up_and_counts_for_nothing(customer: Customer) -> None:
    invoice = drafted(customer, adjustments=[Adjustment("allowance", Decimal(20), VAT, "loyalty")])
    assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor, invoice.open_minor) == (412_50, 80_00, 492_50, 0)
    assert [line.net_minor for line in invoice.lines.order_by("position")] == [420_00, 12_50]
    assert not Posting.objects.exists()
    edit(invoice_id=invoice.id, lines=LINES[:1], adjustments=[], **TOM)
    assert Invoice.objects.get(id=invoice.id).total_minor == 504_00
    assert LineRow.objects.filter(invoice=invoice).count() == 1


def test_issue_numbers_dates_books_and_copies_everything_in(customer: Customer) -> None:
    invoice = issued(customer, work="Labels, second run")
    assert (invoice.number, invoice.seq, invoice.issued_on) == ("2026-0001", 1, TODAY)
    assert (invoice.due_on, invoice.chase_on, invoice.open_minor) == (date(2026, 12, 16), date(2026, 12, 16), 516_50)
    assert {(p.account, p.minor) for p in Posting.objects.all()} == {
        ("receivable", 516_50), ("sales", -432_50), ("tax", -84_00),
    }  # fmt: skip
    assert invoice.document["customer"]["address"] == "1 Dock Street"
    assert invoice.document["vendor"]["bank"]["iban"].startswith("GB33")
    assert [(g["rate"], g["tax_minor"]) for g in invoice.document["tax_groups"]] == [("20", 84_00), ("0", 0)]
    told = set(Interaction.objects.values_list("kind", flat=True))
    assert told == {"invoice.drafted", "invoice.approved", "invoice.issued"}
    Customer.objects.update(address="elsewhere")
    assert Invoice.objects.get(id=invoice.id).document["customer"]["address"] == "1 Dock Street"


def test_the_recorded_hash_is_that_of_the_rows(customer: Customer) -> None:
    agree(vendor_id=customer.vendor_id, terms=THIRDS, from_on=TODAY, now=NOW, by="Tom")
    key = issued(customer, adjustments=[Adjustment("charge", Decimal("3.10"), VAT, "rush")]).id
    invoice = Invoice.objects.get(id=key)
    facts = {name: getattr(invoice, name) for name in document.OF_INVOICE}
    parts = list(invoice.instalments.order_by("position").values_list("due_on", "minor"))
    assert invoice.document_sha256 is not None
    assert bytes(invoice.document_sha256) == document.digest(facts, lines_of([key])[key], parts)
    for name, other in [("number", "2026-0002"), ("due_on", TODAY), ("document", {})]:
        assert document.digest({**facts, name: other}, lines_of([key])[key], parts) != bytes(invoice.document_sha256)


THIRDS = Terms(instalments=(Part(Decimal(30), (Days(10),)), Part(Decimal(30), (Days(40),)), Part(Decimal(40), (Days(70),))))


def test_terms_in_effect_that_day_make_due_days_and_instalments(customer: Customer) -> None:
    agree(vendor_id=customer.vendor_id, terms=THIRDS, from_on=TODAY, now=NOW, by="Tom", customer_id=customer.id)
    before, after = issued(customer, TODAY - timedelta(days=1)), issued(customer)
    assert before.due_on == TODAY + timedelta(days=29)
    assert after.due_on == TODAY + timedelta(days=70)
    assert after.chase_on == TODAY + timedelta(days=10)
    parts = list(Instalment.objects.filter(invoice=after).order_by("position").values_list("due_on", "minor"))
    assert [on for on, _ in parts] == [TODAY + timedelta(days=n) for n in (10, 40, 70)]
    assert sum(minor for _, minor in parts) == after.total_minor
    assert not Instalment.objects.filter(invoice=before).exists()
    assert Terms.from_json(after.terms) == THIRDS


def test_many_are_issued_with_the_statements_of_few(customer: Customer) -> None:
    counts = []
    for many in (2, 30):
        keys = [drafted(customer).id for _ in range(many)]
        for key in keys:
            approve(invoice_id=key, **TOM)
        with CaptureQueriesContext(connection) as told:
            numbers = issue_many(vendor_id=customer.vendor_id, invoice_ids=keys, issued_on=TODAY, **TOM)
        counts.append(len(told))
        assert list(Invoice.objects.filter(id__in=keys).order_by("seq").values_list("number", flat=True)) == numbers
    assert counts[0] == counts[1]
    assert numbers[-1] == "2026-0032"
    assert issue_many(vendor_id=customer.vendor_id, invoice_ids=[], issued_on=TODAY, **TOM) == []


def test_one_that_may_not_be_issued_stops_them_all(customer: Customer) -> None:
    good, bad = drafted(customer), drafted(customer)
    approve(invoice_id=good.id, **TOM)
    with pytest.raises(Refused, match="Approve it first"), transaction.atomic():
        issue_many(vendor_id=customer.vendor_id, invoice_ids=[good.id, bad.id], issued_on=TODAY, **TOM)
    approve(invoice_id=bad.id, **TOM)
    assert issue(invoice_id=bad.id, issued_on=TODAY, **TOM).number == "2026-0001"
    with pytest.raises(Refused, match="issued and open"):
        issue(invoice_id=bad.id, issued_on=TODAY, **TOM)


def test_approval_has_limits_and_four_eyes(customer: Customer) -> None:
    invoice = drafted(customer)
    change_vendor(vendor_id=customer.vendor_id, changes={"four_eyes": True}, now=NOW, by="Tom")
    with pytest.raises(Refused, match="somebody else"):
        approve(invoice_id=invoice.id, **TOM)
    with pytest.raises(Refused, match="a program is none of them"):
        approve(invoice_id=invoice.id, is_program=True, **{**TOM, "by": "till"})
    ann = {**TOM, "by": "Ann", "role": "approver"}
    for limit in (Money(516_49, "GBP"), Money(10_000_00, "USD")):
        with pytest.raises(Refused, match="up to"):
            approve(invoice_id=invoice.id, up_to=limit, **ann)
    found = approve(invoice_id=invoice.id, up_to=Money(516_50, "GBP"), **ann)
    assert (found.approved_by, found.approved_at) == ("Ann", NOW)
    with pytest.raises(Refused, match="A reader may not approve"):
        approve(invoice_id=drafted(customer).id, **{**TOM, "role": "reader"})


def test_whoever_changed_a_draft_wrote_it_and_whoever_only_looked_did_not(customer: Customer) -> None:
    change_vendor(vendor_id=customer.vendor_id, changes={"four_eyes": True}, now=NOW, by="Tom")
    ann = {**TOM, "by": "Ann"}
    changed, looked_at = drafted(customer), drafted(customer)
    edit(invoice_id=changed.id, lines=LINES[:1], **ann)
    edit(invoice_id=looked_at.id, lines=LINES, work=looked_at.work, **ann)
    with pytest.raises(Refused, match="so somebody else approves it"):
        approve(invoice_id=changed.id, **ann)
    assert approve(invoice_id=looked_at.id, **ann).approved_by == "Ann"
    assert Interaction.objects.filter(kind="invoice.edited").count() == 1


def test_what_an_edit_does_not_name_stays_as_it_was_written(customer: Customer) -> None:
    loyalty = Adjustment("allowance", Decimal(20), VAT, "Loyalty")
    lines = [*LINES, Line("Mugs", Decimal(3), Decimal("9.99"), VAT, discount_amount=Decimal("0.33"), includes_tax=True)]
    one = drafted(customer, lines, adjustments=[loyalty], method="line")
    before = written(one)
    named: list[dict[str, Any]] = [
        {"order_number": "PO-7"}, {"work": "Mugs"}, {"lines": before.lines}, {"adjustments": [loyalty]},
    ]  # fmt: skip
    for given in named:
        edit(invoice_id=one.id, **given, **TOM)
    after = Invoice.objects.get(id=one.id)
    assert (after.order_number, after.work, after.total_minor) == ("PO-7", "Mugs", one.total_minor)
    assert written(after) == before == Written(lines, [loyalty], "line")
    assert Interaction.objects.filter(kind="invoice.edited").count() == 2, "what changes nothing is no edit"
    edit(invoice_id=one.id, adjustments=[], **TOM)
    assert written(Invoice.objects.get(id=one.id)) == Written(lines, [], "line")


def test_what_was_approved_is_sent_back_before_it_changes(customer: Customer) -> None:
    invoice = drafted(customer)
    approve(invoice_id=invoice.id, **TOM)
    with pytest.raises(Refused, match="Send it back first"):
        edit(invoice_id=invoice.id, lines=LINES, **TOM)
    send_back(invoice_id=invoice.id, reason="wrong price", **TOM)
    edit(invoice_id=invoice.id, lines=LINES, **TOM)
    discard(invoice_id=invoice.id, reason="not wanted", **TOM)
    with pytest.raises(Refused, match="is void"):
        approve(invoice_id=invoice.id, **TOM)


def test_a_customer_who_wants_a_purchase_order_gets_no_invoice_without(customer: Customer) -> None:
    Customer.objects.filter(id=customer.id).update(order_required=True)
    with pytest.raises(Refused, match="purchase order"), transaction.atomic():
        issued(customer)
    assert issued(customer, order_number="PO-7").number == "2026-0001"


@pytest.mark.parametrize(
    ("wishes", "on_paper"),
    [
        ({"channel": "email"}, False),
        ({"channel": "post"}, True),
        ({"channel": "email", "paperless_on": TODAY + timedelta(days=1)}, True),
        ({"channel": "post", "paperless_on": TODAY}, False),
    ],
)
def test_on_paper_until_the_day_they_went_paperless(customer: Customer, wishes: dict[str, Any], on_paper: bool) -> None:
    Customer.objects.filter(id=customer.id).update(**wishes)
    assert issued(customer).on_paper is on_paper


def test_a_series_keeps_its_pattern_and_continues_another_programs(customer: Customer) -> None:
    first = ensure_series(vendor_id=customer.vendor_id, code="LR", pattern="LR-{year}-{n:04d}", begin=187, now=NOW)
    assert ensure_series(vendor_id=customer.vendor_id, code="LR", pattern="X-{n}", now=NOW) == first
    invoice = drafted(customer)
    approve(invoice_id=invoice.id, **TOM)
    assert issue(invoice_id=invoice.id, issued_on=TODAY, series="LR", **TOM).number == "LR-2026-0187"
    with pytest.raises(Refused, match="another kind"):
        ensure_series(vendor_id=customer.vendor_id, code="LR", kind="credit_note", now=NOW)
    with pytest.raises(Refused, match="counts once"):
        ensure_series(vendor_id=customer.vendor_id, code="new", pattern="no count", now=NOW)


def test_instants_rise_with_numbers_even_when_an_earlier_request_comes_later(customer: Customer) -> None:
    later = {**TOM, "now": NOW + timedelta(seconds=1)}
    issued = []
    for who in (later, TOM):
        invoice = draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=LINES, **TOM)
        approve(invoice_id=invoice.id, **TOM)
        issued.append(issue(invoice_id=invoice.id, issued_on=TODAY, **who))
    first, second = issued
    assert (second.seq, second.issued_at) == ((first.seq or 0) + 1, first.issued_at)


def test_a_number_that_is_taken_is_refused_in_words(customer: Customer) -> None:
    issued(customer)
    again = drafted(customer)
    approve(invoice_id=again.id, **TOM)
    ensure_series(vendor_id=customer.vendor_id, code="other", pattern="{year}-{n:04d}", now=NOW)
    with pytest.raises(Refused, match="on another document"), transaction.atomic():
        issue(invoice_id=again.id, issued_on=TODAY, series="other", **TOM)


CACHES = {"open_minor", "settled_on", "in_parts", "chase_on", "to_withhold_minor"}
OTHER: dict[str, Any] = {
    "UUIDField": "00000000-0000-7000-8000-000000000001", "ForeignKey": "00000000-0000-7000-8000-000000000001",
    "TextField": "other", "CharField": "EUR", "DateField": date(2020, 1, 1),
    "DateTimeField": datetime(2020, 1, 1, tzinfo=UTC),
    "BigIntegerField": 7, "PositiveSmallIntegerField": 7, "PositiveIntegerField": 7, "DecimalField": Decimal(7),
    "BooleanField": True, "BinaryField": b"7", "JSONField": '{"other": 1}',
}  # fmt: skip


def columns(model: Any) -> list[Any]:
    return [pytest.param(model, field, id=f"{model.__name__}.{field.column}") for field in model._meta.local_fields]


@pytest.mark.parametrize(("model", "field"), [*columns(Invoice), *columns(LineRow), *columns(Instalment)])
def test_every_column_is_frozen_but_the_caches(customer: Customer, model: Any, field: Any) -> None:
    agree(vendor_id=customer.vendor_id, terms=THIRDS, from_on=TODAY, now=NOW, by="Tom")
    issued(customer)
    cast = "::jsonb" if field.get_internal_type() == "JSONField" else ""
    change = f"update {model._meta.db_table} set {field.column} = %s{cast}"
    value = OTHER[field.get_internal_type()]
    if model is Invoice and field.column in CACHES | {"voided_at", "void_reason"}:
        with connection.cursor() as cursor, transaction.atomic():
            cursor.execute(change, [value])
            transaction.set_rollback(True)
        return
    with pytest.raises(DatabaseError, match=r"never change|row-level"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, [value])


def test_no_line_is_added_to_what_is_issued(customer: Customer) -> None:
    """Not even one that adds nothing to the sum: the hash would show it, and nobody could say which document was sent."""
    invoice, draft_of_another = issued(customer), drafted(customer)
    columns = ", ".join(str(field.column) for field in LineRow._meta.local_fields if field.column not in ("id", "position"))
    copy = (
        f"insert into invoicing_line (id, position, {columns})"
        f" select gen_random_uuid(), position + 90, {columns} from invoicing_line where invoice_id = %s"
    )
    refused = pytest.raises(DatabaseError, match="never change, and none is added")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(copy, [invoice.id])
    with connection.cursor() as cursor:
        cursor.execute(copy, [draft_of_another.id])
    assert LineRow.objects.filter(invoice=draft_of_another).count() == 4
    edit(invoice_id=draft_of_another.id, lines=LINES, **TOM)


PLANT = """
insert into invoicing_instalment (id, vendor_id, invoice_id, position, due_on, minor)
select gen_random_uuid(), vendor_id, id, 90, date '2027-01-01', total_minor from invoicing_invoice where id = %s
"""
PART = "id, vendor_id, invoice_id, position, due_on, minor"
NO_PART = "the parts of an issued invoice never change, and none is added"


@pytest.mark.parametrize("terms", [THIRDS, Terms()], ids=["beside others", "where there are none"])
def test_no_part_is_added_to_what_is_issued(customer: Customer, terms: Terms) -> None:
    agree(vendor_id=customer.vendor_id, terms=terms, from_on=TODAY, now=NOW, by="Tom", customer_id=customer.id)
    invoice, before = issued(customer), drafted(customer)
    with connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match=NO_PART), transaction.atomic():
            cursor.execute(PLANT, [invoice.id])
        cursor.execute(PLANT, [before.id])
        assert cursor.rowcount == 1  # a draft has not been sent to anybody


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seen", ["invoicing_invoice", ""], ids=["who looks", "who looks away"])
def test_the_owner_of_the_tables_adds_no_part_either(seen: str) -> None:
    vendor = a_vendor(bank={"iban": "GB33BUKB20201555555555"})
    with acting_for([vendor.id]):
        invoice = issued(a_customer(vendor.id))
        parts = f"(gen_random_uuid(), '{vendor.id}', '{invoice.id}', 1, '2027-01-01', {invoice.total_minor})"
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        for table in filter(None, ("invoicing_instalment", seen)):
            cursor.execute(f"alter table {table} no force row level security")
        with pytest.raises(DatabaseError, match=NO_PART), transaction.atomic():
            cursor.execute(
                f"insert into invoicing_instalment (id, vendor_id, invoice_id, position, due_on, minor) values {parts}"
            )
        transaction.set_rollback(True)


def test_what_is_issued_is_never_deleted_and_a_void_is_set_once(customer: Customer) -> None:
    issued(customer)
    void = "update invoicing_invoice set voided_at = now(), void_reason = void_reason || '!'"
    for words, statements in [
        ("permission denied", "delete from invoicing_invoice"),
        ("never change", "delete from invoicing_line"),
        ("never changed", f"{void}; {void}"),
    ]:
        with pytest.raises(DatabaseError, match=words), transaction.atomic():
            run(statements)


def run(statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements.split(";"):
            cursor.execute(statement)


def test_a_vendors_numbers_are_its_own(customer: Customer) -> None:
    other = a_vendor("other")
    assert issued(customer).number == "2026-0001"
    with acting_for([other.id]):
        assert issued(a_customer(other.id)).number == "2026-0001"
        assert Vendor.objects.count() == 1
