"""Decides how tables and charts write figures that are not amounts of a document: shares, days, hours, places."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.utils.safestring import SafeString

from goodterms.delivery.spoken import sign
from goodterms.stationery.templatetags.stationery import amount, tongue
from goodterms.values.money import Money, exponent

register = template.Library()


@register.filter
def money(minor: int, currency: str) -> SafeString:
    """Minor units of a currency, as amounts are written."""
    return amount(Money(minor, currency))


@register.filter
def short_money(minor: int, currency: str) -> str:
    """`£4k`, `£2.5k`, `£25`: at the levels of a chart."""
    whole = Decimal(minor).scaleb(-exponent(currency))
    for size, letter in ((10**6, "m"), (10**3, "k")):
        if whole >= size:
            whole, after = whole / size, letter
            break
    else:
        after = ""
    shown = f"{whole.quantize(Decimal('0.1'), ROUND_HALF_UP):f}".removesuffix(".0")
    return f"{sign(currency, tongue())}{shown}{after}"


@register.filter
def percent(share: Decimal | None) -> str:
    """`92%`; a dash where there is nothing to divide by."""
    return "–" if share is None else f"{share.quantize(Decimal(1), ROUND_HALF_UP)}%"


@register.filter
def tenth(value: Decimal | None) -> str:
    """`36.0`"""
    return "–" if value is None else f"{value.quantize(Decimal('0.1'), ROUND_HALF_UP)}"


@register.filter
def hours(minutes: int | None) -> str:
    """`2 h 06`, `45 min`"""
    if minutes is None:
        return "–"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d}"


@register.filter
def add_up(place: float, by: float) -> str:
    """A place in a drawing, moved."""
    return f"{float(place) + float(by):.1f}"


@register.filter
def middle(place: float, other: float) -> str:
    """The place between two."""
    return f"{(place + other) / 2:.1f}"


@register.filter
def lookup(table: Mapping[str, str], key: str) -> str:
    """The word for a key; the key itself where there is none."""
    return table.get(key, key)
