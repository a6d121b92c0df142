"""Decides what a plan is: its parts by day and sum, who may say yes at once, what is due by a day, and whether it is kept."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple, TypeVar

from goodterms.conversations.rules.extensions import Verdict
from goodterms.values.days import in_month
from goodterms.values.money import Money
from goodterms.values.refusal import Refused, to_say

Rhythm = Literal["monthly", "fortnightly"]
Standing = Literal[
    "proposed", "offered", "agreed", "kept", "broken", "renegotiated", "ended", "declined", "withdrawn", "countered"
]
RHYTHMS: tuple[Rhythm, ...] = ("monthly", "fortnightly")
PARTS_MOST = 24
FIRST_WITHIN_DAYS = 62  # whoever needs longer before the first part asks for more time
GRACE_DAYS = 3  # a transfer that is sent on the day, over a weekend
FORTNIGHT = timedelta(days=14)
TWO_OR_MORE = to_say("A plan has two parts or more, and {most} at most.")
Key = TypeVar("Key")


class Part(NamedTuple):
    """So much by that day."""

    on: date
    minor: int


class Progress(NamedTuple):
    """A part, and how much of it has come: what is paid counts for the oldest part first."""

    part: Part
    paid_minor: int

    @property
    def left_minor(self) -> int:
        return self.part.minor - self.paid_minor


class PlanRule(NamedTuple):
    """What the vendor says yes to at once: so many parts, the last within so many days, up to a sum (None: any)."""

    parts_max: int
    days_max: int
    minor_max: int | None
    currency: str

    def allows(self, total: Money, parts: Sequence[Part], today: date) -> bool:
        if len(parts) > self.parts_max or (parts[-1].on - today).days > self.days_max:
            return False
        return self.minor_max is None or (total.currency == self.currency and total.minor <= self.minor_max)


class Facts(NamedTuple):
    """The dated facts of a plan, from which follows how it stands."""

    by_us: bool
    agreed_at: datetime | None
    ended_at: datetime | None
    declined_at: datetime | None
    withdrawn_at: datetime | None
    replaced: bool
    paid_on: date | None
    missed_on: date | None


def schedule(total: Money, count: int, first_on: date, rhythm: str) -> tuple[Part, ...]:
    """`count` parts of `total`, no cent lost, from `first_on` on, each month or each fortnight; a month that is shorter has its
    part on its last day."""
    if rhythm not in RHYTHMS:
        raise Refused("The parts are paid monthly or fortnightly.", code="rhythm", field="every")
    if not 2 <= count <= PARTS_MOST:
        raise Refused(TWO_OR_MORE, code="parts", field="parts", most=PARTS_MOST)
    if total.minor < count:
        raise Refused("That is too little to be paid in so many parts.", code="parts", field="parts")
    sums = total.split([1] * count)
    return tuple(Part(_day(first_on, at, rhythm), part.minor) for at, part in enumerate(sums))


def check_first_day(first_on: date, today: date) -> None:
    """Refuses a first part on a day that has passed, or too far away."""
    if first_on < today:
        raise Refused("That day has passed; name today or a later one.", code="date", field="first_on")
    latest = today + timedelta(days=FIRST_WITHIN_DAYS)
    if first_on > latest:
        raise Refused(
            "The first part is paid by {latest} at the latest; for more time before it, ask for more time.",
            code="date", field="first_on", latest=latest,
        )  # fmt: skip


def grant_plan(
    *, total: Money, parts: Sequence[Part], rule: PlanRule, today: date, had_before: int, is_change: bool
) -> Verdict:
    """What the vendor's rule says. Once for an invoice it says yes by itself; a second time, and where a plan that runs is to
    be changed, a person looks."""
    if not had_before and not is_change and rule.allows(total, parts, today):
        return Verdict("granted", "Agreed: no reminder goes out while each part comes by its day.")
    return Verdict("person", "Thank you for telling us. A person decides and answers you; no reminder goes out meanwhile.")


def due_by(parts: Sequence[Part], on: date) -> int:
    """What should have been paid by the end of `on`, without grace."""
    return sum(part.minor for part in parts if part.on <= on)


def progress(parts: Sequence[Part], paid_minor: int) -> list[Progress]:
    """Each part with what has come of it."""
    found, left = [], max(paid_minor, 0)
    for part in parts:
        taken = min(left, part.minor)
        found.append(Progress(part, taken))
        left -= taken
    return found


def next_part(parts: Sequence[Part], paid_minor: int) -> Progress | None:
    """The oldest part that is not wholly paid; None: all of it is."""
    return next((one for one in progress(parts, paid_minor) if one.left_minor > 0), None)


def rests_until(parts: Sequence[Part], paid_minor: int) -> date | None:
    """The last day on which reminders rest while nothing more comes; None: all parts are paid."""
    following = next_part(parts, paid_minor)
    return following.part.on + timedelta(days=GRACE_DAYS) if following else None


def is_kept(parts: Sequence[Part], paid_minor: int, on: date) -> bool:
    """Whether all that had to be here by `on`, with grace, is."""
    return max(paid_minor, 0) >= due_by(parts, on - timedelta(days=GRACE_DAYS + 1))


def judge_plan(parts: Sequence[Part], paid_minor: int, on: date) -> Literal["agreed", "kept", "broken"]:
    """How a plan that runs stands on `on`: it goes on, all is paid, or a part did not come by its day and the grace."""
    if paid_minor >= sum(part.minor for part in parts):
        return "kept"
    return "agreed" if is_kept(parts, paid_minor, on) else "broken"


def standing_of_plan(facts: Facts) -> Standing:
    """In one word, from what happened when."""
    if facts.ended_at is None:
        return "agreed" if facts.agreed_at else "offered" if facts.by_us else "proposed"
    if facts.declined_at:
        return "declined"
    if facts.withdrawn_at:
        return "withdrawn"
    if facts.replaced:
        return "renegotiated" if facts.agreed_at else "countered"
    if facts.paid_on:
        return "kept"
    return "broken" if facts.missed_on else "ended"


def spread(minor: int, open_: Sequence[tuple[Key, int]]) -> list[tuple[Key, int]]:
    """So much over what is open, in the order given, none of it more than is open there."""
    found = []
    for key, most in open_:
        taken = min(minor, most)
        if taken > 0:
            found.append((key, taken))
            minor -= taken
    return found


def check_reason(reason: str) -> None:
    """Refuses to end a plan without a word why."""
    if not reason.strip():
        raise Refused("Say why, in a few words: it stays in the log.", code="reason", field="reason")


def _day(first_on: date, at: int, rhythm: str) -> date:
    if rhythm == "fortnightly":
        return first_on + at * FORTNIGHT
    months = first_on.year * 12 + first_on.month - 1 + at
    return in_month(months // 12, months % 12 + 1, first_on.day)
