"""The autumn range that Lindqvist Rowe billed to Bellwether Foods, as the tests of invoices and letters change it."""

from datetime import date
from decimal import Decimal
from typing import Any

from goodterms.papers import invoice, letter
from goodterms.papers.invoice import Line, Sheet, Tax
from goodterms.papers.letterhead import Firm
from goodterms.papers.press import pdf
from goodterms.papers.slip import Slip, slip
from goodterms.papers.tests.sheets import TO, pounds
from goodterms.values.money import Money

FIRM = Firm(
    "Lindqvist Rowe", "Lindqvist Rowe Ltd", ["14 Welsh Back", "Bristol BS1 4RR"], "GB 318 2204 34", "accounts@lr.example",
    "Brand and web studio", "0117 496 0143", "0912 4471", country="GB",
)  # fmt: skip
BANK = {"name": "Bank of Severn", "iban": "GB96SEVN30187700418203", "bic": "SEVNGB2B"}
PAGE = "https://pay.example/pay/invoices/0187/"
ISSUED, DUE = date(2026, 10, 1), date(2026, 10, 31)


def line(what: str, quantity: str, unit: str, rate: str, minor: int, **more: Any) -> Line:
    facts = {"small": "", "project": "", "discount": ""} | more
    return Line(what=what, quantity=Decimal(quantity), unit=unit, rate=Decimal(rate), net=pounds(minor), **facts)


LINES = [
    line("Autumn range, packaging design", "6", "days", "720", 4320_00, small="Labels and sleeves for seven products"),
    line("Photography direction", "2", "days", "680", 1360_00),
    line("Website, product pages", "14", "pages", "145", 2030_00),
    line("Project management", "9.5", "h", "88", 836_00),
]


def a_slip(**other: Any) -> Slip:
    facts: dict[str, Any] = {
        "to": "Lindqvist Rowe Ltd", "bank": BANK, "number": "LR-2026-0187", "amount": pounds(10255_20), "due_on": DUE,
        "page": PAGE, "language": "en",
    }  # fmt: skip
    return slip(**(facts | other))


def a_sheet(**other: Any) -> Sheet:
    facts: dict[str, Any] = {
        "firm": FIRM, "country": "GB", "to": TO, "number": "LR-2026-0187", "order_number": "BF-88213", "issued_on": ISSUED,
        "due_on": DUE, "lines": LINES, "with_tax": False, "adjustments": (), "net": pounds(8546_00),
        "taxes": [Tax("S", Decimal(20), pounds(8546_00), pounds(1709_20), "")], "total": pounds(10255_20),
        "tax_ids": (FIRM.tax_id, ""), "agreed": [("Time to pay", "30 days, until Saturday 31 October 2026")],
        "slip": a_slip(),
    }  # fmt: skip
    return Sheet(**(facts | other))


def an_invoice(language: str = "en", **other: Any) -> bytes:
    return pdf("invoice", invoice.data(a_sheet(**other), language))


def a_letter(open: int = 1, **other: Any) -> bytes:
    return pdf("letter", of_a_letter(open, **other))


def of_a_letter(open: int = 1, **other: Any) -> dict[str, Any]:
    said = letter.Said(
        "Autumn range: invoice LR-2026-0187", "Dear Ms Whitlock,", ["may we draw your attention to the invoice below."],
        ["Should another day suit you better, a word is enough."], "Yours sincerely,", "Tom Okafor",
    )  # fmt: skip
    rows = [letter.Open("Autumn range", f"LR-2026-018{n}", "", DUE, Money(4255_20, "GBP")) for n in range(7, 7 + open)]
    facts: dict[str, Any] = {"firm": FIRM, "to": TO, "on": date(2026, 11, 5), "said": said, "language": "en", "open": rows}
    return letter.data(**(facts | {"slip": a_slip()} | other))
