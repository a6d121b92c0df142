"""Decides how several writes share one trip to the server, where nothing is asked in between."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from django.db import connection
from psycopg import Error, Pipeline, Transaction
from psycopg.abc import PQGen

from goodterms.database.isolation import declared, set_vendors


class _Gathered(Pipeline):
    """psycopg's own pipeline hands each statement to the server at once: that wakes it for every one of them, and on a busy
    machine it may wait for its turn each time. This one lets libpq gather them until an answer is asked for."""

    def _communicate_gen(self) -> PQGen[None]:
        return
        yield  # a generator, as its callers want it

    def _fetch_gen(self, *, flush: bool) -> PQGen[None]:
        if flush:
            self.command_queue.append(self.pgconn.send_flush_request)
        while len(self.command_queue) > 1:
            self.command_queue.popleft()()
        if self.command_queue:  # the last one goes as psycopg sends it, and takes the others along
            yield from super()._communicate_gen()
        yield from super()._fetch_gen(flush=False)

    def _exit_gen(self) -> PQGen[None]:
        try:
            yield from self._sync_gen()
        except Error:  # the answers after the refused one are still to be read, or the connection stays busy
            with suppress(Error):
                yield from super()._fetch_gen(flush=True)
            raise


@contextmanager
def together() -> Iterator[Pipeline]:
    """Send the statements of this block without waiting for the answer to each (libpq's pipeline).

    A question within it waits for all before it. What the database refuses is raised at the next question or at the end.
    """
    with connection.wrap_database_errors, connection.connection.pipeline() as pipeline:
        yield pipeline


@contextmanager
def _gathered() -> Iterator[Pipeline]:
    """`together`, in as few trips as can be. Not where a statement may be refused among many: one that the server refuses while
    others wait to be gathered leaves the pipeline busy, and what was refused is not told."""
    raw = connection.connection
    with connection.wrap_database_errors:
        raw._pipeline = raw._pipeline or _Gathered(raw)  # `pipeline` enters the one that is there
        with raw.pipeline() as pipeline:
            yield pipeline


@contextmanager
def acting_together_for(vendors: Iterable[UUID]) -> Iterator[None]:
    """A transaction of these vendors as by `acting_for`, and gathered: BEGIN travels with the first statement and COMMIT
    with the last, so that it takes one trip more than it asks questions. What was asked last may be fetched after it.

    Django does not know of this transaction: nothing within may open one of Django's (`atomic`, `acting_for`).
    """
    connection.ensure_connection()
    is_inner = connection.in_atomic_block
    before = declared() if is_inner else ""
    raw = connection.connection
    try:
        with _gathered() as pipeline, Transaction(raw):
            set_vendors(vendors)
            yield
            if is_inner:  # else the setting ends with the transaction
                set_vendors(before)
                pipeline.sync()  # what is refused is undone to here
    except BaseException:
        if raw.closed:
            connection.close()  # the next one connects anew
        elif not is_inner:
            raw.rollback()  # what is refused on the last trip is heard of when the transaction seems over
        raise
