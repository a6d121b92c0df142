"""Decides what can be two parts of one invoice."""

from datetime import date

from goodterms.values.money import Money
from goodterms.values.refusal import Refused


def check_parts(*, first: Money, open_: Money, first_on: date, rest_on: date) -> None:
    """Refuses a first part that is nothing or everything, and a rest that is due with it or before."""
    if not (Money(0, first.currency) < first < open_):
        raise Refused(
            "The first part is above nothing and below what is open; the rest is the second.", code="amount", field="first"
        )
    if rest_on <= first_on:
        raise Refused("The rest follows the first part: name a later day for it.", code="date", field="rest_on")
