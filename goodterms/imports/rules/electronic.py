"""Decides what of an electronic invoice goes into the books: its customer, its lines in our words, the sums of the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal
from typing import Any, NamedTuple

from goodterms.einvoices import model
from goodterms.einvoices.beyond import Advance
from goodterms.invoicing.line import Adjustment, Line, Tax
from goodterms.invoicing.totals import TaxGroup, TaxMethod, Totals, totals
from goodterms.parties.rules import checked_tax_id, fold
from goodterms.terms.rules import Days, Part, Terms, instalments
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

METHODS: tuple[TaxMethod, ...] = ("group", "line")
MOST_DAYS = 3_650  # between issue and due day
FINE = Decimal("0.000001")  # of a share in per cent


class Fault(NamedTuple):
    """Why a file is not taken over: the term, and the sentence."""

    term: str
    reason: str


@dataclass(frozen=True, slots=True)
class Taken:
    """An invoice as the books will have it. `lines` are empty where no calculation of ours meets the sums of the file."""

    number: str
    issued_on: date
    due_on: date | None
    currency: str
    work: str
    order_number: str
    customer: dict[str, Any]  # by column
    email: str
    contact: str
    lines: tuple[Line, ...]
    adjustments: tuple[Adjustment, ...]
    method: TaxMethod
    nets: tuple[Money, ...]
    groups: tuple[TaxGroup, ...]
    net: Money
    tax: Money
    total: Money
    prepaid: Money
    terms: Terms | None  # of this file alone; nothing where it says no day
    advances: tuple[Advance, ...] = ()

    @property
    def received(self) -> list[tuple[date, Money]]:
        """What came before, by day, where the file says both; else all of it on the day of issue."""
        said = [(one.received_on, Money.of(one.amount, self.currency)) for one in self.advances if one.amount]
        whole = [(on, sum_) for on, sum_ in said if on and on <= self.issued_on and sum_.minor > 0]
        if len(whole) == len(self.advances) and Money.total((sum_ for _, sum_ in whole), self.currency) == self.prepaid:
            return whole
        return [(self.issued_on, self.prepaid)] if self.prepaid else []


class Known(NamedTuple):
    """Who the vendor is, as invoices of its own name it."""

    names: frozenset[str]  # folded
    tax_id: str


def taken(of: model.Invoice, vendor: Known) -> Taken | list[Fault]:
    """The invoice for the books, or why not: somebody else's, a credit note, or one that lacks what the books need."""
    if faults := [*_lacking(of), *_of_others(of, vendor)]:
        return faults
    assert of.buyer is not None
    assert of.sums is not None
    assert of.issued_on is not None
    try:
        sums = {
            name: Money.of(getattr(of.sums, name) or Decimal(0), of.currency) for name in ("net", "tax", "total", "prepaid")
        }
        lines, adjustments, method, worked_out = _lines(of, sums)
    except Refused as no:
        return [Fault("BT-112", no.sentence)]
    if sums["net"] + sums["tax"] != sums["total"] or sums["total"].minor < 0:
        return [Fault("BT-112", "Its total is not its sum without tax plus the tax.")]
    groups = worked_out.groups if worked_out else tuple(_group(each, of.currency) for each in of.taxes)
    return Taken(
        number=of.number.strip(), issued_on=of.issued_on, due_on=of.all_due_on, currency=of.currency,
        work=of.notes[0].text.splitlines()[0][:200] if of.notes and of.notes[0].text.strip() else "",
        order_number=of.purchase_order, customer=_customer(of), email=of.buyer.contact.email if of.buyer.contact else "",
        contact=of.buyer.contact.name if of.buyer.contact else "", lines=lines, adjustments=adjustments, method=method,
        nets=tuple(each.net for each in worked_out.lines) if worked_out else (), groups=groups,
        terms=_terms(of, of.issued_on, sums["total"]), advances=of.advances, **sums,
    )  # fmt: skip


def _terms(of: model.Invoice, issued_on: date, total: Money) -> Terms | None:
    """How long the customer has, and for which parts, where the file says a day."""
    last = of.all_due_on
    return Terms(due=_until(issued_on, last), instalments=_in_parts(of, issued_on, total)) if last else None


