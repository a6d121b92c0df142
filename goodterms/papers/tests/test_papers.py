"""What is printed says the same as the books, on any number of pages, in two languages and for names in any script."""

import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typst import TypstError

from goodterms.delivery.words import LANGUAGES
from goodterms.papers import press
from goodterms.papers.letterhead import To, figures, in_words, parted
from goodterms.papers.tests.bills import of_a_letter
from goodterms.papers.tests.reading import pages, text
from goodterms.papers.tests.sheets import FIRM, TO, a_receipt, a_statement, account, pounds
from goodterms.papers.words import words
from goodterms.values.money import Money


def test_a_statement_runs_in_time_with_the_balance_after_each_line() -> None:
    said = text(a_statement(account([2160_00, -1944_00, 10255_20])))
    assert said.startswith(
        "Lindqvist Rowe Statement 1 October to 16 November 2026 Lindqvist Rowe, 14 Welsh Back, Bristol BS1 4RR"
    )
    assert "Bellwether Foods Ltd Sandra Whitlock Aire Mills, Kirkstall Road Leeds LS4 2AZ As of 16 November 2026" in said
    assert (
        "Day What Billed Paid Balance 1 Oct Brought forward 1,944.00 1 Oct Work 0 LR-0 2,160.00 4,104.00 "
        "2 Oct Work 1 LR-1 1,944.00 2,160.00 3 Oct Work 2 LR-2 10,255.20 12,415.20 Open today £12,415 .20" in said
    )
    assert "Not yet due 1 to 30 days late 31 to 60 61 and more 12,415.20 0.00 0.00 0.00" in said
    assert said.endswith("Tax number GB 318 2204 34 accounts@lr.example 1 of 1")


def test_what_settles_nothing_yet_stands_beside_the_ages_only_where_there_is_some() -> None:
    assert "61 and more Kept for you 2,044.00 0.00 0.00 0.00 100.00" in text(a_statement(account([], kept=100_00)))
    assert "Kept for you" not in text(a_statement(account([])))


def test_a_long_statement_has_a_running_head_on_every_page_but_the_first_and_loses_no_line() -> None:
    first, *others = pages(a_statement(account([100] * 90)))
    assert len(others) >= 2
    assert not first.startswith("Lindqvist Rowe, Statement")
    for n, other in enumerate(others, 2):
        assert other.startswith("Lindqvist Rowe, Statement, Bellwether Foods Ltd 1 October to 16 November 2026")
        assert other.endswith(f"{n} of {len(others) + 1}")
    assert re.findall(r"Work (\d+) LR", " ".join([first, *others])) == [str(n) for n in range(90)]


def test_each_currency_has_its_own_account_and_they_are_never_added() -> None:
    made = pages(a_statement(account([56_00]), account([100_00], "EUR")))
    assert "In British pounds and euros" in made[0]
    assert "British pounds Day What" in made[0]
    assert "Open today £2,000 .00" in made[0]
    assert "Euros Day What" in made[1]
    assert "Open today €2,044 .00" in made[1]


def test_nothing_billed_yet_is_said_so() -> None:
    assert "Nothing was billed yet. Each invoice and each payment will be a line here." in text(a_statement())


def test_a_receipt_thanks_before_it_counts() -> None:
    said = text(a_receipt())
    assert said.startswith("Lindqvist Rowe Receipt")
    assert "Received 4 November 2026 By bank transfer Reference LR20 2601 87 Dear Sandra Whitlock, thank you." in said
    assert "We have received £6,000 .00 for Autumn range. Settles Invoice Paid now Still open" in said
    assert "Autumn range LR-2026-0187, issued 1 October, PO BF-88213 10,255.20 6,000.00 4,255.20 Received £6,000 .00" in said
    assert "With thanks, Tom Okafor" in said


def test_a_receipt_says_what_is_kept_and_what_was_given_back() -> None:
    said = text(a_receipt(settled=[], works="", kept=pounds(400_00), back=pounds(100_00), to=To("Bellwether", "", [])))
    assert "Hello, thank you. We have received £6,000 .00 . Settles" in said
    assert "Kept for you it settles nothing yet 400.00 Given back 100.00 Received £6,000 .00" in said


def test_indonesian_sums_days_and_words() -> None:
    said = text(a_statement(account([2160_00]), language="id"))
    assert "Rekening koran 1 Oktober sampai 16 November 2026" in said
    assert "1 Okt Work 0 LR-0 2.160,00 4.104,00 Belum dibayar hari ini £4.104 ,00" in said
    assert "terima kasih. Kami telah menerima £6.000 ,00 untuk Autumn range." in text(a_receipt("id"))


