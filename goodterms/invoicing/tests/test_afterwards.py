"""Decides what may still happen to an issued invoice: void, credit, late fee, loss, hold; and that the books follow."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from goodterms.database.isolation import acting_for
from goodterms.interactions.actions import Deed, record
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import (
    Credited,
    approve,
    charge_fee,
    correct,
    credit,
    draft,
    edit,
    hold,
    issue,
    recover,
    release,
    void,
    waive_fee,
    write_off,
)
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Hold, Invoice
from goodterms.invoicing.tests.book import DUE, ISSUED, NOW, TODAY, a_customer, a_vendor, an_invoice, must_be_true
from goodterms.ledger.models import Entry, Posting
from goodterms.parties.models import Customer
from goodterms.terms.rules import LateFee, Terms
from goodterms.values.days import NEVER
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
TOM: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}
MONTHLY = Terms(late_fee=LateFee("monthly", agreed=True, percent=Decimal("1.5"), part_months="whole"))


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield a_customer(vendor.id)
        must_be_true(vendor.id)


def issued(customer: Customer) -> Invoice:
    """100.00 at 21 % and 79.00 at 0 %: 200.00 in all."""
    lines = [
        Line("Design", Decimal(10), Decimal(10), Tax("S", Decimal(21))),
        Line("Postage", Decimal(1), Decimal(79), Tax("Z", Decimal(0))),
    ]
    invoice = draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=lines, **TOM)
    approve(invoice_id=invoice.id, **TOM)
    return issue(invoice_id=invoice.id, issued_on=TODAY, **TOM)


def again(invoice: Invoice) -> Invoice:
    return Invoice.objects.get(id=invoice.id)


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


def give_credit(invoice: Invoice, **more: Any) -> Credited:
    return credit(invoice_id=invoice.id, reason="printed twice", issued_on=TODAY, **{**TOM, **more})


def unapplied(note: Invoice) -> int:
    return -sum(Posting.objects.filter(account="unapplied", invoice_id=note.id).values_list("minor", flat=True))


def test_a_credit_note_has_its_own_series_and_refers_back(customer: Customer) -> None:
    invoice = issued(customer)
    done = give_credit(invoice, amount=gbp(20_00))
    note = Invoice.objects.get(id=done.note.id)
    assert (note.number, note.kind, note.corrects_id) == ("CN-2026-0001", "credit_note", invoice.id)
    assert note.document["corrects"] == {"number": invoice.number, "issued_on": TODAY.isoformat()}
    assert (note.net_minor, note.tax_minor, note.total_minor, note.open_minor) == (17_90, 2_10, 20_00, 0)
    assert (done.allocated, done.unapplied) == (gbp(20_00), gbp(0))
    assert (again(invoice).open_minor, again(invoice).in_parts) == (180_00, True)
    assert unapplied(note) == 0
    assert Interaction.objects.get(kind="invoice.credited").data["corrects"] == invoice.number


def test_all_of_it_at_once_settles_the_invoice(customer: Customer) -> None:
    invoice = issued(customer)
    give_credit(invoice)
    assert (again(invoice).open_minor, again(invoice).settled_on) == (0, TODAY)
    with pytest.raises(Refused, match="credited already"):
        give_credit(invoice, amount=gbp(1))


def test_lines_are_credited_with_their_tax_and_never_twice(customer: Customer) -> None:
    invoice = issued(customer)
    part = give_credit(invoice, lines={1: gbp(40_00)})
    assert (part.note.net_minor, part.note.tax_minor) == (40_00, 8_40)
    with pytest.raises(Refused, match=r"line 1 only 60\.00"), transaction.atomic():
        give_credit(invoice, lines={1: gbp(60_01)})
    with pytest.raises(Refused, match="no line 3"), transaction.atomic():
        give_credit(invoice, lines={3: None})
    rest = give_credit(invoice, lines={1: None, 2: None})
    assert (rest.note.net_minor, rest.note.tax_minor) == (139_00, 12_60)
    assert again(invoice).open_minor == 0
    assert list(rest.note.lines.order_by("position").values_list("position", "net_minor")) == [(1, 60_00), (2, 79_00)]


def test_credits_by_amount_and_by_line_share_one_limit(customer: Customer) -> None:
    invoice = issued(customer)
    give_credit(invoice, amount=gbp(150_00))
    with pytest.raises(Refused, match="left to credit"), transaction.atomic():
        give_credit(invoice, lines={1: None})
    with pytest.raises(Refused, match=r"Only 50\.00"), transaction.atomic():
        give_credit(invoice, amount=gbp(50_01))
    give_credit(invoice, amount=gbp(50_00))
    assert sum(Invoice.objects.filter(kind="credit_note").values_list("tax_minor", flat=True)) == 21_00


def test_a_tax_rate_is_credited_and_never_beyond_what_it_has_left(customer: Customer) -> None:
    invoice = issued(customer)
    part = give_credit(invoice, rates={("S", Decimal(21)): gbp(40_00)})
    assert (part.note.net_minor, part.note.tax_minor) == (40_00, 8_40)
    for rates, sentence in (
        ({("S", Decimal("21.00")): gbp(60_01)}, r"Only 60\.00 GBP of this are left"),
        ({("S", Decimal(7)): None}, "Nothing is left to credit at 7 per cent"),
        ({("S", Decimal(21)): gbp(0)}, "more than nothing"),
        ({}, "Choose at least one tax rate"),
    ):
        with pytest.raises(Refused, match=sentence), transaction.atomic():
            give_credit(invoice, rates=rates)
    rest = give_credit(invoice, rates={("S", Decimal(21)): None, ("Z", Decimal(0)): None})
    assert (rest.note.net_minor, rest.note.tax_minor, again(invoice).open_minor) == (139_00, 12_60, 0)


def test_a_wrong_invoice_is_credited_and_drafted_anew_with_its_lines(customer: Customer) -> None:
    invoice = issued(customer)
    give_credit(invoice, amount=gbp(50_00))
    done = correct(invoice_id=invoice.id, reason="the wrong paper", issued_on=TODAY, **TOM)
    assert (done.credited.note.total_minor, again(invoice).open_minor) == (150_00, 0)
    assert (done.draft.total_minor, done.draft.lines.count(), done.draft.kind) == (invoice.total_minor, 2, "invoice")
    changed = edit(invoice_id=done.draft.id, lines=[Line("Design", Decimal(9), Decimal(10), Tax("S", Decimal(21)))], **TOM)
    approve(invoice_id=changed.id, **TOM)
    new = issue(invoice_id=changed.id, issued_on=TODAY, **TOM)
    assert new.document["corrects"] == {"number": invoice.number, "issued_on": TODAY.isoformat()}
    with pytest.raises(Refused, match="All of this invoice is credited already"), transaction.atomic():
        correct(invoice_id=invoice.id, reason="the wrong paper", issued_on=TODAY, **TOM)
    assert Invoice.objects.draft().count() == 0


def test_without_its_lines_an_invoice_is_not_drafted_anew(customer: Customer) -> None:
    with pytest.raises(Refused, match="taken over without its lines"):
        correct(invoice_id=an_invoice(customer, 100_00).id, reason="wrong", issued_on=TODAY, **TOM)


def test_a_credit_on_what_is_written_off_stays_with_the_customer(customer: Customer) -> None:
    invoice = issued(customer)
    write_off(invoice_id=invoice.id, amount=gbp(150_00), reason="insolvent", on=TODAY, **TOM)
    done = give_credit(invoice, amount=gbp(80_00))
    assert (done.allocated, done.unapplied) == (gbp(50_00), gbp(30_00))
    assert unapplied(done.note) == 30_00


def test_a_credit_note_says_why_and_is_not_older(customer: Customer) -> None:
    invoice = issued(customer)
    for wrong in ({"reason": ""}, {"amount": gbp(1), "lines": {1: None}}):
        with pytest.raises(Refused, match="has a reason"):
            credit(**{"invoice_id": invoice.id, "reason": "x", "issued_on": TODAY, **TOM, **wrong})
    with pytest.raises(Refused, match="not older"):
        credit(invoice_id=invoice.id, reason="x", issued_on=TODAY - timedelta(days=1), **TOM)
    with pytest.raises(Refused, match="is in GBP"):
        give_credit(invoice, amount=Money(1, "EUR"))


def test_an_invoice_nobody_saw_can_be_void_and_keeps_its_number(customer: Customer) -> None:
    invoice = issued(customer)
    found = void(invoice_id=invoice.id, on=TODAY, reason="wrong customer", **TOM)
    assert (found.number, found.void_reason, found.open_minor, found.settled_on) == ("2026-0001", "wrong customer", 0, TODAY)
    assert sum(Posting.objects.filter(account="sales").values_list("minor", flat=True)) == 0
    with pytest.raises(Refused, match="is void"):
        void(invoice_id=invoice.id, on=TODAY, reason="again", **TOM)
    assert issued(customer).number == "2026-0002"


def test_what_the_customer_saw_or_paid_is_not_void(customer: Customer) -> None:
    seen, paid = issued(customer), issued(customer)
    deed = Deed(customer.vendor_id, "letter.accepted", "the clock", customer.id, seen.id, channel="email")
    record(at=NOW, deed=deed)
    with pytest.raises(Refused, match="may have reached the customer"):
        void(invoice_id=seen.id, on=TODAY, reason="x", **TOM)
    give_credit(paid, amount=gbp(1_00))
    with pytest.raises(Refused, match="paid or credited"):
        void(invoice_id=paid.id, on=TODAY, reason="x", **TOM)


def test_a_loss_is_booked_with_its_reason_and_can_come_back(customer: Customer) -> None:
    invoice = issued(customer)
    assert write_off(invoice_id=invoice.id, reason="insolvent", on=TODAY, **TOM) == gbp(200_00)
    assert (again(invoice).open_minor, again(invoice).settled_on) == (0, TODAY)
    later = TODAY + timedelta(days=90)
    with pytest.raises(Refused, match=r"Only 200\.00"), transaction.atomic():
        recover(invoice_id=invoice.id, amount=gbp(200_01), on=later, **TOM)
    recover(invoice_id=invoice.id, amount=gbp(60_00), on=later, **TOM)
    assert (again(invoice).open_minor, again(invoice).settled_on, again(invoice).in_parts) == (60_00, NEVER, True)
    with pytest.raises(Refused, match=r"Only 60\.00"), transaction.atomic():
        write_off(invoice_id=invoice.id, amount=gbp(60_01), reason="x", on=later, **TOM)
    with pytest.raises(Refused, match="Say why"):
        write_off(invoice_id=invoice.id, reason="", on=later, **TOM)
    assert sum(Posting.objects.filter(account="write_off").values_list("minor", flat=True)) == 140_00


def charge(invoice: Invoice, on: date) -> Money:
    return charge_fee(invoice_id=invoice.id, on=on, **TOM)


def test_a_late_fee_is_charged_as_agreed_and_only_for_what_is_new(customer: Customer) -> None:
    """1.5 % a month on 1,000.00 from the day after 31 October: 15.00 for each whole month."""
    invoice = an_invoice(customer, 1_000_00, terms=MONTHLY)
    month = DUE + timedelta(days=31)
    assert charge(invoice, month) == gbp(15_00)
    assert (again(invoice).open_minor, again(invoice).in_parts) == (1_015_00, True)
    with pytest.raises(Refused, match="since the last one"), transaction.atomic():
        charge(invoice, month)
    assert charge(invoice, date(2026, 12, 31)) == gbp(15_00)  # of the principal: no interest on interest
    assert again(invoice).open_minor == 1_030_00


def test_a_fee_is_waived_as_a_gesture_and_not_charged_again(customer: Customer) -> None:
    invoice = an_invoice(customer, 1_000_00, terms=MONTHLY)
    on = DUE + timedelta(days=31)
    charge(invoice, on)
    assert waive_fee(invoice_id=invoice.id, on=on, reason="a gesture", **TOM) == gbp(15_00)
    assert again(invoice).open_minor == 1_000_00
    assert sum(Posting.objects.filter(account="fees").values_list("minor", flat=True)) == 0
    with pytest.raises(Refused, match="since the last one"), transaction.atomic():
        charge(invoice, on)
    with pytest.raises(Refused, match="no late fee to waive"):
        waive_fee(invoice_id=invoice.id, on=on, reason="again", **TOM)
    assert Interaction.objects.get(kind="fee.waived").data["reason"] == "a gesture"


def test_no_fee_that_was_not_agreed_nor_early_nor_while_held(customer: Customer) -> None:
    late = DUE + timedelta(days=31)
    plain = an_invoice(customer, 1_000_00)
    with pytest.raises(Refused, match="no late fee"):
        charge(plain, late)
    silent = Terms(late_fee=LateFee("monthly", agreed=False, percent=Decimal("1.5")))
    with pytest.raises(Refused, match="not agreed before the work"):
        charge(an_invoice(customer, 1_000_00, terms=silent), late)
    agreed = an_invoice(customer, 1_000_00, terms=MONTHLY)
    with pytest.raises(Refused, match="not late"):
        charge(agreed, DUE)
    hold(invoice_ids=[agreed.id], reason="disputed", from_on=late, **TOM)
    with pytest.raises(Refused, match="dispute"):
        charge(agreed, late)


def test_each_instalment_bears_its_own_interest(customer: Customer) -> None:
    """500.00 late from 10 October, 500.00 from 31 October: on 30 November 1 whole month each."""
    parts = [(date(2026, 10, 10), 500_00), (DUE, 500_00)]
    invoice = an_invoice(customer, 1_000_00, terms=MONTHLY, parts=parts)
    assert charge(invoice, date(2026, 12, 1)) == gbp(15_00)


def held(invoice: Invoice, reason: str = "manual", **more: Any) -> UUID:
    (key,) = hold(invoice_ids=[invoice.id], reason=reason, **{"from_on": TODAY, **TOM, **more})
    return key


def test_a_hold_is_a_row_that_is_ended_and_never_deleted(customer: Customer) -> None:
    invoice = an_invoice(customer, 10_00)
    key = held(invoice, note="their buyer is ill", until_on=TODAY + timedelta(days=7))
    release(hold_id=key, on=TODAY, **TOM)
    with pytest.raises(Refused, match="not held"):
        release(hold_id=key, on=TODAY, **TOM)
    row = Hold.objects.get()
    assert (row.reason, row.note, row.ended_by, row.ended_at) == ("manual", "their buyer is ill", "Tom", NOW)
    assert set(Interaction.objects.values_list("kind", flat=True)) == {"invoice.held", "invoice.released"}


def test_a_hold_by_hand_and_a_dispute_stand_side_by_side(customer: Customer) -> None:
    invoice = an_invoice(customer, 10_00)
    held(invoice)
    dispute = held(invoice, "disputed", role="payer")
    with pytest.raises(Refused, match="dispute about this invoice is open"):
        held(invoice, "disputed")
    release(hold_id=dispute, on=TODAY, **TOM)
    held(invoice, "promised", role="payer")
    assert sorted(Hold.objects.filter(ended_at=None).values_list("reason", flat=True)) == ["manual", "promised"]


def test_a_hold_that_is_over_is_no_hold(customer: Customer) -> None:
    invoice = an_invoice(customer, 10_00)
    held(invoice, "disputed", from_on=ISSUED, until_on=ISSUED + timedelta(days=3))
    held(invoice, "disputed")


def test_more_time_moves_the_day_reminders_count_from_and_back(customer: Customer) -> None:
    invoice = an_invoice(customer, 10_00)
    until = DUE + timedelta(days=21)
    key = held(invoice, "extended", until_on=until)
    assert (again(invoice).chase_on, again(invoice).due_on, again(invoice).in_parts) == (until, DUE, False)
    release(hold_id=key, on=TODAY, **TOM)
    assert again(invoice).chase_on == DUE


def test_only_known_reasons_and_real_spans_hold(customer: Customer) -> None:
    invoice = an_invoice(customer, 10_00)
    with pytest.raises(Refused, match="held as one of"):
        held(invoice, "annoyed")
    with pytest.raises(Refused, match="before it begins"):
        held(invoice, until_on=TODAY - timedelta(days=1))
    with pytest.raises(Refused, match="no invoice"):
        hold(invoice_ids=[UUID(int=1)], reason="manual", from_on=TODAY, **TOM)
    with pytest.raises(Refused, match="no hold"):
        release(hold_id=UUID(int=1), on=TODAY, **TOM)
    with pytest.raises(Refused, match="A reader may not"):
        held(invoice, role="reader")


@pytest.mark.parametrize("verb", ["void", "credit", "write_off", "charge_fee", "waive_fee", "recover"])
def test_roles_are_asked_before_anything_is_written(customer: Customer, verb: str) -> None:
    invoice = an_invoice(customer, 10_00, terms=MONTHLY)
    reader = {**TOM, "role": "reader", "invoice_id": invoice.id}
    deeds: dict[str, Any] = {
        "void": lambda: void(on=TODAY, reason="x", **reader),
        "credit": lambda: credit(issued_on=TODAY, reason="x", **reader),
        "write_off": lambda: write_off(on=TODAY, reason="x", **reader),
        "charge_fee": lambda: charge_fee(on=TODAY, **reader),
        "waive_fee": lambda: waive_fee(on=TODAY, reason="x", **reader),
        "recover": lambda: recover(on=TODAY, amount=gbp(1), **reader),
    }
    with pytest.raises(Refused, match="A reader may not"):
        deeds[verb]()
    assert Entry.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from invoicing_invoice where open_minor <> 1000")
        assert cursor.fetchone() == (0,)
