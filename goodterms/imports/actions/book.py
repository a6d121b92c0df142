"""Decides how staged rows become a book: customers, contacts, invoices, entries, payments, the log; a few statements in all."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from goodterms.conversations.actions import Disputed, open_disputes
from goodterms.database.staging import take_stock
from goodterms.imports.actions import parts
from goodterms.imports.actions.frozen import DESCRIPTION, Press
from goodterms.imports.actions.stage import KEYS, SETTLED_SINCE, bulk, key_of
from goodterms.parties.models import Vendor
from goodterms.payments.actions import fix_what_waits, record
from goodterms.values.days import NEVER
from goodterms.values.money import Money

BATCH = 2_000
_TABLES = (
    "parties_customer", "parties_contact", "parties_payer", "invoicing_invoice", "invoicing_line", "ledger_entry",
    "ledger_posting", "payments_payment", "payments_allocation", "interactions_interaction",
)  # fmt: skip
FLAGGED = "Flagged as disputed in the book that was taken over."


def write(*, vendor: Vendor, counted: Mapping[str, Any], by: str, on: date, now: datetime, has_parts: bool) -> None:
    """Write all staged rows that are new, in the caller's transaction; disputes are open as of the day `on`. `counted`: what
    the stage's preview says of them. `has_parts`: some have lines of their own, or are paid in part."""
    given: dict[str, Any] = {
        "vendor": vendor.id, "by": by, "now": now, "never": NEVER, "opens_at": vendor.opens_at, "timezone": vendor.timezone,
        "plain": DESCRIPTION, "seller": Jsonb(Press(vendor).vendor),
    }  # fmt: skip
    with connection.cursor() as cursor, bulk():
        for statement in _BOOK_OF_PARTS if has_parts else _BOOK:
            cursor.execute(statement, given)
    take_stock(_TABLES)
    for some in _batches(_DISPUTED, [vendor.id]) if counted["disputed"] else ():
        disputed = [Disputed(*row) for row in some]
        open_disputes(vendor_id=vendor.id, disputed=disputed, words=FLAGGED, by=by, on=on, now=now)
    for some in _batches(_SETTLED_SINCE, []) if counted["settled_since"] else ():
        for row in some:
            _pay(vendor, *row, by=by, now=now)
    if has_parts:
        with connection.cursor() as cursor:
            cursor.execute(_KNOWN_NOW)
        parts.pay(vendor, by=by, on=on, now=now)
    fix_what_waits(vendor_id=vendor.id, now=now)


def _pay(
    vendor: Vendor, number: str, customer: Any, invoice: Any, minor: int, currency: str, on: date, *, by: str, now: datetime
) -> None:
    """An invoice that was open when its row was taken over was settled since, says the file."""
    record(
        vendor_id=vendor.id, customer_id=customer, amount=Money(minor, currency), received_on=on, method="other",
        idempotency_key=f"import:{number}", by=by, role="bookkeeper", now=now, named=[invoice],
    )  # fmt: skip


