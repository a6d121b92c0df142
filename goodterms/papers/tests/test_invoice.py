"""A printed invoice says what was issued: lines by project, each tax, terms, and every way in which it can be paid."""

import io
import re
from decimal import Decimal
from typing import Any

import pikepdf
import pytest

from goodterms.papers.invoice import Adjustment, Corrected, Tax
from goodterms.papers.letterhead import To
from goodterms.papers.swiss import Place, place_of, swiss_bill
from goodterms.papers.tests.bills import BANK, FIRM, ISSUED, LINES, a_letter, a_slip, an_invoice, line
from goodterms.papers.tests.reading import pages, text
from goodterms.papers.tests.sheets import pounds
from goodterms.values.money import Money
from goodterms.values.reference import is_qr_iban, qr_reference

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><rect width="40" height="10" fill="#96380f"/></svg>'
BIEL = place_of("Robert Schneider AG", ["Rue du Lac 1268", "2501 Biel"], "CH")


def test_it_names_the_facts_the_lines_and_the_sum_in_the_order_of_the_page() -> None:
    said = text(an_invoice())
    assert said.startswith("Lindqvist Rowe Brand and web studio Invoice LR-2026-0187 Lindqvist Rowe, 14 Welsh Back")
    assert "Issued Thursday 1 October 2026 Due Saturday 31 October 2026 Your PO BF-88213" in said
    assert "What we did Quantity Rate Amount Autumn range, packaging design Labels and sleeves for seven products" in said
    assert "6 days 720.00 4,320.00" in said
    assert "Project management 9.5 h 88.00 836.00 Before VAT 8,546.00 VAT 20% 1,709.20 Total £10,255 .20" in said
    assert "As we agreed Time to pay 30 days, until Saturday 31 October 2026." in said
    assert "To Lindqvist Rowe Ltd Account 30-18-77, 0041 8203 IBAN GB96 SEVN 3018 7700 4182 03" in said
    assert "Reference RF36 LR20 2601 87 To pay by 31 October £10,255 .20 or scan, and pay on your page" in said
    assert said.endswith("Company 0912 4471, VAT GB318220434 accounts@lr.example 0117 496 0143 1 of 1")


def test_several_projects_stand_apart_with_their_sums_and_one_needs_no_heading() -> None:
    both = [one._replace(project="Gift boxes" if n < 2 else "Spring range") for n, one in enumerate(LINES)]
    said = text(an_invoice(lines=both))
    assert "Gift boxes 5,680.00 Autumn range" in said
    assert "Spring range 2,866.00 Website" in said
    alone = text(an_invoice(lines=[one._replace(project="Gift boxes") for one in LINES]))
    assert "5,680.00" not in alone
    assert "Photography direction Gift boxes 2 days" in alone


def test_discounts_and_what_is_taken_off_or_added_stand_between_the_lines_and_the_tax() -> None:
    lines = [line("Design", "10", "h", "100", 900_00, discount="10%")]
    off, on = Adjustment("Loyalty", pounds(-50_00)), Adjustment("Courier", pounds(20_00))
    tax = [Tax("S", Decimal(20), pounds(870_00), pounds(174_00), "")]
    said = text(an_invoice(lines=lines, adjustments=[off, on], net=pounds(870_00), taxes=tax, total=pounds(1044_00)))
    assert "Design less 10% 10 h 100.00 900.00" in said
    assert "Sum of the lines 900.00 Loyalty −50.00 Courier 20.00 Before VAT 870.00 VAT 20% 174.00 Total £1,044 .00" in said


def test_each_rate_says_of_which_sum_it_is_and_no_tax_says_why() -> None:
    zero = Money(0, "GBP")
    taxes = [
        Tax("S", Decimal(20), pounds(100_00), pounds(20_00), ""), Tax("S", Decimal(5), pounds(10_00), pounds(50), ""),
        Tax("AE", Decimal(0), pounds(30_00), zero, "Article 196, Directive 2006/112/EC"),
        Tax("E", Decimal(0), pounds(40_00), zero, "Exempt: training"),
    ]  # fmt: skip
    said = text(an_invoice(taxes=taxes, tax_ids=(FIRM.tax_id, "136695976"), customer_country="DE"))
    assert "VAT 20% on 100.00 20.00 VAT 5% on 10.00 0.50 VAT 0% on 30.00 0.00" in said
    assert (
        "Reverse charge: the VAT is accounted for by the customer. Article 196, Directive 2006/112/EC. Exempt: training."
        in said
    )
    assert "Your VAT no DE136695976" in said


