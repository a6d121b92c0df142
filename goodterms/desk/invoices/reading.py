"""Decides which invoices a page of the list shows, in which groups and order, and what each group comes to."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.desk.invoices.filter import ASKED, GROUPS, HELD, Said, Wish, said
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

PAGE = 200
MOST_FOUND = 2_000  # invoices that the words of a search may mean; beyond it the page asks for more words
MOST_COUNTED = 10_000  # beyond it the page says "more than"


class Row(NamedTuple):
    """An invoice in the list, with what tells where it stands, as _ROWS selects it."""

    id: UUID
    customer_id: UUID
    customer: str
    kind: str
    number: str
    work: str
    currency: str
    total_minor: int
    open_minor: int
    issued_on: date | None
    due_on: date | None
    settled_on: date
    approved_at: datetime | None
    voided_at: datetime | None
    terms: str
    order_missing: bool
    held: str  # the first running hold by hand, more time or plan
    held_until: date | None
    promised_on: date | None
    missed_on: date | None  # the day of the last promise, where it was not kept
    talk: str  # question, dispute or request that is open
    answer_due_at: datetime | None  # while we owe an answer
    disputed_minor: int | None
    method: str  # of the payment that settled it last
    word: str  # of what waits for the customer's: asked, objected, or nobody could be asked
    issues_on: date | None  # the day on which it is issued by itself

    @property
    def amount(self) -> Money:
        """What is open of it; of what is settled, not issued or no claim, its total."""
        return Money(self.open_minor or self.total_minor, self.currency)

    @property
    def rest_of(self) -> Money | None:
        """The total, where only a rest of it is open."""
        return Money(self.total_minor, self.currency) if 0 < self.open_minor < self.total_minor else None


class Group(NamedTuple):
    """`count` and `sums` are of all rows of the group, `rows` those of the page; `key` is its word in GROUPS."""

    key: str
    title: str
    many: int
    sums: tuple[Money, ...]
    rows: list[Row]


class Listed(NamedTuple):
    groups: list[Group]
    many: int  # of all pages together
    after: str  # the cursor of the next page; empty: this is the last
    is_cut: bool  # the words mean more than was looked at


class Counts(NamedTuple):
    """How many there are in each view; and all, of which no more than one above MOST_COUNTED are counted."""

    current: int
    open: int
    late: int
    week: int
    asked: int
    approve: int
    all: int


def listed(vendor_id: UUID, wish: Wish, today: date) -> Listed:
    """One page: three statements, one more for words. The next begins after the last key of this one."""
    what = said(wish, vendor_id, today, MOST_FOUND)
    sums = _sums(wish, what)
    keys = _keys(wish, what, PAGE + 1)
    shown = keys[:PAGE]
    rows = {row.id: row for row in rows_of([one.id for one in shown], today)}
    groups = [
        Group(key, GROUPS[key], sums[key][0], sums[key][1], [rows[one.id] for one in shown if one.group == key])
        for key in wish.groups
        if key in sums
    ]
    after = _cursor(shown[-1]) if len(keys) > PAGE else ""
    return Listed([one for one in groups if one.rows], sum(count for count, _ in sums.values()), after, what.is_cut)


def everything(vendor_id: UUID, wish: Wish, today: date) -> Iterator[tuple[str, Row]]:
    """All rows that the wish finds, each with its group, in the order of the list: for a file."""
    what, place = said(wish, vendor_id, today), wish._replace(after="")
    while True:
        keys = _keys(place, what, 1_000)
        rows = {row.id: row for row in rows_of([one.id for one in keys], today)}
        yield from ((one.group, rows[one.id]) for one in keys)
        if len(keys) < 1_000:
            return
        place = place._replace(after=_cursor(keys[-1]))


def counted(vendor_id: UUID, today: date) -> Counts:
    """Beside the views; one statement, which walks along what is open once."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {**said(Wish(), vendor_id, today).given, "most_counted": MOST_COUNTED + 1})
        return Counts(*cursor.fetchone())


