"""Decides how several questions share one trip to the server: each is put, and its answer is read when all were."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, models
from django.db.backends.utils import CursorWrapper

T = TypeVar("T")
M = TypeVar("M", bound=models.Model)
Later = Callable[[], T]  # the answer, for whoever needs it: calling it waits for the server


def asked(sql: str, parameters: Sequence[Any]) -> CursorWrapper:
    """A statement that was sent. Within `together` nobody waits for its rows until they are fetched."""
    cursor = connection.cursor()
    cursor.execute(sql, parameters)
    return cursor


def as_models(model: type[M], cursor: CursorWrapper) -> list[M]:
    """What a `select *` of the model's table gave, as `Model.objects.raw` would, of a statement that was sent before."""
    rows = cursor.fetchall()
    columns = tuple(column.name for column in cursor.description or ())
    names, places = _fields(model, columns)
    return [model.from_db(connection.alias, names, [cast(row[place]) for place, cast in places]) for row in rows]


Cast = Callable[[Any], Any]


@lru_cache
def _fields(model: type[models.Model], columns: Sequence[str]) -> tuple[list[str], list[tuple[int, Cast]]]:
    """The fields in the order of the model, of each the place of its column, and what Django makes of a value, as of JSON."""
    fields = model._meta.concrete_fields
    return [field.attname for field in fields], [(columns.index(field.column), _cast(field)) for field in fields]


def _cast(field: Any) -> Cast:
    cast = getattr(field, "from_db_value", None)
    return (lambda value: cast(value, None, connection)) if cast else (lambda value: value)
