"""Decides how the relationship is counted, how a payment is thanked for, and when a payer may be asked how content they are."""

from goodterms.relationship.rules.courtesies import (
    ANSWERS,
    QUARTER,
    THANKS_WITHIN_DAYS,
    Timing,
    is_fresh,
    may_ask,
    timing,
)
from goodterms.relationship.rules.figures import (
    BUCKETS,
    average_days_delinquent,
    best_possible_dso,
    bucket,
    collection_effectiveness,
    countback_dso,
    dso,
    median,
    share,
)

__all__ = [
    "ANSWERS",
    "BUCKETS",
    "QUARTER",
    "THANKS_WITHIN_DAYS",
    "Timing",
    "average_days_delinquent",
    "best_possible_dso",
    "bucket",
    "collection_effectiveness",
    "countback_dso",
    "dso",
    "is_fresh",
    "may_ask",
    "median",
    "share",
    "timing",
]
