"""Decides what a file holds before anything is written: its rows on a stage, checked against each other and the books."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db import connection

from goodterms.database.staging import fill
from goodterms.imports.actions import parts
from goodterms.imports.actions.frozen import NOTHING, Press
from goodterms.imports.file import Numbered
from goodterms.imports.profile import LINE_COLUMNS
from goodterms.imports.rules import Bad, Checker, Good
from goodterms.imports.rules.sieve import LATER, PAID, LeftOut
from goodterms.invoicing import document
from goodterms.parties.models import Vendor
from goodterms.parties.rules import fold
from goodterms.values.keys import new_keys
from goodterms.values.money import exponent
from goodterms.values.refusal import Refused

BATCH = 5_000
BAD_MOST = 1_000
KEYS = "045678"  # last digits of keys that are used more than once: of the invoice, its payment, allocation and entries
FEW = 500  # lines: looked up one by one in an index, where more are held against all invoices of the vendor


def key_of(row: str, digit: str) -> str:
    """Keys of what one row brings differ in their last hexadecimal digit, so that one key a row is enough to bring in."""
    return f"overlay({row} placing '{digit}' from 36 for 1)::uuid"


@contextmanager
def bulk() -> Iterator[None]:
    """Joins without nested loops. Tables that were filled just now have no statistics, and we may not gather any: the planner
    would take them for empty and compare each row with each (7 s for 10,000 rows, and a hundred times that for 100,000)."""
    with connection.cursor() as cursor:
        cursor.execute("set local enable_nestloop = off")
        yield
        cursor.execute("set local enable_nestloop = on")


class Stage:
    """The rows of one file in `import_row`, and what is wrong with them. One import at a time in a transaction."""

    def __init__(
        self, vendor: Vendor, *, issued_until: date, known_on: date, now: datetime, headings: Mapping[str, str]
    ) -> None:
        self.read = 0
        self.ignored_later = 0
        self.left_out = LeftOut()
        self.without_lines = 0
        self.has_known = False  # whether any of the rows is in the books already
        self.has_parts = {"open", *LINE_COLUMNS} & set(headings) != set()
        self._vendor = vendor
        self._issued_until = issued_until
        self._known_on = known_on
        self._now = now
        self._headings = headings
        self._bad: list[Bad] = []
        self._bad_lines = 0
        self.press = Press(vendor)
        with connection.cursor() as cursor:
            cursor.execute("drop table if exists pg_temp.import_row")
            cursor.execute(_STAGE)
            parts.begin(cursor)

    def take(
        self, numbered: Iterator[Numbered], checker: Checker, *, with_documents: bool, aside: Callable[[], int] = int
    ) -> None:  # fmt: skip
        """Check every row and stage the good ones that were known by then, in constant memory. Refuses a file without rows;
        `aside` says how many are no invoices and are read elsewhere."""
        while batch := list(islice(numbered, BATCH)):
            self.read += len(batch)
            good = []
            for line, fields in batch:
                found = checker.check(line, fields)
                if isinstance(found, list):
                    self.tell(found)
                elif found.issued_on <= self._issued_until:
                    good.append(self._as_known(found))
                else:
                    self.ignored_later += 1
                    self.left_out.name(found.line, found.number, LATER)
            self._copy(good, with_documents=with_documents)
        if not self.read and not aside() and not self.left_out and not self._bad:
            raise Refused("The file has headings and no rows.", code="file")
        with connection.cursor() as cursor, nullcontext() if self.read <= FEW else bulk():
            cursor.execute("analyze import_row (line, number, customer, payer_id, currency, settled_on, disputed)")
            self._compare(cursor)
            if self.has_parts:
                for line, number in parts.leave_out_paid(cursor):
                    self.left_out.leave(PAID, line, number)

    def preview(self) -> dict[str, Any]:
        """What the file holds, in numbers."""
        with connection.cursor() as cursor, bulk():
            cursor.execute(_COUNTS, [self._vendor.id])
            names = [column.name for column in cursor.description]
            counts = dict(zip(names, cursor.fetchone(), strict=True))
            cursor.execute(_TOTALS)
            names = [column.name for column in cursor.description]
            totals = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            in_part = parts.preview(cursor, totals) if self.has_parts else parts.NONE
        return {
            "rows": self.read,
            **counts,
            "ignored_later": self.ignored_later,
            **in_part,
            "without_lines": self.without_lines,
            **self.left_out.told(),
            "totals": [{**row, "total_minor": int(row["total_minor"]), "open_minor": int(row["open_minor"])} for row in totals],
            "bad_count": self._bad_lines,
            "bad": [bad._asdict() for bad in sorted(self._bad)],
        }

    def drop(self) -> None:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("drop table if exists pg_temp.import_row")

    def tell(self, found: list[Bad]) -> None:
        self._bad_lines += 1
        self._bad += found[: max(0, BAD_MOST - len(self._bad))]

    def _as_known(self, row: Good) -> Good:
        """A payment that was not there yet is not known: the invoice is open."""
        if row.settled_on is not None and row.settled_on > self._known_on:
            return row._replace(settled_on=None, open_minor=None)
        return row

    def _copy(self, good: list[Good], *, with_documents: bool) -> None:
        buyers = self._buyers({row.customer for row in good}) if with_documents else {}
        keys = new_keys(self._now, len(good))
        staged = (
            (
                row.line, f"{str(key)[:-1]}0", row.number, row.customer, row.name, _folded(row.name), row.contact or row.name,
                row.email, row.address, row.payer_id, row.country, row.currency, row.minor, row.issued_on, row.due_on,
                row.settled_on, row.disputed, row.paperless_on, row.work, row.order_number,
                row.taxed.tax_minor if row.taxed else 0,
                *(self.press.freeze(row, buyers) if with_documents else NOTHING),
            )
            for row, key in zip(good, keys, strict=True)
        )  # fmt: skip
        with connection.cursor() as wrapped:
            fill(wrapped.cursor, "import_row", _COLUMNS, staged)
            if self.has_parts:
                self.without_lines += sum(not row.lines for row in good) if set(LINE_COLUMNS) & set(self._headings) else 0
                parts.fill_in(wrapped.cursor, good, self._now)

    def _buyers(self, numbers: set[str]) -> dict[str, dict[str, Any]]:
        """Customers that we know are on a document as we know them."""
        with connection.cursor() as cursor:
            cursor.execute(_BUYERS, [self._vendor.id, list(numbers)])
            found = [dict(zip(document.OF_CUSTOMER, row, strict=True)) for row in cursor.fetchall()]
        return {one["number"]: one for one in found}

    def _compare(self, cursor: Any) -> None:
        """Rows against each other, and against the books."""
        cursor.execute(_KNOWN, [self._vendor.id])
        self.has_known = cursor.rowcount > 0
        checks: list[tuple[str, Callable[..., Iterator[Bad]]]] = [(_TWICE, self._twice), (_DIFFERENT_CUSTOMER, self._unlike)]
        if self.has_known:
            checks.append((_DIFFERENT_INVOICE, self._changed))
        for query, tell in checks:
            cursor.execute(query, [self._vendor.id] if "%s" in query else [])
            while some := cursor.fetchmany(BATCH):
                for row in some:
                    self.tell(list(tell(*row)))

    def _twice(self, line: int, first: int, number: str) -> Iterator[Bad]:
        yield Bad(line, self._headings["number"], f"Number {number} is on line {first} already.")

    def _unlike(self, line: int, first: int, customer: str, *said: Any) -> Iterator[Bad]:
        for name, here, there in zip(("email", "paperless", "country"), said[::2], said[1::2], strict=True):
            if here != there:
                column = self._headings.get(name, "")
                yield Bad(line, column, f"Line {first} has {there or 'nothing'} for the same customer {customer}.")

    def _changed(self, line: int, number: str, digits_of: str, *said: Any) -> Iterator[Bad]:
        for name, here, there in zip(_CONTENT, said[::2], said[1::2], strict=True):
            if here != there:
                shown = f"{Decimal(there).scaleb(-exponent(digits_of)):f}" if name == "amount" else there or "nothing"
                yield Bad(line, self._headings.get(name, ""), f"Invoice {number} is in the books already, with {shown} here.")


@lru_cache(maxsize=10_000)
def _folded(name: str) -> str:
    return fold(name)


# What the books are written from comes first, for a row is read up to what is asked of it; its keys are made as it comes in,
# while the next rows are being read, and not where they are used.
_KEYS = ", ".join(f"id_{digit} uuid generated always as ({key_of('key', digit)}) stored" for digit in KEYS)
_STAGE = f"""
create temporary table import_row (
  line integer, minor bigint, tax bigint, issued_on date, due_on date, disputed boolean, {_KEYS},
  known uuid, settled_on date, payer_id uuid, paperless_on date,
  customer text, number text, currency text, key text, work text, order_number text, name text, folded text, contact text,
  email text, address text, country text, price numeric, seal bytea, terms jsonb, document jsonb
) on commit drop
"""
_COLUMNS = [
    "line", "key", "number", "customer", "name", "folded", "contact", "email", "address", "payer_id", "country", "currency",
    "minor", "issued_on", "due_on", "settled_on", "disputed", "paperless_on", "work", "order_number", "tax", "terms",
    "document", "seal", "price",
]  # fmt: skip
_BUYERS = f"select {', '.join(document.OF_CUSTOMER)} from parties_customer where vendor_id = %s and number = any(%s)"
_KNOWN = """
update import_row r set known = i.id from invoicing_invoice i
where i.vendor_id = %s and i.number = r.number and i.number <> ''
"""
_TWICE = """
select line, first, number from (select line, number, min(line) over (partition by number) as first from import_row) r
where line > first order by line
"""
# The customers with two readings are few: only their rows are compared with the first of them.
_DIFFERENT_CUSTOMER = """
with mixed as (
  select customer, min(line) as line from import_row group by customer
  having min(address) <> max(address) or min(country) <> max(country)
      or count(distinct coalesce(paperless_on, 'infinity'::date)) > 1
)
select r.line, f.line, r.customer, r.address, f.address, r.paperless_on, f.paperless_on, r.country, f.country
from mixed m join import_row f on f.line = m.line join import_row r on r.customer = m.customer
where (r.address, r.country, r.paperless_on) is distinct from (f.address, f.country, f.paperless_on) order by r.line
"""
_CONTENT = ("customer", "currency", "amount", "issued", "due", "work", "order_number")
_DIFFERENT_INVOICE = """
select r.line, r.number, i.currency, r.customer, c.number, r.currency, i.currency, r.minor, i.total_minor,
       r.issued_on, i.issued_on, r.due_on, i.due_on, r.work, i.work, r.order_number, i.order_number
