"""Decides that the proof can fail: a fault of each kind, put in as the owner of the tables, is found by its invariant.

All are planted in one transaction of the owner, each from a savepoint to which it goes back: with a policy that lets the owner
see rows, and with triggers disabled until the fault is in.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from goodterms.database.migrate import as_owner
from goodterms.proof.prove import INVARIANTS, prove
from stories.world import World

OPEN_UP = """
do $$ declare t record; begin
  for t in select polrelid::regclass as name from pg_policy where polname = 'vendors_select' loop
    execute format('create policy planting on %s to goodterms_owner using (true) with check (true)', t.name);
    execute format('alter table %s disable trigger user', t.name);
  end loop;
end $$
"""
CLOSE = """
do $$ declare t record; begin
  for t in select polrelid::regclass as name from pg_policy where polname = 'planting' loop
    execute format('alter table %s enable trigger user', t.name);
  end loop;
end $$
"""


def numbered(of: str) -> str:
    """One row of an invoice, named by what happened to it."""
    return f"(select id from invoicing_invoice where {of} order by number limit 1)"


PAID = numbered("kind = 'invoice' and open_minor = 0 and total_minor = 12000")
OPEN = numbered("kind = 'invoice' and open_minor between 1 and total_minor - 1")
NOTE = numbered("kind = 'credit_note'")
GIVEN_NOTE = numbered("kind = 'credit_note' and corrects_id is null")
KEPT = numbered("to_withhold_minor > 0")
DEPOSIT = "(select invoice_id from billing_part where kind = 'deposit')"
LETTER = "(select id from delivery_letter where kind = 'notice')"
NOTICE = "(select id from reminders_notice)"
MIRROR = "(select max(id::text)::uuid from ledger_entry where kind = 'reversal')"
BAKEHOUSE = "(select id from parties_customer where number = 'BAKEHOUSE')"
NEIGHBOUR = "(select id from parties_customer where number = 'NEIGHBOUR')"
PAPER = "update invoicing_invoice set document = jsonb_set(document, %s) where id = " + OPEN


def at(path: str, value: str) -> str:
    return PAPER % f"'{{{path}}}', '{value}'"


def again(table: str, of: str, **other: str) -> str:
    """The same row once more, but for some columns."""
    changes = ", ".join(f"'{column}', ({value})::text" for column, value in other.items())
    return f"insert into {table} select (jsonb_populate_record(t, jsonb_build_object({changes}))).* from {table} t where {of}"


NEW = "gen_random_uuid()"
ABROAD = numbered("kind = 'invoice' and currency = 'USD'")
ABROAD_NOTE = numbered("kind = 'credit_note' and currency = 'USD'")
DOLLARS = "(select id from payments_payment where currency = 'USD')"
TWICE = "rate = rate * 2, factor = factor * 2, source = 'us'"
# So that a letter can be written once more, with all its columns.
GIVEN = "alter table delivery_letter alter is_moving drop expression, alter is_in_doubt drop expression;"
ANY_ENTRY = "id = (select id from ledger_entry where kind = 'payment' limit 1)"
FAULTS: list[tuple[str, str, str]] = [
    ("I1", "out of balance", "update ledger_posting set minor = minor + 1 where id = (select max(id) from ledger_posting)"),
    ("I1", "no postings", again("ledger_entry", ANY_ENTRY, id=NEW, document_id=NEW)),
    ("I1", "two currencies", "update ledger_posting set currency = 'EUR' where id = (select max(id) from ledger_posting)"),
    ("I1", "another day", "update ledger_entry set effective_on = effective_on - 1 where " + ANY_ENTRY),
    ("I1", "joined through clearing", "update ledger_entry set kind = 'exchange' where " + ANY_ENTRY),
    (
        "I1",
        "is gone",
        (
            "alter table ledger_posting drop constraint ledger_posting_entry_id_same_vendor;"
            f"delete from ledger_entry where {ANY_ENTRY}"
        ),
    ),
    ("I2", "out of balance", "delete from ledger_posting where id = (select max(id) from ledger_posting)"),
    ("I2", "is open", f"update invoicing_invoice set open_minor = open_minor + 1 where id = {OPEN}"),
    (
        "I2",
        "is open",
        f"update ledger_posting set invoice_id = {PAID} where account = 'receivable' and invoice_id = {OPEN} and minor > 0",
    ),
    (
        "I3",
        "not the mirror",
        f"update ledger_posting set account = 'bank' where entry_id = {MIRROR} and account = 'receivable'",
    ),
    ("I3", "half a reversal", f"update ledger_entry set kind = 'write_off' where id = {MIRROR}"),
    (
        "I3",
        "reversed before",
        "alter table ledger_entry drop constraint if exists entry_reversed_once; drop index if exists entry_reversed_once;"
        + again("ledger_entry", f"id = {MIRROR}", id=NEW),
    ),
    ("I4", "owes", "update ledger_posting set customer_id = " + NEIGHBOUR + " where account = 'receivable'"),
    (
        "I4",
        "too much unapplied",
        "update ledger_posting set account = 'fees' where account = 'unapplied'",
    ),
    ("I5", "has a total of", f"update invoicing_invoice set net_minor = net_minor + 1 where id = {OPEN}"),
    (
        "I5",
        "its lines make",
        f"update invoicing_invoice set net_minor = net_minor + 1, tax_minor = tax_minor - 1 where id = {OPEN}",
    ),
    ("I5", "says", f"update invoicing_line set net_minor = net_minor + 1 where invoice_id = {OPEN}"),
    ("I5", "its lines make", f"update invoicing_line set net_minor = net_minor + 1 where invoice_id = {NOTE}"),
    ("I5", "tax groups", at("tax_groups,0,tax_minor", "1")),
    ("I6", "billed, paid and credited", f"update payments_allocation set minor = minor - 1 where invoice_id = {OPEN}"),
    ("I6", "is billed at", f"update invoicing_invoice set total_minor = total_minor + 1 where id = {OPEN}"),
    ("I7", "is settled from", f"update invoicing_invoice set settled_on = settled_on - 1 where id = {PAID}"),
    ("I7", "settled in parts", f"update invoicing_invoice set in_parts = false where id = {OPEN}"),
    ("I7", "not settled in parts", f"update invoicing_invoice set in_parts = true where id = {PAID}"),
    ("I7", "reminded of from", f"update invoicing_invoice set chase_on = chase_on + 7 where id = {OPEN}"),
    (
        "I7",
        "below nothing",
        (
            "alter table invoicing_invoice drop constraint invoice_never_overpaid, drop constraint invoice_withheld_of_open;"
            f"update invoicing_invoice set open_minor = -1 where id = {PAID}"
        ),
    ),
    ("I8", "is credited", f"update invoicing_invoice set total_minor = 10000000 where id = {NOTE}"),
    ("I8", "corrects no invoice", f"update invoicing_invoice set corrects_id = null where id = {NOTE}"),
    (
        "I8",
        "beyond what is left at S",
        (
            "update invoicing_invoice set document = jsonb_set(document, '{tax_groups,0,tax_minor}', '999999')"
            f" where id = {NOTE}"
        ),
    ),
    (
        "I8",
        "line 1",
        f"update invoicing_line set position = 1, net_minor = 9999999 where invoice_id = {NOTE}",
    ),
    (
        "I8",
        "spent beyond",
        (
            "update ledger_posting set minor = minor * 9 where account in ('unapplied', 'receivable') and entry_id in"
            " (select id from ledger_entry where kind = 'allocation' and document_id in"
            "  (select id from payments_allocation where credit_note_id is not null))"
        ),
    ),
    (
        "I8",
        "of another customer",
        f"update invoicing_invoice set customer_id = {BAKEHOUSE} where id = {GIVEN_NOTE}",
    ),
    (
        "I8",
        "given, less what it settled",
        f"update payments_allocation set reversed_at = null where credit_note_id = {GIVEN_NOTE} and reversed_at is not null",
    ),
    (
        "I8",
        "and booked at",
        f"update ledger_posting set minor = minor - 1 where account = 'unapplied' and minor < 0 and invoice_id = {GIVEN_NOTE}",
    ),
    ("I9", "was over", "update payments_payment set received_on = received_on + 30 where idempotency_key = 'early'"),
    ("I9", "was offered", "update payments_allocation set discount_minor = discount_minor + 1 where discount_minor > 0"),
    ("I9", "second discount", again("payments_allocation", "discount_minor > 0", id=NEW)),
    (
        "I9",
        "not agreed",
        (
            "update invoicing_invoice set terms = jsonb_set(terms, '{discounts}', '[]') where id in"
            " (select invoice_id from payments_allocation where discount_minor > 0)"
        ),
    ),
    ("I10", "and a total of", "update invoicing_instalment set minor = minor + 1 where position = 1"),
    ("I10", "not numbered", "update invoicing_instalment set position = 3 where position = 2"),
    ("I10", "out of order", "update invoicing_instalment set due_on = due_on + 90 where position = 1"),
    ("I29", "between minor units", f"update rates_fixing set factor = factor * 2 where document_id = {ABROAD}"),
    ("I29", "not the one on the document", f"update rates_fixing set {TWICE} where document_id = {ABROAD}"),
    (
        "I29",
        "not that of the invoice",
        f"update rates_fixing set {TWICE} where document_id = {ABROAD_NOTE}",
    ),
    ("I29", "was published that day", "update rates_publishedrate set per_euro = per_euro + 1 where currency = 'GBP'"),
    ("I29", "is of no document", f"update rates_fixing set document_id = {NEW} where document_id = {DOLLARS}"),
    ("I29", "and the document of", f"update rates_fixing set rate_on = rate_on - 30 where document_id = {DOLLARS}"),
    ("I29", "and the document in", f"update rates_fixing set currency = 'EUR' where document_id = {DOLLARS}"),
    ("I29", "names a rate that is not kept", f"delete from rates_fixing where document_id = {ABROAD}"),
    (
        "I29",
        "does not give the tax",
        (f"update invoicing_invoice set document = jsonb_set(document, '{{exchange,tax_minor}}', '1') where id = {ABROAD}"),
    ),
    ("I28", "and 4800 was open", "update conversations_planpart set minor = minor + 1 where position = 1"),
    ("I28", "not numbered", "update conversations_planpart set position = 3 where position = 2"),
    ("I28", "do not rise", "update conversations_planpart set due_on = due_on + 90 where position = 1"),
    ("I28", "another customer", "update conversations_plan set currency = 'EUR'"),
    ("I28", "never agreed", "update conversations_plan set agreed_at = null"),
    ("I28", "has ended", "update conversations_plan set ended_at = agreed_at"),
    ("I28", "not over its invoice", f"update invoicing_hold set invoice_id = {OPEN} where reason = 'on_plan'"),
    ("I30", "of another customer", "update invoicing_takenoff set earlier_id = " + OPEN),
    ("I30", "what was not invoiced", f"update invoicing_invoice set voided_at = now(), void_reason = 'x' where id = {DEPOSIT}"),
    ("I30", "does not say", "update invoicing_takenoff set position = 1"),
    ("I30", "does not say", "update invoicing_takenoff set tax_minor = tax_minor - 1"),
    ("I30", "and has 30000 and 6000", "update invoicing_takenoff set net_minor = net_minor + 1"),
    (
        "I30",
        "30000 invoiced of 29999",
        "update billing_agreedprice set net_minor = 29999; delete from billing_part where kind = 'final'",
    ),
    ("I30", "20000 tax in all", "update billing_agreedprice set tax_minor = 1"),
    ("I30", "nobody agreed", "delete from billing_priceline; delete from billing_agreedprice"),
    ("I30", "billed to another", "update billing_project set customer_id = " + BAKEHOUSE),
    ("I31", "nobody said why", "update invoicing_forewarning set overruled_why = ' '"),
    ("I31", "did not say that it is fine", "update invoicing_forewarning set overruled_at = null, answer = 'objected'"),
    (
        "I31",
        "said yes to less",
        "update invoicing_forewarning set overruled_at = null, answer = 'fine', net_minor = net_minor - 1",
    ),
    ("I32", "says that 15000 was kept back", "delete from payments_withheld where minor = 15000"),
    ("I32", "what it came with says", "update payments_withheld set minor = minor + 1 where allocation_id is not null"),
    ("I32", "and the journal has", "update payments_withheld set minor = minor + 1 where allocation_id is null"),
    ("I32", "does not go with", "update payments_withheld set reversed_at = created_at where allocation_id is not null"),
    ("I32", "the journal has 0", "update payments_withheld set reversed_at = null"),
    ("I32", "on another invoice", f"update payments_withheld set invoice_id = {PAID} where allocation_id is null"),
    (
        "I32",
        "still to be kept back",
        "update invoicing_invoice set to_withhold_minor = to_withhold_minor - 1 where id = " + KEPT,
    ),
    ("I32", "its terms make", f"update invoicing_invoice set terms = terms - 'withholding' where id = {KEPT}"),
    ("I32", "the journal has", "update ledger_posting set account = 'write_off' where account = 'withheld'"),
    ("I11", "which is not", "update payments_payment set minor = minor + 1 where idempotency_key = 'part'"),
    ("I11", "its refunds", "update payments_payment set refunded_minor = 0 where refunded_minor > 0"),
    (
        "I11",
        "by the journal",
        "update payments_payment set minor = minor + 1, unapplied_minor = unapplied_minor + 1 where idempotency_key = 'part'",
    ),
    ("I12", "more than came in", "update payments_refund set minor = 100000000"),
    ("I12", "more than it is of", "update payments_refund set minor = 100000000 where credit_note_id is not null"),
    (
        "I12",
        "another credit than its own",
        (
            "update ledger_posting set invoice_id = null where account = 'unapplied' and entry_id in (select e.id"
            " from ledger_entry e join payments_refund r on r.id = e.document_id where r.credit_note_id is not null)"
        ),
    ),
    ("I8", "what was paid out of it", "update payments_refund set minor = minor + 1 where credit_note_id is not null"),
    ("I12", "not in the journal", "update payments_refund set minor = minor - 1"),
    ("I13", "not out of the journal", f"update payments_allocation set reversed_at = created_at where invoice_id = {PAID}"),
    ("I13", "the journal has", "update payments_allocation set reversed_at = null where reversed_at is not null"),
    ("I13", "another invoice", f"update payments_allocation set invoice_id = {PAID} where invoice_id = {OPEN}"),
    (
        "I14",
        "the key of another",
        (
            "alter table payments_payment drop constraint if exists payment_once; drop index if exists payment_once;"
            "update payments_payment set idempotency_key = 'same'"
        ),
    ),
    (
        "I14",
        "same object",
        (
            "drop index if exists payment_of_provider_once;"
            "update payments_payment set provider = 'stripe', provider_object_id = 'pi_1'"
        ),
    ),
    (
        "I14",
        "refund",
        "alter table payments_refund drop constraint if exists refund_once; drop index if exists refund_once;"
        + again("payments_refund", "true", id=NEW),
    ),
    ("I18", "comes after a hole", f"update invoicing_invoice set seq = 100 where id = {OPEN}"),
    ("I18", "goes on with", "update invoicing_series set next = next + 1"),
    ("I18", "without a reason", "update invoicing_invoice set void_reason = '' where voided_at is not null"),
    (
        "I18",
        "before the number before it",
        "update invoicing_invoice set issued_at = issued_at - interval '1 hour' where seq = 3",
    ),
    (
        "I18",
        "number of another",
        f"drop index if exists invoice_number_once; update invoicing_invoice set number = 'A' where id <> {OPEN}",
    ),
    ("I18", "half a place", f"update invoicing_invoice set series_id = null where id = {OPEN}"),
    (
        "I18",
        "never issued",
        f"update invoicing_invoice set issued_on = null, issued_at = null where id = {OPEN}",
    ),
    ("I19", "not what was issued", "update invoicing_line set description = 'Something else' where unit_price = 250.50"),
    ("I19", "not what was issued", at("vendor,bank,iban", '"DE00"')),
    ("I19", "no hash", f"update invoicing_invoice set document_sha256 = null where id = {OPEN}"),
    ("I19", "byte for byte", "update delivery_body set packed = packed || '\\x00', sha256 = sha256(packed)"),
    ("I19", "byte for byte", "update delivery_body set packed = '\\x00'"),
    ("I19", "what was printed", "update invoicing_paper set content = content || '\\x00' where made_at is not null"),
    ("I19", "not those that it names", "delete from invoicing_enclosure"),
    ("I19", "not those that it names", "update invoicing_enclosure set name = 'other.csv'"),
    ("I19", "what was enclosed", "update invoicing_enclosure set content = content || '\\x00'"),
    ("I19", "written for programs", "update invoicing_paper set xml = '\\x00' where made_at is not null"),
    ("I19", "never made", "update invoicing_paper set made_at = null where made_at is not null"),
    ("I20", "changed", "update interactions_interaction set by = 'nobody' where kind = 'invoice.voided'"),
    (
        "I20",
        "missing",
        (
            "alter table interactions_seal drop constraint if exists interactions_seal_interaction_id_same_vendor;"
            "delete from interactions_interaction where kind = 'invoice.voided'"
        ),
    ),
    ("I20", "order", "delete from interactions_seal where seq = 3"),
    ("I20", "no row in the log from its instant", f"update ledger_entry set recorded_at = now() where {ANY_ENTRY}"),
    ("I20", "does not say so", f"update interactions_interaction set subject_id = null where subject_id = {LETTER}"),
    (
        "I21",
        "the name of another",
        GIVEN
        + "alter table delivery_letter drop constraint letter_once;"
        + again("delivery_letter", "kind = 'notice'", id=NEW, message_id="'other'"),
    ),
    (
        "I21",
        "only one of its day",
        GIVEN
        + again("delivery_letter", "kind = 'notice'", id="'" + "7" * 32 + "'", dedupe_key="'other'", message_id="'other'")
        + ";"
        + again("reminders_notice", "true", id=NEW, dedupe_key="'other'", letter_id="'" + "7" * 32 + "'"),
    ),
    ("I21", "said before", again("reminders_nomination", "true", id=NEW)),
    (
        "I22",
        "were settled",
        "update ledger_entry set recorded_at = '2026-09-01' where kind <> 'invoice';"
        "update ledger_posting p set minor = -i.total_minor from reminders_nomination m, invoicing_invoice i, ledger_entry e"
        " where p.invoice_id = m.invoice_id and i.id = m.invoice_id and e.id = p.entry_id and e.kind = 'payment';"
        "update reminders_nomination set invoice_id = " + PAID,
    ),
    (
        "I22",
        "was held",
        (
            "update invoicing_hold set invoice_id = (select invoice_id from reminders_nomination limit 1), ended_at = null,"
            " until_on = null"
        ),
    ),
    ("I22", "before its time", "update delivery_letter set not_before = committing_at + interval '1 second'"),
    ("I22", "after its time", "update delivery_letter set expires_at = committing_at"),
    ("I22", "without a mark", "update delivery_letter set committing_at = null"),
    ("I24", "names in customer_id no", f"update ledger_posting set customer_id = {NEIGHBOUR}"),
    (
        "I24",
        "names in customer_id no",
        (
            "alter table invoicing_invoice drop constraint invoicing_invoice_customer_id_same_vendor;"
            f"update invoicing_invoice set customer_id = {NEIGHBOUR} where id = {OPEN}"
        ),
    ),
    ("I24", "carry the vendor", "alter table parties_contact drop constraint parties_contact_customer_id_same_vendor"),
]
AFTER: list[tuple[str, str, str]] = [  # of the schema itself, once the triggers stand again
    ("I3", "can be changed", "alter table ledger_posting disable trigger frozen"),
    ("I3", "can be changed", "alter table ledger_entry disable trigger user"),
    ("I29", "can be changed", "alter table rates_fixing disable trigger frozen"),
    ("I19", "can be changed", "drop trigger frozen_update on invoicing_invoice"),
    ("I19", "can be changed", "alter table invoicing_enclosure disable trigger frozen"),
    ("I19", "can be changed", "alter table invoicing_paper disable trigger frozen_delete"),
    ("I19", "can be changed", "drop trigger whole on invoicing_instalment"),
    ("I24", "no row security", "alter table payments_payment no force row level security"),
]


@contextmanager
def opened_up() -> Iterator[None]:
    """The books as the owner sees them who may change anything in them; nothing of it stays."""
    with as_owner(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(OPEN_UP)
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def opened(life: World) -> Iterator[World]:
    with opened_up():
        yield life


@contextmanager
def planted(fault: str = "", after: str = "") -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in filter(None, fault.split(";")):
            cursor.execute(statement)
        cursor.execute("set constraints all immediate")
        cursor.execute(CLOSE)
        if after:
            cursor.execute(after)
        yield
        transaction.set_rollback(True)


def broken(life: World) -> dict[str, tuple[str, ...]]:
    return {one.invariant.id: one.finding.named for one in prove([life.vendor.id]) if one.finding.broken}


@pytest.mark.django_db
def test_this_module_has_a_database() -> None:
    """The others use it outside of any transaction of a test."""


def test_without_a_fault_the_owner_finds_none(opened: World) -> None:
    with planted():
        assert broken(opened) == {}


@pytest.mark.parametrize(("id", "words", "fault"), FAULTS, ids=[f"{id} {words}" for id, words, _ in FAULTS])
def test_a_fault_is_found(opened: World, id: str, words: str, fault: str) -> None:
    with planted(fault):
        found = broken(opened)
    assert any(words in named for named in found.get(id, ())), found


@pytest.mark.parametrize(("id", "words", "fault"), AFTER, ids=[f"{id} {words}" for id, words, _ in AFTER])
def test_a_gap_in_the_schema_is_found(opened: World, id: str, words: str, fault: str) -> None:
    with planted(after=fault):
        found = broken(opened)
    assert any(words in named for named in found.get(id, ())), found


def test_every_invariant_has_a_fault_that_breaks_it() -> None:
    assert {id for id, _, _ in FAULTS} == {invariant.id for invariant in INVARIANTS}


def test_what_was_planted_is_gone(opened: World) -> None:
    with planted(), connection.cursor() as cursor:
        cursor.execute("select count(*) from invoicing_invoice where document_sha256 = '\\x00'")
        assert cursor.fetchone()[0] == 0
