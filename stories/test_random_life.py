"""A long random life against a plain oracle: every verb in any order, and every invariant after every step.

GOODTERMS_LIFE_STEPS says how many steps (default: a short life), GOODTERMS_LIFE_SEED which life.
"""

import os
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Letter
from goodterms.invoicing.models import Instalment, Invoice
from goodterms.payments.keeping import left_of_notes
from goodterms.payments.models import Payment
from goodterms.payments.withholding import Kept
from goodterms.proof.prove import prove
from goodterms.reminders.models import Nomination
from goodterms.terms.rules import Withholding
from goodterms.values.days import holidays_in
from goodterms.values.keys import seeded
from goodterms.values.money import Money
from goodterms.values.refusal import Refused
from stories.hashed import state_hash
from stories.oracle import FOREVER, Bill, Book, Purse, Share, Wish
from stories.world import World, a_line

STEPS = int(os.environ.get("GOODTERMS_LIFE_STEPS", "120"))
SEED = int(os.environ.get("GOODTERMS_LIFE_SEED", "2026"))
# Steps; then another life begins: each leaves some verbs out, which lets it go far with the others, and no book grows so
# large that it takes long to look at all of it after every step.
ONE_LIFE = 20 if STEPS < 1_000 else 60
QUIET_DAYS = timedelta(days=30)  # after so long no limit on contacts counts any more
TERMS = {
    "Bakehouse Ltd": "net 30", "Brewhouse Ltd": "2/10 net 30", "Mill Lane": "50% net 10, 50% net 40",
    "Foundry SL": "2/10 net 30", "Smithy SL": "50% net 10, 50% net 40",
}  # fmt: skip
IRPF = Withholding("IRPF", Decimal(15))  # kept back by the firms of Spain
anyone = st.sampled_from(sorted(TERMS))
which = st.integers(0, 999)
PRICES = ["10", "10", "25.50", "99.99", "333.33", "1200"]


