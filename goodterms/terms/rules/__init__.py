"""Decides when an invoice is due, what an early payment saves and what a late one costs. Pure: no rows, no clock."""

from goodterms.terms.rules.agreed import (
    DayOfMonth,
    Days,
    Discount,
    LateFee,
    MonthEnd,
    Op,
    Part,
    Terms,
    Tolerance,
    Withholding,
)
from goodterms.terms.rules.dates import Instalment, due_on, instalments, is_late, late_after, next_due, until
from goodterms.terms.rules.discount import Offer, discount_at, discounts, is_within_tolerance, yearly_price
from goodterms.terms.rules.late import Segment, compensation, interest, late_fee
from goodterms.terms.rules.notation import parse, readings, written
from goodterms.terms.rules.words import Clause, in_words

__all__ = [
    "Clause",
    "DayOfMonth",
    "Days",
    "Discount",
    "Instalment",
    "LateFee",
    "MonthEnd",
    "Offer",
    "Op",
    "Part",
    "Segment",
    "Terms",
    "Tolerance",
    "Withholding",
    "compensation",
    "discount_at",
    "discounts",
    "due_on",
    "in_words",
    "instalments",
    "interest",
    "is_late",
    "is_within_tolerance",
    "late_after",
    "late_fee",
    "next_due",
    "parse",
    "readings",
    "until",
    "written",
    "yearly_price",
]
