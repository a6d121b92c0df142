"""Decides where this process dies, for tests of dying: nowhere, unless GOODTERMS_FAILPOINT says so, as in `marked:3`."""

import os
import signal
from collections import Counter

POINTS = (
    "recovering", "recovered", "claiming", "claimed", "settling", "marking", "marked", "dotted", "answered", "settled",
)  # fmt: skip
_passed: Counter[str] = Counter()


def passed(point: str) -> None:
    """Ends the process as SIGKILL does when `point` is the one asked for and has been passed that many times."""
    wanted, _, times = os.environ.get("GOODTERMS_FAILPOINT", "").partition(":")
    if wanted == point:
        _passed[point] += 1
        if _passed[point] == int(times or 1):
            os.kill(os.getpid(), signal.SIGKILL)
