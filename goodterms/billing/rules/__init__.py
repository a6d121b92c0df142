"""Decides what is billed when: the days of a schedule, what a period costs, and what comes together on one invoice."""

from goodterms.billing.rules.calendar import Period, accepted_on, bill_on, checked, periods
from goodterms.billing.rules.consolidation import Bill, Piece, bills
from goodterms.billing.rules.pricing import Agreed, Span, agreed_on, left_of, lines_of

__all__ = [
    "Agreed", "Bill", "Period", "Piece", "Span", "accepted_on", "agreed_on", "bill_on", "bills", "checked", "left_of",
    "lines_of", "periods",
]  # fmt: skip
