"""A file is taken over whole or not at all, once, and what it brings is as if it had been booked by hand."""

from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from goodterms.conversations.models import Conversation
from goodterms.database.isolation import acting_for
from goodterms.imports.models import Import
from goodterms.imports.tests.cast import HEADINGS, NOW, PROFILE, a_file, a_vendor, take
from goodterms.interactions.models import Interaction
from goodterms.invoicing import document
from goodterms.invoicing.models import Hold, Invoice, Line
from goodterms.ledger import rules as booking
from goodterms.ledger.models import Entry, Posting
from goodterms.parties.actions import add_contact, add_customer
from goodterms.parties.models import Contact, Customer, Payer, Vendor
from goodterms.payments.models import Allocation, Payment, Reading
from goodterms.values.days import NEVER
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
PAID = {"No": "CL-612", "Paid": "20/10/2026"}


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield vendor


def written() -> list[int]:
    return [model.objects.count() for model in (Customer, Contact, Payer, Invoice, Entry, Payment, Import, Reading)]


def reasons(answer: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(bad["line"], bad["column"], bad["reason"]) for bad in answer["bad"]]


def test_an_open_invoice_is_an_issued_document_in_the_books(vendor: Vendor) -> None:
    assert take(vendor, {})["imported"]
    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.series_id, invoice.work, invoice.customer.name) == (
        "CL-611", None, "Letterpress", "Tobacco Factory Theatres",
    )  # fmt: skip
    assert (invoice.total_minor, invoice.open_minor, invoice.settled_on, invoice.in_parts) == (64000, 64000, NEVER, False)
    assert (invoice.issued_on, invoice.due_on, invoice.chase_on) == (date(2026, 10, 2), date(2026, 11, 1), date(2026, 11, 1))
    assert invoice.issued_at is not None
    assert invoice.issued_at.isoformat() == "2026-10-02T08:00:00+00:00"  # when the vendor opens, in summer time
    assert not invoice.on_paper
    assert invoice.document["customer"]["name"] == "Tobacco Factory Theatres"


def test_the_seal_of_a_document_is_the_one_that_prove_works_out(vendor: Vendor) -> None:
    take(vendor, {"What": 'Ünder "quotes"\\'}, PAID | {"What": "", "Cur": "JPY", "Amount": "1,000"})
    for invoice in Invoice.objects.all():
        lines = [model_to_dict(row, fields=document.OF_LINE) for row in Line.objects.filter(invoice=invoice)]
        facts = {name: getattr(invoice, name) for name in document.OF_INVOICE}
        assert invoice.document_sha256 is not None
        assert bytes(invoice.document_sha256) == document.digest(facts, lines, [])
        assert lines[0]["net_minor"] == invoice.total_minor


def test_what_is_booked_is_what_the_posting_rules_say(vendor: Vendor) -> None:
    take(vendor, PAID)
    invoice, paid = Invoice.objects.get(), Payment.objects.get()
    amount, customer = Money(64000, "GBP"), invoice.customer_id
    expected = {
        ("invoice", invoice.id, invoice.issued_on): booking.invoice(
            customer_id=customer, invoice_id=invoice.id, net=amount, tax=Money(0, "GBP")
        ),
        ("payment", paid.id, paid.received_on): booking.payment(customer_id=customer, amount=amount),
        ("allocation", Allocation.objects.get().id, paid.received_on): booking.allocation(
            customer_id=customer, invoice_id=invoice.id, amount=amount
        ),
    }
    found = {
        (entry.kind, entry.document_id, entry.effective_on): {
            (side.account, side.currency, side.minor, side.customer_id, side.invoice_id, side.effective_on)
            for side in Posting.objects.filter(entry=entry)
        }
        for entry in Entry.objects.all()
    }
    assert found == {key: {(*side, key[2]) for side in sides} for key, sides in expected.items()}


