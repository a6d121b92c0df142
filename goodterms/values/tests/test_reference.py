"""Decides that the reference is one which every bank takes: its check digits are those of the standard."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649

from goodterms.values.reference import in_fours, structured_reference


@pytest.mark.parametrize(
    ("number", "reference"),
    [
        ("VP-26-0331", "RF92 VP26 0331"),
        ("PP-4471", "RF02 PP44 71"),
        ("LR-2026-0187", "RF36 LR20 2601 87"),
        ("LR-2026-0171", "RF80 LR20 2601 71"),
        ("539007547034", "RF18 5390 0754 7034"),  # the example of the standard
    ],
)
def test_the_references_of_the_printed_page(number: str, reference: str) -> None:
    assert in_fours(structured_reference(number)) == reference


@given(st.text(string.ascii_letters + string.digits + " -/.", max_size=21))
def test_a_bank_accepts_every_reference_that_is_made(number: str) -> None:
    reference = structured_reference(number)
    assert bool(reference) == any(sign.isalnum() for sign in number)
    assert not reference or iso11649.is_valid(reference)


@pytest.mark.parametrize("number", ["", "---", "№ ٣", "A" * 22])
def test_what_cannot_be_carried_has_no_reference(number: str) -> None:
    assert structured_reference(number) == ""
