"""Somebody is invited, makes a passkey, and from then on comes in with it alone: in a real browser, with a device in it."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from playwright.sync_api import CDPSession, Page, expect

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.parties.actions import add_vendor, invite
from goodterms.parties.models import Vendor
from stories.faces.conftest import BrowserAt, breaches

SETTINGS = "/at/tom-and-co/settings/"
PASSWORD = "four words beside each other"
pytestmark = pytest.mark.django_db(transaction=True)


def an_invited_owner() -> tuple[Vendor, str]:
    """Elin, who owns Tom & Co, and the path of her link."""
    now = datetime.now(UTC)
    vendor = add_vendor(
        slug="tom-and-co", name="Tom & Co", currency="GBP", country="GB", timezone="Europe/London", email="a@t.example",
        now=now, by="operator",
    )  # fmt: skip
    with acting_for([vendor.id]):
        _, secret = invite(
            vendor_id=vendor.id, email="elin@tom-and-co.example", name="Elin Lindqvist", role="owner",
            now=now, by="operator", by_operator=True,
        )  # fmt: skip
    return vendor, f"/account/invitation/{secret}/"


class Device(NamedTuple):
    """A fingerprint reader, as far as the browser can tell."""

    session: CDPSession
    id: str

    def recognises(self, yes: bool) -> None:
        """Whether the finger on the reader is its owner's."""
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": yes})


def a_device(page: Page) -> Device:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Device(session, made["authenticatorId"])


def test_from_an_invitation_to_a_passkey_and_in_again(browser_at: BrowserAt) -> None:
    vendor, link = an_invited_owner()
    page = browser_at()
    device = a_device(page)

    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, Elin Lindqvist")
    assert breaches(page) == []
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.goto(SETTINGS)
    expect(page.get_by_role("heading", level=1)).to_have_text("One thing before you begin")
    assert breaches(page) == []

    page.get_by_role("link", name="A passkey on this device").click()
    assert breaches(page) == []
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    page.goto(SETTINGS)
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")

    page.goto("/account/")
    expect(page.get_by_text("Passkey 1")).to_be_visible()
    assert breaches(page) == []
    page.get_by_role("button", name="Sign out").click()
    page.goto(SETTINGS)
    expect(page.get_by_role("button", name="Sign in with your passkey")).to_be_visible()
    assert breaches(page) == []

    page.get_by_role("button", name="Sign in with your passkey").click()
    expect(page).to_have_url(re.compile(f"{SETTINGS}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
    with acting_for([vendor.id]):
        told = Interaction.objects.filter(kind="person.signed_in").order_by("at").values_list("data__with", flat=True)
        assert list(told) == ["invitation", "passkey"]

    page.goto("/account/")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/account/login/")
    device.recognises(False)
    page.get_by_role("button", name="Sign in with your passkey").click()
    expect(page.get_by_text("No passkey was used. Nothing was opened")).to_be_visible()
    page.goto(SETTINGS)
    expect(page.get_by_role("button", name="Sign in with your passkey")).to_be_visible()


def test_a_passkey_of_elsewhere_opens_nothing(browser_at: BrowserAt) -> None:
    an_invited_owner()
    page = browser_at()
    a_device(page)
    page.goto(f"/account/login/?next={SETTINGS}")
    page.get_by_role("button", name="Sign in with your passkey").click()
    expect(page.get_by_text("No passkey was used. Nothing was opened")).to_be_visible()
    page.goto(SETTINGS)
    expect(page.get_by_role("button", name="Sign in with your passkey")).to_be_visible()


def test_the_door_is_open_to_everybody(browser_at: BrowserAt) -> None:
    an_invited_owner()
    page = browser_at()
    for path in ("/", "/account/login/"):
        page.goto(path)
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 1000})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                assert breaches(page) == [], (path, width, scheme)
