"""Stories of the bundled notice as Sandra reads it on Tuesday, 17 November."""

import re
from datetime import date, timedelta
from html import unescape
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.delivery.frame import Letter
from goodterms.delivery.words import LANGUAGES, TONES, Wording, check_pieces
from goodterms.reminders.letter import Line, NoticeContent, Promised, Sender, letter
from goodterms.reminders.tests.cast import TUESDAY
from goodterms.reminders.wording import KINDS, kind_of
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

JORY = Sender("Penhale Print", "Jory Penhale", 50)
ANOUK = Sender("Vermeer Packaging", "Anouk Visser", 180)
TOM = Sender("Lindqvist Rowe", "Tom Okafor", 110)
AT = "https://pay.example/l/7f3a9c"


def line(sender: Sender, number: str, work: str, open_: Money, due_on: date, **changes: Any) -> Line:
    at = f"{AT}/{number}"
    whole = Line(sender, number, work, open_, due_on, f"{at}/pay", f"{at}/ask", f"{at}/dispute", f"{at}/time")
    return whole._replace(**changes)


LABELS = line(JORY, "PP-4471", "Labels for the autumn range, second run of 12,000", Money(194280, "GBP"), date(2026, 11, 9))
TOOLS = line(ANOUK, "VP-26-0318", "Cutting tools for the gift boxes", Money(736000, "EUR"), date(2026, 11, 20))
CARDS = line(JORY, "PP-4502", "Shelf cards, 400 pieces", Money(61200, "GBP"), date(2026, 11, 23))
RETAINER = Promised(TOM, "LR-2026-0187", Money(425520, "GBP"), date(2026, 11, 20))


def write(*lines: Line, **changes: Any) -> Letter:
    notice = NoticeContent(
        on=TUESDAY, language="en", tone="informal", kind="bundle", name="Sandra Whitlock", title="Ms",
        lines=lines or (LABELS, TOOLS, CARDS), pay_url=AT, time_url=f"{AT}/time", preferences_url=f"{AT}/preferences",
    )  # fmt: skip
    return letter(notice._replace(**changes))


def whole(**changes: Any) -> Letter:
    return write(promised=(RETAINER,), time_days=14, limit=(2, 14), quiet_weekdays=(5,), **changes)


