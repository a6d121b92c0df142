"""Decides who sees which rows: row security on every table of a vendor, and keys that stay within one vendor.

PostgreSQL checks foreign keys past row security, so each key between two tables of vendors carries the vendor as well;
Django cannot declare that, so both are made here, after every migration, from the catalogue and the models.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.apps import apps
from django.db import connection, models, transaction

from goodterms.database.ways_in import ways_in

APP_ROLE = "goodterms_app"
# Read once for a statement: as a sub-select it is an InitPlan, where the bare setting would be parsed again for every row.
_ARRAY = "(select nullif(current_setting('goodterms.vendors', true), '')::uuid[])"
_DECLARED = f"any({_ARRAY}::uuid[])"
_OWN = f"vendor_id = {_DECLARED}"
_SIGNING_IN = "(select current_setting('goodterms.signin', true)) = 'on'"
_SELF = f"({{0}}::text = (select current_setting('goodterms.person', true)) or {_SIGNING_IN})"
_THEIRS = (
    "payer_id::text = (select current_setting('goodterms.payer', true))"
    " or secret_sha256 = (select current_setting('goodterms.secret', true))"
)
_LISTED = "exists (select from parties_contact c where c.payer_id = {0}.payer_id)"

# Tables whose vendor is not called vendor_id: who sees a row, and who may write one.
NAMED: dict[str, tuple[str, str]] = {
    "parties_vendor": (f"id = {_DECLARED} or current_setting('goodterms.directory', true) = 'on'", f"id = {_DECLARED}"),
    # A payer belongs to all vendors who list the address; none sees a payer whom it does not list.
    "parties_payer": ("exists (select from parties_contact c where c.payer_id = parties_payer.id)", "true"),
    # Limits count over all vendors, so a contact has none; it is seen by those who list the payer, or are owed by the customer
    # who stands for itself. Its claim may be given back by those who made it, before anything left.
    "interactions_outreach": (
        f"{_LISTED.format('interactions_outreach')} or exists (select from parties_customer c where c.id = payer_id)",
        "true",
    ),
    "relationship_asked": (_LISTED.format("relationship_asked"), "true"),
    # A bundled letter belongs to several vendors: each sees that it exists, only all together see its words.
    "delivery_letter": (f"vendors && {_ARRAY}", f"vendors <@ {_ARRAY}"),
    "delivery_body": (f"vendors <@ {_ARRAY}", f"vendors <@ {_ARRAY}"),
    "reminders_notice": (f"vendors && {_ARRAY}", f"vendors <@ {_ARRAY}"),
    # A person is seen by those with whom they work, by themselves, and by the pages on which they sign in.
    "parties_person": (
        f"{_SELF.format('id')} or exists (select from parties_member m where m.person_id = parties_person.id)",
        "true",
    ),
    "account_emailaddress": (_SELF.format("user_id"), "true"),
    "mfa_authenticator": (_SELF.format("user_id"), _SELF.format("user_id")),
    "usersessions_usersession": (_SELF.format("user_id"), "true"),
    # A payer's session is found by the hash of its cookie, or by the payer whom it made known.
    "access_session": (_THEIRS, "true"),
    "access_code": (_THEIRS, "true"),
    "access_link": (_THEIRS, "true"),
    # An invitation is found by the hash of its link, before anyone knows for whom it is.
    "parties_invitation": (f"{_OWN} or secret_sha256 = (select current_setting('goodterms.secret', true))", _OWN),
    # A key is looked up by its own secret before anyone knows whose it is.
    "parties_apikey": (f"{_OWN} or key_hash = current_setting('goodterms.key', true)", _OWN),
}

# All that may be deleted: lines and files of drafts, the words that find an invoice, saved views, contacts that did not come
# about, answers, and what Django and the queue keep.
FLEETING = (
    "invoicing_line", "invoicing_enclosure", "invoicing_word", "parties_savedview", "interactions_outreach",
    "interactions_answer", "procrastinate_", "django_session", "django_cache", "usersessions_", "mfa_", "account_",
)  # fmt: skip


@contextmanager
def acting_for(vendors: Iterable[UUID]) -> Iterator[None]:
    """One transaction that sees and writes the rows of these vendors and of no other."""
    is_inner = connection.in_atomic_block
    with transaction.atomic():
        before = declared() if is_inner else ""
        declare(vendors)
        yield  # an exception rolls back to the savepoint, and the setting with it
        if is_inner:  # else the setting ends with the transaction
            set_vendors(before)


def declare(vendors: Iterable[UUID]) -> None:
    """Act for these vendors in the rest of this transaction: for a door whose request is one (ATOMIC_REQUESTS) and that
    learns within it who is asking. The setting ends with the transaction, so no later request on the connection has it."""
    if not connection.in_atomic_block:
        raise RuntimeError("Vendors are declared within a transaction, or the setting would not outlive its own statement.")
    set_vendors(vendors)


def set_vendors(vendors: Iterable[UUID] | str) -> None:
    """Write the setting of this transaction: vendors, or what `declared` read before."""
    with connection.cursor() as cursor:
        cursor.execute(*declaration(vendors))


def declaration(vendors: Iterable[UUID] | str) -> tuple[str, list[str]]:
    """The statement that declares them, for the rest of the transaction in which it is sent."""
    words = vendors if isinstance(vendors, str) else "{" + ",".join(map(str, vendors)) + "}"
    return "select set_config('goodterms.vendors', %s, true)", [words]


def declared() -> str:
    """For whom this transaction acts, as the setting has it; empty: for nobody."""
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('goodterms.vendors', true)")
        return cursor.fetchone()[0] or ""


@contextmanager
def looking_up(setting: str, value: str) -> Iterator[None]:
    """A transaction that may find out who is asking (`directory`: the list of vendors; `key`: one API key by its hash)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config(%s, %s, true)", [f"goodterms.{setting}", value])
        yield
        cursor.execute("select set_config(%s, '', true)", [f"goodterms.{setting}"])


