"""Decides when Python's collector of cycles rests: while a chunk of many rows, none of them in a cycle, is worked on."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Within, rows are freed by their last reference alone; the collector would look through all of them again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