def test_a_settled_invoice_is_paid_on_its_day_and_nobody_is_thanked_now(vendor: Vendor) -> None:
    answer = take(vendor, PAID)
    assert (answer["settled"], answer["open"]) == (1, 0)
    invoice, paid = Invoice.objects.get(), Payment.objects.get()
    assert (invoice.open_minor, invoice.settled_on, invoice.in_parts) == (0, date(2026, 10, 20), False)
    assert (paid.minor, paid.unapplied_minor, paid.received_on, paid.thanked_at) == (64000, 0, date(2026, 10, 20), NOW)


def test_what_was_not_known_by_the_day_is_not_taken(vendor: Vendor) -> None:
    rows: list[dict[str, str]] = [{}, PAID, {"No": "CL-613", "Raised": "16/10/2026", "Due": ""}]
    answer = take(vendor, *rows, until=date(2026, 10, 15))
    assert (answer["rows"], answer["new"], answer["ignored_later"], answer["open"]) == (3, 2, 1, 2)
    assert Reading.objects.get().known_until_on == date(2026, 10, 15)
    assert Payment.objects.count() == 0


def test_no_payment_is_known_before_its_day(vendor: Vendor) -> None:
    take(vendor, {"Paid": "17/11/2026"})
    assert Invoice.objects.get().open_minor == 64000
    assert Reading.objects.get().known_until_on == date(2026, 11, 16)


def test_an_open_invoice_that_is_flagged_gets_a_dispute_that_holds_it(vendor: Vendor) -> None:
    answer = take(vendor, {"Query": "yes"}, PAID | {"Query": "yes"}, until=date(2026, 11, 13))
    assert answer["disputed"] == 1
    hold = Hold.objects.get()
    assert (hold.reason, hold.from_on, hold.ended_at, hold.invoice.number) == ("disputed", date(2026, 11, 13), None, "CL-611")
    assert Conversation.objects.get().kind == "dispute"


def test_on_paper_before_their_day(vendor: Vendor) -> None:
    rows = [{"No": str(n), "Raised": f"0{n}/10/2026", "Paper until": "03/10/2026"} for n in (2, 3)]
    take(vendor, *rows)
    assert dict(Invoice.objects.values_list("number", "on_paper")) == {"2": True, "3": False}
    assert Customer.objects.get().paperless_on == date(2026, 10, 3)


def test_two_vendors_share_the_payer_at_one_address(vendor: Vendor) -> None:
    other = a_vendor("second")
    with acting_for([vendor.id, other.id]):
        for one in (vendor, other):
            assert take(one, {"Email": "Box@tft.example"})["payers"] == 1
        assert Payer.objects.count() == 1
        assert Contact.objects.count() == 2


def test_a_customer_who_is_known_is_left_as_they_are(vendor: Vendor) -> None:
    known = add_customer(vendor_id=vendor.id, number="C1", name="The Theatres", currency="GBP", now=NOW, by="Tom")
    add_contact(vendor_id=vendor.id, customer_id=known.id, name="Ann", email="ann@tft.example", pays=True, now=NOW, by="Tom")
    answer = take(vendor, {})
    assert answer["customers"] == 0
    assert [contact.email for contact in Contact.objects.all()] == ["ann@tft.example"]
    assert [payer.address for payer in Payer.objects.all()] == ["ann@tft.example"]
    assert Invoice.objects.get().document["customer"]["name"] == "The Theatres" == Customer.objects.get().name


def test_one_bad_row_stops_all(vendor: Vendor) -> None:
    before = written()
    answer = take(vendor, {}, {"No": "CL-612", "Due": "31/11/2026"}, {"No": "CL-613", "Amount": "1.240,50"})
    assert (answer["imported"], answer["bad_count"], answer["rows"]) == (False, 2, 3)
    assert [(line, column) for line, column, _ in reasons(answer)] == [(3, "Due"), (4, "Amount")]
    assert written() == before


