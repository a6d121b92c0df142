"""A retainer whose price rises: asked about once by letter, reminded once, answered on the page, issued, and then as usual."""

import re
import zlib
from datetime import date
from decimal import Decimal
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from goodterms.billing.actions import change_line, start_schedule
from goodterms.billing.models import Billed, Schedule
from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Body
from goodterms.interactions.models import Interaction
from goodterms.invoicing.line import Line
from goodterms.invoicing.models import Forewarning, Invoice
from goodterms.parties.models import Vendor
from goodterms.proof.prove import prove
from stories.world import ANN, VAT, World

pytestmark = pytest.mark.django_db
NAMES = ["September", "October", "November", "December"]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    return World()


def retainer(price: str) -> Line:
    return Line("Retainer, {month}", Decimal(1), Decimal(price), VAT)


def on_the_first(world: World, month: int) -> None:
    """That day comes, and is run, twice as any day may be."""
    world.later(days=(date(2026, month, 1) - world.today).days)
    world.run_day()
    world.run_day()


def letters(world: World, kind: str) -> list[str]:
    with acting_for([world.vendor.id]):
        found = Body.objects.filter(letter__kind=kind).order_by("letter_id").values_list("packed", flat=True)
        bodies = [message_from_bytes(zlib.decompress(packed), policy=default).get_body(("plain",)) for packed in found]
        return [str(body.get_content()) for body in bodies if body is not None]


def issued(world: World) -> list[tuple[str, int]]:
    with acting_for([world.vendor.id]):
        return list(Invoice.objects.issued().order_by("seq").values_list("work", "net_minor"))


def test_a_new_price_is_asked_about_once_and_billed_once_they_agree(world: World) -> None:
    customer = world.a_customer("Larch House")
    with acting_for([world.vendor.id]):
        one = start_schedule(
            vendor_id=world.vendor.id, customer_id=customer.id, work="Retainer, {month}", rule="FREQ=MONTHLY;BYMONTHDAY=1",
            starts_on=date(2026, 9, 1), lines=[retainer("500")], automatic=True, by=ANN, role="owner", now=world.now,
        )  # fmt: skip
        change_line(
            schedule_id=one.id, position=1, from_on=date(2026, 12, 1), line=retainer("650"), by=ANN, role="owner", now=world.now
        )
    for month in (9, 10, 11, 12):
        on_the_first(world, month)
    assert issued(world) == [(f"Retainer, {name} 2026", 500_00) for name in NAMES[:3]], "December waits"
    with acting_for([world.vendor.id]):
        assert (Billed.objects.count(), Schedule.objects.get().next_on) == (4, date(2027, 1, 1)), "and is billed once"
        assert Forewarning.objects.waiting().count() == 1
    [asked] = letters(world, "forewarning")
    assert "It is usually about £500.00, so it is £150.00 more." in " ".join(asked.split())

    for _ in range(8):
        world.later(days=1)
        world.run_day()
    assert len(letters(world, "forewarning")) == 2, "reminded once"
    world.later(days=1)
    found = re.search(r"/before/\S+", asked)
    assert found is not None
    with acting_for([world.vendor.id]):
        Vendor.objects.filter(id=world.vendor.id).update(sandbox_now=world.now)
    assert Client().post(found[0], {"answer": "fine"}).status_code == 200
    with acting_for([world.vendor.id]):
        Vendor.objects.filter(id=world.vendor.id).update(sandbox_now=None)
    world.run_day()
    assert issued(world)[-1] == ("Retainer, December 2026", 650_00)
    assert len(letters(world, "invoice")) == 4, "it went out as invoices do"

    world.later(days=(date(2027, 1, 4) - world.today).days)
    world.run_day()
    assert issued(world)[-1] == ("Retainer, January 2027", 650_00), "what they agreed to is known from then on"
    with acting_for([world.vendor.id]):
        told = Interaction.objects.filter(kind__startswith="forewarning.").order_by("at", "id").values_list("kind", flat=True)
        assert list(told) == ["forewarning.asked", "forewarning.reminded", "forewarning.agreed"]
        assert [one.invariant.id for one in prove([world.vendor.id]) if one.finding.broken] == []
