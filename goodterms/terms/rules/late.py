"""Decides what paying late costs: simple monthly interest, a fixed fee, or the statutory sums of the EU and the UK."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from goodterms.terms.rules.agreed import LateFee, Terms
from goodterms.terms.rules.dates import late_after
from goodterms.terms.rules.rates import RATES, Law, Rates, reference_rate
from goodterms.values.days import in_month
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


class Segment(NamedTuple):
    """From the value date `from_on` on, `principal` is open: without fees and interest, so none bears interest itself."""

    from_on: date
    principal: Money


def late_fee(terms: Terms, due_on: date, segments: Sequence[Segment], today: date, rates: Mapping[Law, Rates] = RATES) -> Money:
    """All that has accrued on one due amount up to and with `today`, its interest rounded once (invariant I23): bill the
    difference to what was billed before.

    `segments` run in order of day, the first from no later than the due day. Money received on a day bears that day's
    interest still: the day after the end of grace is the first, the day of payment the last. Zero without a late fee in
    the terms or within grace; refused when the fee was not agreed before.
    """
    fee = terms.late_fee
    if fee is None or not _was_overdue(terms, due_on, segments, today):
        return Money(0, segments[0].principal.currency)
    total = interest(terms, due_on, segments, today, rates) + compensation(terms, due_on, segments, today)
    if fee.cap_percent is None:
        return total
    return min(total, _overdue(terms, due_on, segments).percent(fee.cap_percent, "down"), key=lambda each: each.minor)


def interest(terms: Terms, due_on: date, segments: Sequence[Segment], today: date, rates: Mapping[Law, Rates] = RATES) -> Money:
    """The interest part of `late_fee`, before any cap: simple, each balance for its days, rounded once, half up."""
    fee = _allowed(terms)
    start = late_after(terms, due_on)
    exact = sum(
        (principal.minor * _share(fee, start, a, b, rates) for a, b, principal in _spans(segments, start, today)),
        Fraction(0),
    )
    return Money(int(exact + Fraction(1, 2)), segments[0].principal.currency)


def compensation(terms: Terms, due_on: date, segments: Sequence[Segment], today: date) -> Money:
    """What is owed once, beside interest, as soon as any of it was overdue: the fixed fee; EUR 40 (Directive 2011/7/EU,
    art. 6); GBP 40, 70 or 100 by the size of the debt (Late Payment of Commercial Debts (Interest) Act 1998, s. 5A)."""
    fee = _allowed(terms)
    debt = _overdue(terms, due_on, segments)
    if fee.kind == "monthly" or not _was_overdue(terms, due_on, segments, today):
        return Money(0, debt.currency)
    once = fee.amount if fee.amount is not None and fee.kind != "uk" else _by_law(fee, debt)
    if once.currency != debt.currency:
        raise Refused(
            f"The late fee is in {once.currency} and this invoice in {debt.currency}. "
            f"Agree a sum in {debt.currency} in the terms.",
            code="currency",
        )
    return once


def _allowed(terms: Terms) -> LateFee:
    fee = terms.late_fee
    if fee is None:
        raise Refused("These terms have no late fee, so none can be charged.", code="no_late_fee")
    if not fee.agreed:
        raise Refused(
            "This late fee was not agreed before the work, so it cannot be charged. Agree it for future invoices.",
            code="not_agreed",
        )
    if fee.kind in ("eu", "uk") and not fee.between_businesses:
        raise Refused("Statutory interest is between businesses only; this customer is not marked as one.", code="b2b")
    return fee


def _was_overdue(terms: Terms, due_on: date, segments: Sequence[Segment], today: date) -> bool:
    return late_after(terms, due_on) < today and _overdue(terms, due_on, segments).minor > 0


def _overdue(terms: Terms, due_on: date, segments: Sequence[Segment]) -> Money:
    """What is open at the end of the last day of grace."""
    end_of_grace = late_after(terms, due_on)
    known = [segment.principal for segment in segments if segment.from_on <= end_of_grace]
    if not known:
        raise ValueError("the first balance must be from no later than the due day")
    return known[-1]


def _by_law(fee: LateFee, debt: Money) -> Money:
    if fee.kind == "eu":
        return Money(40_00, "EUR")
    return Money(40_00 if debt.minor < 1_000_00 else 70_00 if debt.minor < 10_000_00 else 100_00, "GBP")


def _spans(segments: Sequence[Segment], start: date, today: date) -> Iterator[tuple[date, date, Money]]:
    """(a, b, principal): the days after `a` up to and with `b`, between the end of grace and today."""
    ends = [*(segment.from_on for segment in segments[1:]), today]
    for segment, end in zip(segments, ends, strict=True):
        a, b = max(segment.from_on, start), min(end, today)
        if a < b:
            yield a, b, segment.principal


def _share(fee: LateFee, start: date, a: date, b: date, rates: Mapping[Law, Rates]) -> Fraction:
    """The share of a principal that it costs from after `a` to `b`."""
    match fee.kind:
        case "fixed":
            return Fraction(0)
        case "monthly":
            return (_months(fee, start, b) - _months(fee, start, a)) * Fraction(fee.percent) / 100
        case "eu" | "uk":
            return sum((_yearly(fee, start, c, d, rates) for c, d in _half_years(a, b)), Fraction(0))


def _months(fee: LateFee, start: date, on: date) -> Fraction:
    """Calendar months from `start` to `on`; the days of an incomplete month as a share of that month's own days."""
    whole = (on.year - start.year) * 12 + on.month - start.month
    whole -= _months_after(start, whole) > on
    if fee.part_months == "whole":
        return Fraction(whole)
    begun, ends = _months_after(start, whole), _months_after(start, whole + 1)
    return whole + Fraction((on - begun).days, (ends - begun).days)


def _months_after(start: date, count: int) -> date:
    month = start.year * 12 + start.month - 1 + count
    return in_month(month // 12, month % 12 + 1, start.day)


def _half_years(a: date, b: date) -> Iterator[tuple[date, date]]:
    """The same days, cut so that each piece lies in one half-year."""
    while a < b:
        first = a + timedelta(days=1)
        end = min(b, date(first.year, 6, 30) if first.month < 7 else date(first.year, 12, 31))
        yield a, end
        a = end


def _yearly(fee: LateFee, start: date, a: date, b: date, rates: Mapping[Law, Rates]) -> Fraction:
    assert fee.kind in ("eu", "uk")
    law: Law = "eu" if fee.kind == "eu" else "uk"
    fixed = fee.rates == "fixed_at_start" or (fee.rates == "by_law" and law == "uk")
    rate = reference_rate(law, (start if fixed else a) + timedelta(days=1), rates) + fee.points
    return Fraction(rate) / 100 * (b - a).days / _days_in_year(fee, b)


def _days_in_year(fee: LateFee, on: date) -> int:
    return int(fee.year) if fee.year != "actual" else (date(on.year, 12, 31) - date(on.year - 1, 12, 31)).days
