"""Decides in which order the invariants are proven, by what name, and that all of them look at one moment of the books."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from goodterms.database.isolation import acting_for
from goodterms.proof import access, documents, forewarnings, invoices, journal, messages, parts, payments, plans, rates
from goodterms.proof.looking import Finding


class Invariant(NamedTuple):
    id: str
    says: str
    check: Callable[..., Finding]


class Proven(NamedTuple):
    invariant: Invariant
    finding: Finding

    def as_json(self) -> dict[str, Any]:
        return {"id": self.invariant.id, "checked": self.finding.checked, "broken": self.finding.broken}


INVARIANTS = (
    Invariant("I1", "Every entry balances, in one vendor and one currency", journal.entries_balance),
    Invariant("I2", "Stored balances are what the journal replays to", journal.balances_replay),
    Invariant("I3", "The journal is only added to; a reversal mirrors, once", journal.journal_is_append_only),
    Invariant("I4", "The receivable account is open invoices less what is unapplied", journal.control_account_agrees),
    Invariant("I5", "Totals follow from lines and taxes", documents.totals_follow_from_lines),
    Invariant("I6", "What is open follows from what was billed, paid and credited", invoices.open_follows_from_documents),
    Invariant("I7", "What is kept on an invoice is what follows from its history", invoices.stored_is_computed),
    Invariant("I8", "No credit note gives back more than is left", invoices.credits_fit),
    Invariant("I9", "Early discounts were in time, and taken once", invoices.discounts_were_in_time),
    Invariant("I10", "Instalments add up to their invoice", invoices.instalments_add_up),
    Invariant("I11", "Each payment is settled, given back or kept, to the cent", payments.payments_add_up),
    Invariant("I12", "No more is given back than came in", payments.refunds_fit),
    Invariant("I13", "What was taken back is taken back whole", payments.settlements_are_whole),
    Invariant("I14", "Nothing came in twice", payments.nothing_came_in_twice),
    Invariant("I18", "Numbers have no hole and no repeat", documents.numbers_have_no_hole),
    Invariant("I19", "What was issued is as it was issued", documents.documents_are_as_issued),
    Invariant("I20", "The log is as it was sealed, and names every deed", messages.log_is_whole),
    Invariant("I21", "Nothing was said twice", messages.nothing_left_twice),
    Invariant("I22", "Nothing was said that was no longer true", messages.nothing_left_wrongly),
    Invariant("I24", "No key leads from one vendor to another", access.keys_stay_in_one_vendor),
    Invariant("I28", "A plan is what was open, and only one that runs rests its invoices", plans.plans_rest_what_is_theirs),
    Invariant("I29", "What counts in another currency keeps the rate of its day", rates.rates_are_as_fixed),
    Invariant("I30", "No price is billed beyond what was agreed, nothing taken off twice", parts.parts_keep_to_the_price),
    Invariant("I31", "Nothing is issued over a question that waits, but with a reason", forewarnings.asked_first_is_waited_for),
    Invariant(
        "I32",
        "What is kept back for the tax office is booked, and known before",
        payments.withheld_is_booked_and_expected,
    ),
)


def prove(vendors: Collection[UUID]) -> Iterator[Proven]:
    """Every invariant over all rows of these vendors, in order, each when it is worked out. Reads only."""
    with _one_moment(), acting_for(vendors):
        _join_whole_tables()
        for invariant in INVARIANTS:
            finding = invariant.check(vendors) if invariant.check is messages.log_is_whole else invariant.check()
            yield Proven(invariant, finding)


def _join_whole_tables() -> None:
    """Every row is read, so loops over single rows are never the way; a planner without statistics of new rows takes them."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('enable_nestloop', 'off', true)")


@contextmanager
def _one_moment() -> Iterator[None]:
    """A transaction that sees the books as they were at its start, though others go on writing. Where one is open already,
    it is used as it is."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        yield
