"""Decides which number comes next: moved in the transaction that issues, so that a rollback leaves no gap (I18)."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from goodterms.invoicing import numbers
from goodterms.invoicing.models import Series
from goodterms.invoicing.numbers import Numbered
from goodterms.values.days import latest_day
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused


def ensure_series(
    *, vendor_id: UUID, kind: str = "invoice", code: str = "", pattern: str = "", now: datetime, begin: int = 1
) -> Series:
    """The series `code` (else the usual one of its kind), made where it is missing. `begin` continues another program's."""
    pattern = pattern or numbers.PATTERNS[kind]
    numbers.check(pattern)
    if begin < 1:
        raise Refused("The first number of a series is 1 or more.", code="number")
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into invoicing_series (id, vendor_id, code, kind, pattern, next) values (%s, %s, %s, %s, %s, %s)"
            " on conflict (vendor_id, code) do nothing",
            [new_key(now), vendor_id, code or kind, kind, pattern, begin],
        )
    series = Series.objects.get(vendor_id=vendor_id, code=code or kind)
    if series.kind != kind:
        raise Refused(f"The series {series.code} numbers documents of another kind.", code="series")
    return series


def must_have_come(issued_on: date, now: datetime, what: str) -> None:
    """A document is issued on its day and not ahead of it: its number is one of a row, and it is in the books at once."""
    if issued_on > latest_day(now):
        raise Refused(
            f"{issued_on.isoformat()} is still to come. {what} is issued on its day; choose today, or wait for that day.",
            code="date", field="issued_on",
        )  # fmt: skip


def take(*, series: Series, days: Sequence[date], now: datetime) -> list[Numbered]:
    """The next numbers, one for each day of issue. Others wait for the series from here to the end of the transaction: take
    last, right before the numbers are written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update invoicing_series set next = next + %s::bigint, last_at = greatest(last_at, %s::timestamptz)"
            " where id = %s returning next - %s::bigint, pattern, last_at",
            [len(days), now, series.id, len(days)],
        )
        first, pattern, at = cursor.fetchone()
    return [Numbered(series.id, first + i, numbers.render(pattern, first + i, on), at) for i, on in enumerate(days)]
