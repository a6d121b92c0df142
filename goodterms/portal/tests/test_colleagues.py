"""A payer names a colleague on the page of preferences: the vendors decide, and nobody sees anything before they have."""

import pytest
from django.test import Client
from django.urls import reverse

from goodterms.access.tests.world import NOW, PAYER, SANDRA, World
from goodterms.database.isolation import acting_for
from goodterms.parties.actions import add_introduced, decline_introduction
from goodterms.parties.directory import vendors_listing
from goodterms.parties.models import Introduction
from goodterms.parties.rules import payer_key
from goodterms.portal.tests.browser import by_link, only_looking, proven, words

pytestmark = pytest.mark.django_db
PRIYA = "priya@bellwether.example"


def named(world: World, browser: Client, vendors: int = 2, **more: str) -> str:
    said = {"name": "Priya Shah", "email": PRIYA, "gets": "copies", "vendor": [str(one.id) for one in world.vendors[:vendors]]}
    return words(browser.post(reverse("portal-colleagues"), said | more, follow=True))


def kept(world: World) -> list[Introduction]:
    with acting_for([one.id for one in world.vendors]):
        return list(Introduction.objects.order_by("id"))


def test_a_colleague_is_named_to_the_chosen_vendors_and_sees_nothing_yet(world: World) -> None:
    page = named(world, proven(world))
    assert "Priya Shah is named. Nobody sees anything before the vendor has answered." in page
    assert page.count("waits for their answer") == 2
    assert [(one.name, one.address, one.takes_over) for one in kept(world)] == [("Priya Shah", PRIYA, False)] * 2
    assert vendors_listing(payer_key(PRIYA)) == []


def test_only_the_chosen_vendor_is_asked_and_by_the_letters_if_so_wished(world: World) -> None:
    named(world, proven(world), vendors=1, gets="letters")
    [one] = kept(world)
    assert (one.vendor_id, one.takes_over, one.payer_id) == (world.vendors[0].id, True, PAYER)


def test_what_the_vendors_answered_stands_on_the_page(world: World) -> None:
    browser = proven(world)
    named(world, browser)
    for verb, one in zip((add_introduced, decline_introduction), kept(world), strict=True):
        with acting_for([one.vendor_id]):
            verb(vendor_id=one.vendor_id, introduction_id=one.id, by="Tom Okafor", now=NOW)
    with only_looking():
        page = words(browser.get(reverse("portal-preferences")))
    assert '<span class="state well">added</span>' in page
    assert '<span class="state">not added</span>' in page
    assert "waits for their answer" not in page
    assert vendors_listing(payer_key(PRIYA)) == [kept(world)[0].vendor_id]


def test_who_is_named_can_be_taken_back_while_nobody_answered(world: World) -> None:
    browser = proven(world)
    named(world, browser)
    back = reverse("portal-colleague-back", kwargs={"introduction_id": kept(world)[0].id})
    assert "Taken back. Nothing else changed." in words(browser.post(back, follow=True))
    assert [one.outcome for one in kept(world)] == ["withdrawn", ""]
    assert browser.get(back).status_code == 405


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"email": SANDRA}, "This is your own address. Name a colleague, with theirs."),
        ({"email": "priya at work"}, "is not an e-mail address; it has no @ sign."),
        ({"name": "@cmd"}, "Write their name, so that the vendor knows whom you mean."),
        ({"vendor": ""}, "Choose at least one vendor."),
    ],
)
def test_a_refusal_says_why_beside_what_was_typed(world: World, more: dict[str, str], sentence: str) -> None:
    page = named(world, proven(world), 2, **more)
    assert sentence in page
    assert "Nothing was changed." in page
    assert f'value="{more.get("email", PRIYA)}"' in page
    assert kept(world) == []


def test_a_letters_link_alone_names_nobody(world: World) -> None:
    browser = by_link(world)
    for address in (reverse("portal-colleagues"), reverse("portal-colleague-back", kwargs={"introduction_id": NOW_HERE})):
        answer = browser.post(address, {"name": "Priya Shah", "email": PRIYA, "vendor": str(world.vendors[0].id)})
        assert answer.headers["Location"].startswith(reverse("portal-prove"))
    assert kept(world) == []


def test_nobody_takes_back_what_another_payer_named(world: World) -> None:
    assert proven(world).post(reverse("portal-colleague-back", kwargs={"introduction_id": NOW_HERE})).status_code == 404


NOW_HERE = "019a0000-0000-7000-8000-000000000000"
