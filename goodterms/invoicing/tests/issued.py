"""Documents as they were issued, in plain values, drawn at random and made by the same rules as those in the books."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from goodterms.invoicing.document import adjustment_out, exchange_out, group_out
from goodterms.invoicing.electronic import Issued
from goodterms.invoicing.electronic.document import Mandate
from goodterms.invoicing.line import Adjustment, Line, Tax
from goodterms.invoicing.totals import TaxMethod, Totals, percent_off, totals
from goodterms.rates.rules import Rate
from goodterms.terms.rules import LateFee, Terms, Withholding, parse
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

VENDOR: dict[str, Any] = {
    "name": "Penhale Print", "legal_name": "Penhale Print GmbH", "address": "Hafenstraße 4\n20457 Hamburg", "country": "DE",
    "tax_id": "136695976", "email": "rechnung@penhale.example", "bank": {"name": "Elbe Bank", "iban": "DE75512108001245126199"},
    "street": "Hafenstraße 4", "city": "Hamburg", "post_code": "20457", "endpoint_scheme": "0088",
    "endpoint_id": "5060012349998",
}  # fmt: skip
CUSTOMER: dict[str, Any] = {
    "number": "C-17", "name": "Rossi & Figli", "legal_name": "Rossi & Figli S.r.l.", "address": "Via Roma 1\n20121 Milano",
    "country": "IT", "tax_id": "00743110157", "street": "Via Roma 1", "city": "Milano", "post_code": "20121",
    "endpoint_scheme": "0088", "endpoint_id": "4721480668400", "buyer_reference": "991-33333TEST-33",
}  # fmt: skip
TAXES = [
    Tax("S", Decimal(19)), Tax("S", Decimal(7)), Tax("S", Decimal("8.1")), Tax("Z", Decimal(0)),
    Tax("E", Decimal(0), "VATEX-EU-132: Education"), Tax("E", Decimal(0), "Small business"),
]  # fmt: skip
ALONE = [
    Tax("AE", Decimal(0), "Reverse charge"), Tax("K", Decimal(0), "Intra-Community supply"), Tax("G", Decimal(0), "Export"),
    Tax("O", Decimal(0), "Not subject to VAT"),
]  # fmt: skip
CURRENCIES = ("EUR", "USD", "JPY", "KWD")
RATES = {"USD": Decimal("0.883392226148"), "JPY": Decimal("0.005839416058"), "KWD": Decimal("2.871")}  # in euros
UNITS = ("", "hour", "piece", "page", "fathom")
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Co", "Cn"]), min_size=1, max_size=30).filter(
    lambda text: text.strip() != ""
)


@dataclass(frozen=True, slots=True)
class Case:
    """A document, and the sums that our own books have of it."""

    issued: Issued
    sums: Totals


def issued(
    lines: Sequence[Line], *, adjustments: Sequence[Adjustment] = (), currency: str = "EUR", method: TaxMethod = "group",
    kind: str = "invoice", prepaid: int = 0, mandate: Mandate | None = None, terms: str | Terms = "2/10 net 30",
    withholding: Withholding | None = None,
) -> Case:  # fmt: skip
    """As `issue` would freeze it."""
    sums = totals(currency, lines, adjustments=adjustments, method=method, prepaid=Money(prepaid, currency))
    document: dict[str, Any] = {
        "vendor": VENDOR, "customer": CUSTOMER, "adjustments": [adjustment_out(one) for one in adjustments],
        "tax_groups": [group_out(group) for group in sums.groups],
    }  # fmt: skip
    if currency in RATES:
        document["exchange"] = exchange_out(Rate(currency, "EUR", RATES[currency], date(2026, 11, 13), "ECB"), sums.tax)
    if kind == "credit_note":
        document |= {"corrects": {"number": "PP-1", "issued_on": "2026-09-01"}, "reason": "Returned"}
    rows = [
        {
            "position": at, "project": one.project, "description": one.description, "quantity": one.quantity, "unit": one.unit,
            "unit_price": one.unit_price, "discount_percent": one.discount_percent, "discount_amount": one.discount_amount,
            "includes_tax": one.includes_tax, "tax_category": one.tax.category, "tax_percent": one.tax.rate,
            "tax_reason": one.tax.reason, "net_minor": each.net.minor,
        }
        for at, (one, each) in enumerate(zip(lines, sums.lines, strict=True), 1)
    ]  # fmt: skip
    return Case(
        Issued(
            kind=kind, number="PP-2026-0417", issued_on=date(2026, 11, 16), due_on=date(2026, 12, 16), currency=currency,
            work="Labels, second run", order_number="PO-88", lines=rows, document=document,
            terms=replace(parse(terms) if isinstance(terms, str) else terms, withholding=withholding),
            contact="Ann Penhale", phone="+49 40 123456", company_number="HRB 12345", prepaid=Money(prepaid, currency),
            mandate=mandate,
        ),
        sums,
    )  # fmt: skip


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any shape: rates, discounts, charges, deposits, credit notes, no tax for one reason or another, four currencies."""
    currency = draw(st.sampled_from(CURRENCIES))
    alone = draw(st.none() | st.sampled_from(ALONE))
    taxes = st.just(alone) if alone else st.sampled_from(TAXES)
    lines = draw(st.lists(_lines(taxes, currency), min_size=1, max_size=5))
    adjustments: list[Adjustment] = []
    try:
        if draw(st.booleans()):
            adjustments += percent_off(currency, lines, Decimal(draw(st.integers(1, 50))), "Loyalty")
        if draw(st.booleans()):
            amount = Decimal(draw(st.integers(1, 900))) * (1 if currency == "JPY" else Decimal("0.25"))
            adjustments.append(Adjustment("charge", amount, lines[0].tax, "Carriage"))
        plain = issued(lines, adjustments=adjustments, currency=currency)
    except Refused:  # such as lines that come to less than nothing
        lines = [Line("Labels", Decimal(3), Decimal(200), alone or TAXES[0])]
        adjustments, plain = [], issued(lines, currency=currency)
    total = plain.sums.total.minor
    kind = draw(st.sampled_from(["invoice", "invoice", "credit_note"]))
    mandate = Mandate("M-1", "DE98ZZZ09999999999", "IT60X0542811101000000123456") if draw(st.booleans()) else None
    step = 10 if currency == "KWD" else 1
    withholding = draw(st.none() | st.builds(Withholding, st.sampled_from(["IRPF", "PPh 23"]), st.decimals(1, 40, places=2)))
    prepaid = draw(st.integers(0, total // step)) * step if kind == "invoice" and draw(st.booleans()) else 0
    method: TaxMethod = draw(st.sampled_from(["group", "line"]))
    try:
        return issued(
            lines,
            adjustments=adjustments,
            currency=currency,
            method=method,
            kind=kind,
            prepaid=prepaid,
            mandate=mandate,
            withholding=withholding,
            terms=draw(_terms(currency)),
        )
    except Refused:  # by lines the tax may come to less than what was prepaid
        return plain


def _terms(currency: str) -> st.SearchStrategy[Terms]:
    """Discounts in steps, instalments, fees that were agreed or not, by month, once or by law, with days of grace."""
    fees = [
        None, LateFee("monthly", agreed=True, percent=Decimal("1.5")), LateFee("monthly", agreed=False, percent=Decimal(2)),
        LateFee("fixed", agreed=True, amount=Money(5000, currency)), LateFee("eu", agreed=True, between_businesses=True),
    ]  # fmt: skip
    written = (
        "2/10 net 30",
        "net 14",
        "3/7 2/14 net 30",
        "50% on receipt, 50% net 30",
        "33.3% net 10, 33.3% net 20, 33.4% eom",
    )
    return st.builds(
        lambda text, fee, grace, tax: replace(parse(text), late_fee=fee, grace_days=grace, discount_tax=tax),
        st.sampled_from(written), st.sampled_from(fees), st.sampled_from([0, 5]), st.sampled_from(["if_taken", "never"]),
    )  # fmt: skip


def _lines(taxes: st.SearchStrategy[Tax], currency: str) -> st.SearchStrategy[Line]:
    places = {"JPY": 0, "KWD": 2}.get(currency, 4)
    return st.builds(
        _line,
        words=WORDS,
        quantity=st.decimals("0.001", "400", places=3).filter(bool) | st.integers(1, 90).map(Decimal),
        price=st.decimals("0.01" if places else "1", "5000", places=places),
        tax=taxes,
        unit=st.sampled_from(UNITS),
        percent=st.sampled_from(["0", "0", "5", "12.5", "33.3333"]).map(Decimal),
        off=st.booleans(),
        gross=st.booleans(),
        project=st.sampled_from(["", "Harbour"]),
    )


def _line(
    words: str, quantity: Decimal, price: Decimal, tax: Tax, unit: str, percent: Decimal, *, off: bool, gross: bool,
    project: str,
) -> Line:  # fmt: skip
    amount = (quantity * price / 7).quantize(Decimal("0.0001")) if off and not percent else Decimal(0)
    return Line(words, quantity, price, tax, unit, percent, amount, gross, project)
