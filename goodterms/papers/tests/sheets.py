"""A statement of Bellwether Foods with Lindqvist Rowe, and a receipt, as the tests change them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from goodterms.papers import receipt, statement
from goodterms.papers.letterhead import Firm, To
from goodterms.papers.press import pdf
from goodterms.values.money import Money

FIRM = Firm(
    "Lindqvist Rowe", "Lindqvist Rowe Ltd", ["14 Welsh Back", "Bristol BS1 4RR"], "GB 318 2204 34", "accounts@lr.example"
)
TO = To("Bellwether Foods Ltd", "Sandra Whitlock", ["Aire Mills, Kirkstall Road", "Leeds LS4 2AZ"])
FIRST, TODAY, PAID_ON = date(2026, 10, 1), date(2026, 11, 16), date(2026, 11, 4)


def pounds(minor: int) -> Money:
    return Money(minor, "GBP")


def account(billed: Sequence[int], currency: str = "GBP", kept: int = 0) -> statement.Account:
    """Each sum is billed, or paid where it is negative; one a day."""
    before, balance, lines = Money(1944_00, currency), Money(1944_00, currency), []
    for n, minor in enumerate(billed):
        one = Money(minor, currency)
        balance += one
        more, less = (one, None) if minor > 0 else (None, -one)
        lines.append(statement.Line(FIRST + timedelta(days=n), f"Work {n}", f"LR-{n}", more, less, balance))
    ages = [balance + Money(kept, currency), *[Money(0, currency)] * 3]
    year = statement.Year(2026, balance, Money(0, currency), Money(0, currency), balance)
    return statement.Account(currency, before, lines, balance, ages, Money(kept, currency), [year])


def a_statement(*accounts: statement.Account, to: To = TO, firm: Firm = FIRM, language: str = "en") -> bytes:
    data = statement.data(firm=firm, to=to, accounts=accounts, first_on=FIRST, last_on=TODAY, language=language)
    return pdf("statement", data)


def a_receipt(language: str = "en", **other: Any) -> bytes:
    settled = receipt.Settled(
        "LR-2026-0187", "Autumn range", date(2026, 10, 1), "BF-88213", "10,255.20", "6,000.00", "", "4,255.20"
    )
    facts: dict[str, Any] = {
        "firm": FIRM, "to": TO, "received_on": PAID_ON, "method": "bank transfer", "reference": "LR20 2601 87",
        "paid": pounds(6000_00), "works": "Autumn range", "settled": [settled], "kept": pounds(0), "back": pounds(0),
        "sender": "Tom Okafor",
    }  # fmt: skip
    return pdf("receipt", receipt.data(**(facts | other), language=language))
