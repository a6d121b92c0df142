"""A plan from the payer's word to the last part: it rests the reminders as the rehearsal shows, and what breaks it is said."""

import zlib
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from django.conf import settings

from goodterms.conversations.models import Plan
from goodterms.conversations.plans import known
from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Body, Letter
from goodterms.invoicing.models import Hold, Invoice
from goodterms.parties.models import Customer
from goodterms.proof.prove import prove
from goodterms.reminders import due as reminders
from goodterms.reminders.rules import Item, items
from goodterms.terms.rules import Withholding
from goodterms.values.days import instant
from stories.world import World, a_line

pytestmark = pytest.mark.django_db
FIRST = date(2026, 10, 5)
LAST_REST = date(2026, 10, 8)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    return World()


def agreed(world: World, invoice: Invoice, parts: int = 2) -> Plan:
    """On the day it is due: parts each fortnight from the fifth of October on."""
    world.later(days=30)
    return world.in_parts(invoice.id, FIRST, parts)


def rehearsed(world: World, days: int) -> list[Item]:
    """What a rehearsal says of the days to come."""
    ours = [world.vendor.id]
    found = reminders.rehearse(vendors=ours, start=world.today, days=days, at=at_ten)
    return [item for decision in found for item in items(decision)]


def lived(world: World, days: int) -> list[Item]:
    """What the days decide, each run whole: judged first, then planned."""
    found = []
    for _ in range(days):
        [*today] = rehearsed(world, 1)
        found += today
        world.run_day()
        with acting_for([world.vendor.id]):  # the letters leave
            Letter.objects.filter(state="ready").update(state="accepted")
        world.later(days=1)
    return found


def at_ten(on: date) -> datetime:
    return instant(on, time(10), "Europe/London")


def standing(plan: Plan) -> str:
    return known([Plan.objects.get(id=plan.id)])[0].standing


def billed(world: World) -> tuple[Customer, Invoice]:
    customer = world.a_customer("Bakehouse Ltd")
    return customer, world.bill(customer, a_line("100"), work="Menus")


def test_the_rehearsal_of_a_plan_that_nobody_pays_is_what_the_days_do(world: World) -> None:
    _customer, invoice = billed(world)
    plan = agreed(world, invoice)
    shown = rehearsed(world, 14)
    held = [item.on for item in shown if item.reasons == ("on_plan",)]
    assert held
    assert max(held) <= LAST_REST
    goes = [item for item in shown if item.outcome == "goes_out"]
    assert goes
    assert min(item.on for item in goes) == LAST_REST + timedelta(days=1)
    assert lived(world, 14) == shown
    with acting_for([world.vendor.id]):
        assert (standing(plan), Plan.objects.get().missed_on) == ("broken", FIRST)
        assert not Hold.objects.filter(ended_at=None).exists()


def test_a_part_that_came_rests_it_on_though_no_day_was_run_since(world: World) -> None:
    customer, invoice = billed(world)
    plan = agreed(world, invoice)
    world.pay(customer, 60_00, key="first part", named=[invoice.id])
    shown = rehearsed(world, 25)
    assert max(item.on for item in shown if "on_plan" in item.reasons) == date(2026, 10, 22)  # a fortnight later, with grace
    assert lived(world, 25) == shown
    with acting_for([world.vendor.id]):
        assert standing(plan) == "broken"


def test_a_plan_that_is_kept_ends_by_itself_and_nobody_was_reminded(world: World) -> None:
    customer, invoice = billed(world)
    plan = agreed(world, invoice)
    for part in ("first", "second"):
        world.pay(customer, 60_00, key=part, named=[invoice.id])
        world.run_day()
        world.later(days=14)
    world.run_day()
    with acting_for([world.vendor.id]):
        assert standing(plan) == "kept"
        assert not Letter.objects.filter(kind="notice").exists()
        assert not Hold.objects.filter(ended_at=None).exists()
        assert all(one.finding.broken == 0 for one in prove([world.vendor.id]))


def test_the_reminder_after_a_broken_plan_names_the_day_that_was_missed(world: World) -> None:
    _customer, invoice = billed(world)
    agreed(world, invoice)
    world.later(days=8)
    counts = world.run_day()
    assert (counts["plans:broken"], counts["notices"]) == (1, 1)
    with acting_for([world.vendor.id]):
        letter = message_from_bytes(zlib.decompress(Body.objects.get(letter__kind="notice").packed), policy=default)
    said = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "payment for Menus was planned for Monday 5 October and has not reached us" in " ".join(said.split())


def test_a_plan_is_not_lost_when_the_payment_of_a_part_is_taken_back(world: World) -> None:
    customer, invoice = billed(world)
    plan = agreed(world, invoice)
    paid = world.pay(customer, 60_00, key="first", named=[invoice.id])
    world.run_day()
    world.take_back(paid["allocations"][0]["allocation_id"])
    world.run_day()
    with acting_for([world.vendor.id]):
        [stands] = known([plan])
        assert (stands.standing, stands.rests_until) == ("agreed", LAST_REST)
        assert list(Hold.objects.filter(ended_at=None).values_list("until_on", flat=True)) == [LAST_REST]


def test_a_plan_asks_for_what_is_to_be_paid_and_what_is_kept_back_comes_with_the_last_part(world: World) -> None:
    """1,200.00 with tax, of which they keep 150.00 back: two parts of 525.00."""
    customer = world.a_customer("Estudio Sur", withholding=Withholding("IRPF", Decimal(15)))
    invoice = world.bill(customer, a_line("1000"))
    plan = agreed(world, invoice)
    with acting_for([world.vendor.id]):
        [one] = known([plan])
        assert ([part.minor for part in one.parts], one.left.minor, one.next_paying[0][1].minor) == (
            [525_00] * 2,
            1050_00,
            525_00,
        )
    world.later(days=5)
    for at, left in ((1, 525_00), (2, 0)):
        world.pay(customer, 525_00, key=f"part {at}", named=[invoice.id])
        with acting_for([world.vendor.id]):
            [one] = known([Plan.objects.get(id=plan.id)])
            assert (one.left.minor, one.next is None) == (left, not left)
    with acting_for([world.vendor.id]):
        now = Invoice.objects.get(id=invoice.id)
        assert (now.open_minor, now.to_withhold_minor) == (0, 0)
    world.run_day()
    with acting_for([world.vendor.id]):
        assert standing(plan) == "kept"
    assert [one.invariant.id for one in prove([world.vendor.id]) if one.finding.broken] == []


def test_a_plan_that_was_agreed_on_all_that_was_open_is_counted_so_to_its_end(world: World) -> None:
    """Those of before there was such a thing: what is kept back stays in their parts."""
    customer = world.a_customer("Estudio Sur", withholding=Withholding("IRPF", Decimal(15)))
    invoice = world.bill(customer, a_line("1000"))
    plan = agreed(world, invoice)
    with acting_for([world.vendor.id]):
        plan.shares.update(withheld_then_minor=0)
        plan.parts.update(minor=600_00)
        [one] = known([plan])
        assert (one.left.minor, one.paid.minor, one.next_paying[0][1].minor) == (1200_00, 0, 600_00)
