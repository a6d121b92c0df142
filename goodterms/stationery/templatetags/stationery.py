"""Decides how pages write amounts, days, clocks and term lines, in the language of the page."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from babel.dates import format_skeleton
from babel.numbers import format_decimal, get_decimal_symbol
from django import template
from django.template import defaultfilters
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from goodterms.delivery import spoken
from goodterms.papers import letterhead
from goodterms.stationery import drawings
from goodterms.stationery.icons import drawn
from goodterms.values.days import day_in, zone
from goodterms.values.money import Money, exponent

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    return drawn(name)


@register.simple_tag
def amount(money: Money, kind: str = "") -> SafeString:
    """`£1,942` and, lighter, `.80`. `kind`: "display", once a page; "panel", in slips."""
    language = tongue()
    whole, point, part = escape(spoken.amount(money, language)).rpartition(_point(language))
    if not whole or not part[:1].isdigit():
        whole, point, part = f"{whole}{point}{part}", "", ""
    small = f'<span class="c">{point}{part}</span>' if point else ""
    # Everything in it was escaped; `format_html` would look at each piece again, and a list has hundreds of amounts.
    return mark_safe(f'<span class="amt{" " if kind else ""}{escape(kind)}">{whole}{small}</span>')  # noqa: S308


@register.simple_tag
def amounts(sums: Sequence[Money], kind: str = "") -> SafeString:
    """Sums of several currencies beside each other: `£6,198.00 and €2,435.79`; never added."""
    said = spoken.listed([amount(one, kind) for one in sums], tongue())
    return mark_safe(said)  # noqa: S308  (amounts that format_html made, and joining words of ours)


@register.simple_tag
def tax_number(firm: Any) -> str:
    """`VAT GB318220434`, as papers say it; `firm` has a number at the tax office and a country."""
    return " ".join(letterhead.tax_number(firm.tax_id, firm.country, tongue()))


@register.filter
def unbroken(numbers: str) -> SafeString:
    """Numbers of documents, each on one line: `LR-2026-0209` never ends a line at its hyphen."""
    return format_html_join(", ", '<span class="no">{}</span>', ((one,) for one in numbers.split(", ")))


@register.simple_tag
def marks(currency: str) -> SafeString:
    """Attributes for a script that writes sums as this page does."""
    return format_html(
        'data-before="{}" data-after="{}" data-digits="{}"', *spoken.marks(tongue(), currency), exponent(currency)
    )


@register.filter
def plain_amount(money: Money) -> str:
    """`£1,942.80`, for labels and titles, which hold no markup."""
    return spoken.amount(money, tongue())


@register.filter
def plain_rate(rate: Decimal) -> str:
    """`0.8567`, without zeros that say nothing."""
    return str(format_decimal(rate.normalize(), "0.00##########", locale=spoken.locale_of(tongue())))


@register.filter
def figures(money: Money) -> str:
    """`1,942.80`, in a table that says its currency once."""
    return letterhead.figures(money, tongue())


@register.filter
def day(on: date) -> str:
    """`Mon 23 Nov`"""
    return _skeleton("MMMEd", on)


@register.filter
def short_day(on: date) -> str:
    """`23 Nov`"""
    return _skeleton("MMMd", on)


@register.filter
def long_day(on: date) -> str:
    """`Monday 23 November`"""
    return f"{spoken.weekday(on, tongue())} {spoken.short_day(on, tongue())}"


@register.filter
def day_month(on: date) -> str:
    """`23 November`"""
    return spoken.short_day(on, tongue())


@register.filter
def full_day(on: date) -> str:
    """`23 November 2026`"""
    return spoken.day(on, tongue())


@register.filter("date", expects_localtime=True)
def dated(value: Any, pattern: str | None = None) -> Any:
    """`date` of Django; a day is kept as it was written once, since a page says the same ones over and over."""
    return _dated(value, pattern, tongue()) if type(value) is date else defaultfilters.date(value, pattern)


@register.filter
def clock_time(at: datetime, timezone: str) -> str:
    """`11:20`, as clocks show it in a place; in Indonesian `11.20`."""
    return str(format_skeleton("Hm", at.astimezone(zone(timezone)), locale=spoken.locale_of(tongue())))


@register.filter
def day_at(at: datetime, timezone: str) -> date:
    """The calendar day of an instant in a place, for the other filters to write."""
    return day_in(timezone, at)


@register.filter
def in_words(number: int) -> str:
    """`three`, and figures above twelve."""
    return spoken.count(number, tongue())


@register.filter
def capital(words: str) -> str:
    """The first letter large, the rest as it is."""
    return words[:1].upper() + words[1:]


@register.simple_tag
def term(issued_on: date, due_on: date, today: date, promised_on: date | None = None) -> SafeString:
    """Issue, due tick, today's dot, promise ring; the late stretch is thick and rust. Its words are its label."""
    line = drawings.term_line(issued_on=issued_on, due_on=due_on, today=today, promised_on=promised_on)
    said = [_("issued %s") % short_day(issued_on), _("due %s") % short_day(due_on)]
    said += [_("promised %s") % short_day(promised_on)] if promised_on else []
    return drawings.term_drawn(line, capital(", ".join([*said, _("today %s") % short_day(today)])))


@register.inclusion_tag("stationery/clock.html")
def response_clock(left: float, words: str, by: str = "") -> dict[str, Any]:
    """A running promise to answer: the ring is what is left (0 to 1), the words say when."""
    return {"dashes": drawings.ring(left), "words": words, "by": by}


@cache
def _point(language: str) -> str:
    return str(get_decimal_symbol(spoken.locale_of(language)))


def tongue() -> str:
    """The language of the page."""
    return get_language() or "en"


def _skeleton(skeleton: str, on: date) -> str:
    return _written(skeleton, on, tongue())


@lru_cache(maxsize=4_096)
def _dated(on: date, pattern: str | None, language: str) -> Any:
    """`language` is that of the page, for which Django asks by itself."""
    return defaultfilters.date(on, pattern)


@lru_cache(maxsize=4_096)
def _written(skeleton: str, on: date, language: str) -> str:
    """Kept, since a list says the same days over and over."""
    return str(format_skeleton(skeleton, on, locale=spoken.locale_of(language))).replace(",", "")
