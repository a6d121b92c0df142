"""Decides that a credit that corrects no invoice is the customer's until it is spent, once, and on nobody else's invoices."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Letter
from goodterms.einvoices.check import check
from goodterms.einvoices.documents import write
from goodterms.einvoices.profiles import EN16931, PEPPOL, XRECHNUNG
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import credit_on_account, paper_bytes
from goodterms.invoicing.electronic import electronic
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Dispatch, Invoice
from goodterms.invoicing.tests.book import ISSUED, NOW, TODAY, a_customer, a_rate, a_vendor, an_invoice, must_be_true
from goodterms.invoicing.tests.issued import issued
from goodterms.ledger.models import Posting
from goodterms.papers.tests.reading import text
from goodterms.parties.models import Customer
from goodterms.payments.actions import allocate_credit, deallocate, fix_what_waits, give_rate
from goodterms.payments.differences import differences
from goodterms.payments.keeping import kept_for, summed
from goodterms.payments.models import Allocation
from goodterms.proof.invoices import credits_fit
from goodterms.proof.journal import control_account_agrees
from goodterms.proof.rates import rates_are_as_fixed
from goodterms.rates.models import Fixing
from goodterms.rates.rules import Given
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
TOM: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}
VAT = Tax("S", Decimal(20))


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield a_customer(vendor.id)
        must_be_true(vendor.id)
        for proven in (credits_fit(), control_account_agrees()):
            assert proven.broken == 0, proven.named


def give(customer: Customer, net: str = "100", **more: Any) -> Invoice:
    said: dict[str, Any] = {"lines": [Line("Late delivery", Decimal(1), Decimal(net), VAT)], "reason": "We were late"}
    who = {"vendor_id": customer.vendor_id, "customer_id": customer.id, "issued_on": TODAY}
    return credit_on_account(**{**said, **who, **TOM, **more})


def balance_of(account: str) -> int:
    return sum(Posting.objects.filter(account=account).values_list("minor", flat=True))


def left(customer: Customer) -> list[Money]:
    return summed(kept_for(customer_ids=[customer.id]))


def open_of(invoice: Invoice) -> int:
    return Invoice.objects.get(id=invoice.id).open_minor


def test_a_credit_has_its_number_its_paper_and_its_letter_and_is_kept_for_them(customer: Customer) -> None:
    note = give(customer)
    assert (note.number, note.corrects, note.total_minor) == ("CN-2026-0001", None, 120_00)
    assert (balance_of("sales"), balance_of("tax"), balance_of("unapplied"), balance_of("receivable")) == (
        100_00, 20_00, -120_00, 0,
    )  # fmt: skip
    [kept] = kept_for(customer_ids=[customer.id])
    assert (kept.id, kept.number, kept.free, kept.is_note) == (note.id, note.number, Money(120_00, "GBP"), True)
    assert Dispatch.objects.get().invoice_id == note.id
    said = text(paper_bytes(invoice_id=note.id))
    assert "Credit note CN-2026-0001" in said
    assert "This is a credit to you: We were late. It is kept for you" in said
    deed = Interaction.objects.get(kind="credit.given")
    assert (deed.invoice_id, deed.customer_id, deed.data["reason"]) == (note.id, customer.id, "We were late")


def test_it_is_spent_on_several_invoices_and_never_beyond_what_is_left(customer: Customer) -> None:
    note, first, second = give(customer), an_invoice(customer, 50_00), an_invoice(customer, 90_00)
    told = allocate_credit(credit_note_id=note.id, named={first.id: None, second.id: Money(30_00, "GBP")}, **TOM)
    assert (open_of(first), open_of(second), told["unapplied_minor"]) == (0, 60_00, 40_00)
    assert left(customer) == [Money(40_00, "GBP")]
    allocate_credit(credit_note_id=note.id, named=[second.id], **TOM)
    assert (open_of(second), left(customer)) == (20_00, [])
    with pytest.raises(Refused, match="All of this is settled already"):
        allocate_credit(credit_note_id=note.id, named=[second.id], **TOM)
    assert (balance_of("receivable"), balance_of("unapplied")) == (20_00, 0)


def test_a_press_that_comes_twice_spends_it_once(customer: Customer) -> None:
    note, invoice = give(customer), an_invoice(customer, 500_00)
    press: dict[str, Any] = {"credit_note_id": note.id, "named": {invoice.id: Money(50_00, "GBP")}, **TOM}
    allocate_credit(seen=Money(120_00, "GBP"), **press)
    with pytest.raises(Refused, match=r"70\.00 GBP are left of this credit by now\. Look again\."):
        allocate_credit(seen=Money(120_00, "GBP"), **press)
    assert open_of(invoice) == 450_00
    key = new_key(NOW)
    assert give(customer, key=key).id == give(customer, key=key).id == key
    assert left(customer) == [Money(190_00, "GBP")]


def test_what_was_spent_can_be_taken_back_and_spent_elsewhere(customer: Customer) -> None:
    note, wrong, right = give(customer), an_invoice(customer, 120_00), an_invoice(customer, 120_00)
    allocate_credit(credit_note_id=note.id, named=[wrong.id], **TOM)
    deallocate(allocation_id=Allocation.objects.get().id, on=TODAY, reason="The other one", **TOM)
    assert (open_of(wrong), left(customer)) == (120_00, [Money(120_00, "GBP")])
    allocate_credit(credit_note_id=note.id, named=[right.id], **TOM)
    assert (open_of(wrong), open_of(right), left(customer)) == (120_00, 0, [])


def test_it_is_spent_for_its_own_customer_in_its_own_currency(customer: Customer) -> None:
    note = give(customer)
    sister = an_invoice(a_customer(customer.vendor_id, name="Sister"), 50_00)
    with pytest.raises(Refused, match="is of another customer; a credit is spent by whom it was given to"):
        allocate_credit(credit_note_id=note.id, named=[sister.id], **TOM)
    abroad = an_invoice(customer, 50_00, currency="EUR")
    with pytest.raises(Refused, match="is in EUR and this money in GBP"):
        allocate_credit(credit_note_id=note.id, named=[abroad.id], **TOM)
    assert left(customer) == [Money(120_00, "GBP")]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"reason": " "}, "Say why they get a credit; it stands on the credit note."),
        ({"lines": []}, "A credit has at least one line: what it is for, and how much."),
        ({"lines": [Line("x", Decimal(-1), Decimal(5), VAT)]}, "A credit note gives back more than nothing."),
        ({"role": "approver"}, "An approver may not write a credit note. Ask an owner or a bookkeeper."),
        ({"currency": "EUR"}, "There is no exchange rate from EUR to GBP for 16 November 2026"),
    ],
)
def test_what_is_no_credit_is_refused(customer: Customer, asked: dict[str, Any], sentence: str) -> None:
    with transaction.atomic(), pytest.raises(Refused) as no:
        give(customer, **asked)
    assert sentence in str(no.value)
    assert not Invoice.objects.exists()


def test_abroad_it_has_the_rate_of_its_day_and_differs_from_what_it_settles(customer: Customer) -> None:
    for value, on in (("0.80", ISSUED), ("0.90", TODAY)):
        one = Given("EUR", "GBP", Decimal(value), on, on, "the bank")
        give_rate(vendor_id=customer.vendor_id, given=one, by="Tom", now=NOW)
    invoice = an_invoice(customer, 120_00, currency="EUR")
    fix_what_waits(vendor_id=customer.vendor_id, now=NOW)
    note = give(customer, "100", currency="EUR")
    assert note.document["exchange"]["tax_minor"] == 18_00
    assert {row.document_id: row.rate for row in Fixing.objects.all()} == {invoice.id: Decimal("0.8"), note.id: Decimal("0.9")}
    allocate_credit(credit_note_id=note.id, named=[invoice.id], **TOM)
    [told] = differences(vendor_id=customer.vendor_id)
    assert (told.source_id, told.gained) == (note.id, Money(12_00, "GBP"))
    assert rates_are_as_fixed().broken == 0


def test_one_from_elsewhere_waits_for_the_rate_of_its_day(customer: Customer) -> None:
    note = give(customer, "40", number="CM-7", currency="EUR")
    assert not Fixing.objects.exists()
    a_rate(customer.vendor_id, "EUR", "0.9")
    fix_what_waits(vendor_id=customer.vendor_id, now=NOW)
    assert Fixing.objects.get().document_id == note.id


def test_one_from_elsewhere_keeps_its_number_and_is_sent_by_nobody(customer: Customer) -> None:
    note = give(customer, "40", number="CM-7", whole=Money(100_00, "GBP"))
    assert (note.number, note.series, note.document["whole_minor"]) == ("CM-7", None, 100_00)
    assert not Dispatch.objects.exists()
    assert not Letter.objects.exists()


def test_without_an_invoice_it_is_right_by_the_official_rules() -> None:
    """EN 16931 asks for no preceding invoice (BG-3) on a credit note, nor do Peppol and XRechnung for a German seller."""
    one = issued([Line("Late delivery", Decimal(1), Decimal(40), Tax("S", Decimal(19)))]).issued
    document = {name: said for name, said in one.document.items() if name not in ("corrects", "earlier")}
    note = replace(one, kind="credit_note", document=document | {"reason": "We were late"}, due_on=None, terms=None)
    for profile in (EN16931, PEPPOL, XRECHNUNG):
        said = electronic(note, profile)
        assert (said.invoice.type_code, said.invoice.preceding) == ("381", ())
        assert [fault.rule for fault in check(write(said.invoice, "ubl"), profile).fatal] == []


STEPS = st.lists(st.tuples(st.sampled_from(["give", "spend", "back"]), st.integers(1, 90_00), st.integers(0, 2)), max_size=12)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(STEPS)
def test_whatever_is_given_spent_and_taken_back_adds_up(customer: Customer, steps: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        invoices = [an_invoice(customer, 100_00) for _ in range(3)]
        notes: list[Invoice] = []
        for what, minor, at in steps:
            if what == "give":
                notes.append(give(customer, f"{minor / 100:.2f}", send=False, number=f"N{len(notes)}"))
            elif what == "spend" and notes:
                _spend(notes[at % len(notes)], invoices[at], minor)
            elif what == "back" and (one := Allocation.objects.filter(reversed_at=None).order_by("id").first()):
                deallocate(allocation_id=one.id, on=TODAY, reason="No", **TOM)
        given_in_all = sum(note.total_minor for note in notes)
        settled = sum(300_00 // 3 - open_of(one) for one in invoices)
        assert sum(one.free.minor for one in kept_for(customer_ids=[customer.id])) == given_in_all - settled
        assert credits_fit().broken == 0
        must_be_true(customer.vendor_id)
        transaction.set_rollback(True)


def _spend(note: Invoice, invoice: Invoice, minor: int) -> None:
    with suppress(Refused), transaction.atomic():
        allocate_credit(credit_note_id=note.id, named={invoice.id: Money(minor, "GBP")}, **TOM)
