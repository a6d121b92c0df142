"""A sign-in that failed stands in the audit trail of those whom it concerns, and a flood of them hides nothing."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.database import afterwards
from goodterms.database.isolation import acting_for
from goodterms.desk.signin import noticing
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member, told, with_password
from goodterms.desk.tests.test_signin import LOGIN, OWN, SECOND, entered, set_up_app
from goodterms.parties.actions import invite, turn_away
from goodterms.parties.models import Member, Vendor
from goodterms.parties.rules.attempts import OF_ALL, OF_ONE

pytestmark = pytest.mark.django_db
KIND = "person.turned_away"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a request leaves to a thread is done within the test; the list names what was left."""
    cache.clear()
    left: list[str] = []

    def do(deed: Callable[[], None], name: str) -> None:
        left.append(name)
        deed()

    monkeypatch.setattr(noticing, "afterwards", do)
    return left


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor()


@pytest.fixture
def elin(vendor: Vendor) -> Member:
    return with_password(a_member(vendor))


def tries(vendor: Vendor) -> list[dict[str, Any]]:
    return [deed.data for deed in told(vendor, KIND)]


def test_a_wrong_password_stands_in_the_trail_with_whose_it_was_and_from_where(vendor: Vendor, elin: Member) -> None:
    daniel = a_member(vendor, "Daniel")
    Client(REMOTE_ADDR="203.0.113.9").post(LOGIN, {"login": "Elin@Tom-and-co.example", "password": "nothing of the kind"})
    assert tries(vendor) == [{"with": "password", "from": "203.0.113.9", "as": "Elin", "last": False}]
    page = as_member(daniel).get(f"/at/{vendor.slug}/settings/").text
    assert "Somebody was not let in as Elin from 203.0.113.9: wrong password." in page


def test_an_address_that_nobody_has_is_told_to_all_without_the_address(vendor: Vendor, elin: Member) -> None:
    other = a_vendor("other")
    entered(Client(), "no@body.example", "nothing of the kind")
    assert tries(vendor) == tries(other) == [{"with": "password", "from": "127.0.0.1", "as": "", "last": False}]
    page = as_member(a_member(vendor, "Daniel")).get(f"/at/{vendor.slug}/settings/").text
    assert "Somebody unknown was not let in from 127.0.0.1: wrong password." in page


def test_only_the_vendors_of_a_person_hear_of_it(vendor: Vendor, elin: Member) -> None:
    other = a_vendor("other")
    entered(Client(), elin.person.email, "nothing of the kind")
    assert (len(tries(vendor)), tries(other)) == (1, [])


def test_a_stranger_is_answered_alike_and_both_are_left_to_later(
    vendor: Vendor, elin: Member, at_once: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noticing, "afterwards", lambda deed, name: at_once.append(name))
    counts = []
    for email in (elin.person.email, "no@body.example"):
        cache.clear()
        with CaptureQueriesContext(connection) as found:
            answer = entered(Client(), email, "nothing of the kind")
        counts.append((len(found), answer.status_code, "This address and password do not belong together" in answer.text))
    assert counts[0] == counts[1]
    assert counts[0][1:] == (200, True)
    assert at_once == ["A failed sign-in"] * 2
    assert tries(vendor) == []


def test_a_wrong_code_is_told_at_the_door_and_inside(vendor: Vendor, elin: Member) -> None:
    first = Client()
    entered(first, elin.person.email)
    set_up_app(first)
    second = Client()
    assert entered(second, elin.person.email)["Location"] == SECOND
    second.post(SECOND, {"code": "000000"})
    first.post("/account/again/code/", {"code": "000000"})
    assert [(one["with"], one["as"]) for one in tries(vendor)] == [("code", "Elin")] * 2


def test_a_refused_passkey_is_told_of_whom_it_claims_to_be(vendor: Vendor, elin: Member) -> None:
    handle = urlsafe_b64encode(str(elin.person_id).encode()).decode().rstrip("=")
    said = {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"userHandle": handle}}
    for credential in (json.dumps(said), "[]", "what", json.dumps({"response": {"userHandle": "AAAA"}}), ""):
        answer = Client().post("/account/login/passkey/", {"credential": credential})
        assert answer["Location"] == LOGIN
    assert [(one["with"], one["as"]) for one in tries(vendor)] == [("passkey", "Elin")] + [("passkey", "")] * 4


def test_who_finds_the_link_used_up_can_say_so_and_reading_alone_says_nothing(vendor: Vendor, elin: Member) -> None:
    with acting_for([vendor.id]):
        _, secret = invite(
            vendor_id=vendor.id, email="r@q.example", name="Ruth", role="reader", now=NOW - timedelta(days=8), by="Elin"
        )
    link = f"/account/invitation/{secret}/"
    page = Client().get(link)
    assert page.status_code == 409
    assert "I have not used it" in page.text
    assert tries(vendor) == []
    answer = Client().post(link)
    assert "It stands in their record now, and the owners see it." in answer.text
    assert [(one["with"], one["as"]) for one in tries(vendor)] == [("link", "Ruth")]
    assert "a link that was used up" in as_member(a_member(vendor, "Daniel")).get(f"/at/{vendor.slug}/settings/").text


def test_a_flood_is_told_of_in_a_few_lines_and_hides_nothing(vendor: Vendor, elin: Member) -> None:
    people = [a_member(vendor, f"New{number}", "reader").person for number in range(6)]
    for minute, person in enumerate(people):
        for second in range(OF_ONE + 3):
            now = NOW + timedelta(minutes=minute, seconds=second)
            turn_away(person=person, way="password", address="203.0.113.9", now=now)
    lasts = [one["last"] for one in tries(vendor)]
    assert len(lasts) == OF_ALL
    assert sum(lasts) == 3  # the fourth of each person
    assert turn_away(person=people[0], way="code", address="203.0.113.9", now=NOW + timedelta(minutes=67)) == 1
    page = as_member(a_member(vendor, "Daniel")).get(f"/at/{vendor.slug}/settings/").text
    assert page.count("was not let in") == 4
    assert "Others within the hour are not listed." in page
    assert "added New0 as reader" in page


def test_a_person_without_a_password_is_told_so_where_it_would_be_changed(vendor: Vendor) -> None:
    answer = as_member(a_member(vendor, "Daniel")).get("/account/password/")
    assert answer.status_code == 409
    assert "You have no password to change: you sign in with your passkey alone." in answer.text


@pytest.mark.django_db(transaction=True)
def test_it_is_kept_beside_the_answer_once_the_request_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in life: a thread with a connection of its own."""
    vendor = a_vendor()
    elin = with_password(a_member(vendor))
    started: list[Thread] = []

    def kept(**given: Any) -> Any:
        started.append(Thread(**given))
        return started[-1]

    monkeypatch.setattr("goodterms.database.afterwards.Thread", kept)
    monkeypatch.setattr(noticing, "afterwards", afterwards.afterwards)
    assert entered(Client(), elin.person.email, "nothing of the kind").status_code == 200
    for one in started:
        one.join(10)
    assert [one["as"] for one in tries(vendor)] == ["Elin"]
    assert Client().get(OWN).status_code == 302
