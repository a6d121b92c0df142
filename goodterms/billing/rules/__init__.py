"""Decides what is billed when: the days of a schedule, what a period costs, and what comes together on one invoice; how an
agreed price is invoiced bit by bit, and what a retainer pays."""

from goodterms.billing.rules.breakdown import Doer, broken_down, by_rate
from goodterms.billing.rules.calendar import Period, accepted_on, bill_on, checked, period_after, periods
from goodterms.billing.rules.consolidation import Bill, Piece, bills
from goodterms.billing.rules.drawing import Lot, cover, expires_on, hours_in, split, usable
from goodterms.billing.rules.pricing import Agreed, Span, agreed_on, left_of, lines_of
from goodterms.billing.rules.shares import (
    Ask,
    invoice_line,
    less_line,
    must_not_fall_below,
    net_of,
    price_of,
    shares,
    wanted_of,
)

__all__ = [
    "Agreed", "Ask", "Bill", "Doer", "Lot", "Period", "Piece", "Span", "accepted_on", "agreed_on", "bill_on", "bills",
    "broken_down", "by_rate", "checked", "cover", "expires_on", "hours_in", "invoice_line", "left_of", "less_line", "lines_of",
    "must_not_fall_below", "net_of", "period_after", "periods", "price_of", "shares", "split", "usable", "wanted_of",
]  # fmt: skip
