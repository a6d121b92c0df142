"""The settings at the desk: each section shows what is, each form says what it refuses, and roles hold."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.desk.settings.happened import said
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member, told, with_password
from goodterms.desk.tests.test_signin import entered, set_up_app
from goodterms.interactions.models import Interaction
from goodterms.invoicing.models import Series
from goodterms.parties import actions
from goodterms.parties.directory import key_shown
from goodterms.parties.models import ApiKey, BankChange, Member, Person, Vendor

pytestmark = pytest.mark.django_db
OLD = {"name": "Bank of Severn", "iban": "GB96SEVN30187700418203", "bic": "SEVNGB2B"}
NEW = {"name": "Bank of Severn", "sort_code": "30-18-77", "account": "0055 1960"}
FIRM = {
    "name": "Tom & Daughters", "legal_name": "", "address": "14 Welsh Back", "tax_id": "", "email": "us@vendor.example",
    "sender": "Tom Okafor", "language": "en", "tone": "formal", "opens_at": "08:30", "closes_at": "17:30",
    "answer_hours": "6", "extension_days_max": "10", "plan_parts_max": "4", "plan_days_max": "120", "plan_most": "5,000",
    "forewarn_percent": "", "forewarn_sum": "50", "silence_days": "",
}  # fmt: skip
HOME = "/at/tom-and-co/settings/"


@pytest.fixture
def vendor() -> Vendor:
    """A sandbox, so that its clock stands where the tests want it."""
    return a_vendor(bank=OLD, sandbox_now=NOW)


@pytest.fixture
def people(vendor: Vendor) -> dict[str, Member]:
    roles = {"Elin": "owner", "Daniel": "owner", "Tom": "bookkeeper", "Priya": "approver", "Rita": "reader"}
    return {name: a_member(vendor, name, role) for name, role in roles.items()}


def kept(vendor: Vendor) -> Vendor:
    with acting_for([vendor.id]):
        return Vendor.objects.get()


def change_asked(vendor: Vendor) -> BankChange:
    with acting_for([vendor.id]):
        return BankChange.objects.select_related("asked_by").get()


def everything(vendor: Vendor) -> list[Any]:
    """What a page must not change by being read."""
    with acting_for([vendor.id]):
        models = (Vendor, Member, BankChange, ApiKey, Person, Interaction, Series)
        return [list(model.objects.order_by("pk").values()) for model in models]


def test_one_page_shows_all_sections(vendor: Vendor, people: dict[str, Member]) -> None:
    page = as_member(people["Elin"]).get(HOME)
    assert page.status_code == 200
    for section in ("firm", "bank", "people", "keys", "you", "happened"):
        assert f'id="{section}"' in page.text
    assert "GB96 SEVN 3018 7700 4182 03" in page.text
    assert "an answer within 4 working hours" in page.text
    assert "Everything is in effect." in page.text


def test_the_page_costs_the_same_with_many_people_and_keys(vendor: Vendor, people: dict[str, Member]) -> None:
    client = as_member(people["Elin"])
    client.get(HOME)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(HOME)
    with acting_for([vendor.id]):
        for number in range(12):
            actions.add_api_key(vendor_id=vendor.id, name=f"K{number}", scopes=["invoices:read"], now=NOW, by="Elin")
    for number in range(12):
        a_member(vendor, f"New{number}", "reader")
    with CaptureQueriesContext(connection) as many:
        assert "New11" in client.get(HOME).text
    assert len(many) == len(few) <= 30


def test_reading_changes_nothing(vendor: Vendor, people: dict[str, Member]) -> None:
    client = as_member(people["Elin"])
    before = everything(vendor)
    for path in ("", "firm/", "numbers/", "bank/", "people/invite/", f"people/{people['Tom'].id}/", "keys/new/"):
        assert client.get(HOME + path).status_code == 200, path
    assert everything(vendor) == before


def every_change(vendor: Vendor, people: dict[str, Member]) -> list[tuple[str, dict[str, str]]]:
    some = "01a1e3de-ec80-7003-94e9-7e0d0ea2c582"
    return [
        ("firm/", FIRM), ("numbers/", {"invoice_pattern": "A-{n}"}),
        ("bank/", NEW), (f"bank/{some}/confirm/", {}), (f"bank/{some}/stop/", {}),
        ("people/invite/", {"name": "Ruth", "email": "ruth@q.example", "role": "reader"}),
        (f"people/{people['Tom'].id}/", {"role": "owner"}), (f"people/{people['Tom'].id}/", {"end": "1"}),
        (f"people/{people['Tom'].id}/", {"reset": "1", "sure": "on"}),
        ("keys/new/", {"name": "Board", "invoices": "read"}), (f"keys/{some}/withdraw/", {}),
    ]  # fmt: skip


def test_a_reader_changes_nothing(vendor: Vendor, people: dict[str, Member]) -> None:
    client = as_member(people["Rita"])
    before = everything(vendor)
    for path, typed in every_change(vendor, people):
        answer = client.post(HOME + path, typed)
        assert answer.status_code == 403, path
        assert "Your role here is reader" in answer.text
    assert everything(vendor) == before


def test_to_another_vendors_people_there_is_nothing_here(vendor: Vendor, people: dict[str, Member]) -> None:
    stranger = as_member(a_member(a_vendor("other"), "Mallory"))
    before = everything(vendor)
    for path, typed in every_change(vendor, people):
        assert stranger.post(HOME + path, typed).status_code == 404, path
    assert stranger.get(HOME).status_code == 404
    assert everything(vendor) == before


def test_only_owners_see_to_bank_people_and_keys(vendor: Vendor, people: dict[str, Member]) -> None:
    client = as_member(people["Tom"])
    for path, typed in every_change(vendor, people):
        answer = client.post(HOME + path, typed)
        allowed = path in ("firm/", "numbers/") or path.endswith(("confirm/", "stop/"))
        assert (answer.status_code != 403) == allowed, path


def test_the_firm_says_anew_how_it_works(vendor: Vendor, people: dict[str, Member]) -> None:
    client = as_member(people["Elin"])
    assert client.post(HOME + "firm/", FIRM)["Location"] == HOME + "#firm"
    rule = kept(vendor)
    assert (rule.plan_parts_max, rule.plan_days_max, rule.plan_minor_max) == (4, 120, 500_000)
    assert "up to four within 120 days, agreed at once<small>up to £5,000.00</small>" in client.get(HOME).text
    assert 'value="5000.00"' in client.get(HOME + "firm/").text
    now = kept(vendor)
    assert (now.name, now.tone, now.answer_hours, f"{now.closes_at:%H:%M}") == ("Tom & Daughters", "formal", 6, "17:30")
    assert (
        "changed address, closing hour, email, more time, name, opening hour, our word, payment in parts, sender, tone"
        in re.sub(r"\s+", " ", client.get(HOME).text)
    )


def test_when_customers_are_asked_before_an_invoice_is_the_vendors_own_choice(
    vendor: Vendor, people: dict[str, Member]
) -> None:
    client = as_member(people["Elin"])
    assert "nobody is asked" in client.get(HOME).text
    client.post(HOME + "firm/", FIRM | {"forewarn_percent": "15", "forewarn_sum": "1,200.50", "silence_days": "7"})
    now = kept(vendor)
    assert (now.forewarn_percent, now.forewarn_minor, now.silence_days) == (15, 120_050, 7)
    page = client.get(HOME).text
    assert "asked when over 15% and £1,200.50 more than expected<small>no answer for 7 days is a yes</small>" in page
    assert 'value="1200.50"' in client.get(HOME + "firm/").text
    assert "is not a whole number" in client.post(HOME + "firm/", FIRM | {"silence_days": "soon"}).text
    client.post(HOME + "firm/", FIRM)
    assert (kept(vendor).forewarn_percent, kept(vendor).silence_days) == (None, None)


def test_an_owner_asks_for_four_eyes_and_nobody_else_lifts_them(vendor: Vendor, people: dict[str, Member]) -> None:
    owner, bookkeeper = as_member(people["Elin"]), as_member(a_member(vendor, "Wren", "bookkeeper"))
    owner.post(HOME + "firm/", FIRM | {"four_eyes": "on"})
    assert "four eyes: whoever wrote an invoice does not approve it" in owner.get(HOME).text
    assert "Four eyes on every invoice" not in bookkeeper.get(HOME + "firm/").text
    bookkeeper.post(HOME + "firm/", FIRM | {"name": "Tom & Sons"})
    assert (kept(vendor).name, kept(vendor).four_eyes) == ("Tom & Sons", True)
    owner.post(HOME + "firm/", FIRM)
    assert kept(vendor).four_eyes is False


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("closes_at", "soon", "is not a time of day. Write it like 17:30."),
        ("answer_hours", "many", "is not a whole number. Write it like 4."),
        ("answer_hours", "900", "it is a whole number, 80 at most."),
        ("email", "nobody", "is not an e-mail address"),
        ("name", "", "A vendor needs a name."),
        ("closes_at", "08:00", "The day begins before it ends."),
    ],
)
def test_what_the_firm_cannot_be_is_said_beside_the_field(
    vendor: Vendor, people: dict[str, Member], field: str, typed: str, sentence: str
) -> None:
    client = as_member(people["Elin"])
    before = everything(vendor)
    answer = client.post(HOME + "firm/", FIRM | {"sender": "Typed and kept", field: typed})
    assert answer.status_code == 409
    assert sentence in answer.text
    assert f'id="{field}-err"' in answer.text
    assert "Typed and kept" in answer.text
    assert everything(vendor) == before


def test_bank_details_pass_the_gate(vendor: Vendor, people: dict[str, Member]) -> None:
    elin, tom = as_member(people["Elin"]), as_member(people["Tom"])
    assert elin.post(HOME + "bank/", NEW)["Location"] == HOME + "#bank"
    page = elin.get(HOME).text
    assert "One change waits for a second person" in page
    assert "You asked for it, so you cannot confirm it." in page
    assert "Daniel, Tom" in page
    confirm = f"{HOME}bank/{change_asked(vendor).id}/confirm/"
    refused = elin.post(confirm)
    assert refused.status_code == 409
    assert "You asked for it, so you cannot confirm it. Another owner or a bookkeeper can." in refused.text
    assert as_member(people["Priya"]).post(confirm).status_code == 403
    assert tom.post(confirm).status_code == 302
    page = tom.get(HOME).text
    assert "Other bank details come into use on Wed 18 Nov" in page
    assert "GB96 SEVN" in page
    assert kept(vendor).bank == OLD
    assert sorted(deed.by for deed in told(vendor, "bank.asked", "bank.confirmed")) == ["Elin", "Tom"]


def test_the_first_account_is_used_at_once(people: dict[str, Member]) -> None:
    vendor = a_vendor("alone", sandbox_now=NOW)
    client = as_member(a_member(vendor, "Ada"))
    assert "so this one is used from now on" in client.get("/at/alone/settings/bank/").text
    client.post("/at/alone/settings/bank/", NEW)
    assert kept(vendor).bank == NEW
    assert "Nothing changes yet. Another owner or a bookkeeper confirms it" in client.get("/at/alone/settings/bank/").text


def test_anybody_who_works_here_stops_a_change(vendor: Vendor, people: dict[str, Member]) -> None:
    as_member(people["Elin"]).post(HOME + "bank/", NEW)
    stop = f"{HOME}bank/{change_asked(vendor).id}/stop/"
    assert as_member(people["Priya"]).post(stop).status_code == 302
    assert change_asked(vendor).stopped_at == NOW
    again = as_member(people["Elin"]).post(stop)
    assert "This change is over: it was stopped, or is in use." in again.text


def test_a_wrong_iban_is_said_beside_the_field(vendor: Vendor, people: dict[str, Member]) -> None:
    answer = as_member(people["Elin"]).post(HOME + "bank/", {"name": "Severn", "iban": "GB97SEVN30187700418203"})
    assert answer.status_code == 409
    assert "its check digits do not fit" in answer.text
    assert 'value="GB97SEVN30187700418203"' in answer.text


def test_an_invitation_is_handed_over_and_opens_the_desk(vendor: Vendor, people: dict[str, Member]) -> None:
    typed = {"name": "Ruth Adeyemi", "email": "ruth@quayside.example", "role": "receivables manager", "approves": "5,000.50"}
    answer = as_member(people["Elin"]).post(HOME + "people/invite/", typed)
    link = re.findall(r'value="https?://[^/]+(/account/invitation/[^"]+)"', answer.text)[0]
    with acting_for([vendor.id]):
        assert Member.objects.get(person__name="Ruth Adeyemi").approves_up_to_minor == 500_050
    browser = Client()
    assert "Welcome, Ruth Adeyemi" in browser.get(link).text
    words = "four words beside each other"
    assert "The two are not the same." in browser.post(link, {"password": words, "again": "x"}).text
    assert browser.post(link, {"password": words, "again": words})["Location"] == "/"
    assert browser.get(HOME)["Location"].startswith("/account/second-factor/")
    assert "older than seven days" in browser.get(link).text
    assert "This link is not known here." in browser.get(link[:-2] + "x/").text


def test_a_link_read_is_not_a_link_used(vendor: Vendor, people: dict[str, Member]) -> None:
    answer = as_member(people["Elin"]).post(HOME + "people/invite/", {"name": "R", "email": "r@q.example", "role": "reader"})
    link = re.findall(r'(/account/invitation/[^"]+)"', answer.text)[0]
    before = everything(vendor)
    for _ in range(3):
        assert Client().get(link).status_code == 200
    assert everything(vendor) == before


def test_people_change_and_end_but_not_the_last_owner(vendor: Vendor, people: dict[str, Member]) -> None:
    client = as_member(people["Elin"])
    path = f"{HOME}people/{people['Tom'].id}/"
    assert client.post(path, {"role": "approver", "approves": "2000"}).status_code == 302
    assert "£2,000" in client.get(HOME).text
    assert "is not a sum" in client.post(path, {"role": "approver", "approves": "much"}).text
    assert client.post(path, {"end": "1"}).status_code == 302
    assert client.get(path).status_code == 404
    assert client.post(f"{HOME}people/{people['Daniel'].id}/", {"role": "reader"}).status_code == 302
    last = client.post(f"{HOME}people/{people['Elin'].id}/", {"end": "1"})
    assert last.status_code == 409
    assert "Elin is the only owner. Make somebody else an owner first." in last.text


def test_a_colleague_who_lost_everything_begins_anew_by_the_hand_of_another(vendor: Vendor, people: dict[str, Member]) -> None:
    tom, elin = with_password(people["Tom"]), as_member(people["Elin"])
    at_work = Client()
    entered(at_work, tom.person.email)
    set_up_app(at_work)
    assert at_work.get(HOME).status_code == 200
    page = elin.get(f"{HOME}people/{tom.id}/").text
    assert "Let Tom begin anew" in page
    unsure = elin.post(f"{HOME}people/{tom.id}/", {"reset": "1"})
    assert "Speak with them first, and say that you did" in unsure.text
    assert at_work.get(HOME).status_code == 200
    answer = elin.post(f"{HOME}people/{tom.id}/", {"reset": "1", "sure": "on"})
    link = re.findall(r'value="https?://[^/]+(/account/invitation/[^"]+)"', answer.text)[0]
    assert at_work.get(HOME)["Location"].startswith("/account/login/")
    assert "do not belong together" in entered(Client(), tom.person.email).text  # the password alone would open everything
    browser, words = Client(), "four other words beside each other"
    assert browser.post(link, {"password": words, "again": words}).status_code == 302
    assert browser.get(HOME)["Location"].startswith("/account/second-factor/")
    set_up_app(browser)
    assert browser.get(HOME).status_code == 200
    (deed,) = told(vendor, "person.reset")
    assert (deed.by, deed.subject_id) == ("Elin", tom.person_id)
    assert said(deed.kind, deed.data) == "took away password, passkeys and codes of Tom, for a new beginning"


def test_nobody_begins_anew_by_their_own_hand_or_by_that_of_one_of_several_vendors(
    vendor: Vendor, people: dict[str, Member]
) -> None:
    elin, before = as_member(people["Elin"]), everything(vendor)
    own = f"{HOME}people/{people['Elin'].id}/"
    assert "begin anew" not in elin.get(own).text
    assert "You cannot do this for yourself. Another owner can" in elin.post(own, {"reset": "1", "sure": "on"}).text
    a_member(a_vendor("other"), "Tom", email=people["Tom"].person.email)
    answer = elin.post(f"{HOME}people/{people['Tom'].id}/", {"reset": "1", "sure": "on"})
    assert answer.status_code == 409
    assert "Tom works for others here as well, so a link from you alone would open their desks too." in answer.text
    assert everything(vendor) == before


def test_a_key_is_shown_once_and_withdrawn(vendor: Vendor, people: dict[str, Member]) -> None:
    client = as_member(people["Elin"])
    form = client.get(HOME + "keys/new/").text
    typed = {"key": re.findall(r'name="key" value="([^"]+)"', form)[0], "name": "Board", "invoices": "write", "terms": "read"}
    made = client.post(HOME + "keys/new/", typed)
    secret = re.findall(r'value="(gt_[^"]+)"', made.text)[0]
    key = key_shown(secret)
    assert key is not None
    assert key.scopes == ["invoices:write", "terms:read"]
    assert "This key was made already, and its secret shown." in client.post(HOME + "keys/new/", typed).text
    assert secret not in client.get(HOME).text
    assert client.post(f"{HOME}keys/{key.id}/withdraw/").status_code == 302
    assert key_shown(secret) is None
    assert "A key needs at least one scope" in client.post(HOME + "keys/new/", {"name": "Nothing"}).text


def test_ones_own_ways_are_kept(vendor: Vendor, people: dict[str, Member]) -> None:
    client = as_member(people["Rita"])
    client.post(HOME + "you/", {"theme": "dark"})
    page = client.get(HOME).text
    assert 'data-theme="dark" data-keys="off"' in page
    client.post(HOME + "you/", {"theme": "", "single_keys": "on"})
    page = client.get(HOME).text.split("<body", maxsplit=1)[0]
    assert "data-theme" not in page
    assert "data-keys" not in page
    client.cookies["goodterms_theme"] = '"><script>'
    assert "data-theme" not in client.get(HOME).text.split("<body", maxsplit=1)[0]


def test_the_two_days_are_real_ones_where_the_clock_is() -> None:
    """A vendor that is no sandbox lives by the real clock, and so does its gate."""
    vendor = a_vendor("real", bank=OLD)
    as_member(a_member(vendor)).post("/at/real/settings/bank/", NEW)
    with acting_for([vendor.id]):
        assert datetime.now(UTC) - BankChange.objects.get().asked_at < timedelta(minutes=1)
