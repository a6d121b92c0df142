"""Decides how a line is said in EN 16931: its unit by code, its discount as an allowance, its price so that the sum is met."""

import re
from collections.abc import Mapping
from decimal import Decimal, localcontext
from typing import Any

from goodterms.einvoices import model
from goodterms.values.money import Money, exponent

ONE = "C62"  # UN/ECE Rec 20: one piece of whatever it is
DISCOUNT = "95"  # UNCL5189
SLACK = Decimal("0.005")  # between a line and quantity times price: half of what rules of CEN and Peppol can see
_PRECISION = 60
_CODES = {
    "C62": "piece pieces pc pcs unit units each ea item items one stück st stk buah",
    "HUR": "hour hours h hr hrs std stunde stunden jam",
    "MIN": "minute minutes min",
    "DAY": "day days d tag tage hari",
    "WEE": "week weeks woche wochen minggu",
    "MON": "month months monat monate bulan",
    "ANN": "year years jahr jahre tahun",
    "LS": "lump lumpsum flat fixed pauschal pauschale",
    "KGM": "kg kilogram kilograms",
    "GRM": "g gram grams",
    "TNE": "t tonne tonnes",
    "MTR": "m metre metres meter meters",
    "KMT": "km kilometre kilometres kilometer kilometers",
    "MTK": "m2 m² sqm",
    "MTQ": "m3 m³",
    "LTR": "l litre litres liter liters",
    "KWH": "kwh",
    "SET": "set sets",
    "PR": "pair pairs",
    "DZN": "dozen",
    "BX": "box boxes",
    "ZP": "page pages",
}
UNITS = {word: code for code, words in reversed(_CODES.items()) for word in (code.lower(), *words.split())}
_UNSAID = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def line_of(one: Mapping[str, Any], currency: str) -> model.Line:
    """BG-25. What has no term of its own (its project, a unit without a code, a price that holds its tax) is an attribute."""
    with localcontext() as exact:
        exact.prec = _PRECISION
        quantity, net = Decimal(one["quantity"]), amount_of(Money(one["net_minor"], currency))
        price, off = _priced(one, currency, net)
    unit = UNITS.get(one["unit"].strip().lower(), ONE)
    category = one["tax_category"]
    name, _, rest = text_of(one["description"]).strip().partition("\n")
    return model.Line(
        id=str(one["position"]), quantity=quantity, unit=unit, net=net,
        allowances=(_discount(one, off),) if off else (),
        price=model.Price(price.net, base_quantity=price.base_quantity, base_unit=unit if price.base_quantity else ""),
        tax_category=category, tax_rate=None if category == "O" else Decimal(one["tax_percent"]),
        item=model.Item(name=name.strip(), description=rest.strip(), attributes=tuple(_attributes(one, unit))),
    )  # fmt: skip


def amount_of(money: Money) -> Decimal:
    """In major units, with two digits after the point at most where that is all of it: EN 16931 counts the digits."""
    hundredths = round(money.major, 2)
    return hundredths if hundredths == money.major and exponent(money.currency) > 2 else money.major


def text_of(said: str) -> str:
    """Without what XML cannot hold."""
    return _UNSAID.sub("", said)


def _priced(one: Mapping[str, Any], currency: str, net: Decimal) -> tuple[model.Price, Decimal]:
    """The price and what is off the line, so that quantity times price less that is the amount of the line. Where a price
    holds its tax, or a currency has no cents to round in, the price is that of the whole quantity (BT-149)."""
    quantity, price = Decimal(one["quantity"]), Decimal(one["unit_price"])
    off = Decimal(0)
    if not one["includes_tax"]:
        less = quantity * price * Decimal(one["discount_percent"]) / 100 + Decimal(one["discount_amount"])
        off = amount_of(Money.of(less, currency))
        if off >= 0 and abs(quantity * price - off - net) <= SLACK:
            return model.Price(_plain(price)), off
        off = max(off, Decimal(0))
    return model.Price(abs(net + off), base_quantity=abs(quantity)), off


def _discount(one: Mapping[str, Any], off: Decimal) -> model.Adjustment:
    percent = Decimal(one["discount_percent"])
    if not percent:
        return model.Adjustment(amount=off, reason="Discount", reason_code=DISCOUNT)
    base = (Decimal(one["quantity"]) * Decimal(one["unit_price"])).quantize(Decimal("0.01"))
    told = abs(base * percent / 100 - off) <= SLACK
    return model.Adjustment(
        amount=off, base=base if told else None, percent=_plain(percent) if told else None, reason="Discount",
        reason_code=DISCOUNT,
    )  # fmt: skip


def _attributes(one: Mapping[str, Any], unit: str) -> list[model.Attribute]:
    said = one["unit"].strip()
    facts = [("Project", one["project"]), ("Unit", said if unit == ONE and UNITS.get(said.lower()) != ONE else "")]
    if one["includes_tax"]:
        facts.append(("Price with tax", f"{_plain(Decimal(one['unit_price'])):f}"))
        if Decimal(one["discount_percent"]):
            facts.append(("Discount in per cent", f"{_plain(Decimal(one['discount_percent'])):f}"))
        if Decimal(one["discount_amount"]):
            facts.append(("Discount with tax", f"{_plain(Decimal(one['discount_amount'])):f}"))
    return [model.Attribute(name, text_of(value)) for name, value in facts if value]


def _plain(number: Decimal) -> Decimal:
    """Without zeros at its end, but never in powers of ten."""
    return Decimal(f"{number.normalize():f}")
