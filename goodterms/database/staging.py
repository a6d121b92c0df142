"""Decides how many rows get in at once: COPY into a temporary stage, then one INSERT.

PostgreSQL refuses COPY FROM on a table with row security, so rows pass a stage of the same shape; this costs up to 15 %.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg import Cursor, sql

_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
FIRST_LOOK = 30  # of a hundred
_INDEXED = """
select c.relname, string_agg(distinct quote_ident(a.attname), ', ')
from pg_class c join pg_index i on i.indrelid = c.oid
join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey)
where c.oid = any(%s::regclass[]) and current_setting('server_version_num')::int >= 170000
group by c.relname order by c.relname
"""
_PLAIN = frozenset({UUID, int, Decimal})
_DAYS, _LISTS = (datetime, date), (list, tuple)


def stage(name: str, like: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Fill a temporary table `name`, shaped like the columns of table `like`, dropped at commit. Returns the number of rows.

    Text may hold anything but NUL; None is NULL. Call inside a transaction.
    """
    return stage_laid_out(name, like, columns, ("\t".join(map(text, row)) for row in rows))


def stage_laid_out(name: str, like: str, columns: Sequence[str], lines: Iterable[str]) -> int:
    """The same of rows that are laid out already: the `text` of each value, a tab between two."""
    fields = sql.SQL(", ").join(map(sql.Identifier, columns))
    with connection.cursor() as wrapped:
        cursor: Cursor[Any] = wrapped.cursor
        cursor.execute(
            sql.SQL("create temporary table {} on commit drop as select {} from {} with no data").format(
                sql.Identifier(name), fields, sql.Identifier(like)
            )
        )
        return _pour(cursor, name, columns, lines)


def fill(cursor: Cursor[Any], name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY rows into an existing stage; returns their number."""
    return _pour(cursor, name, columns, ("\t".join(map(text, row)) for row in rows))


def _pour(cursor: Cursor[Any], name: str, columns: Sequence[str], lines: Iterable[str]) -> int:
    copied, lines = 0, iter(lines)
    fields = sql.SQL(", ").join(map(sql.Identifier, columns))
    with cursor.copy(sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(name), fields)) as copy:
        while some := list(islice(lines, 2_000)):
            copy.write("\n".join(some) + "\n")
            copied += len(some)
    return copied


def drop(name: str) -> None:
    """Take a stage away before the commit does, so that the next one in this transaction may have its name."""
    with connection.cursor() as cursor:
        cursor.execute(f'drop table pg_temp."{name}"')


def insert(target: str, source: str, columns: Sequence[str], conflict: str = "") -> int:
    """INSERT all of stage `source` into `target`; `conflict` is an ON CONFLICT clause. Returns the rows inserted."""
    fields = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f'insert into "{target}" ({fields}) select {fields} from "{source}" {conflict}')
        return int(cursor.rowcount)


def take_stock(tables: Sequence[str]) -> None:
    """Let the planner know of what was just put into these tables; left to autovacuum where the role may not (before 17).

    A first look, at the columns by which rows are found: autovacuum takes the full one, which a look at some columns does not
    put off. The full one here took as long as writing a tenth of the rows.
    """
    with connection.cursor() as cursor:
        cursor.execute(_INDEXED, [list(tables)])
        if found := cursor.fetchall():
            cursor.execute(f"set local default_statistics_target = {FIRST_LOOK}")
            cursor.execute("analyze " + ", ".join(f'"{table}" ({columns})' for table, columns in found))
            cursor.execute("set local default_statistics_target to default")


def text(value: Any) -> str:
    """One value in PostgreSQL's COPY text format."""
    if isinstance(value, str):  # nearly all have nothing to escape, and to look for it costs a tenth of the translation
        return value if value.isprintable() and "\\" not in value else _escaped(value)
    if value is None:
        return "\\N"
    if type(value) in _PLAIN:  # nearly all of the rest
        return str(value)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, _DAYS):
        return value.isoformat()
    if isinstance(value, _LISTS):
        return _escaped(_array(value))
    return str(value)


def _escaped(said: str) -> str:
    """One replacement after the other: `translate` looks each letter up, and takes twenty times as long."""
    for letter, written in _ESCAPES:
        said = said.replace(letter, written)
    return said


def _array(values: Sequence[Any]) -> str:
    quoted = ('"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return "{" + ",".join(quoted) + "}"