def test_a_preview_says_the_same_and_writes_nothing(vendor: Vendor) -> None:
    rows = [{"Query": "yes"}, PAID, {"No": "CL-7", "Client": "C2", "Email": "b@x.example", "Cur": "EUR"}]
    before = written()
    preview = take(vendor, *rows, dry_run=True)
    assert written() == before
    assert take(vendor, *rows) == {**preview, "dry_run": False, "imported": True}
    assert preview["totals"] == [
        {"currency": "EUR", "invoices": 1, "total_minor": 64000, "open_minor": 64000},
        {"currency": "GBP", "invoices": 2, "total_minor": 128000, "open_minor": 64000},
    ]
    assert (preview["customers"], preview["payers"]) == (2, 2)


def test_a_number_twice_in_the_file_is_told_with_both_lines(vendor: Vendor) -> None:
    answer = take(vendor, {}, {"No": "X"}, {"Amount": "1.00"})
    assert reasons(answer) == [(4, "No", "Number CL-611 is on line 2 already.")]


def test_one_customer_has_one_address_in_a_file(vendor: Vendor) -> None:
    answer = take(vendor, {}, {"No": "X", "Email": "hello@tft.example"}, {"No": "Y", "Paper until": "01/01/2027"})
    assert reasons(answer) == [
        (3, "Email", "Line 2 has box@tft.example for the same customer C1."),
        (4, "Paper until", "Line 2 has nothing for the same customer C1."),
    ]


def test_a_number_in_the_books_with_other_content_is_told_with_ours(vendor: Vendor) -> None:
    take(vendor, {})
    assert (take(vendor, {})["unchanged"], Invoice.objects.count()) == (1, 1)
    other = take(vendor, {"Amount": "640.01", "Due": "02/11/2026"}, {"No": "X"})
    assert reasons(other) == [
        (2, "Amount", "Invoice CL-611 is in the books already, with 640.00 here."),
        (2, "Due", "Invoice CL-611 is in the books already, with 2026-11-01 here."),
    ]
    assert Invoice.objects.count() == 1


def test_an_invoice_that_was_open_is_paid_once_by_a_later_file(vendor: Vendor) -> None:
    take(vendor, {})
    later = {"Paid": "20/10/2026"}
    assert [take(vendor, later)["settled_since"] for _ in range(2)] == [1, 0]
    assert (Payment.objects.get().received_on, Invoice.objects.get().open_minor) == (date(2026, 10, 20), 0)


def test_broken_bytes_are_told_with_their_line_and_column(vendor: Vendor) -> None:
    answer = take(vendor, {}, {"No": "X", "Name": "caf\udce9"})
    ((line, column, reason),) = reasons(answer)
    assert (line, column) == (3, "Name")
    assert "the byte 0xE9" in reason


def test_a_thousand_bad_rows_are_named_and_all_are_counted(vendor: Vendor) -> None:
    answer = take(vendor, *[{"No": str(n), "Amount": "x"} for n in range(1_200)])
    assert (answer["bad_count"], len(answer["bad"]), answer["imported"]) == (1_200, 1_000, False)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"No,Client\n1,2\n"])
def test_a_file_that_cannot_be_read_is_refused_and_leaves_the_transaction_whole(vendor: Vendor, content: bytes) -> None:
    before = written()
    with pytest.raises(Refused):
        take(vendor, file=BytesIO(content))
    assert written() == before


def test_not_everybody_takes_over_a_book(vendor: Vendor) -> None:
    with pytest.raises(Refused, match="owner or a bookkeeper"):
        take(vendor, {}, role="reader")


def test_headings_alone_are_no_book(vendor: Vendor) -> None:
    with pytest.raises(Refused, match="headings and no rows"):
        take(vendor, file=a_file())


def test_the_log_tells_each_invoice_payment_customer_and_contact(vendor: Vendor) -> None:
    take(vendor, {}, PAID)
    kinds = list(Interaction.objects.filter(channel="import").values_list("kind", flat=True))
    assert sorted(kinds) == sorted(
        ["invoice.imported"] * 2 + ["payment.imported", "customer.added", "contact.added", "invoices.imported"]
    )


