"""Decides how several writes share one trip to the server, where nothing is asked in between."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def together() -> Iterator[None]:
    """Send the statements of this block without waiting for the answer to each (libpq's pipeline).

    A question within it waits for all before it. What the database refuses is raised at the next question or at the end.
    """
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield
