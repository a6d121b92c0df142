"""Decides how an invoice comes in that has lines of its own, or was paid in part: on stages beside that of the rows."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from goodterms.database.staging import fill
from goodterms.imports.rules import Good
from goodterms.parties.models import Vendor
from goodterms.payments.actions import record
from goodterms.payments.models import Payment
from goodterms.values.keys import new_keys
from goodterms.values.money import Money

DESCRIPTION = "As invoiced"  # the one line of a document whose lines we do not know
NONE = {"paid_in_part": 0, "paid_since": 0}


def begin(cursor: Any) -> None:
    """Both stages, empty; gone at commit."""
    cursor.execute("drop table if exists pg_temp.import_part, pg_temp.import_line")
    for stage in _STAGES:  # one by one: a statement that is prepared is a single one
        cursor.execute(stage)


def fill_in(cursor: Any, good: Sequence[Good], now: datetime) -> None:
    """What of these rows is paid, and their lines."""
    paid = ((row.line, row.open_minor) for row in good if row.open_minor is not None and row.open_minor != row.minor)
    fill(cursor, "import_part", ["line", "open_minor"], paid)
    lines = [(row.line, one) for row in good for one in as_lines(row)]
    staged = (
        (key, line, *(one[name] for name in _OF_LINE))
        for key, (line, one) in zip(new_keys(now, len(lines)), lines, strict=True)
    )
    fill(cursor, "import_line", ["id", "line", *_OF_LINE], staged)


def as_lines(row: Good) -> Iterator[dict[str, Any]]:
    """The lines of a row as a document has them."""
    for position, one in enumerate(row.lines, 1):
        yield {
            "position": position, "description": one.description or DESCRIPTION, "quantity": one.quantity,
            "unit_price": one.price, "net_minor": one.minor, "tax_category": one.category or "O", "tax_percent": one.percent,
            "tax_reason": one.reason if one.category else DESCRIPTION,
        }  # fmt: skip


def leave_out_paid(cursor: Any) -> list[tuple[int, str]]:
    """Rows that were paid in full on a day that the file does not say, and are not in the books: nobody could tell from them
    how long their customer takes to pay. Returns their lines and numbers."""
    cursor.execute(_PAID)
    return list(cursor.fetchall())


def preview(cursor: Any, totals: list[dict[str, Any]]) -> dict[str, int]:
    """How many are paid in part, and how many that are in the books were paid since; lowers what is open in `totals`."""
    cursor.execute(_LESS)
    paid = {currency: (count, int(minor)) for currency, count, minor in cursor.fetchall()}
    for total in totals:
        total["open_minor"] -= paid.get(total["currency"], (0, 0))[1]
    cursor.execute(f"select count(*) {_SINCE}")
    return {"paid_in_part": sum(count for count, _ in paid.values()), "paid_since": cursor.fetchone()[0]}


def pay(vendor: Vendor, *, by: str, on: date, now: datetime) -> None:
    """What the file says is paid of invoices that are in the books now. When it was, the file does not say: it counts as
    paid on the day on which the file was known, and is thanked for by nobody."""
    with connection.cursor() as cursor:
        cursor.execute(f"select i.number, i.customer_id, i.id, i.open_minor - p.open_minor, i.currency, p.open_minor {_SINCE}")
        found: list[tuple[str, UUID, UUID, int, str, int]] = cursor.fetchall()
    keys = []
    for number, customer, invoice, minor, currency, left in found:
        keys.append(f"import:{number}:{left}")
        record(
            vendor_id=vendor.id, customer_id=customer, amount=Money(minor, currency), received_on=on, method="other",
            idempotency_key=keys[-1], by=by, role="bookkeeper", now=now, named=[invoice], only_named=True,
        )  # fmt: skip
    Payment.objects.filter(vendor=vendor, idempotency_key__in=keys, thanked_at=None).update(thanked_at=now)


_OF_LINE = (
    "position", "description", "quantity", "unit_price", "net_minor", "tax_category", "tax_percent", "tax_reason",
)  # fmt: skip
_STAGES = (
    "create temporary table import_part (line integer, open_minor bigint) on commit drop",
    """create temporary table import_line (id uuid, line integer, position integer, description text, quantity numeric,
       unit_price numeric, net_minor bigint, tax_category text, tax_percent numeric, tax_reason text) on commit drop""",
)
_PAID = """
delete from import_row r using import_part p
where p.line = r.line and p.open_minor = 0 and r.known is null and r.settled_on is null returning r.line, r.number
"""
_LESS = """
select r.currency, count(*), sum(r.minor - p.open_minor) from import_row r join import_part p on p.line = r.line
where r.known is null and r.settled_on is null group by r.currency
"""
# Less is open in the file than in the books. What was paid by this much before is not paid again.
_SINCE = """
from import_row r join import_part p on p.line = r.line join invoicing_invoice i on i.id = r.known
where r.settled_on is null and i.open_minor > p.open_minor and i.voided_at is null
  and not exists (select from payments_payment b where b.vendor_id = i.vendor_id
                  and b.idempotency_key = 'import:' || i.number || ':' || p.open_minor)
"""
