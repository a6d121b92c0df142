"""Decides that what is booked balances, stays, and is taken back at most once, whoever writes it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.ledger import rules
from goodterms.ledger.actions import post, reverse, standing
from goodterms.ledger.models import Entry, Posting
from goodterms.ledger.rules import Account, EntryDraft, Kind, PostingDraft
from goodterms.parties.models import Vendor
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
TODAY = date(2026, 11, 16)
CUSTOMER, DOCUMENT = UUID(int=1), UUID(int=2)
pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor() -> Iterator[UUID]:
    key = new_key(NOW)
    with acting_for([key]):
        Vendor.objects.create(
            id=key, slug="v", name="V", email="v@vendor.example", country="GB", currency="GBP", timezone="Europe/London",
            created_at=NOW,
        )  # fmt: skip
        yield key


def a_payment(minor: int, document: UUID = DOCUMENT) -> EntryDraft:
    return EntryDraft(
        Kind.PAYMENT, TODAY, document, rules.payment(customer_id=CUSTOMER, amount=Money(minor, "GBP")), memo="by cheque"
    )


def test_any_number_of_entries_is_one_statement(vendor: UUID) -> None:
    for count in (1, 200):
        with CaptureQueriesContext(
            connection,
        ) as told:
            keys = post(vendor_id=vendor, entries=[a_payment(n + 1) for n in range(count)], now=NOW)
        assert (len(told), len(keys)) == (1, count)
    assert Posting.objects.filter(entry_id__in=keys).count() == 400
    last = Entry.objects.get(id=keys[-1])
    assert (last.kind, last.effective_on, last.document_id, last.memo) == ("payment", TODAY, DOCUMENT, "by cheque")
    assert {(p.account, p.minor, p.customer_id) for p in last.postings.all()} == {
        ("bank", 200, CUSTOMER),
        ("unapplied", -200, CUSTOMER),
    }


def test_what_moves_nothing_is_no_entry(vendor: UUID) -> None:
    nothing = Money(0, "GBP")
    empty = EntryDraft(
        Kind.INVOICE, TODAY, DOCUMENT, rules.invoice(customer_id=CUSTOMER, invoice_id=DOCUMENT, net=nothing, tax=nothing)
    )
    assert post(vendor_id=vendor, entries=[empty], now=NOW) == []
    assert not Entry.objects.exists()


def test_an_entry_that_does_not_balance_is_refused_by_the_database(vendor: UUID) -> None:
    sides = (PostingDraft(Account.BANK, "GBP", 100), PostingDraft(Account.UNAPPLIED, "GBP", -99))
    across = (PostingDraft(Account.BANK, "GBP", 100), PostingDraft(Account.UNAPPLIED, "EUR", -100))
    for wrong in (sides, across):
        with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
            post(vendor_id=vendor, entries=[a_payment(5), EntryDraft(Kind.PAYMENT, TODAY, DOCUMENT, wrong)], now=NOW)
    assert not Posting.objects.exists()


def test_a_reversal_mirrors_each_posting_and_happens_once(vendor: UUID) -> None:
    first, second = post(vendor_id=vendor, entries=[a_payment(700), a_payment(800)], now=NOW)
    (mirror,) = reverse(vendor_id=vendor, entry_ids=[first], memo="bounced", now=NOW)
    assert sum(p.minor for p in Posting.objects.filter(entry_id__in=[first, mirror], account="bank")) == 0
    undone = Entry.objects.get(id=mirror)
    assert (undone.kind, undone.reverses_id, undone.effective_on, undone.memo) == ("reversal", first, TODAY, "bounced")
    with pytest.raises(Refused, match="taken back already"):
        reverse(vendor_id=vendor, entry_ids=[second, first], now=NOW)
    assert standing(document_ids=[DOCUMENT]) == [second]
    assert standing(document_ids=[DOCUMENT], kinds=[Kind.REFUND]) == []


def test_a_reversal_may_have_a_day_of_its_own(vendor: UUID) -> None:
    keys = post(vendor_id=vendor, entries=[a_payment(700)], now=NOW)
    later = date(2026, 12, 1)
    (mirror,) = reverse(vendor_id=vendor, entry_ids=keys, effective_on=later, now=NOW)
    assert set(Posting.objects.filter(entry_id=mirror).values_list("effective_on", flat=True)) == {later}


def test_an_unknown_entry_is_not_reversed(vendor: UUID) -> None:
    with pytest.raises(Refused, match="no entry"):
        reverse(vendor_id=vendor, entry_ids=[UUID(int=9)], now=NOW)


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_posting"])
@pytest.mark.parametrize("verb", ["delete from {}", "update {} set effective_on = effective_on"])
def test_what_is_booked_stays(vendor: UUID, table: str, verb: str) -> None:
    post(vendor_id=vendor, entries=[a_payment(1)], now=NOW)
    refused = pytest.raises(DatabaseError, match=r"permission denied|append-only")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb.format(table))