def rows_of(keys: Sequence[UUID], today: date) -> list[Row]:
    """The rows of these invoices, in no order."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"keys": list(keys), "today": today})
        return [Row._make(row) for row in cursor.fetchall()]


class _Key(NamedTuple):
    """Where a row stands: its group, the day it is ordered by, and itself."""

    group: str
    day: date
    id: UUID


def _keys(wish: Wish, what: Said, most: int) -> list[_Key]:
    place = _read(wish.after)
    groups = wish.groups[wish.groups.index(place.group) :] if place and place.group in wish.groups else wish.groups
    parts = [_branch(key, what, place) for key in groups]
    given = {**what.given, "rows": most} | ({"day": place.day, "id": place.id} if place else {})
    with connection.cursor() as cursor:
        cursor.execute(_picked(what) + " union all ".join(parts), given)
        found = [_Key._make(row) for row in cursor.fetchall()]
    ordered = [_in_order(key, [one for one in found if one.group == key]) for key in groups]
    return [one for group in ordered for one in group][:most]


def _branch(key: str, what: Said, place: _Key | None) -> str:
    """The first rows of a group, by day. Which day the last of them is on is found first, from the index alone: of twenty
    thousand open invoices only those of the page are read."""
    day, way = _BY[key]
    begins = place is not None and place.group == key
    beyond, until, last = (">", "<=", "max") if way == "asc" else ("<", ">=", "min")
    where, among = f"{what.condition} and {_IN[key]}", _among(what)
    after = f"and {day} {beyond} %(day)s" if begins else ""
    exact = f"and ({day}, i.id) {beyond} (%(day)s, %(id)s)" if begins else ""
    edge = (
        f"select {last}(edge.day) from (select {day} as day from {among} i where {where} {after}"
        f" order by {day} {way} limit %(rows)s) edge"
    )
    return (
        f"(select '{key}', {day}, i.id from {among} i where {where} {exact}"
        f" and {day} {until} {'coalesce' if begins else ''}(({edge}){', %(day)s' if begins else ''})"
        f" order by {day} {way}, i.id {way} limit %(rows)s)"
    )


def _in_order(key: str, found: list[_Key]) -> list[_Key]:
    """As the branch has them: a union promises no order."""
    return sorted(found, key=lambda one: (one.day, one.id), reverse=_BY[key][1] == "desc")


def _sums(wish: Wish, what: Said) -> dict[str, tuple[int, tuple[Money, ...]]]:
    """By group: how many, and one sum for each currency, the one of most invoices first."""
    parts = [
        f"(select '{key}', i.currency, {sign}count(*), {sign}sum({_SUM[key]})::bigint from {_among(what)} i"
        f" where {what.condition} and {where} group by i.currency)"
        for key in wish.groups
        for sign, where in _COUNTED.get(key, (("", _IN[key]),))
    ]
    with connection.cursor() as cursor:
        cursor.execute(_picked(what) + " union all ".join(parts), what.given)
        rows = cursor.fetchall()
    many, minors = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for key, currency, count, minor in rows:
        many[key, currency] += count
        minors[key, currency] += minor
    found: dict[str, tuple[int, tuple[Money, ...]]] = {}
    for (key, currency), count in sorted(many.items(), key=lambda one: (-one[1], one[0])):
        before = found.get(key, (0, ()))
        if count:
            found[key] = (before[0] + count, (*before[1], Money(minors[key, currency], currency)))
    return found


def _picked(what: Said) -> str:
    """What words mean is read once where it is little: each group would look for every one of them again."""
    return _FEW if what.few else ""


def _among(what: Said) -> str:
    return "few" if what.few else "invoicing_invoice"


def _cursor(place: _Key) -> str:
    return f"{place.group}.{place.day.isoformat()}.{place.id}"


def _read(written: str) -> _Key | None:
    if not written:
        return None
    try:
        group, day, id = written.split(".")
        return _Key(group, date.fromisoformat(day), UUID(id))
    except ValueError as odd:
        raise Refused("This page of the list is not known. Begin with the first one again.", code="cursor") from odd


_FEW = """
with few as materialized (
  select id, vendor_id, customer_id, kind, currency, issued_on, due_on, settled_on, total_minor, open_minor, created_at,
         approved_at, voided_at
  from invoicing_invoice where vendor_id = %(vendor)s and id = any(%(keys)s::uuid[]))
"""
# What belongs to a group; each condition is met by an index that the application's role may use.
_ALL = "select from invoicing_invoice i where i.vendor_id = %(vendor)s limit %(most_counted)s"
_DUE = "coalesce(i.due_on, date '9999-12-31')"  # in one word: an `or` would have the table read, and not the index alone
_IN: Mapping[str, str] = {
    "finish": "i.settled_on = %(never)s and i.issued_on is null and i.voided_at is null",
    "late": "i.open_minor > 0 and i.due_on < %(today)s",
    "ahead": f"i.open_minor > 0 and {_DUE} >= %(today)s",
    "settled": "i.settled_on >= %(since)s and i.settled_on < %(never)s and i.voided_at is null and i.kind = 'invoice'",
    "credit": "i.kind = 'credit_note' and i.issued_on is not null and i.voided_at is null",
    "void": "i.voided_at is not null",
}
# All that is settled, less what is void or a credit note: each from an index alone, while the whole condition is in none.
_COUNTED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "settled": (
        ("", "i.settled_on >= %(since)s and i.settled_on < %(never)s"),
        ("-", "i.settled_on >= %(since)s and i.settled_on < %(never)s and i.voided_at is not null"),
        (
            "-",
            "i.settled_on >= %(since)s and i.settled_on < %(never)s and i.voided_at is null and i.kind = 'credit_note'",
        ),
    ),
}
_SETTLED_LATELY = " ".join(
    f"{sign or '+'} (select count(*) from invoicing_invoice i where i.vendor_id = %(vendor)s and {where})"
    for sign, where in _COUNTED["settled"]
)
_FINISH = f"select count(*) from invoicing_invoice i where i.vendor_id = %(vendor)s and {_IN['finish']}"
# What the lists of these views find. What is asked about or promised is little: it is found first, and what is open then is
# walked once, in its index.
_COUNTS = f"""
with asked as materialized (select distinct h.invoice_id as id from {HELD.format(reasons=ASKED)}),
promised as materialized (
  select p.invoice_id as id, p.promised_on from conversations_promise p
  where p.vendor_id = %(vendor)s and p.ended_at is null and p.judged_at is null),
