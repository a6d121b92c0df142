"""Random books against a plain oracle: the rules written a second time, slowly, from the words of the product."""

from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from goodterms.reminders.rules import (
    STEADY,
    WORDS,
    Cadence,
    Decision,
    Facts,
    PayerFacts,
    Step,
    VendorFacts,
    forward,
)

MONDAY = date(2026, 12, 21)
ZONES = ("Europe/London", "America/New_York", "Asia/Jakarta", "Pacific/Auckland")
HOLDS = ("paid", "disputed", "question_open", "promised", "extended", "on_plan", "asked to")
BRISK = Cadence("Brisk", (Step(-2, "heads_up"), Step(1, "first", minimum=(("EUR", 500),)), Step(4, "second"),
                          Step(6, "owner", "person", automatic=False), Step(9, "call", "call")))  # fmt: skip


class World(NamedTuple):
    payer: PayerFacts
    vendors: dict[str, VendorFacts]
    book: list[Facts]
    contacts: list[date]
    hour: int


days_near = st.integers(-25, 25).map(lambda days: MONDAY + timedelta(days=days))
payers = st.builds(
    PayerFacts,
    payer_id=st.just("p"),
    address=st.sampled_from(["", "p@x.example", "p@x.example"]),
    timezone=st.sampled_from(ZONES),
    country=st.sampled_from(["", "GB", "ID"]),
    channel=st.sampled_from(["email", "email", "post"]),
    quiet_weekdays=st.sampled_from([frozenset(), frozenset({6, 7}), frozenset({5})]),
    quiet_ranges=st.sampled_from([(), ((date(2026, 12, 23), date(2026, 12, 27)),)]),
    rhythm=st.sampled_from([frozenset(), frozenset(), frozenset({2, 4})]),
    limits=st.sampled_from([(), ((2, 14),)]),
    language=st.just("en"),
    tone=st.just("neutral"),
    hours=st.none(),
    held_from=st.sampled_from([(), (), (("v", MONDAY + timedelta(days=1)),)]),
    forewords=st.just(()),
)


@st.composite
def invoices(draw: st.DrawFn, number: int) -> Facts:
    due_on = draw(days_near)
    words = draw(st.lists(st.sampled_from(HOLDS), max_size=2, unique=True)) if draw(st.integers(0, 2)) == 0 else []
    return Facts(
        invoice_id=str(number), number=str(number), vendor_id=draw(st.sampled_from(["v", "w"])),
        customer_id="", payer_id="p", currency=draw(st.sampled_from(["EUR", "USD"])),
        open_minor=draw(st.sampled_from([0, 400, 900])), total_minor=draw(st.sampled_from([900, 1000])),
        issued_on=due_on, due_on=due_on, paperless_on=draw(st.sampled_from([date.min, MONDAY])),
        holds=words, held_until=[draw(st.none() | days_near) for _ in words],
        done=draw(st.sampled_from([None, None, -5, 0, 3])), done_on=draw(st.none() | days_near.filter(lambda on: on < MONDAY)),
    )  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn) -> World:
    book = [draw(invoices(number)) for number in range(draw(st.integers(1, 6)))]
    book = [facts._replace(customer_id=f"customer of {facts.vendor_id}") for facts in book]
    feed = st.builds(
        VendorFacts, st.just("v"), st.sampled_from([{"": STEADY}, {"": BRISK}]),
        st.none() | days_near, st.sampled_from([None, None, 4]),
    )  # fmt: skip
    contacts = [MONDAY - timedelta(days=age) for age in draw(st.lists(st.integers(0, 31), max_size=5))]
    return World(draw(payers), {"v": draw(feed), "w": draw(feed)}, book, contacts, draw(st.integers(0, 23)))


def run(world: World, days: int) -> list[Decision]:
    return list(forward(
        world.book, {"p": world.payer}, world.vendors, {"p": world.contacts}, MONDAY, days,
        lambda on: datetime(on.year, on.month, on.day, world.hour, tzinfo=UTC),
    ))  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(worlds(), st.integers(1, 6))
def test_every_word_of_every_day_is_what_the_oracle_says(world: World, days: int) -> None:
    oracle = Oracle(world)
    for decision in run(world, days):
        expected, sent = oracle.day(decision.on)
        told = {verdict.facts.number: (verdict.step and verdict.step.days, verdict.reasons) for verdict in decision.verdicts}
        assert told == expected
        assert sorted(n.facts.number for n in decision.notice.nominations) == sorted(sent) if decision.notice else not sent


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_whatever_the_world_no_courtesy_is_broken(world: World) -> None:
    """Looks at nothing but what went out."""
    went_out = [decision.notice for decision in run(world, 14) if decision.notice]
    local_days = list(world.contacts)
    for notice in went_out:
        now = datetime(notice.on.year, notice.on.month, notice.on.day, world.hour, tzinfo=UTC)
        there = now.astimezone(ZoneInfo(world.payer.timezone))
        local_days.append(there.date())
        assert 9 <= there.hour < 19
        assert there.isoweekday() not in world.payer.quiet_weekdays
        assert sum(there.date() - timedelta(days=7) < on <= there.date() for on in local_days) <= 3
        assert local_days.count(there.date()) == 1
        for facts, step, channel, _ in notice.nominations:
            assert facts.open_minor > 0
            assert step.automatic
            assert all(until is not None and until < notice.on for until in facts.held_until or ())
            assert not (channel == "email" and notice.on < facts.paperless_on)
    for _, same in groupby(sorted((n.facts.number, n.step.days) for notice in went_out for n in notice.nominations)):
        assert len(list(same)) == 1  # no step twice


