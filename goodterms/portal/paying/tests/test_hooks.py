"""Decides that a provider's call is answered by its signature alone, stored once, and worked once."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from goodterms.database.isolation import acting_for
from goodterms.invoicing.tests.book import NOW
from goodterms.payments.models import Payment, ProviderEvent, SandboxPayment
from goodterms.payments.providers.sandbox import HEADER, call_about
from goodterms.payments.tests.press import Press
from goodterms.portal.door import clock
from goodterms.portal.paying import hooks

pytestmark = pytest.mark.django_db(transaction=True)


class Called:
    """A press that the bank has approved and is about to call about."""

    def __init__(self) -> None:
        self.press = Press()
        self.vendor = self.press.vendor()
        self.bill = self.press.bill(self.vendor, 100_00)
        self.paying = self.press.pay([self.bill])
        self.press.say(self.paying, "approve")
        with acting_for(self.press.ids):
            self.body, headers = call_about(SandboxPayment.objects.get(), clock())
        self.seal = headers[HEADER]

    def call(self, body: bytes | None = None, seal: str | None = None, slug: str = "", provider: str = "sandbox") -> int:
        headers = {HEADER: self.seal if seal is None else seal}
        answer = Client(enforce_csrf_checks=True).post(
            f"/hooks/{provider}/{slug or self.vendor.slug}/",
            self.body if body is None else body,
            "application/json",
            headers=headers,
        )
        return int(answer.status_code)

    def found(self) -> tuple[int, int, int]:
        with acting_for(self.press.ids):
            return ProviderEvent.objects.count(), Payment.objects.count(), self.press.open_minor(self.bill)


def test_a_signed_call_is_stored_answered_and_worked() -> None:
    called = Called()
    assert called.call() == 200
    assert called.found() == (1, 1, 0)


def test_the_same_call_again_is_answered_and_has_no_second_effect() -> None:
    called = Called()
    assert [called.call() for _ in range(5)] == [200] * 5
    assert called.found() == (1, 1, 0)


def test_fifty_calls_at_once_have_one_effect() -> None:
    called = Called()
    gate = Barrier(50)

    def go(_: int) -> int:
        try:
            connection.ensure_connection()
            gate.wait(30)
            return called.call()
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as threads:
        assert set(threads.map(go, range(50))) == {200}
    assert called.found() == (1, 1, 0)


def test_a_wrong_signature_is_answered_400_and_nothing_is_stored() -> None:
    called, other = Called(), Called()
    with acting_for(called.press.ids):
        _, old = call_about(SandboxPayment.objects.get(), clock() - timedelta(seconds=301))
    assert [
        called.call(seal=""),
        called.call(seal="t=1,v1=0"),
        called.call(seal=old[HEADER]),
        called.call(body=called.body + b" "),
        called.call(body=other.body, seal=other.seal),
        called.call(slug="nobody"),
        called.call(body=json.dumps({"id": "x"}).encode()),
    ] == [400] * 7
    assert called.found() == (0, 0, 100_00)


def test_only_a_provider_that_there_is_and_only_a_posted_call_is_heard() -> None:
    called = Called()
    assert called.call(provider="cowries") == 404
    assert Client().get(f"/hooks/sandbox/{called.vendor.slug}/").status_code == 405
    assert called.call(body=b"x" * (hooks.MOST + 1)) == 413
    assert called.found() == (0, 0, 100_00)


def test_a_call_that_was_stored_and_could_not_be_worked_is_worked_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    called = Called()
    with monkeypatch.context() as broken:
        broken.setattr(hooks, "work_left", lambda **_: 1 / 0)
        assert called.call() == 200
    assert called.found() == (1, 0, 100_00)
    called.press.listen(now=NOW)
    assert called.found() == (1, 1, 0)
