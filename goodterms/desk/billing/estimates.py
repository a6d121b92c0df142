"""Decides what is said where work comes to more than its estimate: by how much, for which project, and how it is drawn."""

from collections.abc import Sequence
from typing import NamedTuple

from goodterms.values.money import Money

WIDE = 300  # of the drawing


class Against(NamedTuple):
    """A project with an estimate: what it comes to with what was billed before, all before tax."""

    name: str
    net: Money
    estimate: Money


class Bar(NamedTuple):
    """One project as drawn: up to its estimate, and what is over it; `more` in whole per cent, None without an estimate sum."""

    one: Against
    within: float
    over: float
    mark: float
    more: int | None


class Over(NamedTuple):
    """All of it together, and project by project."""

    more: int
    net: Money
    estimate: Money
    bars: list[Bar]


def over(found: Sequence[Against]) -> Over | None:
    """None while no project comes to more than was said, or where there are several currencies."""
    if not any(one.estimate < one.net for one in found) or len({one.net.currency for one in found}) > 1:
        return None
    most = max(max(one.net.minor, one.estimate.minor) for one in found)
    currency = found[0].net.currency
    net = Money.total((one.net for one in found), currency)
    estimate = Money.total((one.estimate for one in found), currency)
    return Over(_more(net, estimate) or 0, net, estimate, [_bar(one, most) for one in found])


def _bar(one: Against, most: int) -> Bar:
    mark, ends = (round(WIDE * money.minor / most, 1) for money in (one.estimate, one.net))
    return Bar(one, min(mark, ends), round(max(ends - mark, 0), 1), mark, _more(one.net, one.estimate))


def _more(net: Money, estimate: Money) -> int | None:
    return round(100 * (net.minor - estimate.minor) / estimate.minor) if estimate else None
