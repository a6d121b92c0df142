"""What can be wrong with an invoice has a code, words, and an effect on how right we were."""

import pytest

from goodterms.conversations.rules import (
    ACTIONS,
    REASONS,
    check_dispute,
    check_resolution,
    is_about_content,
    say,
)
from goodterms.values.refusal import Refused


def disputed(reason: str = "QTY", wants: str = "CNP", words: str = "Six came.", minor: int | None = 62_400) -> None:
    check_dispute(reason=reason, wants=wants, words=words, disputed_minor=minor, total_minor=716_640)


def test_every_code_has_words_in_both_languages() -> None:
    for table in (REASONS, ACTIONS):
        for code in table:
            assert len(code) == 3
            assert say(table, code, "en") != say(table, code, "id")
    assert say(REASONS, "QTY", "id-ID") == "Jumlah"
    assert say(REASONS, "QTY", "de") == "Quantity"


def test_a_part_or_the_whole_may_be_disputed() -> None:
    disputed()
    disputed(minor=None)
    disputed(minor=716_640, wants="")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": "XXX"}, "reason"), ({"reason": ""}, "reason"), ({"reason": "NON"}, "reason"),
        ({"wants": "XXX"}, "wants"), ({"reason": "OTH", "words": " "}, "words"), ({"wants": "OTH", "words": ""}, "words"),
        ({"reason": "PPD", "words": ""}, "words"), ({"minor": 0}, "disputed_minor"), ({"minor": 716_641}, "disputed_minor"),
    ],
)  # fmt: skip
def test_a_dispute_that_nobody_could_act_on_is_refused(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        disputed(**wrong)  # type: ignore[arg-type]
    assert refusal.value.field == field


def test_each_kind_of_conversation_has_its_own_outcomes() -> None:
    check_resolution("dispute", "credited")
    check_resolution("request", "granted")
    with pytest.raises(Refused, match="A question ends as one of answered, withdrawn"):
        check_resolution("question", "credited")


@pytest.mark.parametrize(
    ("kind", "reason", "resolution", "counts"),
    [
        ("dispute", "QTY", "credited", True), ("dispute", "PRI", "", True), ("dispute", "QTY", "withdrawn", False),
        ("question", "", "answered", True), ("question", "NON", "answered", False), ("dispute", "PPD", "answered", False),
        ("request", "", "granted", False),
    ],
)  # fmt: skip
def test_what_counts_against_the_accuracy_of_an_invoice(kind: str, reason: str, resolution: str, counts: bool) -> None:
    assert is_about_content(kind=kind, reason=reason, resolution=resolution) is counts
