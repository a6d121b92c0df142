"""Staff come in with a password and a second factor, by invitation; no table of persons opens to anybody else."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from goodterms.database.isolation import acting_for
from goodterms.database.ways_in import tell
from goodterms.desk.tests.cast import PASSWORD, a_member, a_vendor, told, with_password
from goodterms.parties.actions import end_member
from goodterms.parties.models import Person

pytestmark = pytest.mark.django_db
LOGIN, SECOND, OWN = "/account/login/", "/account/login/second/", "/account/"


@pytest.fixture(autouse=True)
def no_earlier_tries() -> None:
    cache.clear()


def entered(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(LOGIN, {"login": email, "password": password, **more})


def code_for(secret: str, step: int = 0) -> str:
    """Six figures as an app would show them; with `step` those that come next."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step)))


def set_up_app(client: Client) -> str:
    """The secret of an app that was set up in this browser."""
    page = client.get("/account/app/add/")
    assert page.status_code == 200, page
    secret = re.findall(r'class="ref">([A-Z2-7]+)<', page.text)[0]
    answer = client.post("/account/app/add/", {"code": code_for(secret)})
    assert answer["Location"] == "/account/codes/", answer.text
    return str(secret)


def test_a_password_alone_leads_to_a_second_factor_and_no_further() -> None:
    vendor = a_vendor()
    elin = with_password(a_member(vendor))
    client = Client()
    assert entered(client, "elin@tom-and-co.example").status_code == 302
    answer = client.get(f"/at/{vendor.slug}/settings/")
    assert answer["Location"].startswith("/account/second-factor/?next=")
    assert "One thing before you begin" in client.get(answer["Location"]).text
    assert client.get(OWN)["Location"].startswith("/account/second-factor/")
    set_up_app(client)
    assert client.get(f"/at/{vendor.slug}/settings/").status_code == 200
    assert [deed.kind for deed in told(vendor, "person.signed_in", "person.factor_added")] == [
        "person.signed_in", "person.factor_added",
    ]  # fmt: skip
    assert told(vendor, "person.signed_in")[0].by == elin.person.name


def test_who_has_an_app_shows_its_code_each_time() -> None:
    vendor = a_vendor()
    with_password(a_member(vendor))
    first = Client()
    entered(first, "elin@tom-and-co.example")
    secret = set_up_app(first)
    second = Client()
    assert entered(second, "Elin@tom-and-co.example", next="/at/tom-and-co/settings/")["Location"] == SECOND
    assert second.get(f"/at/{vendor.slug}/settings/")["Location"].startswith(LOGIN)
    wrong = second.post(SECOND, {"code": "000000"})
    assert "That code does not match. Nothing was opened." in wrong.text
    assert second.post(SECOND, {"code": code_for(secret, 1)})["Location"] == "/at/tom-and-co/settings/"
    assert second.get(f"/at/{vendor.slug}/settings/").status_code == 200
    assert told(vendor, "person.signed_in")[-1].data == {"with": "password, app code"}


def test_a_recovery_code_opens_once() -> None:
    with_password(a_member(a_vendor()))
    first = Client()
    entered(first, "elin@tom-and-co.example")
    set_up_app(first)
    codes = re.findall(r"<li>([0-9]+)</li>", first.get("/account/codes/").text)
    assert len(codes) == 10
    for expected in (302, 200):
        browser = Client()
        entered(browser, "elin@tom-and-co.example")
        assert browser.post(SECOND, {"code": codes[0]}).status_code == expected


def test_secrets_are_kept_encrypted() -> None:
    with_password(a_member(a_vendor()))
    client = Client()
    entered(client, "elin@tom-and-co.example")
    secret = set_up_app(client)
    with transaction.atomic():
        tell(signin="on")
        kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in kept
    assert kept.startswith("gAAAA")  # Fernet's version and its time


def test_the_last_second_factor_stays() -> None:
    with_password(a_member(a_vendor()))
    client = Client()
    entered(client, "elin@tom-and-co.example")
    set_up_app(client)
    assert "This is your only second factor. Add another one first." in client.get("/account/app/remove/").text
    client.post("/account/app/remove/")
    assert "since" in client.get(OWN).text


def test_a_wrong_password_and_an_unknown_address_are_answered_alike() -> None:
    with_password(a_member(a_vendor()))
    answers = [entered(Client(), email, "nothing of the kind") for email in ("elin@tom-and-co.example", "no@body.example")]
    assert [answer.status_code for answer in answers] == [200, 200]
    for answer in answers:
        assert "This address and password do not belong together. Nothing was opened." in answer.text


