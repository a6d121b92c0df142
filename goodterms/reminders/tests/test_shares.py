"""The day goes on in chunks, shared among processes: nobody is left out, nobody is told twice, and the price is constant."""

from itertools import pairwise
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from hypothesis import given
from hypothesis import strategies as st

from goodterms.database.isolation import acting_for
from goodterms.parties.models import Vendor
from goodterms.reminders import due, gathering
from goodterms.reminders.gathering import _INVOICES, END, START, _questions, next_payers, share_of
from goodterms.reminders.rules import Moment
from goodterms.reminders.tests.test_day import FIRST, a_customer, a_vendor, an_invoice, at


@given(st.integers(1, 64))
def test_shares_meet_without_a_gap(shares: int) -> None:
    edges = [share_of((share, shares)) for share in range(shares)]
    assert edges[0][0] == START
    assert edges[-1][1] == END
    assert all(lower[1] == upper[0] for lower, upper in pairwise(edges))
    assert all(after < until for after, until in edges)


def some_customers(vendor: Vendor, count: int, first: int = 0) -> None:
    """Every third has nobody who is known to pay."""
    for n in range(first, first + count):
        email = f"payer-{n}@firm.example" if n % 3 else ""
        an_invoice(vendor, a_customer(vendor, email=email, number=str(n)))


def run_part(vendor: Vendor, part: tuple[int, int] = (0, 1)) -> due.Outcome:
    return due.nominate(vendors=[vendor.id], on=FIRST, now=at(FIRST), part=part)


@pytest.mark.django_db
def test_two_halves_say_what_the_whole_would_say_and_nothing_is_left() -> None:
    vendor = a_vendor()
    some_customers(vendor, 12)
    halves = [run_part(vendor, (share, 2)) for share in range(2)]
    assert all(half.notices for half in halves)
    assert sum(half.notices for half in halves) == 8
    assert sum(half.held["no_address"] for half in halves) == 4
    assert run_part(vendor).notices == 0


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_chunks_of_any_size_hold_each_payer_once(size: int) -> None:
    vendor = a_vendor()
    some_customers(vendor, 9)
    found: list[str] = []
    with acting_for([vendor.id]):
        while chunk := next_payers(found[-1] if found else START, size=size):
            assert len(chunk) <= size
            found += chunk
    assert found == sorted(set(found))
    assert len(found) == 9


@pytest.mark.django_db(transaction=True)
def test_many_payers_are_asked_for_ahead_and_few_on_the_connection_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    connect = BaseDatabaseWrapper.connect

    def counted(own: BaseDatabaseWrapper) -> None:
        opened.append(own.alias)
        connect(own)

    monkeypatch.setattr(BaseDatabaseWrapper, "connect", counted)
    vendor = a_vendor()
    some_customers(vendor, 9)
    told = []
    for size, chunks, connections in ((gathering.CHUNK, 1, 0), (9, 1, 1), (4, 3, 1), (1, 9, 1)):
        monkeypatch.setattr(gathering, "CHUNK", size)
        opened.clear()
        books = list(gathering.books([vendor.id], Moment(FIRST, at(FIRST)), {}))
        assert (len(books), len(opened)) == (chunks, connections)
        told.append(sorted((one.invoice_id, one.payer_id) for book in books for one in book.facts))
    assert len(told[0]) == 9
    assert told == [told[0]] * 4


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement, also those past Django's cursor."""
    seen: list[str] = []

    def noted(plain: Any) -> Any:
        def execute(self: Any, query: Any, *args: Any, **more: Any) -> Any:
            seen.append(str(query))
            return plain(self, query, *args, **more)

        return execute

    monkeypatch.setattr(psycopg.Cursor, "execute", noted(psycopg.Cursor.execute))
    monkeypatch.setattr(psycopg.Cursor, "copy", noted(psycopg.Cursor.copy))
    return seen


@pytest.mark.django_db
def test_a_chunk_costs_the_same_statements_for_two_payers_and_for_twelve(asked: list[str]) -> None:
    vendor = a_vendor()
    counts = []
    for first, count in ((0, 3), (3, 18)):
        some_customers(vendor, count, first)
        asked.clear()
        assert run_part(vendor).notices == count * 2 // 3
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 55


@pytest.mark.django_db
def test_what_is_known_of_the_invoices_of_a_chunk_is_found_by_an_index_each() -> None:
    vendor = a_vendor()
    some_customers(vendor, 80)
    with acting_for([vendor.id]), connection.cursor() as cursor:
        payers = next_payers(START, size=5)
        asked = next(one for one in _questions(payers, FIRST, at(FIRST), {}) if one.sql == _INVOICES)
        cursor.execute("analyze invoicing_invoice")
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("set local enable_bitmapscan = off")
        cursor.execute(f"explain {asked.sql}", asked.parameters)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    # In a book as small as this one the index of all invoices of a customer costs the same as that of the open ones.
    assert "invoice_open_of_customer" in plan or "using invoicing_invoice_customer_id" in plan, plan
    assert "vendor_id = book.vendor" in plan or "book.vendor = vendor_id" in plan
    for index in ("Index Scan using hold_running", "Index Only Scan using nomination_of_invoice", "on conversations_promise"):
        assert index in plan, plan
    assert plan.count("Index Cond: (invoice_id = ANY") == 3, plan