def seen(letter: Letter) -> str:
    """What the HTML part shows, as words."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", letter.html.partition("<body")[2].partition(">")[2])).split())


def test_the_informal_notice_of_the_design() -> None:
    letter = whole()
    assert letter.subject == "One small thing is late, two are coming up"
    for words in (
        "Penhale Print, Vermeer Packaging and Lindqvist Rowe &",
        "Hi Sandra, here is everything from the three of us in one place, so we do not each write to you.",
        "One invoice has slipped past its date; two more are due by 23 November.",
        "Penhale Print Labels for the autumn range, second run of 12,000 PP-4471, due 9 November, 8 days ago £1,942.80",
        "VP-26-0318, due this Friday, 20 November €7,360.00 Pay Ask Anouk Something is wrong More time",
        "PP-4502, due Monday, 23 November £612.00",
        "Pay all three: £2,554.80 and €7,360.00",
        "Already on its way? Thank you, and please ignore this. If a date does not suit, ask for more time ; up to 14 days is",
        "Nothing to do: £4,255.20 to Lindqvist Rowe (LR-2026-0187), which you said goes out on Friday 20 November.",
        "Thanks, and have a good week, Jory, Anouk and Tom",
        "Usual answer time: Jory 50 minutes, Anouk 3 hours, Tom 2 hours.",
        "We write at most twice in 14 days, all of us together, and never on Fridays. Change how we write to you",
    ):
        assert words in seen(letter)


def test_the_formal_notice_of_the_design() -> None:
    letter = whole(tone="formal")
    assert letter.subject == "Your open invoices: one overdue, two falling due by 23 November"
    for words in (
        "Dear Ms Whitlock, may we draw your attention to three invoices, set out below in one message from all of us.",
        "The first is past its due date; the other two fall due by 23 November.",
        "Invoice PP-4471, due on 9 November 2026, 8 days ago",
        "Pay Ask a question Dispute an amount Request more time",
        "Pay the three invoices: £2,554.80 and €7,360.00",
        "With kind regards, Jory Penhale, Anouk Visser and Tom Okafor",
        "You receive at most two messages in 14 days from all of us together, and none on Fridays. Change your preferences",
    ):
        assert words in seen(letter)


def test_the_late_one_is_in_the_late_colour_and_in_words() -> None:
    assert re.findall(r"#96380f\">([^<]+)", write().html) == ["due 9 November, 8 days ago"]


def test_both_parts_carry_all_ways_out_of_each_invoice() -> None:
    letter = write()
    for number, way in product(("PP-4471", "VP-26-0318", "PP-4502"), ("pay", "ask", "dispute", "time")):
        assert f"{AT}/{number}/{way}\n" in letter.text
        assert f'href="{AT}/{number}/{way}"' in letter.html
    assert f"{AT}/preferences" in letter.text


@pytest.mark.parametrize(
    ("days", "said"),
    [(-8, "due Wednesday, 25 November"), (-1, "due this Wednesday, 18 November"), (0, "due today, 17 November"),
     (1, "due 16 November, yesterday"), (2, "due 15 November, 2 days ago"), (400, "due 13 October 2025, 400 days ago")],
)  # fmt: skip
def test_how_a_due_day_is_said(days: int, said: str) -> None:
    assert said in write(LABELS._replace(due_on=TUESDAY - timedelta(days=days)), kind="first").text


@pytest.mark.parametrize(
    ("kind", "due_on", "words"),
    [
        (
            "heads_up",
            date(2026, 11, 20),
            "just so it does not surprise you: Shelf cards, 400 pieces (£612.00) is due on Friday",
        ),
        ("due_day", TUESDAY, "Shelf cards, 400 pieces (£612.00) is due today."),
        ("due_day", date(2026, 11, 15), "Shelf cards, 400 pieces (£612.00) was due on Sunday 15 November."),
        ("first", date(2026, 11, 14), "a small nudge: Shelf cards, 400 pieces (£612.00) was due on Saturday 14 November."),
        ("second", date(2026, 11, 3), "we cannot see payment yet for Shelf cards, 400 pieces (£612.00), which was due on 3"),
        ("owner", date(2026, 10, 20), "we cannot see payment yet for Shelf cards"),
    ],
)
def test_one_invoice_in_the_words_of_its_step(kind: str, due_on: date, words: str) -> None:
    letter = write(CARDS._replace(due_on=due_on), kind=kind)
    assert words in letter.text
    assert "Pay £612.00" in letter.text


def test_a_promise_that_was_not_kept_is_asked_about() -> None:
    missed = LABELS._replace(promised_on=date(2026, 11, 13))
    letter = write(CARDS._replace(due_on=date(2026, 11, 1)), missed, kind="promise_missed")
    assert "we had Friday 13 November in mind for Labels for the autumn range" in letter.text


@pytest.mark.parametrize(("kind", "tone", "language"), list(product(KINDS, TONES, LANGUAGES)))
def test_an_invoice_without_words_goes_by_its_number(kind: str, tone: str, language: str) -> None:
    bare = LABELS._replace(work="", promised_on=date(2026, 11, 13))
    found = write(bare, kind=kind, tone=tone, language=language, promised=())
    assert not re.search(r" [,.:]|^[,:]|\bfor ,|\buntuk ,", found.subject + "\n" + found.text)
    assert "PP-4471" in found.text
    assert '<span dir="auto"></span>' not in found.html


def test_before_the_due_day_nobody_is_told_to_ignore_anything() -> None:
    assert "Already arranged? Thank you" in write(TOOLS, CARDS, kind="heads_up").text
    assert "Pay both: €7,360.00 and £612.00" in write(TOOLS, CARDS, kind="heads_up").text


def test_only_what_is_measured_is_promised() -> None:
    silent = write(LABELS._replace(sender=Sender("Penhale Print", "Jory Penhale")), kind="first")
    assert "answer time" not in silent.text
    assert "more time;" not in silent.text  # no vendor grants any at once


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "5 minutes"), (47, "50 minutes"), (89, "90 minutes"), (90, "2 hours"), (180, "3 hours")]
)
def test_an_answer_time_is_rounded_up(minutes: int, said: str) -> None:
    assert said in write(LABELS._replace(sender=JORY._replace(answers_in=minutes)), kind="first").text


@pytest.mark.parametrize(
    ("limit", "quiet", "said"),
    [
        ((1, 7), (), "at most once in 7 days."),
        ((3, 7), (6, 7), "at most 3 times in 7 days, and never on Saturdays and Sundays."),
        ((1, 1), (), "at most once a day."),
    ],
)
def test_how_seldom_we_write(limit: tuple[int, int], quiet: tuple[int, ...], said: str) -> None:
    assert said in write(LABELS, kind="first", limit=limit, quiet_weekdays=quiet).text


def test_in_indonesian_everything_is_indonesian() -> None:
    lines = [LABELS._replace(work="Label"), TOOLS._replace(work="Pisau"), CARDS._replace(work="Kartu")]
    letter = whole(language="id", tone="formal", lines=lines)
    assert "Yth. Ibu Sandra Whitlock,\nPerkenankan kami menyampaikan tiga faktur" in letter.text
    assert "Bayar tiga faktur: £2.554,80 dan €7.360,00" in letter.text
    assert not re.search(r"\b(the|you|your|invoice|due)\b", re.sub(r"https\S+", "", letter.text))
    assert '<html lang="id" dir="ltr">' in letter.html


def test_a_vendors_own_wording_stands_in_the_same_frame() -> None:
    own = Wording("About {{ count }} things", "Ahoy {{ first_name }}", "see below.", "Bye", "{{ vendors }}")
    letter = whole(wording=own)
    assert letter.subject == "About three things"
    assert "Ahoy Sandra\nsee below." in letter.text
    assert "Pay all three" in letter.text


def test_an_own_wording_that_uses_what_is_not_there_is_refused_when_saved() -> None:
    with pytest.raises(Refused, match="There is no 'iban'"):
        check_pieces(Wording("{{ iban }}", "", "", "", ""), kind_of("first"))


@pytest.mark.parametrize(("kind", "tone", "language"), list(product(KINDS, TONES, LANGUAGES)))
@pytest.mark.parametrize("lines", [(LABELS,), (LABELS, TOOLS, CARDS), (TOOLS, CARDS)], ids=len)
def test_every_wording_makes_whole_sentences(kind: str, tone: str, language: str, lines: tuple[Line, ...]) -> None:
    letter = write(*lines, kind=kind, tone=tone, language=language)
    assert letter.subject.strip()
    assert not re.search(r"[{}]|None|  \S|\s[,.;]|[.,]{2}", re.sub(r"(?m)^  ", "", letter.text.replace("--", "")))
    assert len(letter.html) < 12_000


names = st.text(st.characters(blacklist_categories=["Cs"]), max_size=40)


@given(names, names, names)
def test_whatever_is_in_a_name_it_stays_a_name(person: str, work: str, vendor: str) -> None:
    cards = CARDS._replace(sender=Sender(vendor, person), work=work)
    letter = write(cards, name=person, kind="first")
    assert "\n" not in letter.subject
    assert letter.html.count("<a ") == 4 + 1 + 2
    assert letter.html.count("<table") == letter.html.count("</table>") == 4


def test_markup_in_a_name_is_shown_as_it_is() -> None:
    letter = write(CARDS._replace(work='<img src=x onerror="y"> & co'), kind="first")
    assert "<img" not in letter.html
    assert '<img src=x onerror="y"> & co' in letter.text
    assert '<img src=x onerror="y"> & co' in seen(Letter("", "", letter.html))
