"""Decides how groups of rows are worked on by turns: in lanes, each on a connection of its own, so that one makes its group
ready while the server takes that of the other.

What a lane claims is locked (`skip locked`), so no two ever have the same; each group is a transaction, whole or not there.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")
LANES = 2


def in_lanes(work: Callable[[], Answer]) -> list[Answer]:
    """What each lane answers that does `work`, which goes on until nothing is left to claim. A fault in one is raised when the
    others have come to their end.

    Within a transaction there is one lane, the caller's: no other connection would see what is not committed yet.
    """
    if connection.in_atomic_block:
        return [work()]
    with ThreadPoolExecutor(LANES, "lane") as lanes:
        return [lane.result() for lane in [lanes.submit(_lane, work) for _ in range(LANES)]]


def _lane(work: Callable[[], Answer]) -> Answer:
    try:
        return work()
    finally:
        connection.close()
