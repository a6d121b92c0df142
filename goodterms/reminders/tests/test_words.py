"""Stories of short letters, and of the manners of every wording in the house."""

import re
from collections.abc import Mapping
from datetime import date
from html import unescape
from itertools import product
from typing import Any

import pytest

from goodterms.delivery.frame import Letter, page, sides
from goodterms.delivery.words import LANGUAGES, TONES, Wording, check_pieces, name_of, spoken_language, wordings
from goodterms.delivery.words.note import KINDS, NoteContent, check_wording, note
from goodterms.reminders import wording as reminders
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

VALUES: Mapping[str, str | Money | date] = {
    "work": "Labels, second run", "number": "PP-4471", "amount": Money(600000, "GBP"), "paid_on": date(2026, 11, 4),
    "until_date": date(2026, 12, 18), "answer": "Line 3 was counted twice.\nA credit note is on its way.",
}  # fmt: skip
WAYS = [("receipt", "https://pay.example/r?a=1&b=2"), ("portal", "https://pay.example/p")]


def thanks(kind: str = "receipt", tone: str = "neutral", language: str = "en", **changes: Any) -> Letter:
    plain = NoteContent(
        kind, language, tone, "Sandra Whitlock", "Ms", "Penhale Print", "Jory Penhale", VALUES, WAYS, "https://pay.example/w"
    )
    return note(plain._replace(**changes))


@pytest.mark.parametrize(
    ("kind", "tone", "said"),
    [
        ("receipt", "informal", "got it, £6,000.00 for Labels, second run: thank you."),
        ("receipt", "formal", "We acknowledge receipt of £6,000.00 on 4 November 2026 for Labels, second run, invoice PP-4471"),
        ("more_time", "informal", "of course. 18 December 2026 it is for Labels, second run (PP-4471), no fee."),
        ("dispute_received", "neutral", "We are checking, and no reminder for it will reach you while we do."),
        ("answered", "neutral", "Our answer:\nLine 3 was counted twice.\nA credit note is on its way."),
        ("satisfaction", "neutral", "how content are you with how we worked together?"),
    ],
)
def test_each_occasion_has_its_words(kind: str, tone: str, said: str) -> None:
    assert said.lower() in thanks(kind, tone).text.lower()


def test_the_tone_decides_how_one_is_addressed_and_who_signs() -> None:
    greetings = [thanks(tone=tone).text.split("\n")[2] for tone in TONES]
    assert greetings == ["Hi Sandra,", "Hello Sandra,", "Dear Ms Whitlock,"]
    assert "\nJory\n" in thanks(tone="informal").text
    assert "\nJory Penhale\n" in thanks(tone="formal").text
    for nobody in ("", " "):
        assert "\nPenhale Print\n\n--" in thanks(person=nobody, tone="informal").text


def test_indonesian_uses_first_names_or_bapak_and_ibu() -> None:
    greetings = [thanks(tone=tone, language="id").text.split("\n")[2] for tone in TONES]
    assert greetings == ["Halo Sandra,", "Kepada Sandra Whitlock,", "Yth. Ibu Sandra Whitlock,"]
    assert "£6.000,00" in thanks(language="id").text
    assert name_of("Budi", "", "id").formal_name == "Bapak/Ibu Budi"
    assert name_of("Budi", "Mr.", "id").formal_name == "Bapak Budi"


def test_nobody_in_particular_is_still_greeted() -> None:
    assert [thanks(tone=tone, name=" ").text.split("\n")[2] for tone in TONES] == ["Hello,", "Hello,", "Dear Sir or Madam,"]


def test_the_parts_carry_the_same_ways() -> None:
    letter = thanks()
    for words, url in (("See the receipt", WAYS[0][1]), ("See all your invoices", WAYS[1][1])):
        assert f"{words}: {url}" in letter.text
        assert f'href="{url}"'.replace("&", "&amp;") in letter.html


def test_whatever_is_in_a_name_stays_a_name() -> None:
    nasty = '"><script>x</script>\n\x1fBcc: all@x.example'
    letter = thanks(vendor=nasty, name=nasty, person=nasty, wording=Wording("a {{ name }}\nb", *["{{ name }}"] * 4))
    assert "<script>" not in letter.html
    assert "\n" not in letter.subject


def test_a_language_without_words_here_is_answered_in_one_language() -> None:
    assert spoken_language("fr") == ("en", "en")
    assert spoken_language("en-US") == ("en", "en-US")
    assert 'lang="en"' in thanks(language="fr").html
    assert "November 4, 2026" in thanks(tone="formal", language="en-US").text


def test_a_right_to_left_page_is_mirrored() -> None:
    html = page("ar", "rtl", "عنوان", "متجر", [])
    assert '<html lang="ar" dir="rtl">' in html
    assert "text-align:right" in html
    assert sides("ltr") == ("left", "right")


# --- the manners of every wording in the house ---

HOUSE = [
    (package, language, kind, tone, text)
    for package, language in product(("goodterms.delivery.words", "goodterms.reminders.wording"), LANGUAGES)
    for kind, tones in wordings(package, language).items()
    for tone, text in tones.items()
]
NEVER = re.compile(
    r"!|final notice|demand|immediately|\bdebt|legal|overdue balance|fail|segera lunasi"
    r"|hutang|utang|hukum|denda|\bkamu\b|\blo\b",
    re.IGNORECASE,
)


def test_every_kind_is_there_in_every_tone_and_language() -> None:
    for language in LANGUAGES:
        assert set(wordings("goodterms.delivery.words", language)) == set(KINDS)
        assert set(wordings("goodterms.reminders.wording", language)) == set(reminders.KINDS)
    assert len(HOUSE) == (len(KINDS) + len(reminders.KINDS)) * len(TONES) * len(LANGUAGES)


@pytest.mark.parametrize(("package", "language", "kind", "tone", "wording"), HOUSE, ids=lambda part: str(part)[:24])
def test_no_wording_threatens_or_shouts_and_each_may_be_saved(
    package: str, language: str, kind: str, tone: str, wording: Wording
) -> None:
    assert not NEVER.search(" ".join(wording))
    assert not re.search(r"\b[A-Z]{4,}\b", " ".join(wording))
    if package.startswith("goodterms.delivery"):
        check_wording(wording, kind)
    else:
        check_pieces(wording, reminders.kind_of(kind))


def test_the_work_is_named_before_the_number() -> None:
    for _, _, kind, _, wording in HOUSE:
        if "{{ number }}" in wording.subject:
            assert wording.subject.index("{{ work }}") < wording.subject.index("{{ number }}"), kind


def test_a_vendors_own_wording_is_checked_and_used() -> None:
    own = Wording("Merci for {{ work }}", "Hi {{ first_name }}!", "{{ amount }} came in.", "Bye,", "{{ sender }}")
    check_wording(own, "receipt")
    assert thanks(wording=own).subject == "Merci for Labels, second run"
    with pytest.raises(Refused, match="There is no 'until_date' in this message"):
        check_wording(own._replace(opening="{{ until_date }}"), "receipt")


def test_html_and_text_say_the_same() -> None:
    letter = thanks("answered", "formal")
    seen = unescape(re.sub(r"<[^>]+>", " ", letter.html))
    for line in letter.text.split("\n"):
        words = line.split(": https")[0].strip()
        assert words in ("", "--") or words in seen
