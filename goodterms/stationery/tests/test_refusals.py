"""A no that a payer reads is in the payer's language, with amounts and days as that language writes them."""

from datetime import date

from django.utils import translation

from goodterms.stationery.refusals import told
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

OPEN = Refused(
    "Of {number}, {open} is open. Pay that, or less, and more than nothing.", number="PP-4471", open=Money(1_942_80, "GBP")
)
LATEST = Refused("A promise can name a day up to {latest}; for a later one, ask for more time.", latest=date(2026, 12, 17))


def test_programs_read_it_plain_and_in_english() -> None:
    assert str(OPEN) == "Of PP-4471, 1,942.80 GBP is open. Pay that, or less, and more than nothing."
    assert LATEST.sentence == "A promise can name a day up to 17 December 2026; for a later one, ask for more time."


def test_a_page_writes_amounts_and_days_as_its_language_does() -> None:
    with translation.override("en"):
        assert told(OPEN) == "Of PP-4471, £1,942.80 is open. Pay that, or less, and more than nothing."
    with translation.override("id"):
        assert "£1.942,80" in told(OPEN)
        assert "17 Desember 2026" in told(LATEST)


def test_a_sentence_with_braces_of_its_own_is_said_as_it_is() -> None:
    assert str(Refused("Write {n} once.")) == "Write {n} once."
    assert told(Refused("Write {n} once.")) == "Write {n} once."


def test_a_sentence_that_nobody_translated_stays_as_it_was_said() -> None:
    with translation.override("id"):
        assert told(Refused("Nobody has translated {this}.", this="that")) == "Nobody has translated that."