def _in_parts(of: model.Invoice, issued_on: date, total: Money) -> tuple[Part, ...]:
    """Each part with its share, as finely as it takes to come to the same amounts again; none where days are missing or the
    parts are not the total."""
    found = sorted(
        (each.due_on, Money.of(each.amount, total.currency)) for each in of.instalments if each.due_on and each.amount
    )
    whole = len(found) == len(of.instalments) > 1 and Money.total((part for _, part in found), total.currency) == total
    if not whole or any(part.minor <= 0 or on < issued_on for on, part in found):
        return ()
    shares = [(Decimal(100 * part.minor) / total.minor).quantize(FINE, ROUND_UP) for _, part in found[:-1]]
    if (rest := 100 - sum(shares, Decimal(0))) <= 0:
        return ()
    parts = tuple(Part(share, _until(issued_on, on)) for share, (on, _) in zip([*shares, rest], found, strict=True))
    again = instalments(Terms(instalments=parts), issued_on, total, "")
    return parts if [(each.due_on, each.amount) for each in again] == found else ()


def _until(issued_on: date, on: date) -> tuple[Days]:
    return (Days((on - issued_on).days),)


def _lacking(of: model.Invoice) -> list[Fault]:
    faults = []
    if of.is_credit_note:
        faults.append(Fault("BT-3", "It is a credit note. Write it for its invoice, once that is here."))
    if not of.number.strip():
        faults.append(Fault("BT-1", "It has no number."))
    if of.issued_on is None:
        faults.append(Fault("BT-2", "It has no day of issue."))
    elif of.all_due_on and not of.issued_on <= of.all_due_on <= of.issued_on + timedelta(days=MOST_DAYS):
        faults.append(Fault("BT-9", "It is due before it was issued, or ten years later."))
    if of.buyer is None or not of.buyer.name.strip():
        faults.append(Fault("BT-44", "It does not say who buys."))
    if of.sums is None or of.sums.total is None or of.sums.net is None:
        faults.append(Fault("BT-112", "It has no total."))
    if of.sums and of.sums.prepaid and of.sums.total is not None and not 0 <= of.sums.prepaid <= of.sums.total:
        faults.append(Fault("BT-113", "More was prepaid than it comes to."))
    return faults


def _of_others(of: model.Invoice, vendor: Known) -> list[Fault]:
    """Whose invoice it is: by the tax number where both say one, else by name."""
    seller = of.seller or model.Seller()
    said = _digits(seller.vat_id or seller.tax_id)
    mine = _digits(vendor.tax_id)
    if said and mine:
        ours = said.endswith(mine) or mine.endswith(said)
    else:
        ours = bool({fold(name) for name in (seller.name, seller.trading_name) if name} & vendor.names)
    return [] if ours else [Fault("BT-27", f"{seller.name or 'Nobody'} wrote it, which is not this vendor.")]


def _digits(number: str) -> str:
    return "".join(sign for sign in number.upper() if sign.isalnum())


def _customer(of: model.Invoice) -> dict[str, Any]:
    """Columns of Customer; a tax number that cannot be true is left out."""
    buyer, currency = of.buyer or model.Buyer(), of.currency
    address = buyer.address or model.Address()
    parts = (address.line1, address.line2, address.line3, f"{address.post_code} {address.city}".strip(), address.subdivision)
    number = (buyer.id.value if buyer.id else "") or buyer.vat_id or fold(buyer.name).replace(" ", "-")
    return {
        "number": number[:200], "name": (buyer.trading_name or buyer.name)[:200], "legal_name": buyer.name[:200],
        "currency": currency, "country": address.country, "address": "\n".join(part for part in parts if part),
        "tax_id": _true(buyer.vat_id or (buyer.registration.value if buyer.registration else ""), address.country),
        "street": address.line1, "city": address.city, "post_code": address.post_code, "region": address.subdivision,
        "buyer_reference": of.buyer_reference, "endpoint_id": buyer.endpoint.value if buyer.endpoint else "",
        "endpoint_scheme": buyer.endpoint.scheme if buyer.endpoint else "",
    }  # fmt: skip


