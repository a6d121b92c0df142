"""Decides whether vendors are kept apart in the rows: each row has its vendor, and no key leads from one vendor to another."""

from collections.abc import Iterator

from django.db import connection

from goodterms.database.isolation import keys_across, open_tables
from goodterms.proof.looking import Finding, looked_at, looked_through, together

# Keys that are no foreign keys of the models, for speed of writing: looked at in the rows all the same.
PLAIN_KEYS = [
    ("ledger_posting", "customer_id", "parties_customer"),
    ("ledger_posting", "invoice_id", "invoicing_invoice"),
    ("interactions_interaction", "customer_id", "parties_customer"),
    ("interactions_interaction", "invoice_id", "invoicing_invoice"),
    ("relationship_feedback", "payment_id", "payments_payment"),
]


def keys_stay_in_one_vendor() -> Finding:
    """I24: row security is on for every table of a vendor, each key between two of them carries the vendor as well, and in
    the rows every key leads to a row of the same vendor."""
    return together(looked_through(_declared()), *(looked_at(_rows(*key)) for key in [*keys_across(), *PLAIN_KEYS]))


def _declared() -> Iterator[tuple[str, str | None]]:
    for table in open_tables():
        yield f"table {table}", "has no row security"
    with connection.cursor() as cursor:
        cursor.execute("select conname from pg_constraint where connamespace = 'public'::regnamespace and convalidated")
        names = {name for (name,) in cursor.fetchall()}
    for table, column, _ in keys_across():
        missing = f"{table}_{column}_same_vendor" not in names
        yield f"key {table}.{column}", "does not carry the vendor" if missing else None


def _rows(table: str, column: str, target: str) -> str:
    return f"""
        select '{table} of {column} ' || t.{column},
          case when x.id is null then 'names in {column} no {target} of its own vendor' end
        from {table} t left join {target} x on x.id = t.{column} and x.vendor_id = t.vendor_id
        where t.{column} is not null"""
