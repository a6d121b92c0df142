"""Decides when an invoice would surprise its customer: it is more than was said, or than is usual, by more than the tolerance.

What was said goes first: the estimate of a project and the amount of a purchase order are counted with what was billed of them
before. Where neither was said, the usual amount of the same work is compared. Everything is before tax, as estimates and orders
are; less than expected is no surprise that anybody has to be asked about.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from statistics import median_high
from typing import Literal, NamedTuple

from babel.dates import get_month_names

from goodterms.parties.rules import fold

Basis = Literal["estimate", "order", "usual"]
LOOKED_BACK = 60  # invoices of a customer among which those of the same work are looked for
ALIKE = 6  # the latest of them that are compared
FEWEST = 3  # of fewer nobody can say what is usual
_LANGUAGES = ("en", "id", "de", "fr", "es", "nl")


class Tolerance(NamedTuple):
    """Asked when it is more by over `percent` and by over `minor` of `currency`; in another currency the per cent alone
    decide. `percent` None: nobody is asked."""

    percent: int | None
    minor: int
    currency: str


class Expected(NamedTuple):
    """What one part of an invoice is measured by: `minor` was said or is usual, `before_minor` of it was billed already, and
    this invoice adds `now_minor`."""

    basis: Basis
    about: str
    minor: int
    before_minor: int
    now_minor: int

    @property
    def comes_to_minor(self) -> int:
        return self.before_minor + self.now_minor

    @property
    def more_minor(self) -> int:
        return self.comes_to_minor - self.minor


class Earlier(NamedTuple):
    """An invoice that was issued before: its amount before tax, and whether its customer was asked about it beforehand."""

    work: str
    net_minor: int
    was_foretold: bool = False


def surprise(expectations: Sequence[Expected], tolerance: Tolerance, currency: str) -> Expected | None:
    """The one that is departed from most, in proportion; None where none is departed from by more than the tolerance.

    What is usual counts only where nothing was said about any part of the invoice: whoever agreed to an estimate expects that.
    """
    said = [one for one in expectations if one.basis != "usual"]
    found = [one for one in said or expectations if exceeds(one, tolerance, currency)]
    return max(
        found, key=lambda one: (one.more_minor / one.minor if one.minor else float(one.more_minor), one.about), default=None
    )


def exceeds(one: Expected, tolerance: Tolerance, currency: str) -> bool:
    """Over both limits: five per cent of a large sum is within what is agreed to, and twice a cup of coffee is not worth a
    letter. What adds nothing surprises nobody, whatever came before."""
    if tolerance.percent is None or one.now_minor <= 0:
        return False
    is_much = currency != tolerance.currency or one.more_minor > tolerance.minor
    return is_much and one.more_minor > 0 and one.more_minor * 100 > tolerance.percent * one.minor


def usual(work: str, earlier: Sequence[Earlier]) -> int | None:
    """What the same work usually costs: the median of the latest ALIKE invoices of that name, or more if the customer was asked
    about more among them. None where fewer than FEWEST are known. `earlier` is in order, the newest first.

    The median, since one odd month moves an average and not the middle; the higher one of two, so that it is a sum that was
    billed. What was asked about counts from then on: a new price is asked about once, and not until the middle has moved.
    """
    name = kind_of(work)
    alike = [one for one in earlier if name and kind_of(one.work) == name][:ALIKE]
    if len(alike) < FEWEST:
        return None
    return max([median_high(one.net_minor for one in alike), *(one.net_minor for one in alike if one.was_foretold)])


@lru_cache(maxsize=4_096)
def kind_of(work: str) -> str:
    """The name of the work without its month, its year and other numbers: `Retainer, October 2026` is the same kind as
    `Retainer, November 2026`. Names are what a customer compares invoices by; of schedules they know nothing."""
    words = re.findall(r"[^\W_]+", fold(work))
    return " ".join(word for word in words if not any(sign.isdigit() for sign in word) and word not in _months())


@cache
def _months() -> frozenset[str]:
    names = (get_month_names(width, locale=tag).values() for tag in _LANGUAGES for width in ("wide", "abbreviated"))
    return frozenset(fold(name).rstrip(".") for group in names for name in group)
