"""Decides how the life of an invoice is printed: `python -m goodterms.invoicing.life_page > docs/life-of-an-invoice.md`."""

from collections.abc import Iterator
from itertools import chain

from goodterms.invoicing.life import ROLES, STAGES, TIME, VERBS, Stage, Verb

_WHEN: dict[Stage, str] = {
    "draft": "not approved, not issued",
    "approved": "approved, not issued",
    "open": "issued, something is open, the due day has not passed",
    "overdue": "issued, something is open, the due day has passed",
    "settled": "issued, nothing is open",
    "void": "voided or discarded; it keeps its number, if it had one, for good",
}
_HEAD = """\
# The life of an invoice

<!-- Printed from goodterms/invoicing/life.py by `python -m goodterms.invoicing.life_page`; a test fails when it is stale. -->

An invoice has no status that somebody sets. Its stage follows from its dates and its open amount; whether it is held,
disputed or asked about are questions of their own, each answered by a dated record with a name.
"""


def page() -> str:
    """The whole page, as Markdown."""
    blocks = (
        [_HEAD],
        ["## Stages\n", *_table(["stage", "when"], [[name, _WHEN[name]] for name in STAGES])],
        ["## From stage to stage\n", "```", *_drawing(), "```\n"],
        ["Each verb may also leave the stage as it is where the next table says so. Void is final.\n"],
        ["## Verbs by stage\n", *_table(["verb", *STAGES], [_moves(name, verb) for name, verb in VERBS.items()])],
        ["A dash: refused, with what to do instead. “stays”: the stage does not change.\n"],
        ["## Who may, and what the customer hears\n", *_table(["verb", *ROLES], [_roles(*each) for each in VERBS.items()])],
        _table(["verb", "only while", "the customer hears"], [_told(name, verb) for name, verb in VERBS.items()]),
    )
    return "\n".join(chain.from_iterable(blocks)).rstrip() + "\n"


def changes() -> Iterator[tuple[Stage, Stage, str]]:
    """Every (from, to, by what) that changes the stage."""
    for before in STAGES:
        for name, verb in VERBS.items():
            yield from ((before, after, name) for after in verb.moves.get(before, ()) if after != before)
        yield from ((before, after, "the due day passes") for after in TIME.get(before, ()))


def _drawing() -> Iterator[str]:
    for before in STAGES:
        arrows: dict[Stage, list[str]] = {}
        for _, after, what in filter(lambda change: change[0] == before, changes()):
            arrows.setdefault(after, []).append(what)
        for i, (after, whats) in enumerate(arrows.items()):
            arrow = "───>" if len(arrows) == 1 else "─┬─>" if i == 0 else " └─>" if i == len(arrows) - 1 else " ├─>"
            yield f"{before if i == 0 else '':9}{arrow} {after:9} {', '.join(whats)}"
        if not arrows:
            yield f"{before:9}─╴   final"


def _moves(name: str, verb: Verb) -> list[str]:
    return [name, *(_move(stage, verb) for stage in STAGES)]


def _move(stage: Stage, verb: Verb) -> str:
    to = verb.moves.get(stage)
    return "–" if to is None else " or ".join("stays" if each == stage else each for each in to)


def _roles(name: str, verb: Verb) -> list[str]:
    return [name, *("yes" if role in verb.by else "" for role in ROLES)]


def _told(name: str, verb: Verb) -> list[str]:
    return [name, ", ".join(need.said for need in verb.needs), verb.told or "nothing"]


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [*(f"| {' | '.join(cells)} |" for cells in lines), ""]


if __name__ == "__main__":
    print(page(), end="")