def test_rates_that_hold_the_tax_say_so() -> None:
    assert "The rates include VAT; the amounts are before it." in text(an_invoice(with_tax=True))
    assert "The rates include" not in text(an_invoice())


@pytest.mark.parametrize(("country", "tax"), [("GB", "VAT 20%"), ("AU", "GST 20%"), ("ID", "PPN 20%"), ("US", "Tax 20%")])
def test_tax_is_called_as_it_is_called_there(country: str, tax: str) -> None:
    assert tax in text(an_invoice(country=country))


def test_a_credit_note_refers_back_and_asks_for_nothing() -> None:
    corrects = Corrected("LR-2026-0187", ISSUED, "Line 3 was counted twice")
    said = text(an_invoice(number="LRC-7", corrects=corrects, agreed=(), slip=None, due_on=None))
    assert "Credit note LRC-7" in said
    assert "What is credited Quantity Rate Amount" in said
    assert "Credits LR-2026-0187 Invoice of 1 October 2026" in said
    assert "This credits invoice LR-2026-0187 of 1 October 2026: Line 3 was counted twice." in said
    assert "IBAN" not in said


def test_indonesian_words_and_figures() -> None:
    said = text(an_invoice("id", slip=a_slip(language="id")))
    assert "Faktur LR-2026-0187" in said
    assert "Terbit Kamis, 1 Oktober 2026 Jatuh tempo Sabtu, 31 Oktober 2026" in said
    assert "9,5 h 88,00 836,00 Sebelum VAT 8.546,00" in said
    assert "Dibayar paling lambat 31 Oktober £10.255 ,20" in said


def test_euros_have_a_transfer_to_scan_and_all_else_the_address_of_the_page() -> None:
    dutch = {"name": "Maas", "iban": "NL83MAAS0318220417", "bic": "MAASNL2A"}
    euros = a_slip(bank=dutch, amount=Money(2435_79, "EUR"))
    assert euros.by_transfer
    assert "or scan, and press once" in text(an_invoice(slip=euros))
    assert not a_slip().by_transfer
    without = a_slip(bank={})
    assert without.rows == [("To", "Lindqvist Rowe Ltd")]
    assert "or pay on pay.example/pay/invoices/0187" in text(an_invoice(slip=without))


def test_an_account_that_is_no_iban_is_shown_with_its_bank() -> None:
    rows = dict(a_slip(bank={"name": "First", "sort_code": "10-20-30", "account": "12345678"}).rows)
    assert (rows["Bank"], rows["Account"]) == ("First", "10-20-30, 12345678")
    assert dict(a_slip(bank=BANK).rows).keys() == {"To", "Account", "IBAN", "Reference"}


def test_five_hundred_lines_lose_none_and_each_page_has_heads_and_its_number() -> None:
    many = [LINES[n % 4]._replace(what=f"Work {n}.") for n in range(500)]
    made = pages(an_invoice(lines=many))
    assert len(made) > 10
    assert re.findall(r"Work (\d+)\.", " ".join(made)) == [str(n) for n in range(500)]
    with_lines = [page for page in made if "Work " in page]
    assert all("What we did Quantity Rate Amount" in page for page in with_lines)
    assert [page.rsplit(" ", 3)[1:] for page in made] == [[str(n), "of", str(len(made))] for n in range(1, len(made) + 1)]
    assert made[-1].count("RF36 LR20 2601 87") == sum(page.count("RF36") for page in made) == 1


def test_a_logo_stands_in_place_of_the_name_and_the_colour_in_place_of_ink() -> None:
    branded = FIRM._replace(logo=LOGO, colour="#96380f")
    made = an_invoice(firm=branded)
    assert b"<pdfaid:part>3<" in made
    assert not text(made).startswith("Lindqvist Rowe Brand")
    assert b"/Alt(Lindqvist Rowe)" in made


