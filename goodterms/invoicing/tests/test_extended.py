"""What Factur-X EXTENDED says beside EN 16931: terms by day and sum, the rate of the tax, what is taken off, and it alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pikepdf
import pytest
from lxml import etree

from goodterms.database.isolation import acting_for
from goodterms.einvoices import beyond, documents, model
from goodterms.einvoices.check import check
from goodterms.einvoices.profiles import EXTENDED, FACTURX, PROFILES
from goodterms.einvoices.terms import recorded, told
from goodterms.invoicing.actions import approve, change_letterhead, issue, paper_bytes
from goodterms.invoicing.as_file import as_file
from goodterms.invoicing.electronic import electronic
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Paper
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_rate, a_vendor
from goodterms.invoicing.tests.issued import issued
from goodterms.invoicing.tests.test_as_file import OF_CUSTOMER, OF_VENDOR
from goodterms.invoicing.tests.test_issue import TOM, drafted
from goodterms.parties.models import Customer
from goodterms.terms.rules import LateFee, Terms, parse
from goodterms.values.money import Money

LINES = [Line("Labels", Decimal(10), Decimal(100), Tax("S", Decimal(19)))]  # 1,190.00 with tax
DUE = date(2026, 12, 16)  # of the fixture: 30 days from 16 November
MONTHLY = LateFee("monthly", agreed=True, percent=Decimal("1.5"))

ONCE = LateFee("fixed", agreed=True, amount=Money(40_00, "EUR"))


def said(terms: str | Terms, currency: str = "EUR", kind: str = "invoice") -> model.Invoice:
    """As it is read again from what was written, right by the rules of EXTENDED."""
    invoice = electronic(issued(LINES, terms=terms, currency=currency, kind=kind).issued, EXTENDED).invoice
    xml = documents.write(invoice, "cii")
    assert check(xml).ran == ("XML schema", "Factur-X EXTENDED")
    assert check(xml).fatal == []
    read = documents.read(xml)
    assert (read.profile, read.lost, read.invoice) == (EXTENDED, (), invoice)
    assert documents.read(xml).invoice == documents.read(xml).invoice == invoice  # by its mould as well
    return read.invoice


def test_an_early_discount_is_told_by_its_days_base_percent_and_amount() -> None:
    of = said("3/7, 2/14 net 30")
    assert of.due_on == DUE
    assert of.discounts == (
        beyond.Condition(TODAY, Decimal(7), "DAY", Decimal("1190.00"), Decimal(3), Decimal("35.70")),
        beyond.Condition(TODAY, Decimal(14), "DAY", Decimal("1190.00"), Decimal(2), Decimal("23.80")),
    )
    assert "3% off if paid by" in of.payment_terms
    untaxed = said(replace(parse("2/10 net 30"), discount_tax="never"))
    assert (untaxed.discounts[0].base, untaxed.discounts[0].amount) == (Decimal("1000.00"), Decimal("20.00"))


def test_what_is_off_may_have_as_many_digits_as_its_currency() -> None:
    """EN 16931 counts in hundredths (BR-DEC), but not what only EXTENDED says: 3 % of 124.75 dinars."""
    line = Line("Tea", Decimal(1), Decimal("124.75"), Tax("Z", Decimal(0)))
    of = electronic(issued([line], currency="KWD", terms="3/7 net 30").issued, EXTENDED)
    assert of.invoice.discounts[0].amount == Decimal("3.743")
    assert (of.missing, check(documents.write(of.invoice, "cii")).fatal) == ((), [])


def test_yen_are_told_to_take_another_format() -> None:
    """BR-FXEXT-S-09b: 19 % of 333 yen are 63.27, which nobody can pay."""
    case = issued([Line("Tea", Decimal(1), Decimal(333), Tax("S", Decimal(19)))], currency="JPY")
    of = electronic(case.issued, EXTENDED)
    assert [(each.term, each.sentence[-16:]) for each in of.missing] == [("BT-117", "Choose Factur-X.")]
    assert [each.rule for each in check(documents.write(of.invoice, "cii")).fatal] == ["BR-FXEXT-S-09b"]
    assert electronic(case.issued, FACTURX).missing == ()


def test_instalments_have_each_their_day_and_add_up() -> None:
    of = said(replace(parse("33.3% net 10, 33.3% net 20, 33.4% net 30"), late_fee=MONTHLY))
    assert [(str(each.due_on), each.amount) for each in of.instalments] == [
        ("2026-11-26", Decimal("396.27")), ("2026-12-06", Decimal("396.27")), ("2026-12-16", Decimal("397.46")),
    ]  # fmt: skip
    assert (of.due_on, of.all_due_on) == (None, DUE)
    assert of.late_fee is not None
    assert of.payment_terms
    xml = etree.fromstring(documents.write(of, "cii"))
    assert len(xml.findall(".//{*}SpecifiedTradePaymentTerms")) == 4  # the words, and three parts


@pytest.mark.parametrize(
    ("fee", "told"),
    [
        (MONTHLY, beyond.Condition(date(2026, 12, 21), Decimal(1), "MON", percent=Decimal("1.5"))),
        (ONCE, beyond.Condition(date(2026, 12, 21), amount=Decimal("40.00"))),
        (LateFee("fixed", agreed=True, amount=Money(40_00, "GBP")), None),  # a sum that the invoice has no currency for
        (LateFee("monthly", agreed=False, percent=Decimal(2)), None),  # nobody owes what was not agreed
        (LateFee("eu", agreed=True, between_businesses=True), None),  # its rate changes by the half-year: in words
    ],
)  # fmt: skip
def test_a_late_fee_is_told_where_it_is_certain(fee: LateFee, told: beyond.Condition | None) -> None:
    of = said(replace(parse("net 30"), late_fee=fee, grace_days=5))
    assert of.late_fee == told
    assert of.due_on == DUE


def test_the_rate_of_tax_in_another_currency_is_told_with_its_day() -> None:
    of = said("net 30", currency="USD")
    assert of.exchange == beyond.Exchange("USD", "EUR", Decimal("0.883392226148"), date(2026, 11, 13))
    assert said("net 30").exchange is None


def test_a_credit_note_tells_what_becomes_of_it_as_its_paper_does() -> None:
    of = said("50% net 10, 50% net 30", kind="credit_note")
    assert (of.instalments, of.discounts, of.late_fee, of.due_on) == ((), (), None, None)
    assert of.payment_terms.startswith("This credits invoice PP-1 of 1 September 2026: Returned. It is taken off what is open")
    assert [each.number for each in of.preceding] == ["PP-1"]


def test_no_other_use_is_told_any_of_it() -> None:
    one = issued(LINES, terms=replace(parse("2/10 net 30"), late_fee=MONTHLY), currency="USD").issued
    for profile in PROFILES:
        record = recorded(electronic(one, profile).invoice)
        assert any("-X-" in term for term, _ in told(record)) is (profile is EXTENDED)
    as_en = replace(electronic(one, EXTENDED).invoice, guideline=FACTURX.guideline)
    assert "-X-" in str(documents.unwritten(as_en, "cii"))  # told, since EN 16931 has no place for it
    assert check(documents.write(as_en, "cii"), FACTURX).fatal == []


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor()
    for name, value in OF_VENDOR.items():
        setattr(vendor, name, value)
    with acting_for([vendor.id]):
        vendor.save()
        a_rate(vendor.id, "EUR", "0.86")
        change_letterhead(vendor_id=vendor.id, texts={"phone": "+49 40 123456"}, by="Tom", now=NOW)
        yield a_customer(vendor.id, **OF_CUSTOMER | {"name": "Praterwerk", "invoice_format": "extended"})


@pytest.mark.django_db
def test_who_takes_it_gets_a_paper_that_says_so(customer: Customer) -> None:
    """PDF/A-3 as before, its metadata name the level, and the XML inside is byte for byte what is told of it."""
    one = drafted(customer)
    approve(invoice_id=one.id, **TOM)
    one = issue(invoice_id=one.id, issued_on=TODAY, **TOM)
    assert Paper.objects.get(invoice=one).format == "extended"
    pdf = paper_bytes(invoice_id=one.id)
    with pikepdf.open(BytesIO(pdf)) as file:
        xmp = file.Root.Metadata.read_bytes().decode()
        inside = file.attachments["factur-x.xml"].get_file().read_bytes()
        (listed,) = file.Root.AF
        assert str(listed.AFRelationship) == "/Alternative"
        assert "/DestOutputProfile" in file.Root.OutputIntents[0]
    assert "<pdfaid:part>3</pdfaid:part>" in xmp
    assert "<fx:ConformanceLevel>EXTENDED</fx:ConformanceLevel>" in xmp
    assert inside == as_file(one, "cii", EXTENDED).content
    assert as_file(one, "facturx", EXTENDED).content == pdf
    assert documents.read(pdf).profile is EXTENDED
    assert documents.read(as_file(one, "facturx").content).invoice.guideline == FACTURX.guideline


def test_money_that_came_before_is_read_written_and_read_again_with_the_tax_in_it() -> None:
    """BG-X-45, which takes no payment without the tax that was in it (BG-X-46)."""
    plain = electronic(issued(LINES, prepaid=238_00).issued, EXTENDED).invoice
    tax = beyond.AdvanceTax(Decimal("38.00"), category="S", rate=Decimal(19))
    of = replace(plain, advances=(beyond.Advance(Decimal("238.00"), date(2026, 11, 2), (tax,)),))
    xml = documents.write(of, "cii")
    assert (check(xml).fatal, documents.read(xml).lost) == ([], ())
    assert documents.read(xml).invoice == documents.read(xml).invoice == of
    untaxed = replace(of, advances=(beyond.Advance(Decimal("238.00"), date(2026, 11, 2)),))
    assert check(documents.write(untaxed, "cii")).fatal  # so none is made up of BT-113, which says no tax
    assert plain.advances == ()
