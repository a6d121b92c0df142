"""Which ways there are to settle a conversation, which fits, and that each says beforehand what it will do."""

from datetime import date
from itertools import product

import pytest

from goodterms.conversations.rules import RESOLUTIONS
from goodterms.desk.conversations.ways import BOOKS_DECIDE, FITS, Case, accuracy, chosen, credit_of, ways
from goodterms.values.money import Money


def pounds(minor: int) -> Money:
    return Money(minor, "GBP")


DISPUTE = Case(
    kind="dispute", wants="CNP", who="Graham", keeps_books=True, settle_on=date(2026, 11, 19), open=pounds(716_640),
    creditable=pounds(716_640), disputed=pounds(62_400), due_on=date(2026, 11, 19), today=date(2026, 11, 16),
)  # fmt: skip


def said(case: Case, word: str) -> str:
    return next(way.next for way in ways(case) if way.word == word)


def words(case: Case) -> list[str]:
    return [way.word for way in ways(case)]


def test_every_way_ends_a_conversation_as_its_kind_can_end_or_keeps_it_open() -> None:
    for kind, is_void in product(RESOLUTIONS, (False, True)):
        case = DISPUTE._replace(kind=kind, is_void=is_void)
        assert set(words(case)) - {"keep"} <= set(RESOLUTIONS[kind])
        assert "keep" in words(case)
        assert "withdrawn" in words(case)


@pytest.mark.parametrize(("wants", "word"), [(wish, word) for wish, word in FITS.items() if word != "corrected"])
def test_what_they_asked_for_is_marked(wants: str, word: str) -> None:
    offered = ways(DISPUTE._replace(wants=wants))
    assert [way.word for way in offered if way.fits] == [word]
    assert chosen(offered) == word
    assert chosen(offered, "refused") == "refused"
    assert chosen(offered, "nonsense") == word


def test_a_credit_note_says_its_sum_and_what_stays_open() -> None:
    assert said(DISPUTE, "credited") == (
        "Graham gets a credit note for £624.00 and this answer. "
        "£6,542.40 stays open, due Thu 19 Nov; reminders count from then."
    )
    late = DISPUTE._replace(due_on=date(2026, 11, 2))
    assert said(late, "credited").endswith("£6,542.40 stays open, and reminders go on.")
    whole = DISPUTE._replace(disputed=None)
    assert said(whole, "credited") == "Graham gets a credit note for £7,166.40 and this answer. Nothing stays open on it."


def test_no_more_is_credited_than_is_left() -> None:
    assert credit_of(DISPUTE._replace(creditable=pounds(10_000))) == pounds(10_000)
    assert credit_of(DISPUTE._replace(creditable=pounds(0))) is None
    assert "credited" not in words(DISPUTE._replace(creditable=pounds(0)))
    assert "credited" not in words(DISPUTE._replace(creditable=None, open=None))


def test_a_corrected_invoice_is_offered_once_the_wrong_one_is_gone() -> None:
    assert "corrected" not in words(DISPUTE)
    assert "corrected" in words(DISPUTE._replace(creditable=pounds(0)))
    assert "corrected" in words(DISPUTE._replace(is_void=True))


def test_a_credit_note_that_taken_back_words_left_is_not_promised_again() -> None:
    left = DISPUTE._replace(written=("CN-7",), open=pounds(654_240))
    assert said(left, "credited").startswith(
        "CN-7 was written already and stays; Graham gets this answer. £6,542.40 stays open"
    )


def test_who_does_not_keep_the_books_may_only_answer_a_dispute() -> None:
    care = DISPUTE._replace(keeps_books=False)
    assert [way.word for way in ways(care) if not way.refusal] == ["keep"]
    assert {way.refusal for way in ways(care) if way.refusal} == {BOOKS_DECIDE}
    assert chosen(ways(care), "credited") == "keep"
    question = care._replace(kind="question", wants="", disputed=None)
    assert all(not way.refusal for way in ways(question))


def test_a_settled_invoice_gets_no_more_time() -> None:
    assert "granted" not in words(DISPUTE._replace(open=pounds(0)))
    asked = DISPUTE._replace(kind="request", until_on=date(2026, 12, 18))
    assert said(asked, "granted").startswith("Graham has time until Fri 18 Dec, without a fee;")
    assert chosen(ways(asked)) == "granted"


def test_it_says_how_a_dispute_counts() -> None:
    counts = accuracy("dispute", "QTY", "Quantity")
    assert counts.startswith("In each case the dispute counts as ours in invoice accuracy, with the cause “quantity”;")
    assert accuracy("dispute", "PPD", "Partly paid already") == ""
    assert accuracy("request", "", "") == ""
