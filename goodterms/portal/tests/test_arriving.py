"""A letter's link: what mail filters may follow, what one press opens, and what nobody else sees by it."""

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, reverse

from goodterms.access.tests.world import NOW, SANDRA, SENT, Post, World
from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Letter
from goodterms.parties.models import Payer
from goodterms.portal.door import COOKIE
from goodterms.portal.tests.browser import by_link, only_looking, proven, words
from goodterms.portal.urls import urlpatterns

pytestmark = pytest.mark.django_db


def page(world: World, way: str = "") -> str:
    return f"/p/{world.token}/{way}" if way else f"/p/{world.token}"


def ways(world: World) -> list[str]:
    one = world.shown[0].id
    return ["", "pay", "time", "preferences", *(f"invoices/{one}/{act}" for act in ("pay", "ask", "dispute", "time"))]


def test_every_link_of_a_letter_leads_to_a_page_that_says_what_the_letter_said(world: World) -> None:
    for way in ways(world):
        with only_looking():
            answer = Client().get(page(world, way))
        said = words(answer)
        assert answer.status_code == 200
        assert "From Lindqvist Rowe and Penhale Print , for <b>Sandra Whitlock</b> at Bellwether Foods" in said.replace(
            "Print,", "Print ,"
        )
        assert all(one.number in said for one in world.shown)
        assert world.other.number not in said
        assert "works until Monday 30 November" in said
        assert not answer.cookies.get(COOKIE)


def test_the_press_leads_on_to_what_was_asked_and_leaves_the_token_behind(world: World) -> None:
    one = world.shown[0].id
    led = {
        "": reverse("portal"),
        "preferences": reverse("portal-preferences"),
        f"invoices/{one}/pay": f"{reverse('portal-pay')}?invoice={one}",
        f"invoices/{one}/ask": reverse("portal-ask", kwargs={"invoice_id": one}),
        f"invoices/{one}/dispute": reverse("portal-dispute", kwargs={"invoice_id": one}),
        f"invoices/{one}/time": reverse("portal-more-time", kwargs={"invoice_id": one}),
        f"invoices/{world.other.id}/pay": reverse("portal"),
        "pay": f"{reverse('portal-pay')}?invoice={'&invoice='.join(str(one.id) for one in world.shown)}",
    }
    for way, onward in led.items():
        answer = Client().post(page(world, way))
        assert (answer.status_code, answer.headers["Location"]) == (302, onward)
        assert world.token not in answer.headers["Location"]
        cookie = answer.cookies[COOKIE]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_no_page_tells_another_place_more_than_our_name(world: World) -> None:
    assert Client().get(page(world)).headers["Referrer-Policy"] == "strict-origin"
    assert Client().get(page(world)).headers["Cache-Control"] == "private, no-store"


def test_a_forwarded_link_opens_what_the_letter_showed_and_nothing_else(world: World) -> None:
    browser = by_link(world)
    home = words(browser.get(reverse("portal")))
    assert all(one.number in home for one in world.shown)
    assert world.other.number not in home
    assert "Paid, with receipts" not in home
    assert browser.get(reverse("portal-invoice", kwargs={"invoice_id": world.shown[0].id})).status_code == 200
    assert browser.get(reverse("portal-invoice", kwargs={"invoice_id": world.other.id})).status_code == 404
    for name in ("portal-preferences", "portal-past"):
        asked = browser.get(reverse(name))
        assert asked.headers["Location"].startswith(reverse("portal-prove"))


def test_a_proven_browser_follows_a_link_without_a_press(world: World) -> None:
    browser = proven(world)
    with only_looking():
        answer = browser.get(page(world, "preferences"))
    assert answer.headers["Location"] == reverse("portal-preferences")


def test_an_old_link_says_so_and_a_new_one_goes_to_the_known_address(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOODTERMS_NOW", (SENT + timedelta(days=14)).isoformat())
    for answer in (Client().get(page(world)), Client().post(page(world))):
        assert answer.status_code == 410
        assert "This link has been used up, or its time is over. Nothing was opened." in words(answer)
        assert not answer.cookies.get(COOKIE)
    assert "A new link is on its way" in words(Client().post(reverse("portal-again", kwargs={"token": world.token})))
    with acting_for([one.id for one in world.vendors]):
        assert Letter.objects.get(kind="link").recipient == SANDRA
    assert Client().get(f"/p/{post.words}").status_code == 200


def test_an_unknown_link_opens_nothing(world: World) -> None:
    answer = Client().get("/p/nothing-of-the-kind-was-ever-made")
    assert answer.status_code == 404
    assert "This link is not one of ours" in words(answer)


def test_not_me_uses_the_link_up(world: World) -> None:
    inside = by_link(world)
    with only_looking():
        assert "This is not for me" in words(Client().get(page(world, "not-me")))
    assert "opens nothing any more" in words(Client().post(page(world, "not-me")))
    assert Client().get(page(world)).status_code == 410
    assert inside.get(reverse("portal")).headers["Location"] == reverse("portal-lost")


def test_one_press_in_a_mail_program_stops_reminders_without_cookie_or_page(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    with only_looking():
        assert "Stop reminders" in words(strict.get(page(world, "stop")))
    assert strict.post(page(world, "stop"), {"List-Unsubscribe": "One-Click"}).status_code == 200
    with acting_for([world.vendors[0].id]):
        assert Payer.objects.get(address=SANDRA).stopped_at == NOW
    assert strict.post("/p/nothing-of-the-kind-was-ever-made/stop").status_code == 404
    assert Client(enforce_csrf_checks=True).post(page(world)).status_code == 403, "every other form needs its own page"


def test_no_token_gets_into_the_log(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    handler = logging.getLogger().handlers
    hushed = next(
        one for one in logging.root.handlers + handler if any(type(f).__name__ == "WithoutTokens" for f in one.filters)
    )
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", (page(world),), None)
    assert hushed.filter(record)
    assert world.token not in record.getMessage()


def routes() -> list[URLPattern]:
    return urlpatterns


@pytest.mark.parametrize("route", routes(), ids=lambda route: str(route.name))
def test_a_scanner_that_follows_every_address_changes_nothing(route: URLPattern, world: World) -> None:
    known = {"token": world.token, "way": "pay", "slug": world.vendors[0].slug, "invoice_id": world.shown[0].id}
    given = {name: known.get(name, world.notice) for name in route.pattern.converters}
    address = reverse(str(route.name), kwargs=given)
    for browser in (Client(), by_link(world), proven(world)):
        for method in (browser.get, browser.head):
            with only_looking():
                assert method(address).status_code < 500


def test_the_guard_of_looking_would_notice_a_write(world: World) -> None:
    with pytest.raises(Exception, match="read-only transaction"), only_looking(), connection.cursor() as cursor:
        cursor.execute("insert into access_link (id) values (gen_random_uuid())")