open as materialized (
  select count(*) as many, count(*) filter (where i.due_on < %(today)s) as late, count(asked.id) as asked,
         count(*) filter (where coalesce(promised.promised_on, i.due_on) between %(today)s and %(week)s) as week
  from invoicing_invoice i left join asked on asked.id = i.id left join promised on promised.id = i.id
  where i.vendor_id = %(vendor)s and i.open_minor > 0)
select open.many + ({_FINISH}) {_SETTLED_LATELY}, open.many, open.late, open.week,
       open.asked + (select count(*) from asked join invoicing_invoice i on i.id = asked.id
                     where {_IN["settled"].replace("i.settled_on >= %(since)s and ", "")}),
       ({_FINISH} and i.approved_at is null), (select count(*) from ({_ALL}) as first)
from open
"""
_BY: Mapping[str, tuple[str, str]] = {
    "finish": ("(i.created_at at time zone 'UTC')::date", "desc"),
    "late": ("i.due_on", "asc"),
    "ahead": (_DUE, "asc"),
    "settled": ("i.settled_on", "desc"),
    "credit": ("i.issued_on", "desc"),
    "void": ("(i.voided_at at time zone 'UTC')::date", "desc"),
}
_SUM: Mapping[str, str] = {key: "i.open_minor" if key in ("late", "ahead") else "i.total_minor" for key in GROUPS}
_ROWS = """
select i.id, i.customer_id, c.name, i.kind, i.number, i.work, i.currency, i.total_minor, i.open_minor, i.issued_on, i.due_on,
       i.settled_on, i.approved_at, i.voided_at, i.terms::text, c.order_required and i.order_number = '',
       coalesce(hold.reason, ''), hold.until_on, promise.promised_on, missed.promised_on,
       coalesce(talk.kind, ''), talk.answer_due_at, talk.disputed_minor, coalesce(paid.method, ''), coalesce(word.state, ''),
       i.issues_on
from invoicing_invoice i
join parties_customer c on c.id = i.customer_id
left join lateral (
  select h.reason, h.until_on from invoicing_hold h
  where h.invoice_id = i.id and h.ended_at is null and h.reason in ('manual', 'extended', 'on_plan', 'paid')
    and h.from_on <= %(today)s and (h.until_on is null or h.until_on >= %(today)s)
  order by h.created_at desc limit 1
) hold on i.voided_at is null
left join lateral (
  select p.promised_on from conversations_promise p
  where p.invoice_id = i.id and p.ended_at is null and p.judged_at is null and p.promised_on >= %(today)s limit 1
) promise on i.open_minor > 0
left join lateral (
  select p.promised_on, p.outcome from conversations_promise p
  where p.invoice_id = i.id and p.judged_at is not null order by p.judged_at desc limit 1
) missed on i.open_minor > 0 and missed.outcome in ('broken', 'part')
left join lateral (
  select t.kind, case when t.waiting_since_at is not null then t.answer_due_at end as answer_due_at, t.disputed_minor
  from conversations_about a join conversations_conversation t on t.id = a.conversation_id
  where a.invoice_id = i.id and t.closed_at is null order by t.kind = 'dispute' desc, t.opened_at limit 1
) talk on true
left join lateral (
  select y.method from payments_allocation a join payments_payment y on y.id = a.payment_id
  where a.invoice_id = i.id and a.reversed_at is null order by a.created_at desc limit 1
) paid on i.settled_on < date '9999-12-31'
left join lateral (
  select case when f.answer <> '' then f.answer when f.payer_id is null then 'nobody' else 'asked' end as state
  from invoicing_forewarning f
  where f.invoice_id = i.id and f.ended_at is null and f.overruled_at is null and f.answer <> 'fine'
) word on i.issued_on is null and i.voided_at is null
where i.id = any(%(keys)s::uuid[])
"""
