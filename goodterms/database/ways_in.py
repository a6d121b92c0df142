"""Decides what may be asked before anyone is declared: functions that run as the owner and answer with ids alone.

Row security hides every row until a transaction says for whom it acts, and for whom is what these find out: which vendors
list a payer, for whom a person works, which notice a link belongs to, and whose payment or question an address names.
"""

from collections.abc import Iterator
from uuid import UUID

from django.db import connection

# name: (argument, answer, query over the tables named last, which the owner may read)
_WAYS = {
    "vendors_listing": (
        "uuid",
        "uuid",
        "select distinct vendor_id from parties_contact where payer_id = $1 and ended_at is null",
        "parties_contact",
    ),
    "workplaces": (
        "uuid",
        "uuid",
        "select vendor_id from parties_member where person_id = $1 and ended_at is null",
        "parties_member",
    ),
    "notice_of_link": (
        "bytea",
        "table (id uuid, payer_id uuid, vendors uuid[], created_at timestamptz)",
        "select id, payer_id, vendors, created_at from reminders_notice where link_sha256 = $1",
        "reminders_notice",
    ),
    "vendor_of_payment": ("uuid", "uuid", "select vendor_id from payments_payment where id = $1", "payments_payment"),
    "vendor_of_feedback": (
        "uuid",
        "uuid",
        "select vendor_id from relationship_feedback where id = $1",
        "relationship_feedback",
    ),
}


def ways_in(role: str) -> Iterator[str]:
    """The statements that make the functions and let `role` call them, for the owner to run after every migration."""
    for name, (argument, answer, query, table) in _WAYS.items():
        returns = answer if answer.startswith("table") else f"setof {answer}"
        yield f"drop policy if exists owner_finds on {table}"
        yield f"create policy owner_finds on {table} for select to current_user using (true)"
        yield (
            f"create or replace function goodterms_{name}({argument}) returns {returns} language sql stable security definer"
            f" set search_path = public, pg_temp as $way$ {query} $way$"
        )
        yield f"revoke execute on function goodterms_{name}({argument}) from public"
        yield f"grant execute on function goodterms_{name}({argument}) to {role}"


def found(way: str, by: UUID | bytes) -> list[tuple[object, ...]]:
    """What one of the functions answers: rows of ids."""
    with connection.cursor() as cursor:
        cursor.execute(f"select * from goodterms_{way}(%s::{_WAYS[way][0]})", [by])
        rows: list[tuple[object, ...]] = cursor.fetchall()
        return rows


def tell(**who: str) -> None:
    """Say in this transaction who is asking, where policies go by it: `person`, `payer`, `secret`, `signin`."""
    with connection.cursor() as cursor:
        for name, value in who.items():
            cursor.execute("select set_config(%s, %s, true)", [f"goodterms.{name}", value])
