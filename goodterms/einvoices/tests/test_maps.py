"""Each map has a place for every term of the model, reads what it writes, and writes in the order of the schema."""

from collections.abc import Iterator

import pytest
from lxml import etree

from goodterms.einvoices import documents, syntaxes
from goodterms.einvoices.map import TYPES, Place
from goodterms.einvoices.model import Invoice
from goodterms.einvoices.profiles import EXTENDED as PROFILE
from goodterms.einvoices.rulesets import schema_of
from goodterms.einvoices.syntaxes import Kind
from goodterms.einvoices.terms import recorded, told
from goodterms.einvoices.tests.whole import everything

EXTENDED = syntaxes.cii_extended()
KINDS = [syntaxes.ubl_invoice(), syntaxes.ubl_credit_note(), syntaxes.cii(), EXTENDED]


def name(kind: Kind) -> str:
    return kind.root.rpartition("}")[2] + " EXTENDED" * (kind is EXTENDED)


def all_of(kind: Kind) -> Invoice:
    return everything(credit_note=name(kind) == "CreditNote", extended=kind is EXTENDED)


def places(place: Place) -> Iterator[Place]:
    for each in place.order:
        yield each
        yield from each.attributes
        yield from places(each)


def test_the_model_has_every_term_of_the_standard() -> None:
    numbers = {int(term.split("-")[1]) for term in TYPES if "-X-" not in term}
    assert numbers == set(range(1, 166)) - {4}  # BT-4 was never given out


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_a_map_has_a_place_for_every_term(kind: Kind) -> None:
    found = {each.term for each in places(kind.place)}
    if kind.syntax == "ubl":
        found |= {"BT-21", "BT-22"}  # in one text (codecs.py)
    assert {term for term in TYPES if kind is EXTENDED or "-X-" not in term} - found == set()
    assert kind is EXTENDED or not any("-X-" in term for term in found)


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_everything_that_can_be_said_is_read_as_it_was_written(kind: Kind) -> None:
    invoice = all_of(kind)
    read = documents.read(documents.write(invoice, kind.syntax))
    assert read.lost == ()
    assert dict(told(recorded(read.invoice))) == dict(told(recorded(invoice)))
    assert read.invoice == invoice
    assert documents.unwritten(invoice, kind.syntax) == []


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_everything_is_in_the_order_of_the_schema(kind: Kind) -> None:
    invoice = all_of(kind)
    root = etree.fromstring(documents.write(invoice, kind.syntax))
    schema = etree.XMLSchema(etree.parse(str(schema_of(root.tag, PROFILE if kind is EXTENDED else None))))
    schema.validate(root)
    assert [error.message for error in schema.error_log if "not expected" in error.message or "Missing" in error.message] == []


def test_an_invoice_of_nothing_is_written_and_read() -> None:
    for syntax in ("ubl", "cii"):
        assert documents.read(documents.write(Invoice(), syntax)).invoice == Invoice()


def test_a_credit_note_without_means_of_payment_cannot_say_its_due_day_in_ubl() -> None:
    from dataclasses import replace

    note = replace(everything(credit_note=True), payment=None)
    assert [term for term, _ in documents.unwritten(note, "ubl")] == ["BT-9"]
    assert documents.unwritten(note, "cii") == []
