"""Papers hold what is larger, longer, further away or split finer than usual: nothing covers anything, nothing is cut off."""

import io
from decimal import Decimal
from typing import Any

import pypdf
import pytest

from goodterms.papers.invoice import Tax
from goodterms.papers.letterhead import To, abroad, soft, tax_number, weekday_and_day
from goodterms.papers.slip import slip_data
from goodterms.papers.swiss import place_of, swiss_bill
from goodterms.papers.tests.bills import DUE, FIRM, ISSUED, LINES, a_letter, a_slip, an_invoice, line
from goodterms.papers.tests.reading import pages, text
from goodterms.values.money import Money

QR_BANK = {"name": "UBS", "iban": "CH44 3199 9123 0008 8901 2", "bic": "UBSWCHZH80A"}
TERMS = [("Time to pay", "30 days, until Saturday 31 October 2026"), ("Questions", "We answer within 4 working hours")]


def placed(pdf: bytes, page: int = 0) -> list[tuple[float, float, str]]:
    """Where each run of words begins on a page, from the left and from below, in points."""
    found: list[tuple[float, float, str]] = []

    def keep(words: str, cm: list[float], tm: list[float], _font: Any, _size: Any) -> None:
        if words.strip():
            found.append((tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5], words.strip()))

    pypdf.PdfReader(io.BytesIO(pdf)).pages[page].extract_text(visitor_text=keep)
    return found


def of_total(minor: int, currency: str, language: str) -> bytes:
    total = Money(minor, currency)
    row = line("Design", "1", "", "1", 0)._replace(net=total)
    return an_invoice(
        language, lines=[row], net=total, total=total, slip=None, taxes=[Tax("S", Decimal(0), total, total - total, "")]
    )


@pytest.mark.parametrize(
    ("minor", "currency", "language"),
    [
        (187_126, "CHF", "en"), (20_525_107_00, "IDR", "id"), (10_969_069, "GBP", "en"), (12_345_678_901_234, "EUR", "en"),
        (86_415, "KWD", "en"),
    ],
)  # fmt: skip
def test_a_large_total_never_covers_its_word(minor: int, currency: str, language: str) -> None:
    found = placed(of_total(minor, currency, language))
    (word,) = [at for at in found if at[2] == "Total"]
    sum_ = min(at[0] for at in found if abs(at[1] - word[1]) < 4 and at is not word)
    assert sum_ - word[0] > 35  # the word itself takes 27


def test_a_word_longer_than_its_column_is_broken_and_one_with_hyphens_where_it_has_them() -> None:
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    assert soft("Dr. von Müller-Lüdenscheidt-Oberhausen") == "Dr. von Müller-Lüdenscheidt-Oberhausen"
    assert soft(long).replace("\N{ZERO WIDTH SPACE}", "") == long
    rows = [LINES[0]._replace(what=long * 2, small=long * 3, project=long), LINES[1]._replace(project="B")]
    made = an_invoice(lines=rows, order_number=long, to=To(long, "", [long]))
    read = "".join(text(made).replace("\N{ZERO WIDTH SPACE}", "").split())
    assert read.count(long) >= 9
    assert all(at[0] < 595 - 55 for at in placed(made))


def test_the_strip_never_stands_alone_on_a_page_and_always_at_its_foot() -> None:
    apart = []
    for count in range(14, 30):
        made = an_invoice(lines=[LINES[1]] * count, agreed=TERMS)
        last = len(pages(made)) - 1
        said = placed(made, last)
        (reference,) = [at for at in said if at[2].startswith("RF36")]
        assert 85 < reference[1] < 135, count
        assert any("Time to pay" in at[2] for at in said), count
        apart.append(last == 1 and not any("Photography" in at[2] for at in said))
    assert any(apart)  # the case was there: terms and strip on a page of their own


def test_the_closing_of_a_letter_stays_with_its_strip() -> None:
    for open_ in range(1, 24):
        made = a_letter(open_, slip=a_slip())
        said = placed(made, len(pages(made)) - 1)
        assert any("Tom Okafor" in at[2] for at in said), open_


def test_yen_have_no_decimals_and_dinars_three_in_their_rates() -> None:
    yen = line("Print", "10", "pages", "15000", 0)._replace(net=Money(150_000, "JPY"))
    dinars = line("Design", "7", "h", "12.5", 0)._replace(net=Money(87_500, "KWD"))
    zero = [Tax("Z", Decimal(0), Money(1, "JPY"), Money(0, "JPY"), "")]
    kept: dict[str, Any] = {"slip": None, "taxes": zero, "net": Money(1, "JPY"), "total": Money(1, "JPY")}
    assert "10 pages 15,000 150,000" in text(an_invoice(lines=[yen], **kept))
    assert "7 h 12.500 87.500" in text(an_invoice(lines=[dinars], **kept))
    fine = yen._replace(rate=Decimal("0.125"))
    assert "10 pages 0.125 150,000" in text(an_invoice(lines=[fine], **kept))


