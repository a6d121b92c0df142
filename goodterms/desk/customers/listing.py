"""Decides which customers a page of the list shows and in which order; figures are read for the rows of that page only."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.desk.customers.drawing import Fly, after_due, fly
from goodterms.desk.customers.saying import Next, hours, next_of, span
from goodterms.parties.models import Customer, Vendor
from goodterms.parties.rules import fold
from goodterms.relationship.measures.sides import Sides, sides
from goodterms.stationery.drawings import spark
from goodterms.values.refusal import Refused

PAGE = 30
CHUNK = 500  # customers of a file that are measured together
YEAR = timedelta(days=365)
VIEWS = ("all", "waiting", "late")
ORDERS = ("need", "name")


class Wish(NamedTuple):
    """What is asked of the list, as its address says it."""

    view: str = "all"
    order: str = "need"
    words: str = ""
    after: str = ""


class Row(NamedTuple):
    """A customer with both sides, and the drawing of them."""

    customer: Customer
    place: str
    sides: Sides
    fly: Fly
    spark: str
    next: Next

    @property
    def answer(self) -> str:
        return hours(self.sides.answer_minutes)

    @property
    def days(self) -> int:
        return round(self.sides.paying.days) if self.sides.paying else 0

    @property
    def after_due(self) -> str:
        return after_due(round(self.sides.paying.after_due)) if self.sides.paying else ""

    @property
    def agreed(self) -> str:
        return span(self.sides.paying.agreed) if self.sides.paying else ""


class Counts(NamedTuple):
    """How many customers there are, wait for our answer, are late with something, and need nobody today."""

    all: int
    waiting: int
    late: int
    calm: int


class Listed(NamedTuple):
    rows: list[Row]
    after: str  # the cursor of the next page; empty: this is the last


def asked(given: Mapping[str, str]) -> Wish:
    """The wish in an address; what is unknown there is left out."""
    view, order = given.get("view", ""), given.get("order", "")
    return Wish(
        view if view in VIEWS else "all",
        order if order in ORDERS else "need",
        given.get("q", "").strip()[:100],
        given.get("after", "")[:300],
    )


def listed(vendor: Vendor, wish: Wish, today: date, now: datetime) -> Listed:
    """One page. The order is by keys, so the next page begins where this one ends, whatever was added meanwhile."""
    keys = _keys(vendor.id, wish, today, PAGE + 1)
    shown = keys[:PAGE]
    after = _cursor(shown[-1]) if len(keys) > PAGE else ""
    return Listed(_rows(vendor, [key for *_, key in shown], today, now), after)


def everyone(vendor_id: UUID, wish: Wish, today: date) -> Iterator[tuple[Customer, Sides]]:
    """All that the wish finds, in its order, for a file."""
    keys = [key for *_, key in _keys(vendor_id, wish._replace(after=""), today, None)]
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        known = Customer.objects.in_bulk(chunk)
        found = sides(vendor_id=vendor_id, customer_ids=chunk, first_on=today - YEAR, today=today)
        yield from ((known[key], found[key]) for key in chunk)


def counted(vendor_id: UUID, today: date) -> Counts:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"vendor": vendor_id, "today": today})
        return Counts(*cursor.fetchone())


def place_of(customer: Customer) -> str:
    """The town, as far as the last line of an address tells it: without its digits and what stands with them."""
    last = customer.address.splitlines()[-1] if customer.address else ""
    return " ".join(word for word in last.split() if not any(letter.isdigit() for letter in word)).rstrip(",")


def _rows(vendor: Vendor, keys: Sequence[UUID], today: date, now: datetime) -> list[Row]:
    known = Customer.objects.in_bulk(keys)
    found = sides(vendor_id=vendor.id, customer_ids=keys, first_on=today - YEAR, today=today)
    return [_row(known[key], found[key], vendor, today, now) for key in keys]


def _row(customer: Customer, found: Sides, vendor: Vendor, today: date, now: datetime) -> Row:
    drawn, points = fly(found, vendor.answer_hours), _spark(found)
    return Row(customer, place_of(customer), found, drawn, points, next_of(found, today, now, vendor.timezone))


def _spark(found: Sides) -> str:
    """Twelve months of days to pay as the points of a line; nothing where there are not two."""
    months = [days for _, days in found.paying.months] if found.paying else []
    return spark(months, 64, 14) if len(months) > 1 else ""


def _keys(vendor_id: UUID, wish: Wish, today: date, most: int | None) -> list[tuple[int, str, UUID]]:
    start = fold(wish.words)
    given: dict[str, Any] = {
        "vendor": vendor_id, "today": today, "most": most, "from": start, "until": start + "\U0010ffff", "number": wish.words,
    }  # fmt: skip
    conditions = ["c.vendor_id = %(vendor)s"]
    if start:
        conditions.append("(c.folded >= %(from)s and c.folded < %(until)s or c.number = %(number)s)")
    if wish.view != "all":
        conditions.append(f"c.id in (select customer_id from {wish.view})")
    rank = _RANK if wish.order == "need" else "0"
    if wish.after:
        given |= dict(zip(("rank", "folded", "id"), _read_cursor(wish.after), strict=True))
        conditions.append(f"({rank}, c.folded, c.id) > (%(rank)s, %(folded)s, %(id)s::uuid)")
    with connection.cursor() as cursor:
        cursor.execute(_KEYS.format(standing=_STANDING, rank=rank, conditions=" and ".join(conditions)), given)
        return list(cursor.fetchall())


def _cursor(key: tuple[int, str, UUID]) -> str:
    rank, folded, id = key
    return f"{rank}.{id}.{folded}"


def _read_cursor(written: str) -> tuple[int, str, UUID]:
    try:
        rank, id, folded = written.split(".", 2)
        return int(rank), folded, UUID(id)
    except ValueError as odd:
        raise Refused("This page of the list is not known. Begin with the first one again.", code="cursor") from odd


_STANDING = """
with waiting as materialized (
  select distinct customer_id from conversations_conversation
  where vendor_id = %(vendor)s and closed_at is null and waiting_since_at is not null
), late as materialized (
  select distinct customer_id from invoicing_invoice
  where vendor_id = %(vendor)s and open_minor > 0 and due_on < %(today)s::date
)
"""
_RANK = """
case when c.id in (select customer_id from waiting) then 0 when c.id in (select customer_id from late) then 1 else 2 end
"""
_KEYS = """
{standing}
select {rank}, c.folded, c.id from parties_customer c where {conditions} order by 1, c.folded, c.id limit %(most)s
"""
_COUNTS = f"""
{_STANDING}
select (select count(*) from parties_customer where vendor_id = %(vendor)s), (select count(*) from waiting),
       (select count(*) from late),
       (select count(*) from parties_customer where vendor_id = %(vendor)s)
         - (select count(*) from (select customer_id from waiting union select customer_id from late) needing)
"""