def _true(number: str, country: str) -> str:
    try:
        return checked_tax_id(number, country)
    except Refused:
        return ""


def _lines(
    of: model.Invoice, sums: dict[str, Money]
) -> tuple[tuple[Line, ...], tuple[Adjustment, ...], TaxMethod, Totals | None]:
    """Lines whose calculation meets the sums of the file to the cent, by either way to round the tax; else none."""
    try:
        reasons = {(each.category, each.rate or Decimal(0)): _reason(each) for each in of.taxes}
        lines = tuple(_line(each, of.currency, reasons) for each in of.lines)
        adjustments = tuple(
            _adjustment(each, kind, reasons)
            for kind, found in (("allowance", of.allowances), ("charge", of.charges))
            for each in found
            if each.amount
        )
        for method in METHODS:
            worked_out = totals(of.currency, lines, adjustments=adjustments, method=method, prepaid=sums["prepaid"])
            if (worked_out.net, worked_out.tax, worked_out.total) == (sums["net"], sums["tax"], sums["total"]):
                return lines, adjustments, method, worked_out
    except Refused:
        pass  # a line of theirs that our books cannot say; the sums stand by themselves
    return (), (), "group", None


def _line(one: model.Line, currency: str, reasons: dict[tuple[str, Decimal], str]) -> Line:
    """As it was written where that meets its amount; else one piece at its amount, with the quantity in words."""
    price = one.price or model.Price()
    item, net = one.item or model.Item(), one.net or Decimal(0)
    tax = _tax(one.tax_category, one.tax_rate, reasons)
    words = "\n".join(part for part in (item.name, item.description) if part) or one.note or one.id
    quantity = one.quantity if one.quantity is not None else Decimal(1)
    less = sum((each.amount or Decimal(0) for each in one.allowances), Decimal(0))
    more = sum((each.amount or Decimal(0) for each in one.charges), Decimal(0))
    unit_price = (price.net or Decimal(0)) / (price.base_quantity or Decimal(1))
    exact = round(unit_price, 8)
    if quantity and less >= more and exact == unit_price:
        made = Line(words, quantity, exact, tax, one.unit, discount_amount=less - more)
        if Money.of(quantity * exact - (less - more), currency).major == net:
            return made
    return Line(f"{words} ({quantity.normalize():f} {one.unit})", Decimal(1 if net >= 0 else -1), abs(net), tax)


def _adjustment(one: model.Adjustment, kind: Any, reasons: dict[tuple[str, Decimal], str]) -> Adjustment:
    return Adjustment(kind, one.amount or Decimal(0), _tax(one.tax_category, one.tax_rate, reasons), one.reason or "Discount")


def _tax(category: str, rate: Decimal | None, reasons: dict[tuple[str, Decimal], str]) -> Tax:
    return Tax(category, rate or Decimal(0), reasons.get((category, rate or Decimal(0)), ""))


def _reason(one: model.TaxBreakdown) -> str:
    """Why there is no tax, with its code before it as our books have it."""
    code = one.reason_code
    return f"{code}: {one.reason}" if code and one.reason and one.category == "E" else one.reason or code


def _group(one: model.TaxBreakdown, currency: str) -> TaxGroup:
    taxable, tax = (Money.of(each or Decimal(0), currency) for each in (one.taxable, one.tax))
    return TaxGroup(one.category, one.rate or Decimal(0), taxable, tax, _reason(one))


def billed(found: Sequence[Taken]) -> list[dict[str, Any]]:
    """What the files come to, by currency."""
    currencies = sorted({one.currency for one in found})
    return [
        {
            "currency": currency,
            "invoices": sum(one.currency == currency for one in found),
            "total_minor": sum(one.total.minor for one in found if one.currency == currency),
            "open_minor": sum((one.total - one.prepaid).minor for one in found if one.currency == currency),
        }
        for currency in currencies
    ]
