"""What only requests that commit can show: turns on one connection, and the same request many times at once.

They are apart from the other stories, whose worlds stand in a transaction that is never committed.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from goodterms.api.tests.test_apart import NOBODY
from goodterms.api.tests.test_once import payment
from goodterms.api.tests.world import NOW, Program, a_world, told
from goodterms.database.isolation import acting_for, declare
from goodterms.interactions.actions import answers, claim_answer
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer
from goodterms.payments.models import Payment

TURNS = int(os.environ.get("GOODTERMS_TURNS", "120"))
MANY = 50


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_requests_of_two_vendors_by_turns_on_one_connection_see_only_their_own() -> None:
    ours, theirs = a_world("ours"), a_world("theirs")
    backend = _backend()
    client = Client(raise_request_exception=False)
    programs = {"ours": Program(ours.secret, client), "theirs": Program(theirs.secret, client)}
    for turn in range(TURNS):
        name = "ours" if turn % 2 else "theirs"
        path = ["/customers/", f"/invoices/{NOBODY}/", "/invoices/?limit=0"][turn % 3]
        answer = programs[name]("GET", path)
        if turn % 3 == 0:
            assert [one["name"] for one in told(answer)["items"]] == [f"Canary {name}"]
        if turn % 10 == 0:  # and between two requests nobody is declared at all
            assert Customer.objects.count() == Invoice.objects.count() == 0
    assert _backend() == backend


def test_vendors_are_declared_within_a_transaction_only(transactional_db: None) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        declare([NOBODY])


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_have_one_effect_and_equal_answers() -> None:
    ours = a_world("ours")
    gate = Barrier(MANY)

    def pay(_: int) -> HttpResponse:
        try:
            connection.ensure_connection()
            gate.wait(30)
            return Program(ours.secret)("POST", "/payments/", payment(ours), key="same")
        finally:
            connection.close()

    with ThreadPoolExecutor(MANY) as threads:
        got = list(threads.map(pay, range(MANY)))
    assert {(one.status_code, one.content) for one in got} == {(201, got[0].content)}
    assert sum("Idempotent-Replay" in one for one in got) == MANY - 1
    with acting_for([ours.vendor.id]):
        assert Payment.objects.filter(minor=100_00).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_that_comes_while_the_first_is_long_at_work_is_told_to_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = a_world("ours")
    claimed, done = Event(), Event()

    def first() -> None:
        try:
            with acting_for([ours.vendor.id]):
                route = "POST /api/v1/payments/"
                claim_answer(vendor_id=ours.vendor.id, key="same", route=route, request_sha256=b"", now=NOW)
                claimed.set()
                done.wait(20)
        finally:
            connection.close()

    monkeypatch.setattr(answers, "PATIENCE_SECONDS", 1)
    with ThreadPoolExecutor(1) as threads:
        working = threads.submit(first)
        claimed.wait(20)
        second = Program(ours.secret)("POST", "/payments/", payment(ours), key="same")
        done.set()
        working.result()
    assert (second.status_code, told(second)["code"], second["Retry-After"]) == (409, "in_progress", "1")


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return int(cursor.fetchone()[0])
