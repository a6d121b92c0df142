"""Decides what a key looks like: a UUIDv7 (RFC 9562, 5.7), made here: PostgreSQL's `uuidv7()` exists from 18 only."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

_FREE = 0x0FFF_3FFF_FFFF_FFFF_FFFF  # the bits that version and variant leave
_entropy: Callable[[int], bytes] = os.urandom


def new_key(now: datetime) -> UUID:
    """One key whose first 48 bits are the milliseconds of `now` (aware)."""
    return new_keys(now, 1)[0]


def new_keys(now: datetime, count: int) -> list[UUID]:
    """`count` keys of one instant, in ascending order, with one read of entropy."""
    head = int(now.timestamp() * 1000) << 80 | 0x7000_8000_0000_0000_0000
    noise = _entropy(10 * count)
    tails = (int.from_bytes(noise[i : i + 10], "big") & _FREE for i in range(0, 10 * count, 10))
    return [UUID(int=head | tail) for tail in sorted(tails)]


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Make the same keys again: for the sample business and for replays, never for a real book."""
    global _entropy  # noqa: PLW0603  (one switch for a whole process, restored on the way out)
    before, _entropy = _entropy, random.Random(seed).randbytes  # noqa: S311
    try:
        yield
    finally:
        _entropy = before
