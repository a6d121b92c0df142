"""Decides which step of its cadence an invoice has reached: the latest that is due, once, by the customer's clock."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, get_args

from goodterms.reminders.rules.facts import Channel, Facts, is_running
from goodterms.values.refusal import Refused

KINDS = ("heads_up", "due_day", "first", "second", "call", "owner")
STEPS_MAX = 20
DAYS = range(-60, 366)


@dataclass(frozen=True, slots=True)
class Step:
    """What is said so many days from the due date (negative: before it), by whom and on which channel."""

    days: int
    kind: str  # one of KINDS: the word for it, and its wording
    channel: Channel = "email"
    automatic: bool = True  # False: a person decides, and nothing later happens until that is done
    tone: str = ""  # another than the payer's own
    sender: str = ""  # another than the vendor's usual one
    minimum: tuple[tuple[str, int], ...] = ()  # (currency, minor): not for an invoice with less open than this

    def is_worth(self, facts: Facts) -> bool:
        return all(facts.open_minor >= minor for currency, minor in self.minimum if currency == facts.currency)


@dataclass(frozen=True)
class Cadence:
    """Ordered steps. Kept as JSON (`to_json`, `from_json`)."""

    name: str
    steps: tuple[Step, ...]
    gap_days: int = 0  # so many days pass between two steps, also when the first of them came late
    days: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _plain: tuple[bool, ...] = field(init=False, repr=False, compare=False)  # nothing but the latest step to look at

    def __post_init__(self) -> None:
        _check(self.name, self.steps)
        object.__setattr__(self, "days", tuple(step.days for step in self.steps))
        plain = [not step.minimum and all(s.automatic for s in self.steps[:at]) for at, step in enumerate(self.steps)]
        object.__setattr__(self, "_plain", tuple(plain))

    def latest(self, day: int, done: int | None, facts: Facts) -> Step | None:
        """The latest step due by `day` after the one that was done; the first manual one in between comes before it."""
        at = bisect_right(self.days, day) - 1
        if at < 0 or (done is not None and self.days[at] <= done):
            return None
        if self._plain[at]:
            return self.steps[at]
        start = 0 if done is None else bisect_right(self.days, done)
        found = None
        for step in self.steps[start : at + 1]:
            if step.is_worth(facts):
                found = step
                if not step.automatic:
                    break
        return found

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "gap_days": self.gap_days, "steps": [_step_to_json(step) for step in self.steps]}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Cadence:
        """Read what `to_json` wrote, or a person did; refuses what is no cadence, with the step it lies in."""
        steps = data.get("steps")
        if not isinstance(steps, Sequence) or isinstance(steps, str):
            raise Refused("A cadence needs a list of steps.", code="cadence", field="steps")
        read = tuple(_step_from_json(at, step) for at, step in enumerate(steps, 1))
        return Cadence(str(data.get("name", "")), read, _gap(data.get("gap_days", 0)))


def next_step(facts: Facts, carrier: Facts, cadence: Cadence, on: date) -> Step | None:
    """The step that `facts` has reached on the day `on` and has not had; None: nothing is due.

    Until its due day an invoice has its own clock. Once it is late it rides with `carrier`, the customer's oldest
    unpaid invoice, so that a customer hears one sequence, not one for each invoice. When the carrier is paid the next
    oldest takes over with its own date, and what was said in a notice that named it is not said again.
    """
    day = (on - facts.due_on).days
    rides = day > 0 and carrier is not facts
    if cadence.gap_days and (_is_too_soon(facts, cadence, on) or (rides and _is_too_soon(carrier, cadence, on))):
        return None
    if not rides:
        return cadence.latest(day, facts.done, facts)
    done = facts.done
    if carrier.done is not None and (done is None or carrier.done > done):
        done = carrier.done
    return cadence.latest((on - carrier.due_on).days, done, facts)


def carrying(book: Iterable[Facts], days: Mapping[str, date]) -> dict[str, Facts]:
    """For each customer the invoice whose date carries the clock: the oldest unpaid, on equal dates the larger total. `days`
    says which day it is with each vendor.

    One that a hold stops does not carry: a dispute about an old invoice must not hurry the others along.
    """
    carriers: dict[str, Facts] = {}
    for facts in book:
        if facts.open_minor <= 0 or (facts.holds and is_held(facts, days[facts.vendor_id])):
            continue
        best = carriers.get(facts.customer_id)
        if best is None or _age(facts) < _age(best):
            carriers[facts.customer_id] = facts
    return carriers


def is_held(facts: Facts, on: date) -> bool:
    return any(is_running(until, on) for until in facts.held_until or ())


def _is_too_soon(facts: Facts, cadence: Cadence, on: date) -> bool:
    return facts.done_on is not None and (on - facts.done_on).days < cadence.gap_days


def _age(facts: Facts) -> tuple[date, int, str]:
    return facts.due_on, -facts.total_minor, facts.number


def _check(name: str, steps: Sequence[Step]) -> None:
    if not name.strip():
        raise Refused("A cadence needs a name.", code="cadence", field="name")
    if not 1 <= len(steps) <= STEPS_MAX:
        raise Refused(f"A cadence has 1 to {STEPS_MAX} steps; this one has {len(steps)}.", code="cadence", field="steps")
    for before, after in pairwise(steps):
        if before.days >= after.days:
            raise Refused(
                f"Steps follow each other in time: day {after.days} cannot come after day {before.days}.",
                code="cadence",
                field="steps",
            )


def _gap(days: object) -> int:
    if type(days) is not int or days not in range(31):
        raise Refused("The gap between two steps is a whole number of days from 0 to 30.", code="cadence", field="gap_days")
    return days


_STEP_FIELDS = ("days", "kind", "channel", "automatic", "tone", "sender", "minimum")


def _step_to_json(step: Step) -> dict[str, Any]:
    data = {name: getattr(step, name) for name in _STEP_FIELDS}
    return {**data, "minimum": dict(step.minimum)}


def _step_from_json(at: int, data: object) -> Step:
    if not isinstance(data, Mapping):
        raise _refusal(at, "is not a step")
    unknown = sorted(set(data) - set(_STEP_FIELDS))
    if unknown:
        raise _refusal(at, f"says {unknown[0]!r}, which no step has")
    days, minimum = data.get("days"), data.get("minimum", {})
    if type(days) is not int or days not in DAYS:
        raise _refusal(at, f"needs whole days from the due date, from {DAYS.start} to {DAYS.stop - 1}")
    if type(data.get("automatic", True)) is not bool:
        raise _refusal(at, "is automatic or it is not: write true or false")
    if not isinstance(minimum, Mapping) or not all(type(minor) is int and minor >= 0 for minor in minimum.values()):
        raise _refusal(at, 'needs its smallest amounts in minor units for each currency, like {"EUR": 5000}')
    return Step(
        days=days,
        kind=_one_of(at, "kind", data.get("kind"), KINDS),
        channel=_one_of(at, "channel", data.get("channel", "email"), get_args(Channel)),  # type: ignore[arg-type]
        automatic=data.get("automatic", True) and data.get("channel") != "person",
        tone=_one_of(at, "tone", data.get("tone", ""), ("", "informal", "neutral", "formal")),
        sender=str(data.get("sender", "")),
        minimum=tuple(sorted((str(currency), minor) for currency, minor in minimum.items())),
    )


def _one_of(at: int, name: str, word: object, known: Sequence[str]) -> str:
    if word not in known:
        raise _refusal(at, f"has no {name} {word!r}; it is one of {', '.join(filter(None, known))}")
    return str(word)


def _refusal(at: int, why: str) -> Refused:
    return Refused(f"Step {at} {why}.", code="cadence", field=f"steps.{at}")


STEADY = Cadence(
    "Steady",
    (
        Step(-5, "heads_up"),
        Step(0, "due_day"),
        Step(3, "first"),
        Step(10, "second"),
        Step(14, "call", "call"),
        Step(21, "owner", "person", automatic=False),
    ),
    gap_days=3,
)