def test_both_languages_say_the_same_things() -> None:
    def shape(told: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: shape(one) if isinstance(one, Mapping) else sorted({*re.findall(r"{\w+}", one)}) for key, one in told.items()
        }

    english = shape(words("en"))
    assert len(english) == 14
    assert all(shape(words(language)) == english for language in LANGUAGES)


def test_amounts_have_their_own_shape_by_currency_and_sign() -> None:
    assert (parted(pounds(1942_80), "en"), parted(Money(1500, "JPY"), "en")) == (["£1,942", ".80"], ["JP¥1,500", ""])
    assert (figures(pounds(-5_00), "en"), figures(Money(1500, "JPY"), "en"), figures(None, "en")) == ("−5.00", "1,500", "")
    assert in_words("{a} and {b}", {"a": "{c}", "b": "x"}) == "{c} and x"


@pytest.mark.parametrize("made", [a_statement, a_receipt])
def test_every_paper_is_archivable_and_accessible(made: Any) -> None:
    sheet = made()
    assert b"<pdfaid:part>3</pdfaid:part>" in sheet
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in sheet
    assert b"<pdfuaid:part>1</pdfuaid:part>" in sheet
    assert b"/Lang(en)" in sheet
    assert b"/Marked true" in sheet
    assert b"/DisplayDocTitle true" in sheet
    assert b'<rdf:li xml:lang="x-default">' in sheet
    assert sheet.count(b"/FontFile2 ") >= 4


def test_the_title_names_the_firm_and_the_day() -> None:
    assert b">Statement of account, Lindqvist Rowe, 16 November 2026<" in a_statement()
    assert b">Receipt of Lindqvist Rowe, 4 November 2026<" in a_receipt()


def test_the_same_facts_make_the_same_bytes_also_in_another_process() -> None:
    mine = a_statement(account([2160_00]))
    assert all(b"<xmp:" + when + b"Date>2026-11-16T00:00:00Z" in mine for when in (b"Create", b"Modify"))
    assert mine == a_statement(account([2160_00])) != a_statement(account([2160_01]))
    program = (
        "import sys; from goodterms.papers.tests.sheets import *; sys.stdout.buffer.write(a_statement(account([2160_00])))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout == mine


@pytest.mark.parametrize("name", ["Łódź Zażółć", "Ελληνικά Τρόφιμα", "Молоко и мёд", "Đặng Thị Hoà", "Ő & Şğ"])
def test_names_in_latin_greek_and_cyrillic_are_set_in_our_own_fonts(name: str) -> None:
    sheet = a_statement(to=To(name, "", []))
    assert name in text(sheet)
    assert b"<pdfaid:part>3<" in sheet
    assert b"Libertinus" not in sheet
    assert b"DejaVu" not in sheet


@pytest.mark.parametrize("name", ["شركة الأغذية", "מזון", "株式会社", "🍞 Bakery", "\uffff\ud800\x00x", "x" * 400])
def test_no_name_stops_the_press(name: str) -> None:
    assert a_receipt(to=To(name, name, [name])).startswith(b"%PDF-1.7")


@pytest.mark.parametrize("name", ['#panic("x")', "*bold* _it_ $x$", "\\ @ref <label> [x] // y", "= Heading", '"]}'])
def test_a_name_is_no_markup(name: str) -> None:
    said = text(a_statement(to=To(name, "", []), firm=FIRM._replace(name=name)))
    assert said.count(" ".join(name.split())) >= 3


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=30), st.integers(-(10**14), 10**14))
def test_whatever_is_billed_is_printed(name: str, minor: int) -> None:
    line = account([minor or 1])
    odd = line._replace(lines=[one._replace(words=name, small=name) for one in line.lines])
    assert figures(line.balance, "en") in text(a_statement(odd, to=TO._replace(contact=name)))


def test_a_template_that_cannot_be_set_says_so() -> None:
    with pytest.raises(TypstError):
        press.pdf("receipt", {})


def test_a_sheet_is_printed_as_the_same_bytes_as_it_would_have_been_set_at_once() -> None:
    data = of_a_letter()
    kept = press.sheet(data)
    assert press.printed(kept) == press.pdf("letter", data)
    assert press.content(kept)["subject"] == data["subject"]
    assert press.printed(b"%PDF-1.7 as it is") == b"%PDF-1.7 as it is"
    assert press.content(b"%PDF-1.7 as it is") == {}