from import_row r join invoicing_invoice i on i.id = r.known join parties_customer c on c.id = i.customer_id
where i.vendor_id = %s
  and (r.customer, r.currency, r.minor, r.issued_on, r.due_on, r.work, r.order_number, 'invoice')
      is distinct from (c.number, i.currency, i.total_minor, i.issued_on, i.due_on, i.work, i.order_number, i.kind)
order by r.line
"""
SETTLED_SINCE = """
from import_row r join invoicing_invoice i on i.id = r.known
where r.settled_on is not null and i.open_minor > 0 and i.open_minor = i.total_minor and i.voided_at is null
  and not exists (select from payments_payment p where p.vendor_id = i.vendor_id and p.idempotency_key = 'import:' || i.number)
"""
_COUNTS = f"""
with given as (select %s::uuid as vendor_id)
select count(*) filter (where r.known is null) as new, count(r.known) as unchanged,
  (select count(*) {SETTLED_SINCE}) as settled_since,
  (select count(distinct n.customer) from import_row n where not exists (
     select from parties_customer c, given where c.vendor_id = given.vendor_id and c.number = n.customer)) as customers,
  count(distinct r.payer_id) filter (where r.known is null) as payers,
  count(*) filter (where r.known is null and r.settled_on is not null) as settled,
  count(*) filter (where r.known is null and r.settled_on is null) as open,
  count(*) filter (where r.known is null and r.settled_on is null and r.disputed) as disputed
from import_row r
"""
_TOTALS = """
select currency, count(*) as invoices, sum(minor) as total_minor,
       coalesce(sum(minor) filter (where settled_on is null), 0) as open_minor
from import_row where known is null group by currency order by currency
"""
