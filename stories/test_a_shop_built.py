"""A shop at an agreed price, from the deposit to the last payment; and hours paid ahead, through months and their end."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from goodterms.billing import actions as billing
from goodterms.billing.models import Project
from goodterms.billing.standing import Holds, holding, standing
from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.invoicing.as_file import as_file
from goodterms.invoicing.line import Line
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer
from goodterms.proof.prove import prove
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused
from stories.world import ANN, NO_TAX, VAT, World, a_line

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    return World()


def a_shop(world: World) -> tuple[Customer, Project]:
    customer = world.a_customer("Bakehouse Ltd")
    design, lamps = a_line("6000", description="Design"), a_line("333.33", description="Lamps")
    return customer, world.a_project(customer, design, lamps, a_line("700", tax=NO_TAX, description="Books"))


def all_holds(world: World) -> bool:
    with acting_for([world.vendor.id]):
        return all(one.finding.broken == 0 for one in prove([world.vendor.id]))


def billed(world: World, project: Project) -> tuple[int, int]:
    """Before tax and tax of all its invoices, less what was credited."""
    with acting_for([world.vendor.id]):
        found = standing(project)
        assert found is not None
        return sum(one.net.minor for one in found.parts), sum(one.tax.minor for one in found.parts)


def test_the_whole_of_a_shop_is_billed_once_and_taxed_once(world: World) -> None:
    customer, shop = a_shop(world)
    key = new_key(world.now)
    deposit = world.part_of(shop, "deposit", key, percent=Decimal(40))
    assert world.part_of(shop, "deposit", key, percent=Decimal(40)).id == deposit.id  # the line broke, and it was pressed again
    world.pay(customer, deposit.total_minor, key="deposit", named=[deposit.id])
    world.later(days=20)
    part = world.part_of(shop, "progress", complete=Decimal("66.6"))
    world.credit(part.id, 240_00)  # the lamps were late
    world.later(days=22)
    world.run_day()
    rest = world.rest_of(shop)
    assert billed(world, shop) == (7033_33, 1266_67)
    with pytest.raises(Refused, match="is taken off on invoice"):
        world.credit(deposit.id, 1_00)
    with acting_for([world.vendor.id]):
        part.refresh_from_db()
        assert part.open_minor == part.total_minor - 240_00  # nobody paid it, and the final invoice does not ask for it again
        assert rest.total_minor == 7033_33 + 1266_67 - deposit.total_minor - part.total_minor + 240_00
        file = as_file(Invoice.objects.select_related("customer", "vendor").get(id=rest.id), "ubl")
        assert file.content.count(b"BillingReference>") == 4  # two, each opened and closed
        told = set(Interaction.objects.filter(kind__startswith="project.").values_list("kind", flat=True))
    assert told == {"project.opened", "project.priced", "project.deposit", "project.progress", "project.final"}
    for one in (part, rest):
        world.pay(customer, one.open_minor, key=one.number, named=[one.id])
    assert all_holds(world)


def test_a_final_invoice_that_was_wrong_is_credited_and_the_shop_billed_anew_at_another_price(world: World) -> None:
    _customer, shop = a_shop(world)
    world.part_of(shop, "deposit", percent=Decimal(50))
    wrong = world.rest_of(shop)
    world.credit(wrong.id)
    with acting_for([world.vendor.id]):
        dearer = [a_line("8000", description="All of it")]
        billing.agree_price(project_id=shop.id, lines=dearer, reason="A larger window", by=ANN, role="owner", now=world.now)
    world.rest_of(shop)
    assert billed(world, shop) == (8000_00, 1600_00)
    assert all_holds(world)


def test_hours_paid_ahead_roll_over_a_month_and_are_then_gone(world: World) -> None:
    customer = world.a_customer("Mill Lane")
    who: dict[str, Any] = {"by": ANN, "role": "owner"}
    with acting_for([world.vendor.id]):
        care = billing.begin_retainer(
            vendor_id=world.vendor.id, customer_id=customer.id, name="Care", unit="hours", unit_price=Decimal(80), tax=VAT,
            keeps_months=1, now=world.now, **who,
        )  # fmt: skip
        project = billing.open_project(
            vendor_id=world.vendor.id, customer_id=customer.id, name="Care of the site", now=world.now, **who
        )

    def holds() -> Holds:
        with acting_for([world.vendor.id]):
            return holding(care, world.today)

    def topped(hours: int) -> Invoice:
        with acting_for([world.vendor.id]):
            says = {"on": world.today, "way": billing.Way(issues=True), "now": world.now, **who}
            return billing.top_up(retainer_id=care.id, quantity=Decimal(hours), **says)

    def worked(hours: str) -> Invoice:
        with acting_for([world.vendor.id]):
            work = billing.Work(Line("Changes", Decimal(hours), Decimal(95), VAT, "h"), "time", world.today)
            billing.add_items(project_id=project.id, work=[work], now=world.now, **who)
            says = {"on": world.today, "way": billing.Way(issues=True), "now": world.now, **who}
            return billing.draw(retainer_id=care.id, **says)

    topped(10)  # in September, kept through October
    assert worked("3.5").total_minor == 0
    world.later(days=35)
    topped(10)  # in October, kept through November
    assert holds().hours == Decimal("16.5")
    assert worked("8").total_minor == 0
    assert [(lot.expires_on.month, lot.net.minor) for lot in holds().lots if lot.expires_on] == [(11, 680_00)]
    world.later(days=60)
    assert (holds().net.minor, holds().expired.minor) == (0, 680_00)
    beyond = topped(1)
    assert worked("2").total_minor == 114_00  # one hour beyond it, at the price of today
    with pytest.raises(Refused, match="is taken off on invoice"):
        world.credit(beyond.id)
    assert all_holds(world)
