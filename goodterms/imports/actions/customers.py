"""Decides how a file of customers is taken over: read whole, previewed, then all of it in one transaction or nothing."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.db import connection, transaction

from goodterms.database.staging import fill
from goodterms.imports.actions.frame import Faults, Shelf, checked, must_be_theirs, note, opened
from goodterms.imports.file import Mended
from goodterms.imports.profile import Profile
from goodterms.imports.rules import Bad, CustomerChecker, Known
from goodterms.invoicing.life import Role
from goodterms.parties.models import Customer, Vendor
from goodterms.parties.rules import fold
from goodterms.terms.rules import Terms
from goodterms.values.days import day_in
from goodterms.values.keys import new_keys


@transaction.atomic
def import_customers(
    *,
    vendor_id: UUID,
    file: BinaryIO,
    name: str,
    profile: Profile,
    by: str,
    role: Role,
    now: datetime,
    dry_run: bool = False,
    mended: Mended | None = None,
) -> dict[str, Any]:
    """Take over the customers of a file, with the person who pays at each and the terms that were agreed.

    Bad rows: nothing is written, and each is named. A customer who is in the books already is left as they are, and nobody
    is written to because of this.
    """
    must_be_theirs(role)
    vendor = Vendor.objects.select_for_update().get(id=vendor_id)
    shelf = opened(file, profile, mended)
    checker = CustomerChecker(profile, shelf.where, shelf.headings, vendor.country)
    faults = Faults()
    found = checked(shelf, checker.check, faults)
    faults.tell_each(_twice(found, profile))
    known = _known(vendor, [row.number for row in found])
    faults.tell_each(_without_parents(found, _known(vendor, [row.parent for row in found if row.parent]), profile))
    new = [row._replace(currency=row.currency or vendor.currency) for row in found if row.number not in known]
    answer = {"holds": "customers", "dry_run": dry_run, "imported": False, **_counts(shelf, new, len(known)), **faults.told()}
    if dry_run or answer["bad_count"]:
        return answer
    _write(vendor, new, by, now)
    note(vendor, "customers", name, shelf.sha256, answer, by, now)
    return {**answer, "imported": True}


def _twice(rows: list[Known], profile: Profile) -> Iterator[Bad]:
    first: dict[str, int] = {}
    for row in rows:
        if (line := first.setdefault(row.number, row.line)) != row.line:
            yield Bad(row.line, profile.columns["number"], f"Customer {row.number} is on line {line} already.")


def _without_parents(rows: list[Known], there: set[str], profile: Profile) -> Iterator[Bad]:
    """Groups that are nowhere, and those that come back to where they began within the file."""
    above = {row.number: row.parent for row in rows}
    for row in rows:
        if row.parent and row.parent not in there and row.parent not in above:
            yield Bad(row.line, profile.columns["parent"], f"There is no customer {row.parent} in the file or in the books.")
            continue
        seen, at = {row.number}, row.parent
        while at and at not in seen and at not in there:
            seen.add(at)
            at = above.get(at, "")
        if at == row.number:
            yield Bad(row.line, profile.columns["parent"], f"{row.number} would belong to itself, by way of {row.parent}.")


def _known(vendor: Vendor, numbers: list[str]) -> set[str]:
    return set(Customer.objects.filter(vendor=vendor, number__in=numbers).values_list("number", flat=True))


def _counts(shelf: Shelf, new: list[Known], known: int) -> dict[str, Any]:
    return {
        "rows": shelf.read,
        "new": len(new),
        "unchanged": known,
        "customers": len(new),
        "payers": len({row.payer_id for row in new if row.payer_id}),
        "with_terms": sum(row.terms is not None for row in new),
        "with_order_rule": sum(row.order_required for row in new),
        "totals": [],
    }


def _write(vendor: Vendor, new: list[Known], by: str, now: datetime) -> None:
    """Stage and write, eight statements whatever the number of customers. Keys of a row differ in their last digit."""
    given: dict[str, Any] = {"vendor": vendor.id, "by": by, "now": now, "today": day_in(vendor.timezone, now)}
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        fill(cursor.cursor, "import_customer", _COLUMNS, _staged(new, now))
        for statement in _STATEMENTS:
            cursor.execute(statement, given)
        cursor.execute("drop table pg_temp.import_customer")


def _staged(new: list[Known], now: datetime) -> Iterator[tuple[Any, ...]]:
    for row, key in zip(new, new_keys(now, len(new)), strict=True):
        yield (
            f"{str(key)[:-1]}0", row.number, row.name, fold(row.name), row.contact or row.name, row.email, row.address_key,
            row.payer_id, row.phone, row.address, row.street, row.city, row.region, row.post_code, row.country, row.tax_id,
            row.language, row.currency, _json(row.terms), row.order_required, row.enclosure_required, row.invoice_format,
            row.bill_days, row.note, row.legal_name, row.company_number, row.endpoint_scheme, row.endpoint_id,
            row.buyer_reference, row.parent,
        )  # fmt: skip


def _json(terms: Terms | None) -> str | None:
    return None if terms is None else json.dumps(terms.to_json())


def _key(digit: str) -> str:
    return f"overlay(r.key placing '{digit}' from 36 for 1)::uuid"


_COLUMNS = [
    "key", "number", "name", "folded", "contact", "email", "address_key", "payer_id", "phone", "address", "street", "city",
    "region", "post_code", "country", "tax_id", "language", "currency", "terms", "order_required", "enclosure_required",
    "invoice_format", "bill_days", "note", "legal_name", "company_number", "endpoint_scheme", "endpoint_id",
    "buyer_reference", "parent",
]  # fmt: skip
_STAGE = """
create temporary table import_customer (
  key text, number text, name text, folded text, contact text, email text, address_key text, payer_id uuid, phone text,
  address text, street text, city text, region text, post_code text, country text, tax_id text, language text, currency text,
  terms jsonb, order_required boolean, enclosure_required text, invoice_format text, bill_days smallint[], note text,
  legal_name text, company_number text, endpoint_scheme text, endpoint_id text, buyer_reference text, parent text
) on commit drop
"""
_CUSTOMERS = f"""
insert into parties_customer
  (id, vendor_id, number, name, folded, country, currency, language, tone, timezone, quiet_weekdays, quiet_ranges, legal_name,
   address, tax_id, note, channel, bill_days, order_required, pays_by, pays_automatically, cadence, street, city, post_code,
   region, enclosure_required, invoice_format, company_number, endpoint_scheme, endpoint_id, buyer_reference, created_at)