def test_a_letter_that_leaves_the_country_says_where_it_goes() -> None:
    assert abroad(["1 rue X", "75017 Paris"], "FR", "DE", "en") == ["1 rue X", "75017 Paris", "FRANCE"]
    assert abroad(["Jalan X", "Jakarta"], "ID", "DE", "id") == ["Jalan X", "Jakarta", "INDONESIA"]
    assert abroad(["Weg 1", "Stuttgart"], "DE", "GB", "id")[-1] == "JERMAN"
    for there in ("France", "FRANCE ", "Perancis", "Prancis"):
        said = abroad(["75017 Paris", there], "FR", "DE", "id")
        assert len(said) == (3 if there == "Perancis" else 2), there
    assert abroad(["Stuttgart", "Deutschland"], "DE", "GB", "en") == ["Stuttgart", "Deutschland"]
    for country, home in (("DE", "DE"), ("", "DE"), ("DE", "")):
        assert abroad(["Stuttgart"], country, home, "en") == ["Stuttgart"]
    assert abroad([], "FR", "DE", "en") == []


@pytest.mark.parametrize(
    ("number", "country", "said"),
    [
        ("136695976", "DE", ("VAT", "DE136695976")), ("GB 318 2204 34", "GB", ("VAT", "GB318220434")),
        ("094259216", "GR", ("VAT", "EL094259216")), ("016090524017000", "ID", ("NPWP", "016090524017000")),
        ("12-3456789", "US", ("Tax number", "12-3456789")), ("", "DE", ("Tax number", "")),
    ],
)  # fmt: skip
def test_a_number_at_the_tax_office_is_called_what_it_is(number: str, country: str, said: tuple[str, str]) -> None:
    assert tax_number(number, country, "en") == said
    if country == "US":
        assert tax_number(number, country, "id")[0] == "Nomor pajak"


def test_a_customers_number_is_named_by_their_own_country() -> None:
    assert "Your tax number 12-3456789" in text(an_invoice(tax_ids=(FIRM.tax_id, "12-3456789"), customer_country="US"))
    assert "No. NPWP Anda 016" in text(an_invoice("id", tax_ids=(FIRM.tax_id, "016"), customer_country="ID"))


def test_a_swiss_account_for_qr_references_is_named_with_no_other() -> None:
    """Banks turn a payment to a QR-IBAN away whose reference is RF or missing (SIX, Implementation Guidelines)."""
    francs = a_slip(bank=QR_BANK, amount=Money(1_000_00, "CHF"), number="2026-0001")
    place = place_of("Robert Schneider AG", ["Rue du Lac 1268", "2501 Biel"], "CH")
    bill = swiss_bill(iban=QR_BANK["iban"], to=place, from_=None, amount=Money(1_000_00, "CHF"), number="2026-0001")
    assert bill is not None
    assert dict(francs.rows)["Reference"] == bill.reference == "00 00000 00000 00000 02026 00013"
    euros = a_slip(bank=QR_BANK, amount=Money(1_000_00, "EUR"), number="2026-0001")
    assert not euros.by_transfer  # no EPC code: it could carry no such reference
    other = a_slip(bank={"iban": "CH93 0076 2011 6238 5295 7"}, amount=Money(1_000_00, "CHF"), number="2026-0001")
    assert dict(other.rows)["Reference"] == "RF31 2026 0001"


def test_what_is_due_in_parts_does_not_ask_for_all_of_it_as_if_at_once() -> None:
    in_parts = a_slip(in_parts=True)
    assert slip_data(in_parts, "en")["until"] == "All parts, by 31 October"
    said = text(an_invoice(slip=in_parts))
    assert "Last part due Saturday 31 October 2026" in said
    assert "To pay by" not in said
    assert "Bagian terakhir Sabtu, 31 Oktober 2026" in text(an_invoice("id", slip=in_parts))


def test_days_follow_the_region() -> None:
    assert weekday_and_day(ISSUED, "en") == "Thursday 1 October 2026"
    assert weekday_and_day(DUE, "en-US") == "Saturday, October 31, 2026"
    assert weekday_and_day(DUE, "id-ID") == "Sabtu, 31 Oktober 2026"
