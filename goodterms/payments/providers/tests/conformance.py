"""What every provider must do, asked in the same words of each: a new adapter brings a `Stage` and inherits these tests."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

import pytest
from django.db import transaction

from goodterms.payments.providers import Order, Provider
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
Call = tuple[bytes, Mapping[str, str]]


class Stage(Protocol):
    """A provider, and the world outside in which payers say yes and no to it."""

    provider: Provider
    vendor_id: UUID

    def say(self, order: Order, word: str) -> None:
        """The payer approves, declines or delays."""

    def settle(self, order: Order) -> None:
        """What was delayed is paid."""

    def call(self, order: Order, at: datetime) -> Call:
        """The call with which the provider tells how the order stands."""


class Conformance:
    """Inherit it, and give a fixture `stage`."""

    def order(self, stage: Stage, minor: int = 120_00) -> Order:
        key = new_key(NOW)
        return Order(
            key, stage.vendor_id, new_key(NOW), Money(minor, "GBP"), "Penhale Print Ltd", "PP-4471",
            f"http://localhost/pay/now/{key}/", NOW + timedelta(minutes=30),
        )  # fmt: skip

    def started(self, stage: Stage, minor: int = 120_00) -> tuple[Order, str]:
        order = self.order(stage, minor)
        return order, stage.provider.start(order, now=NOW).reference

    def test_it_has_an_address_to_send_the_payer_to_and_asks_for_the_whole_sum(self, stage: Stage) -> None:
        order = self.order(stage)
        started = stage.provider.start(order, now=NOW)
        assert started.address.startswith(("/", "https://"))
        state = stage.provider.state(stage.vendor_id, started.reference)
        assert state is not None
        assert (state.word, state.amount) == ("open", order.amount)

    def test_the_same_order_starts_once(self, stage: Stage) -> None:
        order = self.order(stage)
        assert stage.provider.start(order, now=NOW) == stage.provider.start(order, now=NOW)
        assert stage.provider.start(self.order(stage), now=NOW) != stage.provider.start(order, now=NOW)

    @pytest.mark.parametrize(("said", "word"), [("approve", "paid"), ("decline", "failed"), ("delay", "pending")])
    def test_it_says_what_became_of_it(self, stage: Stage, said: str, word: str) -> None:
        order, reference = self.started(stage)
        stage.say(order, said)
        state = stage.provider.state(stage.vendor_id, reference)
        assert state is not None
        assert (state.word, bool(state.why)) == (word, word == "failed")

    def test_what_was_delayed_is_paid_later(self, stage: Stage) -> None:
        order, reference = self.started(stage)
        stage.say(order, "delay")
        stage.settle(order)
        state = stage.provider.state(stage.vendor_id, reference)
        assert state is not None
        assert state.word == "paid"

    def test_its_calls_name_the_checkout_and_are_each_one_event(self, stage: Stage) -> None:
        order, reference = self.started(stage)
        stage.say(order, "delay")
        first = stage.provider.read(stage.vendor_id, *stage.call(order, NOW), at=NOW)
        again = stage.provider.read(stage.vendor_id, *stage.call(order, NOW + timedelta(seconds=5)), at=NOW)
        stage.settle(order)
        later = stage.provider.read(stage.vendor_id, *stage.call(order, NOW), at=NOW)
        assert [one.reference for one in [*first, *later]] == [reference] * 2
        assert {one.event_id for one in first} == {one.event_id for one in again} != {one.event_id for one in later}

    def test_a_call_that_was_changed_or_is_not_signed_is_refused(self, stage: Stage) -> None:
        order, _ = self.started(stage)
        stage.say(order, "approve")
        body, headers = stage.call(order, NOW)
        cut = {name: value[:-1] + ("0" if value[-1] != "0" else "1") for name, value in headers.items()}
        for words, given in [(body + b" ", headers), (body, {}), (body, cut), (body, dict.fromkeys(headers, "t=1,v1=é"))]:
            with pytest.raises(Refused) as no:
                stage.provider.read(stage.vendor_id, words, given, at=NOW)
            assert no.value.code == "signature"

    def test_a_call_of_another_vendors_account_is_refused(self, stage: Stage) -> None:
        order, _ = self.started(stage)
        stage.say(order, "approve")
        with pytest.raises(Refused, match="does not fit"):
            stage.provider.read(new_key(NOW), *stage.call(order, NOW), at=NOW)

    def test_an_old_call_is_refused(self, stage: Stage) -> None:
        order, _ = self.started(stage)
        stage.say(order, "approve")
        call = stage.call(order, NOW)
        assert stage.provider.read(stage.vendor_id, *call, at=NOW + timedelta(minutes=5))
        with pytest.raises(Refused, match="too long ago"):
            stage.provider.read(stage.vendor_id, *call, at=NOW + timedelta(minutes=5, seconds=1))

    def test_it_knows_nothing_of_another_reference(self, stage: Stage) -> None:
        assert stage.provider.state(stage.vendor_id, "nobody") is None

    def test_money_goes_back_once_for_each_key_and_never_more_than_came(self, stage: Stage) -> None:
        order, reference = self.started(stage, 100_00)
        with pytest.raises(Refused), transaction.atomic():
            self.refund(stage, reference, 1_00, "before it came")
        stage.say(order, "approve")
        for _ in range(3):
            self.refund(stage, reference, 60_00, "first")
        with pytest.raises(Refused), transaction.atomic():
            self.refund(stage, reference, 41_00, "second")
        self.refund(stage, reference, 40_00, "third")

    def refund(self, stage: Stage, reference: str, minor: int, key: str) -> None:
        stage.provider.refund(stage.vendor_id, reference, Money(minor, "GBP"), key=key, now=NOW)
