"""Decides that a payment costs the same in a large book: each lookup goes by a key, and is planned once."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.invoicing.actions import balance
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor, an_invoice
from goodterms.parties.models import Customer
from goodterms.payments.actions import record
from goodterms.values.money import Money

pytestmark = pytest.mark.django_db
BOOK = [
    """
insert into parties_customer
select (jsonb_populate_record(k, jsonb_build_object('id', md5('c' || n)::uuid, 'number', 'B-' || n))).*
from parties_customer k, generate_series(0, 199) n where k.id = %(customer)s::uuid
""",
    """
insert into invoicing_invoice (id, vendor_id, customer_id, kind, number, work, order_number, currency, issued_on, due_on,
  net_minor, tax_minor, total_minor, terms, document, on_paper, created_by, created_at, approved_by, void_reason, open_minor,
  settled_on, in_parts, chase_on)
select md5('i' || n)::uuid, %(vendor)s::uuid, md5('c' || n %% 200)::uuid, 'invoice', 'B-' || n, '', '', 'GBP',
  '2026-10-01', '2026-10-31', 10, 0, 10,
  '{}', '{}', false, '', now(), '', '', 10, '9999-12-31', false, '2026-10-31'
from generate_series(1, 2000) n
""",
    """
insert into ledger_entry (id, vendor_id, kind, effective_on, recorded_at, document_id, memo)
select md5('e' || n)::uuid, %(vendor)s::uuid, 'invoice', '2026-10-01', now(), md5('i' || n)::uuid, ''
from generate_series(1, 2000) n
""",
    """
insert into ledger_posting (vendor_id, entry_id, account, currency, minor, invoice_id, effective_on)
select %(vendor)s::uuid, md5('e' || n)::uuid, account, 'GBP', minor, md5('i' || n)::uuid, '2026-10-01'
from generate_series(1, 2000) n, (values ('receivable', 10), ('sales', -10)) as side (account, minor)
""",
]
OPEN = "customer_id = %s::uuid and currency = %s and open_minor > 0"


@pytest.fixture(scope="module", autouse=True)
def planned_here(django_db_setup: None) -> None:
    """A connection of its own, which has not planned anything for other tests."""
    connection.close()


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield a_customer(vendor.id)


def fill(customer: Customer) -> None:
    """Two thousand issued invoices, all of one vendor, and what the planner may know of them."""
    with connection.cursor() as cursor:
        for statement in BOOK:
            cursor.execute(statement, {"vendor": customer.vendor_id, "customer": customer.id})
        cursor.execute("analyze invoicing_invoice, ledger_entry, ledger_posting")


def plan(query: str, types: str) -> str:
    """As the application's role, for any parameters."""
    numbered = query
    for n in range(query.count("%s")):
        numbered = numbered.replace("%s", f"${n + 1}", 1)
    nulls = ", ".join("null" for _ in types.split(", "))
    with connection.cursor() as cursor:
        cursor.execute("set local plan_cache_mode = force_generic_plan")
        cursor.execute(f"prepare asked ({types}) as {numbered}")
        cursor.execute(f"explain execute asked ({nulls})")
        lines = [line for (line,) in cursor.fetchall()]
        cursor.execute("deallocate asked")
    return "\n".join(lines)


def test_invoices_and_what_happened_to_them_are_found_by_their_keys(customer: Customer) -> None:
    """Row security lets a condition go by an index only where it leaks nothing: coalesce in a join read the whole ledger."""
    fill(customer)
    lookups: list[tuple[str, str, list[str]]] = [
        (f"{balance._ISSUED} and {OPEN} order by id for update", "uuid, text", ["customer_id = $1"]),
        (f"{balance._ISSUED} and id = {balance._KEYS} order by id for update", "uuid[]", ["id = ANY"]),
        (balance._LIVES, "uuid[]", ["id = ANY", "invoice_id = i.id", "id = p.entry_id", "id = e.reverses_id"]),
        (balance._MOVE, "jsonb", ["id = n.id"]),
    ]
    for query, types, keys in lookups:
        told = plan(query, types)
        conditions = re.findall(r"on (?:ledger_|invoicing_invoice|invoice_).*\n\s+Index Cond: (.*)", told)
        assert [key for key in keys if not any(key in one for one in conditions)] == [], told
        assert not re.search(r"Seq Scan on (invoicing_invoice|ledger)", told), told
        assert [one for one in conditions if "vendor_id" in one and " AND " not in one] == [], told


def test_no_statement_of_a_payment_is_planned_for_each_payment(customer: Customer) -> None:
    """An array that the planner sees is planned anew each time: half of the server's work."""
    fill(customer)  # what a plan is thought to cost hangs on what the planner knows of the tables
    for n in range(12):
        touched, _ = an_invoice(customer, 10_00), an_invoice(customer, 10_00)
        for part in (4_00, 16_00):
            record(
                vendor_id=customer.vendor_id, customer_id=customer.id, amount=Money(part, "GBP"), received_on=TODAY,
                method="cash", idempotency_key=f"{n} {part}", by="Tom", role="owner", now=NOW, named=[touched.id],
            )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "select custom_plans, generic_plans, statement from pg_prepared_statements"
            " where statement ~ 'payments_|ledger_|for update|update invoicing_invoice|interactions_interaction|lateral'"
            " and custom_plans + generic_plans > 9"
        )
        found = cursor.fetchall()
    assert len(found) >= 8
    assert [statement for custom, generic, statement in found if custom > generic] == []