select {_key("1")}, %(vendor)s, r.number, r.name, r.folded, r.country, r.currency, r.language, '', '', '{{}}'::smallint[],
   '[]'::jsonb, r.legal_name, r.address, r.tax_id, r.note, 'email', r.bill_days, r.order_required, '', false, '', r.street,
   r.city, r.post_code, r.region, r.enclosure_required, r.invoice_format, r.company_number, r.endpoint_scheme, r.endpoint_id,
   r.buyer_reference, %(now)s
from import_customer r
"""
_GROUPS = """
update parties_customer c set parent_id = p.id
from import_customer r join parties_customer p on p.vendor_id = %(vendor)s and p.number = r.parent
where r.parent <> '' and c.vendor_id = %(vendor)s and c.number = r.number
"""
_PAYERS = """
insert into parties_payer
  (id, address, name, language, tone, country, timezone, quiet_weekdays, quiet_ranges, letter_weekdays, created_at)
select distinct on (r.payer_id) r.payer_id, r.address_key, '', '', '', '', '', '{}'::smallint[], '[]'::jsonb, '{}'::smallint[],
   %(now)s
from import_customer r where r.payer_id is not null order by r.payer_id
on conflict do nothing
"""
_WITH_CONTACT = "from import_customer r where r.payer_id is not null or r.phone <> '' or r.contact <> r.name"
_CONTACTS = f"""
insert into parties_contact
  (id, vendor_id, customer_id, payer_id, name, title, email, phone, pays, approves, receives_copies, signs, note, created_at)
select {_key("2")}, %(vendor)s, {_key("1")}, r.payer_id, r.contact, '', r.email, r.phone, true, false, false, false, '', %(now)s
{_WITH_CONTACT}
"""
_TERMS = f"""
insert into terms_agreedterms (id, vendor_id, customer_id, version, from_on, data, agreed_by, agreed_at)
select {_key("3")}, %(vendor)s, {_key("1")}, 1, %(today)s::date, r.terms, '', %(now)s
from import_customer r where r.terms is not null
"""
_LOG = f"""
insert into interactions_interaction
  (id, vendor_id, at, kind, by, inbound, channel, customer_id, invoice_id, payer_id, subject_id, data)
select {_key("9")}, %(vendor)s, %(now)s::timestamptz, 'customer.added', %(by)s, false, 'import', {_key("1")}, null::uuid,
   null::uuid, null::uuid, '{{}}'::jsonb
from import_customer r
union all
select {_key("a")}, %(vendor)s, %(now)s, 'contact.added', %(by)s, false, 'import', {_key("1")}, null, r.payer_id, {_key("2")},
   '{{"roles": ["pays"]}}'::jsonb
{_WITH_CONTACT}
union all
select {_key("b")}, %(vendor)s, %(now)s, 'terms.agreed', %(by)s, false, 'import', {_key("1")}, null, null, {_key("3")},
   jsonb_build_object('version', 1, 'from_on', %(today)s::date)
from import_customer r where r.terms is not null
"""
_STATEMENTS = (_CUSTOMERS, _GROUPS, _PAYERS, _CONTACTS, _TERMS, _LOG)
