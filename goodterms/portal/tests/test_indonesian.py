"""A payer who reads Indonesian reads nothing else: pages, refusals with their sums and days, and the doors before them."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from goodterms.access.tests.world import PAYER, World
from goodterms.database.isolation import acting_for
from goodterms.parties.models import Payer
from goodterms.portal.tests.browser import proven, words

pytestmark = pytest.mark.django_db
PAGES = ("portal", "portal-past", "portal-preferences", "portal-conversations", "portal-not-me", "portal-colleagues")
OF_AN_INVOICE = ("portal-invoice", "portal-ask", "portal-dispute", "portal-more-time", "portal-promise", "portal-noted")
# Words that English can hardly do without, and Indonesian does not have.
ENGLISH = re.compile(r"\b(the|your|you|is|are|with|until|invoices?|reminders?|pay|nothing)\b", re.IGNORECASE)


@pytest.fixture
def reader(world: World) -> Client:
    """A browser of the payer, who chose Indonesian."""
    with acting_for([world.vendors[0].id]):
        Payer.objects.filter(id=PAYER).update(language="id")
    return proven(world)


def read(html: str) -> str:
    """What is seen or read out of a page, without what vendors and payers wrote themselves."""
    seen = re.sub(r"<(script|style|select)\b.*?</\1>", " ", html, flags=re.S)
    spoken = " ".join(re.findall(r'(?:aria-label|alt|title|placeholder)="([^"]*)"', seen))
    return f"{re.sub(r'<[^>]*>', ' ', seen)} {spoken}"


@pytest.mark.parametrize("page", PAGES)
def test_pages_hold_no_english(reader: Client, page: str) -> None:
    html = words(reader.get(reverse(page)))
    assert '<html lang="id"' in html
    assert ENGLISH.findall(read(html)) == []


@pytest.mark.parametrize("page", OF_AN_INVOICE)
def test_pages_of_an_invoice_hold_no_english(reader: Client, world: World, page: str) -> None:
    html = words(reader.get(reverse(page, kwargs={"invoice_id": world.shown[0].id})))
    assert '<html lang="id"' in html
    assert ENGLISH.findall(read(html)) == []


def test_what_is_refused_is_said_with_its_sum(reader: Client, world: World) -> None:
    invoice = world.shown[0]
    html = words(reader.get(reverse("portal-pay"), {"invoice": str(invoice.id), "amount": "9999999"}))
    assert f"Dari {invoice.number} masih terbuka" in html
    assert re.search(r"masih terbuka [^\d]{1,4}[\d.]+,\d\d\. Bayarlah", html)


def test_who_chooses_the_language_is_thanked_in_it(world: World) -> None:
    html = words(proven(world).post(reverse("portal-preferences"), {"language": "id"}, follow=True))
    assert "Tersimpan." in html
    assert ENGLISH.findall(read(html)) == []


def test_what_is_refused_of_a_wish_is_said_in_indonesian(reader: Client) -> None:
    html = words(reader.post(reverse("portal-preferences"), {"hours_from": "10:00", "hours_to": "09:00"}))
    assert "Jam dimulai sebelum berakhir." in html


@pytest.mark.parametrize(("asked", "said"), [("id", "Kirimkan tautan baru"), ("en", "Send me a new link")])
def test_the_door_speaks_as_the_browser_asks(asked: str, said: str) -> None:
    assert said in words(Client().get(reverse("portal-lost"), headers={"Accept-Language": asked}))


@pytest.mark.parametrize(
    ("asked", "said"), [("id-ID,id;q=0.9", "Masuk dengan kunci sandi Anda"), ("fr", "Sign in with your passkey")]
)
def test_so_does_sign_in(asked: str, said: str) -> None:
    assert said in words(Client().get(reverse("account_login"), headers={"Accept-Language": asked}))


def test_a_link_that_is_not_ours_is_refused_in_indonesian() -> None:
    gone = Client().get(reverse("portal-link", kwargs={"token": "0" * 32}), headers={"Accept-Language": "id"})
    assert "Tautan ini bukan dari kami" in words(gone)


def test_english_would_be_noticed(world: World) -> None:
    assert len(ENGLISH.findall(read(words(proven(world).get(reverse("portal")))))) > 10
