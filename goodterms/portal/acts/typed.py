"""Decides what the words of a form mean: an amount as the payer's language writes it, a day, a line, a key."""

import re
from datetime import date, datetime
from uuid import UUID

from babel.numbers import NumberFormatError, parse_decimal
from django.utils.translation import gettext as _

from goodterms.delivery.spoken import locale_of
from goodterms.stationery.templatetags.stationery import tongue
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


def amount_of(words: str, currency: str, field: str) -> Money | None:
    """`£1,000.00`, `1000` or `1.000,00`, as the page's language writes it; nothing typed is None. Never guessed: what could
    be read in two ways is refused."""
    figures = re.sub(r"[^\d.,-]", "", words)
    if not words.strip():
        return None
    try:
        amount = parse_decimal(figures, locale=locale_of(tongue()), strict=True)
    except NumberFormatError as unread:
        raise Refused(_("%s is not an amount; write it like 1418.40.") % words[:40], code="amount", field=field) from unread
    if not amount.is_finite() or Money.of(amount, currency).major != amount:
        raise Refused(_("%s is not an amount; write it like 1418.40.") % words[:40], code="amount", field=field)
    return Money.of(amount, currency)


def day_of(words: str, field: str) -> date:
    """As the browser's calendar sends it."""
    try:
        return date.fromisoformat(words.strip())
    except ValueError as unread:
        raise Refused(_("Name a day."), code="date", field=field) from unread


def line_of(words: str, positions: list[int]) -> int | None:
    """The line that was chosen; None means the whole invoice."""
    return int(words) if words.isascii() and words.isdigit() and int(words[:9]) in positions else None


def key_of(words: str, now: datetime) -> UUID:
    """The key that the form was given, so that pressing twice does once; a new one where there is none."""
    try:
        return UUID(words)
    except ValueError:
        return new_key(now)
