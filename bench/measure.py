"""Decides how a figure is taken: the yardstick and the form in turns, the median of each, and the memory of a process."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.house import checkpoint

__all__ = ["Row", "Turns", "in_turns", "median", "peak_mb", "seconds_of"]


class Row(NamedTuple):
    """One line of the table. `aim` and `figure` say the same thing, in words and as measured."""

    bench: str
    what: str
    figure: str
    yardstick: str
    ratio: str
    aim: str
    is_met: bool | None = None  # None: there is no aim
    note: str = ""


class Turns(NamedTuple):
    """Seconds of each round, in order."""

    form: list[float]
    yardstick: list[float]

    @property
    def seconds(self) -> float:
        return median(self.form)

    @property
    def bare_seconds(self) -> float:
        return median(self.yardstick)

    @property
    def ratio(self) -> float:
        """How many times as fast as the yardstick; above 1 is faster."""
        return self.bare_seconds / self.seconds

    @property
    def spread(self) -> str:
        each = [bare / form for form, bare in zip(self.form, self.yardstick, strict=True)]
        return f"{min(each):.2f} to {max(each):.2f}"


def in_turns(form: Callable[[], object], yardstick: Callable[[], object], rounds: int) -> Turns:
    """Run both so many times, the one after the other, with a checkpoint before each."""
    turns = Turns([], [])
    for _ in range(rounds):
        turns.yardstick.append(seconds_of(yardstick))
        turns.form.append(seconds_of(form))
    return turns


def seconds_of(work: Callable[[], object]) -> float:
    checkpoint()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def peak_mb() -> float:
    """The most memory that this process ever held (VmHWM). Not ru_maxrss: a child inherits that from its parent."""
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0