def _batches(query: str, values: list[Any]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of a query, page by page; each page ends before the next is asked for, since work on it changes what is left."""
    after = 0
    while True:
        with connection.cursor() as cursor, bulk():
            cursor.execute(query, [*values, after, BATCH])
            some = cursor.fetchall()
        if not some:
            return
        yield [row[1:] for row in some]
        after = some[-1][0]


def _key(digit: str) -> str:
    return f"r.id_{digit}" if digit in KEYS else key_of("r.key", digit)


_CUSTOMERS = f"""
insert into parties_customer
  (id, vendor_id, number, name, folded, country, currency, paperless_on, language, tone, timezone, quiet_weekdays,
   quiet_ranges, legal_name, address, tax_id, note, channel, bill_days, order_required, pays_by, pays_automatically, cadence,
   created_at)
select distinct on (r.customer) {_key("1")}, %(vendor)s, r.customer, r.name, r.folded, r.country, r.currency, r.paperless_on,
   '', '', '', '{{}}'::smallint[], '[]'::jsonb, '', '', '', '', 'email', '{{}}'::smallint[], false, '', false, '', %(now)s
from import_row r order by r.customer, r.line
on conflict (vendor_id, number) do nothing
"""
# Only customers for whom nobody pays yet get the file's contact, and only such a contact brings in its payer.
_UNPAID_FOR = """
from import_row r join parties_customer c on c.vendor_id = %(vendor)s and c.number = r.customer
where r.payer_id is not null
  and not exists (select from parties_contact p where p.customer_id = c.id and p.pays and p.ended_at is null)
"""
_PAYERS = f"""
insert into parties_payer
  (id, address, name, language, tone, country, timezone, quiet_weekdays, quiet_ranges, letter_weekdays, created_at)
select distinct on (r.payer_id) r.payer_id, r.address, '', '', '', '', '', '{{}}'::smallint[], '[]'::jsonb, '{{}}'::smallint[],
   %(now)s
{_UNPAID_FOR} order by r.payer_id
on conflict do nothing
"""
_CONTACTS = f"""
insert into parties_contact
  (id, vendor_id, customer_id, payer_id, name, title, email, phone, pays, approves, receives_copies, signs, note, created_at)
select distinct on (c.id) {_key("2")}, c.vendor_id, c.id, r.payer_id, r.contact, '', r.email, '', true, false, false, false, '',
   %(now)s
{_UNPAID_FOR} order by c.id, r.line
"""
_NEW = "from import_row r join parties_customer c on c.vendor_id = %(vendor)s and c.number = r.customer where r.known is null"
_INVOICES = f"""
insert into invoicing_invoice
  (id, vendor_id, customer_id, kind, number, work, order_number, currency, issued_on, due_on, net_minor, tax_minor,
   total_minor, terms, document, document_sha256, on_paper, created_by, created_at, approved_by, issued_at, void_reason,
   open_minor, settled_on, in_parts, chase_on)
select {_key("0")}, c.vendor_id, c.id, 'invoice', r.number, r.work, r.order_number, r.currency, r.issued_on, r.due_on,
   r.minor - r.tax, r.tax, r.minor, r.terms, r.document || %(seller)s, r.seal,
   case when c.paperless_on is null then c.channel = 'post' else r.issued_on < c.paperless_on end,
   %(by)s, %(now)s, '', (r.issued_on + %(opens_at)s::time) at time zone %(timezone)s, '',
   case when r.settled_on is null then r.minor else 0 end, coalesce(r.settled_on, %(never)s::date), false, r.due_on
{_NEW}
"""
_LINES = f"""
insert into invoicing_line
  (id, vendor_id, invoice_id, position, project, description, quantity, unit, unit_price, discount_percent, tax_category,
   tax_percent, tax_reason, net_minor)
select {_key("3")}, %(vendor)s, {_key("0")}, 1, '', coalesce(nullif(r.work, ''), %(plain)s), 1, '', r.price, 0, 'O', 0,
   %(plain)s, r.minor
from import_row r where r.known is null
"""
_LINES_OF_PARTS = (
    f"{_LINES} and not exists (select from import_line l where l.line = r.line)",
    f"""
insert into invoicing_line
  (id, vendor_id, invoice_id, position, project, description, quantity, unit, unit_price, discount_percent, tax_category,
   tax_percent, tax_reason, net_minor)
select l.id, %(vendor)s, {_key("0")}, l.position, '', l.description, l.quantity, '', l.unit_price, 0, l.tax_category,
   l.tax_percent, l.tax_reason, l.net_minor
from import_line l join import_row r on r.line = l.line where r.known is null
""",
)
# What was paid before the book came here was thanked for, or not, elsewhere: nothing is sent for it now.
_PAYMENTS = f"""
insert into payments_payment
  (id, vendor_id, customer_id, method, provider, provider_object_id, reference, currency, minor, unapplied_minor,
   refunded_minor, received_on, recorded_at, recorded_by, idempotency_key, request_sha256, answer, thanked_at)
select {_key("4")}, c.vendor_id, c.id, 'other', '', '', r.number, r.currency, r.minor, 0, 0, r.settled_on, %(now)s, %(by)s,
   'import:' || r.number, sha256(convert_to(r.key, 'UTF8')), '{{}}'::jsonb, %(now)s
{_NEW} and r.settled_on is not null
"""
_ALLOCATIONS = f"""
insert into payments_allocation (id, vendor_id, payment_id, invoice_id, minor, discount_minor, effective_on, created_at)
select {_key("5")}, %(vendor)s, {_key("4")}, {_key("0")}, r.minor, 0, r.settled_on, %(now)s
from import_row r where r.known is null and r.settled_on is not null
"""
_ENTRIES = f"""
insert into ledger_entry (id, vendor_id, kind, effective_on, recorded_at, document_id, memo)
select {_key("6")}, %(vendor)s, 'invoice', r.issued_on, %(now)s, {_key("0")}, '' from import_row r where r.known is null
union all
select {_key("7")}, %(vendor)s, 'payment', r.settled_on, %(now)s, {_key("4")}, ''
from import_row r where r.known is null and r.settled_on is not null
union all
select {_key("8")}, %(vendor)s, 'allocation', r.settled_on, %(now)s, {_key("5")}, ''
from import_row r where r.known is null and r.settled_on is not null
"""
# As ledger.rules.invoice, payment and allocation book them. One statement, for the trigger balances each entry at its end.
_POSTINGS = f"""
insert into ledger_posting (vendor_id, entry_id, account, currency, minor, customer_id, invoice_id, effective_on)
select c.vendor_id, side.entry_id, side.account, r.currency, side.minor, c.id, side.invoice_id, side.effective_on
from import_row r join parties_customer c on c.vendor_id = %(vendor)s and c.number = r.customer
cross join lateral (values
  ({_key("6")}, 'receivable', r.minor, {_key("0")}, r.issued_on),
  ({_key("6")}, 'sales', r.tax - r.minor, null, r.issued_on),
  ({_key("6")}, 'tax', -r.tax, null, case when r.tax <> 0 then r.issued_on end),
  ({_key("7")}, 'bank', r.minor, null, r.settled_on),
  ({_key("7")}, 'unapplied', -r.minor, null, r.settled_on),
  ({_key("8")}, 'unapplied', r.minor, null, r.settled_on),
  ({_key("8")}, 'receivable', -r.minor, {_key("0")}, r.settled_on)
) as side (entry_id, account, minor, invoice_id, effective_on)
where r.known is null and side.effective_on is not null
"""
_LOG = f"""
insert into interactions_interaction
  (id, vendor_id, at, kind, by, inbound, channel, customer_id, invoice_id, payer_id, subject_id, data)
select {_key("9")}, c.vendor_id, %(now)s::timestamptz, 'invoice.imported', %(by)s, false, 'import', c.id, {_key("0")},
   null::uuid, null::uuid,
   jsonb_build_object('number', r.number, 'total_minor', r.minor, 'currency', r.currency, 'due_on', r.due_on)
{_NEW}
union all
select {_key("a")}, c.vendor_id, %(now)s, 'payment.imported', %(by)s, true, 'import', c.id, {_key("0")}, null, {_key("4")},
   jsonb_build_object('minor', r.minor, 'currency', r.currency, 'received_on', r.settled_on)
{_NEW} and r.settled_on is not null
union all
select {_key("b")}, c.vendor_id, %(now)s, 'customer.added', %(by)s, false, 'import', c.id, null, null, null, '{{}}'::jsonb
from import_row r join parties_customer c on c.vendor_id = %(vendor)s and c.id = {_key("1")}
union all
select {_key("c")}, p.vendor_id, %(now)s, 'contact.added', %(by)s, false, 'import', p.customer_id, null, p.payer_id, p.id,
   '{{"roles": ["pays"]}}'::jsonb
from import_row r join parties_contact p on p.vendor_id = %(vendor)s and p.id = {_key("2")}
"""
_BOOK = (
    _CUSTOMERS, _PAYERS, _CONTACTS, _INVOICES, _LINES, _PAYMENTS, _ALLOCATIONS, _ENTRIES, _POSTINGS, _LOG,
)  # fmt: skip
# Once all is written, new rows are in the books as well: what is paid of them is found by their keys.
_KNOWN_NOW = f"update import_row r set known = {_key('0')} where r.known is null"
_BOOK_OF_PARTS = (
    *(one for each in _BOOK for one in (_LINES_OF_PARTS if each is _LINES else (each,))),
)  # fmt: skip
_DISPUTED = f"""
select r.line, c.id, {_key("0")}, r.number
from import_row r join parties_customer c on c.vendor_id = %s and c.number = r.customer
where r.known is null and r.disputed and r.settled_on is null and r.line > %s order by r.line limit %s
"""
_SETTLED_SINCE = f"""
select r.line, i.number, i.customer_id, i.id, i.total_minor, i.currency, r.settled_on {SETTLED_SINCE}
and r.line > %s order by r.line limit %s
"""
