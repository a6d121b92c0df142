"""Decides how long lists are read: a page at a time, each from where the last one ended, whatever comes in meanwhile."""

import base64
import binascii
import json
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from pydantic import Field, StringConstraints

from goodterms.api.shapes import FIRST_DAY, In, Limit, Out
from goodterms.values.refusal import Refused

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)
LONGEST = 2_000
Cursor = Annotated[str, StringConstraints(max_length=LONGEST), Field(description="The `next` of the page before.")]


class Paging(In):
    """Which page."""

    cursor: Cursor | None = None
    limit: Limit = 50


class Page(Out, Generic[Item]):
    """A part of a list in a fixed order. `next` is the cursor of the page after it, null on the last."""

    items: list[Item]
    next: str | None


def page(rows: QuerySet[Row], by: str, asked: Paging) -> dict[str, Any]:
    """The rows after the cursor in the order of (`by`, id), ascending. Keyset: as quick on the last page as on the first."""
    after = _read(rows, by, asked.cursor) if asked.cursor else Q()
    found = list(rows.filter(after).order_by(*dict.fromkeys((by, "id")))[: asked.limit + 1])
    shown = found[: asked.limit]
    more = len(found) > len(shown)
    return {"items": shown, "next": _write(shown[-1], by) if more else None}


def _write(row: Model, by: str) -> str:
    place = json.dumps([by, str(getattr(row, by)), str(row.pk)])
    return base64.urlsafe_b64encode(place.encode()).decode()


def _read(rows: QuerySet[Row], by: str, cursor: str) -> Q:
    try:
        of, said, key = json.loads(base64.urlsafe_b64decode(cursor))
        value = _field(rows, by).to_python(said)
        odd = of != by or not isinstance(said, str) or "\0" in said or value is None or UUID(key).version is None
    except (binascii.Error, ValueError, TypeError, AttributeError, RecursionError, ValidationError) as fault:
        raise _no_cursor() from fault
    if odd or (hasattr(value, "year") and value.year < FIRST_DAY.year):
        raise _no_cursor()
    # The first condition is implied by the second; it is the one that an index understands.
    return Q(**{f"{by}__gte": value}) & (Q(**{f"{by}__gt": value}) | Q(**{by: value, "id__gt": key}))


def _field(rows: QuerySet[Row], by: str) -> Any:
    return rows.model._meta.get_field(by)


def _no_cursor() -> Refused:
    return Refused("This cursor is not one that was given here. Begin again without one.", code="cursor", field="cursor")
