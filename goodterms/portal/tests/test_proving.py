"""Six figures, a lost link, and browsers that are let go."""

import pytest
from django.test import Client
from django.urls import reverse

from goodterms.access.tests.world import SANDRA, Post, World
from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Letter
from goodterms.portal.cookies import CODE_COOKIE
from goodterms.portal.door import COOKIE
from goodterms.portal.tests.browser import by_link, only_looking, proven, words

pytestmark = pytest.mark.django_db
PROVE, LOST, HOME = "/pay/prove/", "/pay/lost/", "/pay/"


def test_figures_are_asked_for_by_a_press_and_open_what_was_wanted(world: World, post: Post) -> None:
    browser = by_link(world)
    asked = browser.get(reverse("portal-preferences")).headers["Location"]
    with only_looking():
        assert "we send six figures to s•••••@bellwether.example" in words(browser.get(asked))
    browser.post(asked)
    form = words(browser.get(asked))
    assert "Valid for 10 more minutes. 3 tries are left." in form
    wrong = "000000" if post.words != "000000" else "111111"
    again = words(browser.post(PROVE, {"figures": wrong, "next": reverse("portal-preferences")}))
    assert "That code does not match. Two tries are left; then we wait ten minutes, to be safe." in again
    answer = browser.post(PROVE, {"figures": post.words, "next": reverse("portal-preferences")})
    assert answer.headers["Location"] == reverse("portal-preferences")
    assert world.other.number in words(browser.get(HOME))


def test_figures_work_only_in_the_browser_that_asked(world: World, post: Post) -> None:
    by_link(world).post(PROVE)
    elsewhere = by_link(world)
    assert "belong to no letter of ours" in words(elsewhere.post(PROVE, {"figures": post.words}))
    assert elsewhere.get(reverse("portal-past")).headers["Location"].startswith(PROVE)


@pytest.mark.parametrize(
    "onward", ["https://elsewhere.example/", "//elsewhere.example", "/at/lindqvist-rowe/", "/pay//x", "/pay/\\x"]
)
def test_nobody_is_led_out_of_the_portal(world: World, post: Post, onward: str) -> None:
    browser = by_link(world)
    browser.post(PROVE)
    assert browser.post(PROVE, {"figures": post.words, "next": onward}).headers["Location"] == HOME


def test_who_lost_the_link_hears_the_same_whoever_asks(world: World, post: Post) -> None:
    known, unknown = (Client().post(LOST, {"address": one, "send": "link"}) for one in (SANDRA, "nobody@elsewhere.example"))
    assert words(known) == words(unknown)
    assert "If a vendor knows this address, a link is on its way there." in words(known)
    assert len(post.errands) == 1
    one, two = Client(), Client()
    answers = [
        one.post(LOST, {"address": SANDRA, "send": "figures"}),
        two.post(LOST, {"address": "no@no.example", "send": "figures"}),
    ]
    assert {answer.headers["Location"] for answer in answers} == {answers[0].headers["Location"]}
    assert all(answer.cookies[CODE_COOKIE]["httponly"] for answer in answers)
    pages = [words(browser.get(PROVE)).partition('name="next"')[2] for browser in (one, two)]
    assert pages[0] == pages[1]


def test_an_address_that_is_none_is_refused_in_words(world: World) -> None:
    answer = words(Client().post(LOST, {"address": "sandra at home", "send": "link"}))
    assert "is not an e-mail address" in answer
    assert 'value="sandra at home"' in answer


def test_a_thousand_presses_send_three_letters(world: World, post: Post) -> None:
    browser = by_link(world)
    for _ in range(200):
        browser.post(PROVE)
    with acting_for([one.id for one in world.vendors]):
        assert Letter.objects.filter(kind="code").count() == 3
    fresh = by_link(world)
    assert "Three letters went to this address in the last hour" in words(fresh.get(fresh.post(PROVE).headers["Location"]))


def test_an_ended_browser_is_out_at_its_next_step(world: World) -> None:
    one, two = proven(world), proven(world)
    page = two.get(reverse("portal-preferences"))
    assert words(page).count("portal-end") == 0
    assert words(page).count("/end/") >= 3, "one for each browser, and one for all"
    assert words(two.post(reverse("portal-end-all"))).count("This browser shows nothing any more") == 1
    for browser in (one, two):
        assert browser.get(HOME).headers["Location"] == LOST
    assert two.cookies[COOKIE].value == ""


def test_somebody_else_leaves_by_the_foot_of_the_page(world: World) -> None:
    browser = by_link(world)
    with only_looking():
        assert "Not Sandra Whitlock?" in words(browser.get(reverse("portal-not-me")))
    browser.post(reverse("portal-not-me"))
    assert browser.get(HOME).headers["Location"] == LOST


def test_one_browser_is_ended_and_the_other_stays(world: World) -> None:
    from goodterms.access.actions.sessions import held
    from goodterms.access.tests.world import NOW

    one, two = proven(world), proven(world)
    session = held(one.cookies[COOKIE].value, NOW)
    assert session
    two.post(reverse("portal-end", kwargs={"session_id": session.id}))
    assert one.get(HOME).headers["Location"] == LOST
    assert two.get(HOME).status_code == 200
