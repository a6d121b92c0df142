"""Decides how the columns of many rows travel in one statement: each as an array, in PostgreSQL's own words for it.

`unnest` makes rows of them again. The driver would put each value into words by itself, and rows as JSON are read more slowly
by the server than they are written.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID


def array(values: Iterable[Any]) -> str:
    """A parameter that the statement calls `uuid[]`, `text[]` and so on; None is NULL. Text may hold anything but NUL."""
    return "{" + ",".join([_WRITERS.get(type(value), _other)(value) for value in values]) + "}"


def arrays(rows: Iterable[Iterable[Any]]) -> list[str]:
    """An array for each column of rows, of which there is one at least."""
    return [array(column) for column in zip(*rows, strict=True)]


def quoted(text: str) -> str:
    """Text as an element of an array."""
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _other(value: Any) -> str:
    if isinstance(value, str):  # a name out of a few, such as an account
        return quoted(value)
    raise TypeError(f"{value!r} has no place in an array")


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: quoted, int: str, UUID: lambda value: f"{value.int:032x}", bool: lambda value: "t" if value else "f",
    type(None): lambda value: "NULL", date: date.isoformat, datetime: datetime.isoformat, Decimal: str,
    bytes: lambda value: f'"\\\\x{value.hex()}"',
}  # fmt: skip
