"""Invoices that others wrote: read, written again in both syntaxes, right by the official rules, no value lost in silence."""

from base64 import b64encode
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from goodterms.einvoices import documents
from goodterms.einvoices.check import check
from goodterms.einvoices.profiles import Syntax
from goodterms.einvoices.terms import recorded, told

SAMPLES = Path(__file__).parent / "samples"
FILES = sorted([*SAMPLES.rglob("*.xml"), *SAMPLES.rglob("*.pdf")])
SYNTAXES: tuple[Syntax, ...] = ("ubl", "cii")
# What stands in files besides terms: words of the syntax (LOC: a tax number that is not for VAT, as BT-32 is anyway), and
# currencies of amounts, which are the invoice's.
WORDS = {"LOC", "VAT", "VA", "FC", "SEPA", "true", "false", "102", "130", "916", "50", "Projectreference"}


def name(path: Path) -> str:
    return path.relative_to(SAMPLES).as_posix()


def terms(data: bytes) -> dict[str, Any]:
    return dict(told(recorded(documents.read(data).invoice)))


def test_the_samples_are_all_here() -> None:
    assert len(FILES) == 19
    listed = (SAMPLES / "SOURCES.md").read_text()
    assert [name(path) for path in FILES if name(path) not in listed] == []


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_sample_reads_the_same_after_it_was_written_in_either_syntax(path: Path) -> None:
    read = documents.read(path.read_bytes())
    before = dict(told(recorded(read.invoice)))
    assert len(before) > 40
    for syntax in SYNTAXES:
        again = documents.read(documents.write(read.invoice, syntax))
        after = dict(told(recorded(again.invoice)))
        assert {term: after.get(term) for term in before} == before
        assert again.lost == ()
        added = set(after) - set(before)  # CII tells a discount on a price beside the price before it
        assert all(term.endswith("BT-148") and term.replace("148", "147") in before for term in added)
        assert documents.unwritten(read.invoice, syntax) == []


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_sample_written_again_is_right_by_the_official_rules(path: Path) -> None:
    read = documents.read(path.read_bytes())
    for syntax in SYNTAXES:
        checked = check(documents.write(read.invoice, syntax))
        assert [each for each in checked.findings if each.severity == "fatal"] == []
        assert checked.ran[1] == ("EN 16931 UBL" if syntax == "ubl" else "EN 16931 CII")
        assert checked.missing == ()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_value_of_a_sample_is_in_the_model_or_told_as_lost(path: Path) -> None:
    read = documents.read(path.read_bytes())
    said = [value for _, value in told(recorded(read.invoice))] + [each.value for each in read.lost]
    held = {spelling for value in said for spelling in _spellings(value)} | WORDS
    missing = [value for value in values(read.xml) if held.isdisjoint(_spellings(value))]
    # A note of UBL holds its code and its text in one.
    assert [value for value in missing if not value.startswith("#")] == []


def values(xml: bytes) -> Iterator[str]:
    """Every text and attribute of a file, by another way than the reader's."""
    root = etree.fromstring(xml, etree.XMLParser(remove_comments=True, remove_pis=True))
    for element in root.iter():
        if element.text and element.text.strip():
            yield element.text
        yield from (value for key, value in element.attrib.items() if key != "currencyID" and not key.startswith("{"))


def _spellings(value: Any) -> set[str]:
    """How a value may be written, whoever wrote it: with zeros or without, a day with hyphens or without."""
    if isinstance(value, bytes):
        return {b64encode(value).decode()}
    text = "".join(str(value).split())
    try:
        number = {f"{Decimal(text).normalize():f}"}
    except ArithmeticError:
        number = set()
    return {text, text.replace("-", "")} | number


def test_twins_in_two_syntaxes_are_one_invoice() -> None:
    """The publishers of XRechnung wrote the same invoice in both: what is read is equal to the last field."""
    ubl, cii = (documents.read((SAMPLES / f"xrechnung/01.01a-INVOICE_{each}.xml").read_bytes()) for each in ("ubl", "uncefact"))
    assert ubl.invoice == cii.invoice
    assert (ubl.syntax, cii.syntax) == ("ubl", "cii")


@pytest.mark.parametrize(
    ("file", "way", "term"),
    [
        ("ubl/ubl-tc434-example2.xml", "//*[local-name()='LegalMonetaryTotal']/*[local-name()='PayableAmount']", "BT-115"),
        ("ubl/ubl-tc434-example2.xml", "//*[local-name()='TaxRepresentativeParty']//*[local-name()='CompanyID']", "BT-63"),
        ("ubl/ubl-tc434-example2.xml", "(//*[local-name()='InvoicedQuantity'])[2]", "BG-25[2] BT-129"),
        ("ubl/ubl-tc434-example5.xml", "//*[local-name()='PaymentMandate']/*[local-name()='ID']", "BT-89"),
        ("cii/CII_example5.xml", "//*[local-name()='DuePayableAmount']", "BT-115"),
        ("cii/CII_example5.xml", "//*[local-name()='BuyerTradeParty']/*[local-name()='Name']", "BT-44"),
        ("cii/CII_example2.xml", "(//*[local-name()='BilledQuantity'])[3]", "BG-25[3] BT-129"),
        ("xrechnung/03.01a-INVOICE_ubl.xml", "//*[local-name()='BuyerReference']", "BT-10"),
        ("cii/CII_example5.xml", "//*[local-name()='CreditorReferenceID']", "BT-90"),
    ],
)  # fmt: skip
def test_a_term_is_what_its_path_in_the_standard_says(file: str, way: str, term: str) -> None:
    data = (SAMPLES / file).read_bytes()
    said = etree.fromstring(data).xpath(way)
    held = terms(data).get(term)
    assert said
    assert held is not None
    assert _spellings(said[0].text) & _spellings(held)


def test_what_a_sample_says_without_a_kind_is_told_by_the_terms_that_it_could_be() -> None:
    lost = documents.read((SAMPLES / "cii/CII_example5.xml").read_bytes()).lost
    assert [(each.value, each.why) for each in lost if not each.term] == [
        ("Lot567", "it does not say which of BG-24, BT-17, BT-18 it is"),
        ("OBJ999", "it does not say which of BG-24, BT-17, BT-18 it is"),
    ]
    assert [(each.term, each.value, each.why) for each in lost if each.term] == [
        ("BT-149", "1.1", "there can be one, and another came before")
    ]


def test_the_invoice_inside_a_pdf_is_read() -> None:
    read = documents.read((SAMPLES / "zugferd-pdf/EN16931_Einfach.pdf").read_bytes())
    assert (read.name, read.syntax, read.invoice.number) == ("factur-x.xml", "cii", "471102")
    assert read.invoice.sums is not None
    assert read.invoice.sums.total == Decimal("529.87")
