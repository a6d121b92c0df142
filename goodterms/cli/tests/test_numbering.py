"""A vendor's numbers go on after those of the program before, look as the vendor wants, and never meet another document's."""

import pytest

from goodterms.cli.tests.cast import ROW, Operator
from goodterms.cli.tests.test_drafting import FILE
from goodterms.desk.settings.happened import said

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_work(operator: Operator) -> Operator:
    """Three of another program, one of them of another look."""
    operator.add_vendor()
    rows = [ROW | {"No": number} for number in ("PP-4470", "PP-4471", "OLD-9000")]
    assert operator.imports(*rows).json["imported"]
    return operator


def issued(at_work: Operator) -> str:
    file = at_work.file("labels.toml", FILE)
    return str(at_work.asks("invoice", "draft", file, "--issue", "--unsent")["number"])


def test_they_go_on_after_the_last_of_the_program_before(at_work: Operator) -> None:
    assert at_work.types("vendor", "numbers", "penhale").out == (
        "invoice                  {year}-{n:04d}           2026-0001 is next, the first\n"
        "credit note              CN-{year}-{n:04d}        CN-2026-0001 is next, the first\n"
    )
    set_ = at_work.asks("vendor", "numbers", "penhale", "--pattern", "PP-{n}")["series"][0]
    assert (set_["next_number"], set_["next"], set_["is_begun"]) == ("PP-4472", 4472, False)
    assert [issued(at_work), issued(at_work)] == ["PP-4472", "PP-4473"]
    other = at_work.asks("vendor", "numbers", "penhale", "--pattern", "P/{yy}/{n:05d}")["series"][0]
    assert (other["next_number"], other["is_begun"]) == ("P/26/04474", True)
    assert issued(at_work) == "P/26/04474"
    assert at_work.asks("prove")["ok"] is True


def test_where_they_begin_is_said_while_none_was_given(at_work: Operator) -> None:
    first = at_work.asks("vendor", "numbers", "penhale", "--next", "188")["series"][0]
    assert (first["pattern"], first["next_number"]) == ("{year}-{n:04d}", "2026-0188")
    assert issued(at_work) == "2026-0188"
    late = at_work.types("vendor", "numbers", "penhale", "--next", "500")
    assert (late.code, late.err.startswith("Numbers have no hole: 189 is next, after those that were given.")) == (1, True)
    assert at_work.types("vendor", "numbers", "penhale", "--next", "189").code == 0
    credit = ("vendor", "numbers", "penhale", "--kind", "credit_note", "--pattern", "C-{n}", "--next", "7")
    assert at_work.types(*credit).out.endswith("C-7 is next, the first\n")
    assert at_work.asks("invoice", "credit", "2026-0188", "--reason", "Torn")["credit_note"] == "C-7"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--pattern", "PP-{n}", "--next", "4400"), "PP-4471 is on a document already, and these numbers would come to it."),
        (("--pattern", "CN-{year}-{n:04d}"), "There are credit notes that are numbered like this (CN-{year}-{n:04d})"),
        (("--pattern", "CN-2026-{n}"), "There are credit notes that are numbered like this"),
        (("--pattern", "PP"), "A number counts once: write {n}, or {n:04d}"),
        (("--pattern", ""), "A number counts once"),
        (("--pattern", "{week}-{n}"), "{week} is not known in a number."),
    ],
)
def test_numbers_that_cannot_be_are_refused(at_work: Operator, words: tuple[str, ...], sentence: str) -> None:
    before = at_work.asks("vendor", "numbers", "penhale")
    no = at_work.types("vendor", "numbers", "penhale", *words)
    assert (no.code, no.out, sentence in no.err) == (1, "", True), no.err
    assert at_work.asks("vendor", "numbers", "penhale") == before


def test_the_desk_is_told_that_they_changed(at_work: Operator) -> None:
    data = {"kind": "credit_note", "number": "C-7"}
    assert said("numbers.changed", data) == "changed the numbers: the next credit note is C-7"
