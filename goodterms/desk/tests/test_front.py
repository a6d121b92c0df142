"""The front says what this is; at this machine it lets one sit down at the sample's desks, and at no other."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from goodterms.database.isolation import acting_for
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member, told, with_password
from goodterms.parties import actions
from goodterms.parties.models import Member, Vendor

pytestmark = pytest.mark.django_db
SAMPLE = "/account/sample/"


@pytest.fixture
def sandbox() -> Vendor:
    return a_vendor("lindqvist", name="Lindqvist Rowe", sandbox_now=NOW)


@pytest.fixture
def tom(sandbox: Vendor) -> Member:
    return a_member(sandbox, "Tom", "bookkeeper")


@pytest.fixture
def here() -> Client:
    return Client(headers={"Host": "localhost:8000"})


def test_one_press_opens_the_desk_of_the_sample(sandbox: Vendor, tom: Member, here: Client) -> None:
    page = here.get("/").text
    assert "Open the desk" in page
    assert "as Tom, bookkeeper, Lindqvist Rowe" in page
    answer = here.post(SAMPLE, {"member": str(tom.id)})
    assert answer["Location"].startswith("/at/lindqvist/")
    assert here.get("/at/lindqvist/settings/").status_code == 200
    assert told(sandbox, "person.signed_in")[0].data == {"with": "the sample's button"}
    assert here.get("/")["Location"].startswith("/at/lindqvist/")


def test_a_get_opens_nothing(tom: Member, here: Client) -> None:
    assert here.get(SAMPLE, {"member": str(tom.id)}).status_code == 405


@pytest.mark.parametrize(
    ("address", "host", "header"),
    [
        ("192.0.2.7", "localhost", {}),
        ("127.0.0.1", "books.vendor.example", {}),
        ("127.0.0.1", "localhost", {"X-Forwarded-For": "192.0.2.7"}),
    ],
)
def test_nobody_sits_down_from_elsewhere(address: str, host: str, header: dict[str, str], tom: Member, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(REMOTE_ADDR=address, headers={"Host": host, **header})
    assert "Open the desk" not in client.get("/").text
    assert client.post(SAMPLE, {"member": str(tom.id)}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_a_desk_with_real_money_has_no_button(here: Client) -> None:
    real = a_vendor("real")
    elin = a_member(real, "Elin")
    assert "Open the desk" not in here.get("/").text
    assert here.post(SAMPLE, {"member": str(elin.id)}).status_code == 404


def test_who_works_for_a_real_vendor_too_has_no_button(sandbox: Vendor, tom: Member, here: Client) -> None:
    a_member(a_vendor("real"), "Tom", email=tom.person.email)
    assert here.post(SAMPLE, {"member": str(tom.id)}).status_code == 404


def test_who_has_a_password_uses_it(sandbox: Vendor, tom: Member, here: Client) -> None:
    with_password(tom)
    assert here.post(SAMPLE, {"member": str(tom.id)}).status_code == 404


def test_the_samples_session_opens_no_real_desk_afterwards(sandbox: Vendor, tom: Member, here: Client) -> None:
    here.post(SAMPLE, {"member": str(tom.id)})
    real = a_vendor("real")
    a_member(real, "Tom", email=tom.person.email)
    assert here.get("/at/real/settings/")["Location"].startswith("/account/second-factor/")
    assert here.get("/account/second-factor/").status_code == 403


def test_the_samples_people_set_up_nothing_that_would_last(tom: Member, here: Client) -> None:
    """A passkey made by this press would open a real desk, should one ever hire that address."""
    here.post(SAMPLE, {"member": str(tom.id)})
    for path in ("", "passkeys/add/", "app/add/", "password/", "codes/", "second-factor/"):
        answer = here.get(f"/account/{path}")
        assert answer.status_code == 403, path
        assert "You came in as one of the sample&#x27;s people" in answer.text


def test_the_front_is_for_everybody(here: Client) -> None:
    page = here.get("/").text
    assert "Get paid, and stay on good terms" in page
    assert "/account/login/" in page
    assert Client().get("/account/login/").status_code == 200


def test_who_is_signed_in_goes_on_to_the_first_desk() -> None:
    first, second = a_vendor("a-first", name="A first"), a_vendor("b-second", name="B second")
    elin = a_member(second, "Elin")
    a_member(first, "Elin", email=elin.person.email)
    assert as_member(elin).get("/")["Location"].startswith("/at/a-first/")


def test_a_link_that_lies_about_is_used_up_by_one(sandbox: Vendor) -> None:
    """Two who open it at once: the second finds it used."""
    with acting_for([sandbox.id]):
        _, secret = actions.invite(
            vendor_id=sandbox.id, email="r@q.example", name="R", role="reader", now=datetime.now(UTC), by="Elin"
        )
    words = {"password": "four words beside each other", "again": "four words beside each other"}
    first, second = Client(), Client()
    for browser in (first, second):
        assert browser.get(f"/account/invitation/{secret}/").status_code == 200
    assert first.post(f"/account/invitation/{secret}/", words).status_code == 302
    late = second.post(f"/account/invitation/{secret}/", words)
    assert late.status_code == 409
    assert "_auth_user_id" not in second.session
