"""Decides how a cadence is written in an address and drawn on its axis. A draft lives in the address: nothing is stored
before its rehearsal was seen."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.core import signing
from django.http import QueryDict

from goodterms.reminders.rules import Cadence
from goodterms.reminders.rules.cadence import KINDS as STEPS
from goodterms.reminders.rules.names import NAMES

KINDS = {kind: NAMES[kind] for kind in STEPS}
CHANNELS = {"email": "e-mail", "post": "post", "call": "phone", "person": "decides"}
TONES = ("informal", "neutral", "formal")
LEFT, RIGHT = 40.0, 720.0
SEEN = "a rehearsal that was shown"
SEEN_SECONDS = 12 * 3600


class Mark(NamedTuple):
    """One step on the axis; every second one has its words above the line."""

    x: float
    name: str
    told: str
    shape: str  # point, diamond, square
    is_above: bool


class Axis(NamedTuple):
    marks: list[Mark]
    ticks: list[tuple[float, bool]]  # and whether it begins a week from the due day
    due_x: float
    label: str


def from_address(query: QueryDict, base: Cadence) -> Cadence:
    """The cadence that the address describes: one group of fields for each step; `base` where it describes none."""
    rows = [row for row in (_row(query, n) for n in range(len(query.getlist("days")))) if row is not None]
    if "days" not in query:
        return base
    rows.sort(key=lambda row: (isinstance(row["days"], str), row["days"]))  # what is no number is refused below
    gap = query.get("gap_days", "")
    return Cadence.from_json({"name": base.name, "gap_days": int(gap) if gap.isdecimal() else base.gap_days, "steps": rows})


def _row(query: QueryDict, n: int) -> dict[str, Any] | None:
    """One step as the form has it; none where it was taken out, or its day left empty."""
    said = query.getlist("days")[n].strip().replace("−", "-")
    if not said or str(n) in query.getlist("out"):
        return None
    kinds, channels, tones = (query.getlist(name) for name in ("kind", "channel", "tone"))
    kind, channel = (values[n] if n < len(values) else "" for values in (kinds, channels))
    number: Any = int(said) if said.removeprefix("-").isdecimal() else said
    return {"days": number, "kind": kind, "channel": channel, "tone": tones[n] if n < len(tones) else ""}


def drawn(cadence: Cadence) -> Axis:
    """Each step at its day, from a week before the first to a few days after the last."""
    first, last = min(cadence.days[0], 0) - 2, max(cadence.days[-1], 7) + 2
    scale = (RIGHT - LEFT) / (last - first)

    def at(day: int) -> float:
        return round(LEFT + (day - first) * scale, 1)

    shapes = {"call": "diamond", "person": "square"}
    marks = [
        Mark(
            at(step.days), KINDS[step.kind], f"day {_minus(step.days)}, {CHANNELS[step.channel]}",
            shapes.get(step.channel, "point"), n % 2 == 1,
        )
        for n, step in enumerate(cadence.steps)
    ]  # fmt: skip
    step = max(1, (last - first) // 60)
    ticks = [(at(day), day % 7 == 0) for day in range(first, last + 1, step)]
    label = ", ".join(f"{mark.name} {mark.told}" for mark in marks)
    return Axis(marks, ticks, at(0), f"Steps from the due day: {label}")


def _minus(days: int) -> str:
    return f"−{-days}" if days < 0 else str(days)


def seal(cadence: Cadence, vendor: str) -> str:
    """Proof that the rehearsal of this very cadence was shown at this vendor's desk."""
    return signing.dumps([vendor, cadence.to_json()], salt=SEEN)


def unsealed(proof: str, vendor: str) -> Cadence | None:
    """The cadence whose rehearsal was seen within SEEN_SECONDS; nothing else can be put into effect."""
    try:
        whose, data = signing.loads(proof, salt=SEEN, max_age=SEEN_SECONDS)
    except signing.BadSignature:
        return None
    return Cadence.from_json(data) if whose == vendor else None


def as_query(cadence: Cadence) -> Mapping[str, list[str]]:
    """The same cadence as an address would say it."""
    return {
        "days": [str(step.days) for step in cadence.steps],
        "kind": [step.kind for step in cadence.steps],
        "channel": [step.channel for step in cadence.steps],
        "tone": [step.tone for step in cadence.steps],
    }
