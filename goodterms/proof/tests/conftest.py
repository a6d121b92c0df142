"""A small life of a vendor, lived by the real verbs and committed, for the tests that put faults into it and take them out."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command

from goodterms.database.isolation import acting_for
from goodterms.payments.actions import take_back_withheld, withhold
from goodterms.payments.withholding import Certificate, Kept
from goodterms.terms.rules import Withholding
from goodterms.values.files import File
from goodterms.values.money import Money
from stories.world import NO_TAX, World, a_line

HOURS = File("hours.csv", b"day;hours\n1;8\n")


@pytest.fixture(scope="module")
def life(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "HOME", Path(tmp_path_factory.mktemp("home")))
        try:
            world = World()
            live(world)
            World().a_customer("Neighbour & Sons")
            yield world
        finally:
            call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)


def live(world: World) -> None:
    """Two months: paid, paid in part, early, in parts, too much, credited, given a credit, given up, void, asked, disputed,
    agreed in parts, kept back for the tax office, billed ahead, reminded, billed abroad."""
    bakery, brewery = world.a_customer("Bakehouse Ltd"), world.a_customer("Brewhouse Ltd", "2/10 net 30")
    mill = world.a_customer("Mill Lane", "50% net 10, 50% net 40")
    paid, part, credited, written, wrong = (world.bill(bakery, a_line(price)) for price in ("100", "250.50", "80", "7", "9"))
    early, late = world.bill(brewery, a_line("500"), a_line("0.35", "1000", NO_TAX)), world.bill(brewery, a_line("60"))
    slow = world.bill(mill, a_line("333.33"), work="Menus")
    tower = world.a_customer("Tower House")
    kept = world.bill(tower, a_line("40"), files=[HOURS])
    world.hold(world.bill_despite(tower, a_line("120"), "As agreed on the telephone").id)
    world.void(wrong.id)
    world.later(days=3)
    world.pay(bakery, paid.total_minor, key="exact")
    world.pay(bakery, 100_00, key="part", named=[part.id])
    world.pay(brewery, early.total_minor - round(early.total_minor * Decimal("0.02")), key="early", named=[early.id])
    world.credit(credited.id, 24_00)
    left_over = world.credit(paid.id, 30_00)
    world.allocate_credit(left_over.note.id, [part.id])
    world.write_off(written.id)
    too_much = world.pay(mill, slow.total_minor + 50_00, key="too much")
    world.later(days=1)
    world.take_back(UUID(too_much["allocations"][0]["allocation_id"]))
    world.refund(UUID(too_much["payment_id"]), 50_00, key="back")
    world.answer(world.ask(part.id).id)
    world.dispute(late.id)
    world.more_time(credited.id, world.today.replace(month=10, day=10))
    world.in_parts(kept.id, world.today + timedelta(days=40))
    corner = world.a_customer("Corner Shop")
    shop = world.a_project(corner, a_line("1000"))
    ahead, rest = world.part_of(shop, "deposit", percent=Decimal(30)), world.rest_of(shop)
    world.pay(corner, 1200_00, key="shop", named=[ahead.id, rest.id])
    world.later(days=31)
    assert world.run_day()["sent"] == 14  # ten invoices, two credit notes, an answer, and the one notice
    abroad(world)
    kept_back(world)
    given(world)
    world.pay(bakery, 10_00, key="after")


def given(world: World) -> None:
    """A credit that corrects no invoice, spent on two of them and taken back from one; and a part of it paid out."""
    garage = world.a_customer("Garage Vale")
    first, second = world.bill(garage, a_line("25")), world.bill(garage, a_line("35"))
    note = world.give_credit(garage, a_line("40"))
    told = world.allocate_credit(note.id, [first.id, second.id])
    world.take_back(UUID(told["allocations"][0]["allocation_id"]))
    world.refund_credit(note.id, 5_00, key="paid out")


def kept_back(world: World) -> None:
    """Of three invoices: with the payment, in part and credited, and by itself after one that came short."""
    estudio = world.a_customer("Estudio Sur", withholding=Withholding("IRPF", Decimal(15)))
    whole, part, short = (world.bill(estudio, a_line(price)) for price in ("1000", "200", "300"))
    world.pay(estudio, 1050_00, key="kept", named=[whole.id])
    world.pay(estudio, 100_00, key="kept in part", named=[part.id], kept={part.id: Kept(Money(10_00, "GBP"))})
    world.credit(part.id, 60_00)
    with acting_for([world.vendor.id]):
        paper = Certificate("2026/88", world.today)
        ann: dict[str, Any] = {"on": world.today, "by": "Ann", "role": "owner", "now": world.now}
        wrong = withhold(invoice_id=short.id, amount=Money(50_00, "GBP"), **ann)
        take_back_withheld(withheld_id=wrong.id, reason="They misread their own paper", **ann)
        withhold(invoice_id=short.id, certificate=paper, **ann)


def abroad(world: World) -> None:
    """Billed in dollars at one rate, paid in part at another, and credited in part."""
    atelier = world.a_customer("Atelier Moreau", currency="USD")
    world.read_rates({"USD": "1.1000", "GBP": "0.8500"})
    billed = world.bill(atelier, a_line("1000"))
    world.later(days=2)
    world.read_rates({"USD": "1.1250", "GBP": "0.8460"})
    world.pay(atelier, 600_00, key="abroad")
    world.credit(billed.id, 120_00, "USD")
