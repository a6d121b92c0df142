"""Decides how a no is said on a page: in the page's language, with amounts and days as that language writes them."""

from datetime import date

from django.utils.translation import gettext

from goodterms.delivery import spoken
from goodterms.stationery.templatetags.stationery import tongue
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


def told(no: Refused) -> str:
    """The sentence as the page's language has it; one that nobody translated stays as it was said."""
    sentence = gettext(no.template)
    return sentence.format(**{name: _told(value) for name, value in no.values.items()}) if no.values else sentence


def _told(value: object) -> str:
    if isinstance(value, Money):
        return spoken.amount(value, tongue())
    return spoken.day(value, tongue()) if isinstance(value, date) else str(value)