def test_after_five_wrong_passwords_the_right_one_waits_too() -> None:
    with_password(a_member(a_vendor()))
    for _ in range(5):
        entered(Client(), "elin@tom-and-co.example", "nothing of the kind")
    answer = entered(Client(), "elin@tom-and-co.example")
    assert "That was tried too often. Wait five minutes, to be safe, and try again." in answer.text


def test_nobody_is_led_to_another_house() -> None:
    with_password(a_member(a_vendor()))
    assert entered(Client(), "elin@tom-and-co.example", next="https://thief.example/")["Location"] == "/"


def test_signing_out_needs_a_press() -> None:
    with_password(a_member(a_vendor()))
    client = Client()
    entered(client, "elin@tom-and-co.example")
    assert client.get("/account/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    assert client.post("/account/logout/")["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_one_browser_ends_another() -> None:
    vendor = a_vendor()
    with_password(a_member(vendor))
    here, there = Client(), Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Firefox/130.0"})
    entered(here, "elin@tom-and-co.example")
    secret = set_up_app(here)
    entered(there, "elin@tom-and-co.example")
    there.post(SECOND, {"code": code_for(secret, 1)})
    assert there.get(OWN).status_code == 200
    assert "Firefox on Linux" in here.get(OWN).text
    here.post("/account/sessions/end/")
    assert there.get(OWN)["Location"].startswith(LOGIN)
    assert here.get(OWN).status_code == 200
    assert "Firefox on Linux" not in here.get(OWN).text


def test_another_password_ends_the_other_browsers() -> None:
    vendor = a_vendor()
    with_password(a_member(vendor))
    here, there = Client(), Client()
    entered(there, "elin@tom-and-co.example")
    entered(here, "elin@tom-and-co.example")
    set_up_app(here)
    new = {"password1": "another four words here", "password2": "another four words here"}
    wrong = here.post("/account/password/", {"oldpassword": "not this one", **new})
    assert "This is not your password. Nothing was changed." in wrong.text
    assert here.post("/account/password/", {"oldpassword": PASSWORD, **new})["Location"] == OWN
    assert here.get(OWN).status_code == 200
    assert there.get(OWN)["Location"].startswith(LOGIN)
    assert len(told(vendor, "person.password_changed")) == 1


def test_nobody_signs_up_and_only_what_we_use_is_there() -> None:
    for path in ("signup/", "email/", "password/reset/", "password/set/", "confirm-email/", "2fa/", "login/code/"):
        assert Client().get(f"/account/{path}").status_code == 404, path


def test_strangers_are_sent_to_the_door_from_every_page_of_ones_own() -> None:
    for path in (
        "",
        "passkeys/add/",
        "app/add/",
        "app/remove/",
        "codes/",
        "codes/new/",
        "codes/file/",
        "password/",
        "second-factor/",
    ):
        answer = Client().get(f"/account/{path}")
        assert answer.status_code == 302, path
        assert answer["Location"].startswith((LOGIN, "/account/again")), path
    assert Client().post("/account/sessions/end/")["Location"].startswith(LOGIN)


def test_who_works_here_no_longer_finds_no_desk() -> None:
    vendor = a_vendor()
    a_member(vendor)
    daniel = with_password(a_member(vendor, "Daniel"))
    client = Client()
    entered(client, "daniel@tom-and-co.example")
    set_up_app(client)
    assert client.get(f"/at/{vendor.slug}/settings/").status_code == 200
    with acting_for([vendor.id]):
        end_member(vendor_id=vendor.id, member_id=daniel.id, now=daniel.since_at, by="Elin")
    assert client.get(f"/at/{vendor.slug}/settings/").status_code == 404
    assert "work for nobody here at present" in client.get("/").text


def test_persons_are_hidden_where_nobody_signs_in() -> None:
    elin = with_password(a_member(a_vendor()))
    with connection.cursor() as cursor:
        cursor.execute("select set_config('goodterms.signin', '', true), set_config('goodterms.person', '', true)")
        cursor.execute("select set_config('goodterms.vendors', '', true)")
    assert not Person.objects.exists()
    assert not Authenticator.objects.exists()
    with transaction.atomic():
        tell(person=str(elin.person_id))
        assert Person.objects.count() == 1


def test_sign_in_is_said_in_the_browsers_language() -> None:
    answer = Client().get(LOGIN, headers={"Accept-Language": "id"})
    assert '<html lang="id"' in answer.text
    assert answer["Cache-Control"] == "private, no-store"