@pytest.mark.parametrize("made", [an_invoice, a_letter])
def test_it_is_what_it_claims_archivable_tagged_and_whole(made: Any) -> None:
    with pikepdf.open(io.BytesIO(made())) as file:
        with file.open_metadata() as told:
            assert (told["pdfaid:part"], told["pdfaid:conformance"], told["pdfuaid:part"]) == ("3", "A", "1")
        assert file.Root.Lang == "en"
        assert file.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in file.Root
        assert file.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert "/DestOutputProfile" in file.Root.OutputIntents[0]
        assert "/ID" in file.trailer
        assert not file.is_encrypted
        fonts = [one for one in file.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/FontDescriptor"]
        assert len(fonts) >= 3
        assert all(any(f"/FontFile{n}" in font for n in ("", "2", "3")) for font in fonts)


def test_the_swiss_code_holds_the_bill_and_the_page_shows_it() -> None:
    bill = swiss_bill(
        iban="CH44 3199 9123 0008 8901 2", to=BIEL, from_=None, amount=Money(1949_75, "CHF"), number="LR-2026-0187"
    )
    assert bill is not None
    assert (bill.iban, bill.reference) == ("CH44 3199 9123 0008 8901 2", "00 00000 00000 00000 02026 01871")
    made = pages(an_invoice(swiss=bill, slip=None))
    assert len(made) == 2
    assert "Receipt Account / Payable to CH44 3199 9123 0008 8901 2 Robert Schneider AG Rue du Lac 1268 2501 Biel" in made[1]
    assert "Payable by (name/address)" in made[1]
    assert "CHF 1 949.75" in made[1]


def test_a_reference_fits_its_account() -> None:
    assert (is_qr_iban("CH4431999123000889012"), is_qr_iban("CH9300762011623852957")) == (True, False)
    assert qr_reference("210000000003139471430009017")[:26] == "10000000003139471430009017"
    assert qr_reference("21000000000313947143000901")[-1] == "7"  # the example of the guidelines
    plain = swiss_bill(iban="CH9300762011623852957", to=BIEL, from_=BIEL, amount=Money(1, "EUR"), number="RF")
    assert plain is not None
    assert plain.reference.startswith("RF")


@pytest.mark.parametrize(
    "wrong",
    [{"iban": "DE02120300000000202051"}, {"amount": Money(100, "GBP")}, {"to": None}, {"amount": Money(0, "CHF")}],
)
def test_elsewhere_there_is_no_swiss_bill(wrong: dict[str, Any]) -> None:
    facts: dict[str, Any] = {
        "iban": "CH9300762011623852957",
        "to": BIEL,
        "from_": None,
        "amount": Money(100, "CHF"),
        "number": "1",
    }
    assert swiss_bill(**facts) is not None
    assert swiss_bill(**(facts | wrong)) is None


def test_an_address_is_taken_apart_or_not_used() -> None:
    assert place_of("A", ["Marktgasse 28", "CH-9400 Rorschach"], "CH") == Place(
        "A", "Marktgasse", "28", "9400", "Rorschach", "CH"
    )
    assert place_of("A", ["Am Platz", "9400 Rorschach"], "CH") == Place("A", "Am Platz", "", "9400", "Rorschach", "CH")
    assert place_of("A", ["Leeds LS4 2AZ"], "GB") is None
    assert place_of("A", [], "CH") is None


def test_a_letter_says_what_is_open_once_and_leaves_ways_out() -> None:
    said = text(a_letter())
    assert "Thursday 5 November 2026 Dear Ms Whitlock, Autumn range: invoice LR-2026-0187 may we draw your attention" in said
    assert "Invoice Due Open Autumn range LR-2026-0187 31 October 2026 £4,255.20 Should another day suit you better" in said
    assert "Yours sincerely, Tom Okafor To Lindqvist Rowe Ltd" in said
    several = text(a_letter(open=2, slip=None))
    assert "Open together £8,510 .40" in several


@pytest.mark.parametrize("name", ['#panic("x")', "*bold* $x$", '"]}', "株式会社"])
def test_no_name_on_an_invoice_is_markup_or_stops_the_press(name: str) -> None:
    made = an_invoice(to=To(name, name, [name]), lines=[LINES[0]._replace(what=name, small=name, project=name)])
    assert made.startswith(b"%PDF-1.7")
