"""What was paid before the work: what is left of it, until when, and which invoice takes it off, for whom it concerns alone."""

from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import reverse

from goodterms.access.tests.world import NOW, World
from goodterms.billing.actions import (
    Way,
    Work,
    add_items,
    agree_price,
    begin_retainer,
    bill_part,
    bill_rest,
    draw,
    open_project,
    top_up,
)
from goodterms.billing.rules import Ask
from goodterms.database.isolation import acting_for
from goodterms.invoicing.actions import approve, credit, issue
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import a_customer
from goodterms.parties.models import Customer
from goodterms.portal.tests.browser import by_link, only_looking, proven, words

pytestmark = pytest.mark.django_db
TOM: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}
TODAY, TAX, AT_ONCE = NOW.date(), Tax("S", Decimal(20)), Way(issues=True)
AHEAD = "/pay/ahead/"


class Story(NamedTuple):
    """Ten hours bought and four taken out; half of a price billed ahead."""

    world: World
    customer: Customer
    bought: Invoice
    drawn: Invoice
    deposit: Invoice


def hours(of: str, price: str = "75") -> Line:
    return Line("Support", Decimal(of), Decimal(price), TAX, "h")


def of(invoice: Invoice) -> str:
    return reverse("portal-invoice", kwargs={"invoice_id": invoice.id})


def retained(customer: Customer, name: str = "Care") -> tuple[Invoice, Invoice]:
    ours: dict[str, Any] = {"vendor_id": customer.vendor_id, "customer_id": customer.id, "name": name}
    retainer = begin_retainer(unit="hours", unit_price=Decimal(90), tax=TAX, keeps_months=1, **ours, **TOM)
    bought = top_up(retainer_id=retainer.id, quantity=Decimal(10), on=TODAY, way=AT_ONCE, **TOM)
    project = open_project(**ours, **TOM)
    [item] = add_items(project_id=project.id, work=[Work(hours("4"), "time", TODAY)], **TOM)
    return bought, draw(retainer_id=retainer.id, on=TODAY, item_ids=[item.id], way=AT_ONCE, **TOM)


def deposited(customer: Customer, name: str = "Booking page") -> Invoice:
    project = open_project(vendor_id=customer.vendor_id, customer_id=customer.id, name=name, **TOM)
    agree_price(project_id=project.id, lines=[Line(name, Decimal(1), Decimal(4000), TAX)], **TOM)
    return bill_part(project_id=project.id, kind="deposit", ask=Ask(percent=Decimal(50)), on=TODAY, way=AT_ONCE, **TOM)


@pytest.fixture
def story(world: World) -> Story:
    customer = world.customers[0]
    with acting_for([customer.vendor_id]):
        bought, drawn = retained(customer)
        return Story(world, customer, bought, drawn, deposited(customer))


def test_what_is_left_of_a_retainer_and_until_when(story: Story) -> None:
    browser = proven(story.world)
    assert 'href="/pay/ahead/"' in words(browser.get("/pay/"))
    page = words(browser.get(AHEAD))
    assert "6 hours left, before tax" in page
    assert "first until 31 December 2026" in page
    assert story.bought.number in page
    assert "not paid yet" in page
    assert f'Work was taken out of it on <a class="no" href="{of(story.drawn)}">' in page


def test_what_was_billed_of_agreed_work_and_what_takes_it_off(story: Story) -> None:
    browser = proven(story.world)
    page = words(browser.get(AHEAD))
    assert "Booking page" in page
    assert "still to come" in page
    assert "taken off on" not in page
    with acting_for([story.customer.vendor_id]):
        project = story.deposit.part.project_id
        final = bill_rest(project_id=project, on=TODAY, **TOM)
        assert "taken off on" not in words(browser.get(AHEAD))  # a draft says nothing to them
        approve(invoice_id=final.id, **TOM)
        final = issue(invoice_id=final.id, issued_on=TODAY, **TOM)
    page = words(browser.get(AHEAD))
    assert "deposit, not paid yet, taken off on" in page
    assert "still to come" not in page
    assert "This takes off" in words(browser.get(of(final)))
    assert "of it are taken off on" in words(browser.get(of(story.deposit)))
    with acting_for([story.customer.vendor_id]):
        credit(invoice_id=final.id, issued_on=TODAY, reason="Wrong", **TOM)
    assert "taken off on" not in words(browser.get(AHEAD))


def test_an_invoice_of_a_retainer_says_what_is_left_of_it(story: Story) -> None:
    browser = proven(story.world)
    assert "Care: " in words(browser.get(of(story.bought)))
    drawn = words(browser.get(of(story.drawn)))
    assert "This takes off" in drawn
    assert "6 hours left, before tax" in drawn
    assert "Billed before" not in words(browser.get(of(story.world.other)))


def test_a_letter_alone_shows_none_of_it_and_strangers_nothing(story: Story) -> None:
    browser = by_link(story.world)
    assert browser.get(AHEAD).status_code == 302
    assert "/pay/ahead/" not in words(browser.get("/pay/"))
    assert "Paid ahead" not in words(browser.get(of(story.world.shown[0])))
    assert Client().get(AHEAD).status_code == 302


def test_who_paid_nothing_ahead_is_told_so_and_not_led_there(world: World) -> None:
    browser = proven(world)
    assert "/pay/ahead/" not in words(browser.get("/pay/"))
    assert "Nothing was billed ahead." in words(browser.get(AHEAD))


def test_of_another_customer_nothing_is_shown(story: Story) -> None:
    with acting_for([story.customer.vendor_id]):
        stranger = a_customer(story.customer.vendor_id)
        retained(stranger, "Their care")
        deposited(stranger, "Their page")
    page = words(proven(story.world).get(AHEAD))
    assert "Their" not in page
    assert "Care" in page


def test_the_page_only_looks_with_as_many_statements_for_many_as_for_one(
    story: Story, django_assert_max_num_queries: Any
) -> None:
    browser = proven(story.world)
    browser.get(AHEAD)

    def statements() -> int:
        with django_assert_max_num_queries(60) as asked, only_looking():
            assert browser.get(AHEAD).status_code == 200
        return len(asked)

    before = statements()
    with acting_for([story.customer.vendor_id]):
        for at in range(3):
            retained(story.customer, f"Care {at}")
            deposited(story.customer, f"Page {at}")
    assert statements() == before