def test_statements_do_not_grow_with_the_file(vendor: Vendor) -> None:
    def statements(start: int, count: int) -> int:
        rows = [PAID | {"No": str(n), "Client": f"C{n}", "Email": f"a{n}@x.example"} for n in range(start, start + count)]
        with CaptureQueriesContext(connection) as queries:
            assert take(vendor, *rows)["new"] == count
        return len(queries)

    assert statements(0, 3) == statements(100, 300)


def test_bulk_statements_never_compare_each_row_with_each(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it 100,000 rows took more than eight minutes: what was just filled has no statistics."""
    plans: list[str] = []
    plain = CursorWrapper.execute

    def explained(self: CursorWrapper, query: Any, values: Any = None) -> Any:
        if "join parties_customer c on" in query:
            plain(self, "explain " + query, values)
            plans.append("\n".join(line for (line,) in self.fetchall()))
        return plain(self, query, values)

    monkeypatch.setattr(CursorWrapper, "execute", explained)
    take(vendor, *[{"No": str(n), "Query": "yes"} for n in range(30)])
    assert len(plans) >= 8
    joins = [plan for plan in plans if "parties_customer" in plan]
    assert all("Hash" in plan or "Merge" in plan for plan in joins)
    with connection.cursor() as cursor:
        cursor.execute("show enable_nestloop")
        assert cursor.fetchone() == ("on",)


def test_after_a_book_the_planner_is_shown_the_columns_by_which_rows_are_found(vendor: Vendor) -> None:
    """To look at every column of every table took as long as writing a tenth of the rows; autovacuum does that afterwards."""
    with CaptureQueriesContext(connection) as queries:
        take(vendor, {}, PAID)
    (look,) = (one["sql"] for one in queries.captured_queries if one["sql"].startswith('analyze "'))
    assert '"invoicing_invoice" (' in look
    assert "customer_id" in look
    assert "document," not in look


def test_what_no_row_calls_for_is_not_asked(vendor: Vendor) -> None:
    """Rows that are in the books already, disputes and later payments cost a look at all rows each."""

    def asked(*rows: dict[str, str]) -> int:
        with CaptureQueriesContext(connection) as queries:
            take(vendor, *rows)
        return len([one for one in queries.captured_queries if "from import_row r join" in one["sql"]])

    first, again = asked({}), asked({})
    assert again > first
    assert asked({"No": "CL-700", "Query": "yes"}) > first


def test_random_books_come_out_as_they_went_in(vendor: Vendor) -> None:
    """Two hundred rows over some customers, currencies and fates, against sums done here."""
    rows, totals = [], {"GBP": [0, 0], "JPY": [0, 0]}
    for n in range(200):
        currency = ("GBP", "JPY")[n % 2]
        minor = (n * 7919) % 99_991 + 1
        raised = date(2026, 1, 1) + timedelta(days=n)
        paid = raised + timedelta(days=n % 40) if n % 3 else None
        amount = f"{minor / 100:.2f}" if currency == "GBP" else str(minor)
        rows.append(
            {
                "No": f"N{n}", "Client": f"C{n % 17}", "Email": f"c{n % 17}@x.example", "Cur": currency, "Amount": amount,
                "Raised": f"{raised:%d/%m/%Y}", "Due": "", "Paid": f"{paid:%d/%m/%Y}" if paid else "",
            }
        )  # fmt: skip
        totals[currency][0] += minor
        totals[currency][1] += 0 if paid else minor
    answer = take(vendor, *rows)
    assert [(one["total_minor"], one["open_minor"]) for one in answer["totals"]] == [tuple(totals[c]) for c in ("GBP", "JPY")]
    with connection.cursor() as cursor:
        cursor.execute(
            "select currency, sum(minor)::bigint from ledger_posting where account = 'receivable' group by 1 order by 1"
        )
        assert dict(cursor.fetchall()) == {currency: sums[1] for currency, sums in totals.items()}
        cursor.execute("select count(*) from ledger_posting group by currency having sum(minor) <> 0")
        assert cursor.fetchall() == []


def test_what_a_profile_does_not_name_is_not_read() -> None:
    assert set(PROFILE.columns.values()) == set(HEADINGS)