class Life(RuleBasedStateMachine):
    steps = 0
    lives = 0
    ends: list[str] = []

    def __init__(self) -> None:
        super().__init__()
        Life.lives += 1
        self.stack = ExitStack()
        self.stack.enter_context(seeded(SEED + Life.lives))
        self.world = World(slug=f"life-{Life.lives}")
        self.vendor = self.world.vendor.id
        self.customers = {
            name: self.world.a_customer(name, terms, withholding=IRPF if name.endswith("SL") else None)
            for name, terms in TERMS.items()
        }
        self.book = Book()
        self.keys = 0
        self.manual: dict[UUID, UUID] = {}
        self.threads: dict[UUID, tuple[UUID, str]] = {}
        self.letters: dict[UUID, date] = {}  # of each payer, the day of the last

    def teardown(self) -> None:
        with acting_for([self.vendor]):
            Life.ends.append(state_hash())
        self.stack.close()

    # Billing

    @rule(name=anyone, price=st.sampled_from(PRICES), lines=st.integers(1, 3))
    def bill(self, name: str, price: str, lines: int) -> None:
        invoice = self.world.bill(self.customers[name], *[a_line(price)] * lines)
        parts = self._parts(invoice)
        early = self.world.today + timedelta(days=10) if TERMS[name].startswith("2/10") else date.min
        keeps = 15 if name.endswith("SL") else 0
        self.book.add(Bill(invoice.id, name, invoice.total_minor, self.world.today, parts, 2, early, invoice.net_minor, keeps))

    @rule(name=anyone, minor=st.integers(1_00, 500_00), ago=st.integers(0, 60))
    def take_over(self, name: str, minor: int, ago: int) -> None:
        issued, number = self.world.today - timedelta(days=ago), f"OLD-{self._next_key()}"
        invoice = self.world.take_over(self.customers[name], number, issued, issued + timedelta(days=30), minor)
        self.book.add(Bill(invoice.id, name, minor, issued, [(issued + timedelta(days=30), minor)]))

    @precondition(lambda self: self._creditable())
    @rule(at=which, share=st.sampled_from([1, 2, 5]))
    def credit(self, at: int, share: int) -> None:
        bill = self._one(self._creditable(), at)
        left = bill.total - bill.credited
        done = self.world.credit(bill.key, max(1, left // share))
        assert done.note.total_minor == max(1, left // share)
        spent = min(done.note.total_minor, bill.open)
        bill.credited += done.note.total_minor
        bill.net -= done.note.net_minor
        bill.open -= spent
        self.book.purses[done.note.id] = Purse(
            bill.customer, self.world.today, done.note.total_minor - spent, 0, is_credit=True
        )

    @rule(name=anyone, price=st.sampled_from(PRICES))
    def give_credit(self, name: str, price: str) -> None:
        note = self.world.give_credit(self.customers[name], a_line(price))
        self.book.purses[note.id] = Purse(name, self.world.today, note.total_minor, 0, is_credit=True)

    @precondition(lambda self: self._open())
    @rule(at=which, part=st.booleans())
    def write_off(self, at: int, part: bool) -> None:
        bill = self._one(self._open(), at)
        minor = max(1, bill.open // 3) if part else bill.open
        self.world.write_off(bill.key, minor)
        bill.open -= minor

    # Money

    @precondition(lambda self: self._open())
    @rule(at=which, named=st.booleans())
    def pay_exactly(self, at: int, named: bool) -> None:
        bill = self._one(self._open(), at)
        self._pay(bill.customer, bill.open, [(bill.key, None)] if named else [])

    @precondition(lambda self: self._payable())
    @rule(at=which)
    def pay_early(self, at: int) -> None:
        bill = self._one(self._payable(), at)
        self._pay(bill.customer, bill.to_pay - bill.offer(self.world.today, bill.keep), [])

    @precondition(lambda self: self._open())
    @rule(at=which, share=st.integers(2, 9))
    def pay_and_say_what_was_kept(self, at: int, share: int) -> None:
        bill = self._one(self._open(), at)
        kept = bill.open // share
        key, minor = f"p{self._next_key()}", bill.open - kept
        first = self.world.pay(self.customers[bill.customer], minor, key=key, kept={bill.key: Kept(Money(kept, "GBP"))})
        self.book.purses[UUID(first["payment_id"])] = Purse(bill.customer, self.world.today, minor, minor)
        self._must_be(first, UUID(first["payment_id"]), {bill.key: (minor, 0, kept)})

    @precondition(lambda self: self._open())
    @rule(at=which, share=st.integers(2, 9))
    def pay_a_part(self, at: int, share: int) -> None:
        bill = self._one(self._open(), at)
        minor = max(1, bill.open // share)
        self._pay(bill.customer, minor, [(bill.key, minor)])

    @rule(name=anyone, minor=st.integers(1, 2_000_00), several=st.booleans())
    def pay_some(self, name: str, minor: int, several: bool) -> None:
        wish = [(bill.key, None) for bill in self.book.open_of(name)[::2]] if several else []
        self._pay(name, minor, wish)

    @precondition(lambda self: any(purse.left for purse in self.book.purses.values()))
    @rule(at=which, named=st.booleans())
    def allocate(self, at: int, named: bool) -> None:
        key = self._one([key for key, purse in self.book.purses.items() if purse.left], at)
        purse = self.book.purses[key]
        wish = [bill.key for bill in self.book.open_of(purse.customer)[-1:]] if named else []
        shares = self.book.spend(purse, purse.left, [(one, None) for one in wish], only=bool(wish))
        spend = self.world.allocate_credit if purse.is_credit else self.world.allocate
        self._must_be(spend(key, wish), key, shares)

    @precondition(lambda self: self.book.settled)
    @rule(at=which)
    def take_back(self, at: int) -> None:
        key = self._one(list(self.book.settled), at)
        self.world.take_back(key)
        self.book.take_back(key)

    @precondition(lambda self: self._kept())
    @rule(at=which, share=st.integers(1, 3), twice=st.booleans())
    def refund(self, at: int, share: int, twice: bool) -> None:
        key = self._one(self._kept(), at)
        minor, name = max(1, self.book.purses[key].left // share), f"r{self._next_key()}"
        back = self.world.refund_credit if self.book.purses[key].is_credit else self.world.refund
        first = back(key, minor, key=name)
        if twice:
            assert back(key, minor, key=name) == first
        self.book.purses[key].left -= minor

    # What is said

    @precondition(lambda self: self._free("manual"))
    @rule(at=which, days=st.integers(0, 20))
    def hold(self, at: int, days: int) -> None:
        bill = self._one(self._free("manual"), at)
        until = self.world.today + timedelta(days=days) if days else None
        self.manual[bill.key] = self.world.hold(bill.key, until)
        bill.holds["manual"] = until or FOREVER

    @precondition(lambda self: self._releasable())
    @rule(at=which)
    def release(self, at: int) -> None:
        bill = self._one(self._releasable(), at)
        self.world.release(self.manual.pop(bill.key))
        del bill.holds["manual"]

    @precondition(lambda self: self._free("question_open"))
    @rule(at=which, is_dispute=st.booleans())
    def ask_or_dispute(self, at: int, is_dispute: bool) -> None:
        word = "disputed" if is_dispute else "question_open"
        if not (free := self._free(word)):
            return
        bill = self._one(free, at)
        thread = self.world.dispute(bill.key) if is_dispute else self.world.ask(bill.key)
        self.threads[thread.id] = (bill.key, word)
        bill.holds[word] = FOREVER

    @precondition(lambda self: self.threads)
    @rule(at=which)
    def answer(self, at: int) -> None:
        thread = self._one(list(self.threads), at)
        key, word = self.threads.pop(thread)
        self.world.answer(thread) if word == "question_open" else self.world.resolve(thread)
        del self.book.bills[key].holds[word]

    @precondition(lambda self: self._open())
    @rule(at=which, days=st.integers(1, 10))
    def promise(self, at: int, days: int) -> None:
        bill, on = self._one(self._open(), at), self.world.today + timedelta(days=days)
        running, broken = self.world.promised(bill.key)
        if running > 1:  # it was changed once already
            with pytest.raises(Refused, match="changed this day once"):
                self.world.promise(bill.key, on)
            return
        self.world.promise(bill.key, on)
        bill.holds.pop("promised", None)
        if broken < 2:  # after two broken promises reminders do not rest
            bill.holds["promised"] = on

    @precondition(lambda self: self._free("extended"))
    @rule(at=which, days=st.integers(1, 14))
    def ask_for_time(self, at: int, days: int) -> None:
        bill = self._one(self._free("extended"), at)
        until = max(self.world.today, bill.open_parts()[0][0]) + timedelta(days=days)
        wish = self.world.more_time(bill.key, until)
        assert wish.granted_at is not None
        bill.chased_later = True
        bill.holds["extended"] = until

    # Time

    @rule(days=st.sampled_from([1, 1, 2, 5, 12, 30]), runs=st.booleans())
    def days_pass(self, days: int, runs: bool) -> None:
        self.world.later(days=days)
        if runs:
            self._run_day()

    @rule()
    def restart(self) -> None:
        connection.close()

    @invariant()
    def the_book_is_as_plain_arithmetic_says(self) -> None:
        Life.steps += 1
        with acting_for([self.vendor]):
            invoices = Invoice.objects.filter(kind="invoice").values_list("id", "open_minor", "to_withhold_minor")
            opens = {key: (minor, keep) for key, minor, keep in invoices}
            kept = dict(Payment.objects.values_list("id", "unapplied_minor"))
            notes = left_of_notes([key for key, purse in self.book.purses.items() if purse.is_credit])
        assert opens == {key: (bill.open, bill.keep) for key, bill in self.book.bills.items()}
        assert kept == {key: purse.left for key, purse in self.book.purses.items() if not purse.is_credit}
        assert notes == {key: purse.left for key, purse in self.book.purses.items() if purse.is_credit and purse.left}

    @invariant()
    def every_invariant_holds(self) -> None:
        broken = {one.invariant.id: one.finding.named for one in prove([self.vendor]) if one.finding.broken}
        assert broken == {}

    def _run_day(self) -> None:
        today = self.world.today
        holidays = holidays_in("GB", today.year)
        allowed = self.book.may_be_reminded(today, holidays)
        rested = {name for name in TERMS if today - self.letters.get(self._payer(name), date.min) > QUIET_DAYS}
        wanted = {key for key in self.book.must_be_reminded(today) & allowed if self.book.bills[key].customer in rested}
        before = self._nominated()
        self.world.run_day()
        said = self._nominated()
        new = {invoice for key, invoice in said.items() if key not in before}
        assert new <= allowed
        assert wanted <= set(said.values())
        again = self.world.run_day()
        assert (again["sent"], again["notices"], again["doubts"]) == (0, 0, 0)
        with acting_for([self.vendor]):
            for payer in Letter.objects.filter(created_at=self.world.now).values_list("payer_id", flat=True):
                self.letters[payer] = today

    def _nominated(self) -> dict[UUID, UUID]:
        with acting_for([self.vendor]):
            return dict(Nomination.objects.filter(withdrawn_at=None).values_list("id", "invoice_id"))

    def _pay(self, name: str, minor: int, wish: Wish) -> None:
        key = f"p{self._next_key()}"
        purse = Purse(name, self.world.today, minor, minor)
        shares = self.book.spend(purse, minor, wish)
        named = {one: None if sum_ is None else Money(sum_, "GBP") for one, sum_ in wish}
        first = self.world.pay(self.customers[name], minor, key=key, named=named)
        assert self.world.pay(self.customers[name], minor, key=key, named=named) == first
        self.book.purses[UUID(first["payment_id"])] = purse
        self._must_be(first, UUID(first["payment_id"]), shares)

    def _must_be(self, answer: dict[str, Any], purse: UUID, shares: dict[UUID, Share]) -> None:
        told = {
            UUID(one["invoice_id"]): (one["minor"], one["discount_minor"], one["withheld_minor"])
            for one in answer["allocations"]
        }
        assert told == shares
        keys = {UUID(one["invoice_id"]): UUID(one["allocation_id"]) for one in answer["allocations"]}
        self.book.settle(purse, shares, keys)
        assert answer["unapplied_minor"] == self.book.purses[purse].left

    def _parts(self, invoice: Invoice) -> list[tuple[date, int]]:
        with acting_for([self.vendor]):
            parts = list(Instalment.objects.filter(invoice=invoice).order_by("position").values_list("due_on", "minor"))
        assert invoice.due_on is not None
        return parts or [(invoice.due_on, invoice.total_minor)]

    def _payer(self, name: str) -> UUID:
        return self.world.payer_of(self.customers[name])

    def _next_key(self) -> int:
        self.keys += 1
        return self.keys

    def _one(self, found: list[Any], at: int) -> Any:
        return found[at % len(found)]

    def _open(self) -> list[Bill]:
        return [bill for bill in self.book.bills.values() if bill.open]

    def _payable(self) -> list[Bill]:
        return [bill for bill in self._open() if bill.to_pay]

    def _free(self, word: str) -> list[Bill]:
        return [bill for bill in self._open() if word not in bill.holds]

    def _releasable(self) -> list[Bill]:
        return [bill for bill in self._free("none") if self.world.today <= bill.holds.get("manual", date.min)]

    def _creditable(self) -> list[Bill]:
        return [bill for bill in self.book.bills.values() if bill.credited < bill.total]

    def _kept(self) -> list[UUID]:
        return [key for key, purse in self.book.purses.items() if purse.left]


def live(steps: int) -> None:
    """At least so many steps, life after life: where one seed's lives end early, those of the next go on."""
    how = settings(
        max_examples=max(1, steps // ONE_LIFE),
        stateful_step_count=min(steps, ONE_LIFE),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    Life.steps, Life.lives, Life.ends = 0, 0, []
    for more in count():
        run_state_machine_as_test(seed(SEED + more)(Life), settings=how)
        if Life.steps >= steps:
            return


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(django_settings, "HOME", tmp_path)
    return tmp_path


@pytest.mark.django_db(transaction=True)
def test_every_invariant_holds_after_every_step_of_any_life(home: Path) -> None:
    live(STEPS)


@pytest.mark.django_db(transaction=True)
def test_two_runs_of_one_seed_end_in_the_same_books(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Life, "every_invariant_holds", lambda self: None)
    live(20)
    first = Life.ends
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    monkeypatch.setattr(django_settings, "HOME", home / "again")
    live(20)
    assert first
    assert Life.ends == first