def isolate() -> list[str]:
    """Bring policies, rights and keys up to date, as the owner, after every migration. Returns the tables it changed."""
    changed = open_tables()
    with transaction.atomic(), connection.cursor() as cursor:
        for table in changed:
            sees, writes = NAMED.get(table, (_OWN, _OWN))
            cursor.execute(f"alter table {table} enable row level security; alter table {table} force row level security")
            for command, rule in _policies(sees, writes):
                cursor.execute(f"drop policy if exists vendors_{command} on {table}")
                cursor.execute(f"create policy vendors_{command} on {table} for {command} to {APP_ROLE} {rule}")
            cursor.execute(f"drop policy if exists vendors on {table}")  # as it was called once
        for statement in [*_grants(), *_missing_keys(), *ways_in(APP_ROLE)]:
            cursor.execute(statement)
    return changed


def _policies(sees: str, writes: str) -> Iterator[tuple[str, str]]:
    """Who sees a row may change it only where they may also write it: a policy's check alone would not stop a delete."""
    yield "select", f"using ({sees})"
    yield "insert", f"with check ({writes})"
    yield "update", f"using ({sees} and {writes}) with check ({writes})" if sees != writes else f"using ({sees})"
    yield "delete", f"using ({sees} and {writes})" if sees != writes else f"using ({sees})"


def open_tables() -> list[str]:
    """Tables of a vendor that lack row security, its force, or the policy: none, or the installation is not safe to serve."""
    query = """
        select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
        where c.relkind in ('r', 'p')
          and (c.relname = any(%s) or exists (select from pg_attribute a
               where a.attrelid = c.oid and a.attname in ('vendor_id', 'vendors') and not a.attisdropped))
          and (not c.relrowsecurity or not c.relforcerowsecurity
               or not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'vendors_update'))
        order by 1"""
    with connection.cursor() as cursor:
        cursor.execute(query, [list(NAMED)])
        return [name for (name,) in cursor.fetchall()]


def danger() -> str | None:
    """Why this connection must not serve: a sentence, or None when its role owns nothing and cannot bypass row security."""
    query = """
        select rolsuper or rolbypassrls, exists (select from pg_class where relowner = r.oid and relkind in ('r', 'p'))
        from pg_roles r where rolname = current_user"""
    with connection.cursor() as cursor:
        cursor.execute(query)
        bypasses, owns = cursor.fetchone()
    if bypasses or owns:
        what = "can bypass row security" if bypasses else "owns tables"
        return f"The database role of this process {what}, so vendors would not be kept apart. Use goodterms_app."
    if found := open_tables():
        return f"Row security is missing on {', '.join(found)}. Run goodterms migrate."
    return None


def keys_across() -> list[tuple[str, str, str]]:
    """(table, column, target) for each key between two tables of vendors: the ones that must carry the vendor."""
    return [
        (model._meta.db_table, field.column, field.related_model._meta.db_table)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and _has_vendor(model) and _has_vendor(field.related_model)
    ]


def _has_vendor(model: type[models.Model]) -> bool:
    return any(getattr(field, "column", None) == "vendor_id" for field in model._meta.local_fields)


def _missing_keys() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("select conname from pg_constraint where connamespace = 'public'::regnamespace")
        present = {name for (name,) in cursor.fetchall()}
    for target in sorted({target for _, _, target in keys_across()}):
        if f"{target}_in_vendor" not in present:
            yield f"alter table {target} add constraint {target}_in_vendor unique (vendor_id, id)"
    for table, column, target in keys_across():
        if (name := f"{table}_{column}_same_vendor") not in present:
            yield (
                f"alter table {table} add constraint {name}"
                f" foreign key (vendor_id, {column}) references {target} (vendor_id, id)"
            )


def _grants() -> Iterator[str]:
    yield f"grant usage on schema public to {APP_ROLE}"
    yield f"grant select, insert, update on all tables in schema public to {APP_ROLE}"
    yield f"revoke delete, truncate on all tables in schema public from {APP_ROLE}"
    for table in connection.introspection.table_names():
        if table.startswith(FLEETING):
            yield f'grant delete on "{table}" to {APP_ROLE}'
    yield f"grant usage on all sequences in schema public to {APP_ROLE}"
    yield f"revoke insert, update on django_migrations from {APP_ROLE}"
    # Statistics after a large import cannot wait for autovacuum; before PostgreSQL 17 there is no such right.
    yield f"""do $$ begin if current_setting('server_version_num')::int >= 170000 then
        grant maintain on all tables in schema public to {APP_ROLE}; end if; end $$"""
    for table in ("ledger_entry", "ledger_posting", "interactions_interaction", "interactions_seal"):
        yield f"revoke update on {table} from {APP_ROLE}"
