"""Decides how the next rows are asked for while the last ones are worked on: on a connection of its own, one trip a time."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from psycopg import Connection, Cursor
from psycopg.types.string import TextLoader

from goodterms.database.isolation import acting_for, declaration


class Question(NamedTuple):
    """One statement with its parameters by name."""

    sql: str
    parameters: Mapping[str, Any]


# Sends questions, and gives a cursor for each, in their order; whoever fetches from one waits for the answer.
Ask = Callable[[Sequence[Question]], list[Cursor[Any]]]


@contextmanager
def asking(vendors: Collection[UUID]) -> Iterator[Ask]:
    """A way to ask without waiting, for these vendors: the server answers while the caller works on what it fetched before.

    What is asked at once is one transaction, and sees nothing that the caller has not committed. Within a transaction of the
    caller's the answers come in step instead, on its own connection, or what was written in it would not be seen. Everything
    that was asked must be fetched, or the block left.
    """
    if connection.in_atomic_block:
        yield lambda questions: _in_step(vendors, questions)
        return
    own = connection.copy()
    try:
        own.ensure_connection()
        raw: Connection[Any] = own.connection
        with own.wrap_database_errors, raw.pipeline():
            yield lambda questions: _ahead(raw, vendors, questions)
    finally:
        own.close()


def ask_in_step(questions: Sequence[Question]) -> list[Cursor[Any]]:
    """Ask on the connection of this thread, in its transaction, for the vendors that it declared."""
    return [_asked(connection.connection, question) for question in questions]


def _in_step(vendors: Collection[UUID], questions: Sequence[Question]) -> list[Cursor[Any]]:
    with acting_for(vendors):
        return ask_in_step(questions)


def _ahead(raw: Connection[Any], vendors: Collection[UUID], questions: Sequence[Question]) -> list[Cursor[Any]]:
    raw.execute("begin")
    raw.execute(*declaration(vendors))
    asked = [_asked(raw, question) for question in questions]
    raw.execute("commit")
    return asked


def _asked(raw: Connection[Any], question: Question) -> Cursor[Any]:
    cursor: Cursor[Any] = Cursor(raw)
    cursor.adapters.register_loader("uuid", TextLoader)  # a UUID object each costs an eighth of the whole
    return cursor.execute(question.sql, question.parameters)
