"""Decides that the sandbox is a provider like any other, and serves nobody whose money is real."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from goodterms.database.isolation import acting_for
from goodterms.invoicing.tests.book import a_vendor
from goodterms.payments.models import SandboxPayment
from goodterms.payments.providers import PROVIDERS, Order, Provider, serving
from goodterms.payments.providers.sandbox import Sandbox, call_about
from goodterms.payments.providers.sandbox_bank import actions as bank
from goodterms.payments.providers.tests.conformance import NOW, Call, Conformance
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db


class _Stage:
    def __init__(self, vendor_id: UUID) -> None:
        self.provider: Provider = Sandbox()
        self.vendor_id = vendor_id

    def say(self, order: Order, word: str) -> None:
        bank.decide(together_id=order.paying_id, vendor_ids=[self.vendor_id], decision=word, at=NOW)

    def settle(self, order: Order) -> None:
        assert bank.settle(vendor_id=self.vendor_id, at=NOW + timedelta(seconds=59)) == 0
        assert bank.settle(vendor_id=self.vendor_id, at=NOW + timedelta(seconds=60)) == 1

    def call(self, order: Order, at: datetime) -> Call:
        return call_about(SandboxPayment.objects.get(order_id=order.checkout_id), at)


@pytest.fixture
def stage() -> Iterator[_Stage]:
    vendor = a_vendor(sandbox_now=NOW)
    with acting_for([vendor.id]):
        yield _Stage(vendor.id)


class TestSandbox(Conformance):
    """All that every provider must do."""


def test_who_lives_by_the_real_clock_is_never_paid_by_the_pretend_bank(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOODTERMS_SANDBOX_PAY", raising=False)
    real, pretend = a_vendor(), a_vendor(sandbox_now=NOW)
    assert serving([(pretend, "GBP"), (pretend, "EUR")]) == [PROVIDERS["sandbox"]]
    assert serving([(pretend, "GBP"), (real, "GBP")]) == []
    assert serving([]) == []
    monkeypatch.setenv("GOODTERMS_SANDBOX_PAY", "1")
    assert serving([(real, "GBP")]) == [PROVIDERS["sandbox"]]


def test_what_was_decided_stays_decided(stage: _Stage) -> None:
    order, _ = Conformance().started(stage)
    stage.say(order, "decline")
    stage.say(order, "approve")
    assert SandboxPayment.objects.get(order_id=order.checkout_id).word == "failed"


def test_the_bank_takes_three_answers_and_no_other(stage: _Stage) -> None:
    with pytest.raises(Refused, match="Approve, decline or let it wait"):
        stage.say(Conformance().order(stage), "perhaps")
