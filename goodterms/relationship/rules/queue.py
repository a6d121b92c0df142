"""Decides in which order what needs a person is put before them: by what it does to the relationship, then to cash."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple
from uuid import UUID

Kind = Literal[
    "dispute", "question", "request", "promise", "approval", "issue", "over", "call", "doubt", "undelivered", "colleague",
    "checkout", "refund",
]  # fmt: skip

GROUPS: tuple[tuple[str, tuple[tuple[Kind, ...], ...]], ...] = (
    ("Waiting for us", (("dispute", "question"),)),
    ("To decide", (("request",), ("checkout", "refund"), ("promise",), ("approval", "issue"), ("over",), ("colleague",))),
    ("To call", (("call",),)),
    ("Doubts about delivery", (("undelivered",), ("doubt",))),
)
THE_RULE = (
    "Whoever has our word comes first, by when it runs out, for an answer keeps a customer. Then what only a person can "
    "decide: wishes for more time, payments and refunds of which nobody knows whether money moved, promises that were not "
    "kept, invoices to approve, reminders that are over, colleagues whom "
    "a payer names. Then calls. "
    "Last, letters that may not have arrived. Among equals the longest wait comes first, then the larger sum."
)
_NEVER = datetime.max.replace(tzinfo=UTC)


class Need(NamedTuple):
    """One thing that a person has to do. `since` is when it began; `by` until when we gave our word, where we did."""

    kind: Kind
    id: UUID
    since: datetime
    by: datetime | None = None
    minor: int = 0  # of its own currency: it only breaks ties


class Group(NamedTuple):
    name: str
    needs: list[Need]


def grouped(needs: Iterable[Need]) -> list[Group]:
    """The groups that hold anything, in order, and their needs in order."""
    found = list(needs)
    places = {
        kind: (group, rank) for group, (_, ranks) in enumerate(GROUPS) for rank, kinds in enumerate(ranks) for kind in kinds
    }
    found.sort(key=lambda need: (places[need.kind], need.by or _NEVER, need.since, -need.minor, need.id, need.kind))
    groups = [Group(name, [need for need in found if places[need.kind][0] == n]) for n, (name, _) in enumerate(GROUPS)]
    return [group for group in groups if group.needs]


def first_of(groups: Sequence[Group]) -> Need | None:
    """What comes before all else."""
    return groups[0].needs[0] if groups else None
