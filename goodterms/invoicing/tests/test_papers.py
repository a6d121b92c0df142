"""The paper of an issued document is made once, out of what was frozen that day, and never changes after that."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from threading import get_ident
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.einvoices.profiles import EN16931
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import (
    approve,
    change_letterhead,
    credit,
    draft,
    issue,
    issue_many,
    make_papers,
    paper_bytes,
)
from goodterms.invoicing.due import make_wanted_papers
from goodterms.invoicing.electronic import electronic
from goodterms.invoicing.models import Invoice, Letterhead, Paper
from goodterms.invoicing.saying import issued as issued_of
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor, an_invoice
from goodterms.invoicing.tests.test_issue import LINES, TOM
from goodterms.papers import press
from goodterms.papers.tests.reading import text
from goodterms.parties.models import Customer, Vendor
from goodterms.terms.actions import agree
from goodterms.terms.rules import Terms, Withholding, parse
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><rect width="40" height="10" fill="#96380f"/></svg>'


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor(bank={"name": "Barclays", "iban": "GB33BUKB20201555555555"}, address="9 Quay\nBristol BS1", language="en")
    with acting_for([vendor.id]):
        yield a_customer(vendor.id, address="1 Dock Street\nLeeds", legal_name="Customer Ltd")


def approved(customer: Customer) -> Invoice:
    one = draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=LINES, work="Autumn range", **TOM)
    return approve(invoice_id=one.id, **TOM)


def issued(customer: Customer) -> Invoice:
    return issue(invoice_id=approved(customer).id, issued_on=TODAY, **TOM)


def test_a_paper_says_what_is_kept_back_and_what_is_then_to_be_paid(customer: Customer) -> None:
    terms = Terms(withholding=Withholding("IRPF", Decimal(15)))
    agree(vendor_id=customer.vendor_id, customer_id=customer.id, terms=terms, from_on=date(2020, 1, 1), now=NOW, by="Tom")
    said = text(paper_bytes(invoice_id=issued(customer).id))
    assert "Total £516 .50 IRPF 15%, kept back for the tax office \N{MINUS SIGN}64.88 To be paid to us 451.62" in said
    assert "Kept back for the tax office 15% of the sum before tax (IRPF), against a certificate: £64.88" in said


def test_who_pays_early_and_keeps_tax_back_reads_on_paper_what_both_leave(customer: Customer) -> None:
    terms = replace(parse("2/10 net 30"), withholding=Withholding("IRPF", Decimal(15)))
    agree(vendor_id=customer.vendor_id, customer_id=customer.id, terms=terms, from_on=date(2020, 1, 1), now=NOW, by="Tom")
    invoice = issued(customer)
    said = text(paper_bytes(invoice_id=invoice.id))
    assert "so that £451.62 is to be paid to us, or £441.29 if paid by Thursday 26 November 2026." in said
    again = Invoice.objects.select_related("vendor", "customer").get(id=invoice.id)
    assert "or £441.29 if paid by Thursday 26 November 2026." in electronic(issued_of(again), EN16931).invoice.payment_terms


def test_a_paper_for_abroad_names_both_countries_and_the_vat_numbers_with_theirs(customer: Customer) -> None:
    Vendor.objects.filter(id=customer.vendor_id).update(tax_id="318220434")
    Customer.objects.filter(id=customer.id).update(country="DE", tax_id="136695976")
    said = text(paper_bytes(invoice_id=issued(customer).id))
    assert "Halden Print, 9 Quay, Bristol BS1, UNITED KINGDOM Customer Ltd 1 Dock Street Leeds GERMANY" in said
    assert "Your VAT no DE136695976" in said
    assert "VAT GB318220434" in said


def test_a_sum_that_is_credited_is_called_so_in_the_customers_language(customer: Customer) -> None:
    invoice = issued(customer)
    Customer.objects.filter(id=customer.id).update(language="id")
    note = credit(invoice_id=invoice.id, reason="Salah hitung", amount=Money(10_00, "GBP"), issued_on=TODAY, **TOM).note
    assert f"Yang dikreditkan Jumlah Tarif Nilai Kredit untuk faktur {invoice.number} 1" in text(
        paper_bytes(invoice_id=note.id)
    )


def test_what_is_issued_by_hand_has_its_paper_at_once(customer: Customer) -> None:
    invoice = issued(customer)
    kept = Paper.objects.get(invoice=invoice)
    content = paper_bytes(invoice_id=invoice.id)
    assert bytes(kept.sha256 or b"") == sha256(content).digest()
    assert (kept.made_at, kept.language) == (NOW, "en")
    said = text(content)
    assert f"Halden Print Invoice {invoice.number} Halden Print, 9 Quay, Bristol BS1 Customer Ltd 1 Dock Street Leeds" in said
    assert "Labels, second run 1,200 piece 0.35 420.00" in said
    assert "Before VAT 432.50 VAT 20% on 420.00 84.00 VAT 0% on 12.50 0.00 Total £516 .50" in said
    assert "Account 20-20-15, 5555 5555" in said
    assert "Questions We answer within 4 working hours:" in said


def test_what_was_printed_stays_when_name_letterhead_and_account_change(customer: Customer) -> None:
    invoice = issued(customer)
    before = paper_bytes(invoice_id=invoice.id)
    Vendor.objects.filter(id=customer.vendor_id).update(name="Another", bank={})
    change_letterhead(vendor_id=customer.vendor_id, texts={"trade": "Printers"}, logo=SVG, by="Tom", now=NOW)
    assert make_papers(vendor_id=customer.vendor_id, now=NOW) == 0
    assert paper_bytes(invoice_id=invoice.id) == before
    assert "Printers" in text(paper_bytes(invoice_id=issued(customer).id))


@pytest.mark.parametrize("change", ["content = ''", "sha256 = ''", "made_at = null", "language = 'id'"])
def test_no_paper_is_ever_changed(customer: Customer, change: str) -> None:
    invoice = issued(customer)
    with pytest.raises(DatabaseError, match="made once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"update invoicing_paper set {change} where invoice_id = %s", [invoice.id])


def test_no_paper_is_ever_deleted(customer: Customer) -> None:
    issued(customer)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from invoicing_paper")


@pytest.mark.django_db(transaction=True)
def test_of_many_the_clock_makes_the_papers_in_batches_and_only_once() -> None:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        keys = [approved(customer).id for _ in range(4)]
        issue_many(vendor_id=vendor.id, invoice_ids=keys, issued_on=TODAY, **TOM)
        assert Paper.objects.filter(made_at=None).count() == 4
        assert make_papers(vendor_id=vendor.id, now=NOW, most=3) == 3
    assert make_wanted_papers(vendor_id=vendor.id, now=NOW) == 1
    assert make_wanted_papers(vendor_id=vendor.id, now=NOW) == 0


@pytest.mark.django_db(transaction=True)
def test_many_papers_are_made_in_lanes_none_twice_and_the_press_sets_one_group_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vendor, sets, order = a_vendor(), press._set, list[int]()
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        keys = [approved(customer).id for _ in range(8)]
        issue_many(vendor_id=vendor.id, invoice_ids=keys, issued_on=TODAY, **TOM)

    def setting(*given: Any) -> bytes:
        order.append(get_ident())
        return sets(*given)

    monkeypatch.setattr(press, "_set", setting)
    assert make_wanted_papers(vendor_id=vendor.id, now=NOW, at_once=2) == 8
    assert len(order) == 8
    assert all(one == other for one, other in zip(order[::2], order[1::2], strict=True))
    with acting_for([vendor.id]):
        assert not Paper.objects.filter(made_at=None).exists()


def test_a_paper_that_is_not_made_yet_reads_as_it_will_be(customer: Customer) -> None:
    one = approved(customer)
    issue_many(vendor_id=customer.vendor_id, invoice_ids=[one.id], issued_on=TODAY, **TOM)
    beforehand = paper_bytes(invoice_id=one.id)
    make_papers(vendor_id=customer.vendor_id, now=NOW)
    assert paper_bytes(invoice_id=one.id) == beforehand


def test_ten_papers_take_as_many_questions_as_one(customer: Customer) -> None:
    counts = []
    for many in (1, 10):
        keys = [approved(customer).id for _ in range(many)]
        issue_many(vendor_id=customer.vendor_id, invoice_ids=keys, issued_on=TODAY, **TOM)
        with CaptureQueriesContext(connection) as asked:
            assert make_papers(vendor_id=customer.vendor_id, now=NOW) == many
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8


def test_a_credit_note_has_a_paper_that_refers_back(customer: Customer) -> None:
    invoice = issued(customer)
    note = credit(invoice_id=invoice.id, reason="Counted twice.", issued_on=TODAY, **TOM).note
    said = text(paper_bytes(invoice_id=note.id))
    assert f"Credit note {note.number}" in said
    assert f"This credits invoice {invoice.number} of 16 November 2026: Counted twice." in said


def test_what_came_from_elsewhere_is_set_from_what_is_known(customer: Customer) -> None:
    invoice = an_invoice(customer, 120_00, tax=20_00)
    said = text(paper_bytes(invoice_id=invoice.id))
    assert "Taken over from an earlier book, without its lines" in said
    assert "VAT 20% 20.00 Total £120 .00" in said
    assert not Paper.objects.filter(invoice=invoice).exists()


def test_a_draft_has_no_paper(customer: Customer) -> None:
    with pytest.raises(Refused, match=r"A draft has no paper\. Issue it first"):
        paper_bytes(invoice_id=approved(customer).id)


def test_a_letterhead_is_kept_with_what_came_before_it(customer: Customer) -> None:
    vendor = customer.vendor_id
    first = change_letterhead(vendor_id=vendor, texts={"trade": "Printers", "colour": "#96380F"}, by="Tom", now=NOW)
    same = change_letterhead(vendor_id=vendor, texts={"trade": " Printers "}, by="Tom", now=NOW)
    second = change_letterhead(vendor_id=vendor, texts={"phone": "0117"}, logo=SVG, by="Tom", now=NOW)
    third = change_letterhead(vendor_id=vendor, texts={}, without_logo=True, by="Tom", now=NOW)
    assert first.id == same.id
    assert (second.trade, second.colour, second.phone, second.logo_type) == ("Printers", "#96380f", "0117", "image/svg+xml")
    assert third.logo is None
    assert Letterhead.objects.filter(ended_at=None).get().id == third.id
    told = Interaction.objects.filter(kind="letterhead.changed").values_list("data", flat=True)
    assert sorted(one["changed"] for one in told) == [["logo"], ["phone", "logo"], ["trade", "colour"]]


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ({"colour": "blue"}, "'blue' is not a colour; write it like #1d43b4."),
        ({"colour": "#ffcc00"}, "#ffcc00 is hard to read on white paper. Choose a darker one."),
        ({"trade": "x" * 81}, "What the firm does has 80 signs at most."),
    ],
)
def test_a_letterhead_refuses_what_cannot_be_printed(customer: Customer, texts: dict[str, str], sentence: str) -> None:
    with pytest.raises(Refused) as no:
        change_letterhead(vendor_id=customer.vendor_id, texts=texts, by="Tom", now=NOW)
    assert str(no.value) == sentence