class Oracle:
    """Slow, plain and stateful; shares nothing with the rules but the shape of the facts."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.done = {facts.number: facts.done for facts in world.book}
        self.done_on = {facts.number: facts.done_on for facts in world.book}
        self.contacts = list(world.contacts)

    def day(self, on: date) -> tuple[dict[str, tuple[int | None, tuple[str, ...]]], list[str]]:
        verdicts = {facts.number: self.verdict(facts, on) for facts in self.world.book}
        going = [f for f in self.world.book if verdicts[f.number][0] is not None and not verdicts[f.number][1]]
        sent: list[str] = []
        if going:
            key = max((verdicts[f.number][0], self.pile(f, verdicts[f.number][0], on)) for f in going)[1]
            for facts in going:
                step = verdicts[facts.number][0]
                if self.pile(facts, step, on) == key:
                    sent.append(facts.number)
                    self.done[facts.number] = step
                    self.done_on[facts.number] = on
                else:
                    verdicts[facts.number] = (step, ("limit",))
            self.contacts.append(self.there(on).date())
        return verdicts, sent

    def verdict(self, facts: Facts, on: date) -> tuple[int | None, tuple[str, ...]]:
        step = self.step(facts, on)
        if step is None:
            return None, ("not_due",)
        words = self.own_words(facts, on) | self.payer_words(on)
        vendor = self.world.vendors[facts.vendor_id]
        allowed, seen_on = vendor.feed_days_max, vendor.feed_seen_on
        if allowed is not None and (seen_on is None or on > seen_on + timedelta(days=allowed)):
            words.add("stale_feed")
        if self.channel(facts, step, on) == "email" and self.world.payer.address == "":
            words.add("no_address")
        if not step.automatic:
            words.add("manual")
        if any(vendor_id == facts.vendor_id and on >= from_on for vendor_id, from_on in self.world.payer.held_from):
            words.add("message_held")
        return step.days, tuple(word for word in WORDS if word in words)

    def own_words(self, facts: Facts, on: date) -> set[str]:
        words = {"paid"} if facts.open_minor <= 0 else set()
        for word, until in zip(facts.holds or [], facts.held_until or [], strict=True):
            if until is None or until >= on:
                words.add("manual" if word == "asked to" else word)
        return words

    def payer_words(self, on: date) -> set[str]:
        payer, there, words = self.world.payer, self.there(on), set()
        today = there.date()
        for most, days in ((1, 1), (3, 7), (10, 30), *payer.limits):
            window = [today - timedelta(days=i) for i in range(days)]
            if len([made for made in self.contacts if made in window]) >= most:
                words.add("limit")
        if there.isoweekday() in payer.quiet_weekdays or (payer.rhythm and there.isoweekday() not in payer.rhythm):
            words.add("quiet")
        if any(first <= today <= last for first, last in payer.quiet_ranges):
            words.add("quiet")
        if there.hour not in range(9, 19):
            words.add("hours")
        if payer.country and today in holidays.country_holidays(payer.country, years=today.year):
            words.add("holiday")
        return words

    def step(self, facts: Facts, on: date) -> Step | None:
        carrier = facts
        if facts.due_on < on and not self.own_words(facts, on):
            kin = [f for f in self.world.book if f.customer_id == facts.customer_id and not self.own_words(f, on)]
            carrier = min(kin, key=lambda f: (f.due_on, -f.total_minor, f.number))
        heard = [days for days in (self.done[facts.number], self.done[carrier.number]) if days is not None]
        cadence, reached = self.world.vendors[facts.vendor_id].cadences[""], None
        for said_on in (self.done_on[facts.number], self.done_on[carrier.number]):
            if said_on is not None and on < said_on + timedelta(days=cadence.gap_days):
                return None
        for step in cadence.steps:
            small = any(facts.currency == currency and facts.open_minor < least for currency, least in step.minimum)
            if carrier.due_on + timedelta(days=step.days) <= on and all(step.days > days for days in heard) and not small:
                reached = step
                if not step.automatic:
                    break
        return reached

    def channel(self, facts: Facts, step: Step, on: date) -> str:
        on_paper = on < facts.paperless_on or self.world.payer.channel == "post"
        return "post" if step.channel == "email" and on_paper else step.channel

    def pile(self, facts: Facts, days: int | None, on: date) -> tuple[str, str]:
        [step] = [s for s in self.world.vendors[facts.vendor_id].cadences[""].steps if s.days == days]
        channel = self.channel(facts, step, on)
        return channel, facts.vendor_id if channel in ("call", "person") else ""

    def there(self, on: date) -> datetime:
        return datetime(on.year, on.month, on.day, self.world.hour, tzinfo=UTC).astimezone(ZoneInfo(self.world.payer.timezone))
