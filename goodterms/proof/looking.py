"""Decides what looking at rows comes to: how many were looked at, how many are broken, and the first of these by name."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection

NAMED_MAX = 5


class Finding(NamedTuple):
    """`checked` rows were looked at; `broken` of them do not hold; the first five are `named`, each with what is wrong."""

    checked: int
    broken: int
    named: tuple[str, ...] = ()


def looked_at(*selects: str, values: Sequence[Any] = ()) -> Finding:
    """What these SELECTs find, each of (what text, why text): a row for everything looked at, `why` NULL where it holds."""
    rows = "\nunion all\n".join(f"({select})" for select in selects)
    with connection.cursor() as cursor:
        cursor.execute(
            f"with looked (what, why) as ({rows}) select count(*), count(why),"
            f" (array_agg(what || ' ' || why order by what) filter (where why is not null))[1:{NAMED_MAX}] from looked",
            values,
        )
        checked, broken, named = cursor.fetchone()
    return Finding(checked, broken, tuple(named or ()))


def looked_through(rows: Iterable[tuple[str, str | None]]) -> Finding:
    """The same for rows that only Python can judge: hashes, roundings, days of terms."""
    checked, broken = 0, 0
    named: list[str] = []
    for what, why in rows:
        checked += 1
        if why is not None:
            broken += 1
            if len(named) < NAMED_MAX:
                named.append(f"{what} {why}")
    return Finding(checked, broken, tuple(named))


def together(*findings: Finding) -> Finding:
    """Several looks at one invariant."""
    named = [name for finding in findings for name in finding.named]
    return Finding(sum(one.checked for one in findings), sum(one.broken for one in findings), tuple(named[:NAMED_MAX]))
