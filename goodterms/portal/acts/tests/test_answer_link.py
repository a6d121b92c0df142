"""The link in an answer: a page that changes nothing, one press, then that conversation and its invoice, and no more."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from goodterms.access.tests.world import NOW, PAYER, World
from goodterms.conversations.actions import answer, ask
from goodterms.conversations.models import Conversation
from goodterms.conversations.writing import PURPOSE
from goodterms.database.isolation import acting_for
from goodterms.delivery.link import Carried, sealed
from goodterms.interactions.models import Interaction
from goodterms.parties.models import Contact
from goodterms.portal.door import COOKIE
from goodterms.portal.tests.browser import by_link, only_looking, proven, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def threads(world: World) -> list[Conversation]:
    """What Sandra asked about an invoice and was answered, and what somebody else there asked about the same one."""
    vendor, invoice = world.vendors[0], world.shown[0]
    with acting_for([vendor.id]):
        asked = [
            ask(invoice_ids=[invoice.id], words=said, by=by, now=NOW, payer_id=payer)
            for said, by, payer in (("Which run was it?", "Sandra", PAYER), ("Is it ours at all?", "Paul", None))
        ]
        answer(conversation_id=asked[0].id, words="The second.", by="Tom Okafor", role="bookkeeper", now=NOW)
    return asked


def link(thread: Conversation, days: int = 0) -> str:
    return f"/p/{sealed(settings.SECRET_KEY, PURPOSE, Carried(thread.id, PAYER, NOW - timedelta(days=days)))}"


def page(thread: Conversation) -> str:
    return reverse("portal-conversation", kwargs={"conversation_id": thread.id})


def let_in(thread: Conversation) -> Client:
    client = Client()
    assert client.post(link(thread)).headers["Location"] == page(thread)
    return client


def test_looking_at_the_link_says_what_the_letter_said_and_lets_nobody_in(threads: list[Conversation]) -> None:
    client = Client()
    with only_looking():
        said = words(client.get(link(threads[0])))
    assert "Your conversation" in said
    assert "From Lindqvist Rowe, for <b>Sandra Whitlock</b>" in said
    assert "lindqvist-rowe-1" in said
    assert "The second." not in said
    assert "£" not in said
    assert COOKIE not in client.cookies


def test_the_press_opens_that_conversation_and_writing_again_works(threads: list[Conversation]) -> None:
    client = let_in(threads[0])
    with only_looking():
        assert "The second." in words(client.get(page(threads[0])))
    assert client.post(page(threads[0]), {"words": "Thank you, and the first?"}).status_code == 302
    assert "Thank you, and the first?" in words(client.get(page(threads[0])))


def test_nothing_else_of_the_payer_is_shown(world: World, threads: list[Conversation]) -> None:
    client = let_in(threads[0])
    listed = words(client.get(reverse("portal-conversations")))
    assert page(threads[0]) in listed
    assert page(threads[1]) not in listed
    assert client.get(page(threads[1])).status_code == 404
    home = words(client.get(reverse("portal")))
    assert world.shown[0].number in home
    assert all(one.number not in home for one in (world.shown[1], world.other))
    assert client.get(reverse("portal-invoice", kwargs={"invoice_id": world.other.id})).status_code == 404
    assert client.get(reverse("portal-preferences")).headers["Location"].startswith(reverse("portal-prove"))


def test_who_is_in_already_goes_straight_on(world: World, threads: list[Conversation]) -> None:
    everything, a_letter = proven(world), by_link(world)
    with only_looking():
        assert everything.get(link(threads[0])).headers["Location"] == page(threads[0])
        assert a_letter.get(link(threads[0])).status_code == 200


def test_an_old_link_opens_nothing_and_offers_a_new_one(threads: list[Conversation]) -> None:
    assert Client().get(link(threads[0], days=13)).status_code == 200
    said = Client().get(link(threads[0], days=14))
    assert said.status_code == 410
    assert "or its time is over" in words(said)
    assert Client().post(link(threads[0], days=14)).status_code == 410


def test_who_says_that_it_is_not_them_closes_the_link(threads: list[Conversation]) -> None:
    client = let_in(threads[0])
    assert Client().post(f"{link(threads[0])}/not-me").status_code == 200
    assert Client().get(link(threads[0])).status_code == 410
    assert client.get(page(threads[0])).headers["Location"] == reverse("portal-lost")
    with acting_for([threads[0].vendor_id]):
        assert Interaction.objects.get(kind="payer.disowned").subject_id == threads[0].id


def test_a_link_ends_with_the_listing(world: World, threads: list[Conversation]) -> None:
    with acting_for([world.vendors[0].id]):
        Contact.objects.filter(payer_id=PAYER).update(ended_at=NOW)
    assert Client().get(link(threads[0])).status_code == 410
    forged = f"/p/{sealed('guessed', PURPOSE, Carried(threads[1].id, PAYER, NOW))}"
    assert Client().get(forged).status_code == 404
