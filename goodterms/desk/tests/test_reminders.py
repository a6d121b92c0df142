"""A cadence is drafted in the address, seen with what it would do, and only then put into effect."""

import re
from datetime import date
from typing import Any

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Body
from goodterms.desk.reminders import steps
from goodterms.desk.reminders.rehearsal import PAYERS
from goodterms.desk.tests.cast import a_member, as_member, told
from goodterms.parties.models import Vendor
from goodterms.reminders import due
from goodterms.reminders.models import Cadence as Kept
from goodterms.reminders.rules import STEADY, Cadence, Step
from goodterms.reminders.tests.test_day import FIRST, a_customer, an_invoice, at
from goodterms.reminders.tests.test_day import a_vendor as in_bristol

SOON = date(2026, 10, 8)  # the invoices of these tests are due on 31 October, so nothing is due in two weeks
EARLY = {
    "days": ["-20", "0"],
    "kind": ["heads_up", "due_day"],
    "channel": ["email", "email"],
    "tone": ["", ""],
    "gap_days": "3",
}


@pytest.fixture
def vendor(db: None) -> Vendor:
    vendor = in_bristol()
    with acting_for([vendor.id]):
        Vendor.objects.filter(id=vendor.id).update(sandbox_now=at(SOON))
        vendor.refresh_from_db()
    return vendor


@pytest.fixture
def keeper(vendor: Vendor) -> Client:
    return as_member(a_member(vendor, "Tom", "bookkeeper"))


def place(vendor: Vendor) -> str:
    return f"/at/{vendor.slug}/reminders/"


def seen(client: Client, vendor: Vendor, **query: Any) -> str:
    answer = client.get(place(vendor), query)
    assert answer.status_code in (200, 422)
    return re.sub(r"\s+", " ", answer.content.decode())


def proof(page: str) -> str:
    found = re.search(r'name="proof" value="([^"]+)"', page)
    assert found
    return found[1]


def kept(vendor: Vendor) -> list[Cadence]:
    with acting_for([vendor.id]):
        return [Cadence.from_json(row.data) for row in Kept.objects.filter(usual=True)]


def test_a_draft_changes_nothing_until_its_rehearsal_was_seen_and_put_into_effect(vendor: Vendor, keeper: Client) -> None:
    an_invoice(vendor, a_customer(vendor))
    assert "Nothing would go out." in seen(keeper, vendor)
    page = seen(keeper, vendor, **EARLY)
    assert "· Heads-up, neutral" in page
    assert "A draft: beside it is what it would do." in page
    assert kept(vendor) == []
    assert keeper.post(f"{place(vendor)}into-effect/", {"proof": proof(page)}).status_code == 302
    (now,) = kept(vendor)
    assert now.days == (-20, 0)
    assert "· Heads-up, neutral" in seen(keeper, vendor)
    assert len(told(vendor, "cadence.changed")) == 1


def test_only_what_was_rehearsed_at_this_desk_can_be_put_into_effect(vendor: Vendor, keeper: Client) -> None:
    elsewhere = steps.seal(STEADY, "vermeer")
    for forged in ("", "nonsense", elsewhere, signing.dumps([vendor.slug, STEADY.to_json()], salt="another")):
        refused = keeper.post(f"{place(vendor)}into-effect/", {"proof": forged})
        assert refused.status_code == 409
        assert "was not seen lately, so nothing was changed" in refused.content.decode()
    assert kept(vendor) == []


def test_what_is_no_cadence_is_said_and_the_policy_in_use_stays(vendor: Vendor, keeper: Client) -> None:
    page = seen(keeper, vendor, **EARLY | {"days": ["soon", "0"]})
    assert "needs whole days from the due date" in page
    assert "Put this into effect" in page
    assert "disabled" in page


def test_a_reader_sees_and_may_not_change_and_a_stranger_finds_nothing(vendor: Vendor, keeper: Client) -> None:
    reader = as_member(a_member(vendor, "Hazel", "reader"))
    page = seen(reader, vendor, **EARLY)
    assert reader.post(f"{place(vendor)}into-effect/", {"proof": proof(page)}).status_code == 403
    other = as_member(a_member(in_bristol("vermeer"), "Jory", "owner"))
    assert other.get(place(vendor)).status_code == 404
    assert other.post(f"{place(vendor)}into-effect/", {"proof": proof(page)}).status_code == 404
    assert kept(vendor) == []


def test_more_payers_take_no_more_statements_and_come_on_the_next_page(vendor: Vendor, keeper: Client) -> None:
    counts = []
    for first in (0, 3):
        for n in range(first, first + 3):
            an_invoice(vendor, a_customer(vendor, email=f"payer-{n}@firm.example", number=str(n)))
        with CaptureQueriesContext(connection) as asked:
            page = seen(keeper, vendor)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert "The next" not in page
    assert PAYERS > 6


@pytest.mark.parametrize(
    "cadence",
    [
        STEADY,
        Cadence("One", (Step(0, "due_day"),)),
        Cadence("Long", (Step(-60, "heads_up"), Step(365, "owner", "person", automatic=False))),
    ],
)
def test_an_axis_holds_its_steps_in_order_and_an_address_says_the_same_cadence(cadence: Cadence) -> None:
    axis = steps.drawn(cadence)
    places = [mark.x for mark in axis.marks]
    assert places == sorted(places)
    assert all(steps.LEFT <= x <= steps.RIGHT for x in [*places, axis.due_x, *(x for x, _ in axis.ticks)])
    assert steps.unsealed(steps.seal(cadence, "a"), "a") == cadence
    assert steps.unsealed(steps.seal(cadence, "a"), "b") is None


def words(kind: str = "first", tone: str = "neutral", **pieces: str) -> dict[str, str]:
    said = {
        "subject": "About {{ work }}", "greeting": "Hello {{ first_name }},", "opening": "the work {{ work }} is still open.",
        "closing": "Kind regards,", "signature": "{{ senders }}",
    }  # fmt: skip
    return {"kind": kind, "tone": tone, "language": "en", **said, **pieces}


def test_words_of_ones_own_are_shown_as_they_will_be_read_and_said_by_the_next_letter(vendor: Vendor, keeper: Client) -> None:
    an_invoice(vendor, a_customer(vendor), work="Shelf cards")
    there = f"{place(vendor)}words/"
    preview = keeper.get(f"{there}preview/", words()).content.decode()
    assert "<b>About Shelf cards</b>" in preview
    assert "the work Shelf cards is still open." in preview
    assert told(vendor, "wording.changed") == []
    assert keeper.post(there, words()).status_code == 302
    assert "the work Shelf cards is still open." in seen(keeper, vendor)
    with acting_for([vendor.id]):
        due.nominate(vendors=[vendor.id], on=FIRST, now=at(FIRST))
        assert Body.objects.get().subject == "About Shelf cards"
    keeper.post(there, {**words(), "house": "1"})
    assert "the work Shelf cards is still open." not in seen(keeper, vendor)
    assert {one.kind for one in told(vendor, "wording.changed", "wording.ended")} == {"wording.changed", "wording.ended"}


@pytest.mark.parametrize(
    ("opening", "sentence"),
    [
        ("this is our final notice.", "A reminder never says “final notice”."),
        ("{{ secret }}", "There is no &#x27;secret&#x27; in this message."),
        ("pay now!", "A reminder has no exclamation marks"),
    ],
)
def test_what_our_voice_never_says_is_refused_and_what_was_typed_stays(
    vendor: Vendor, keeper: Client, opening: str, sentence: str
) -> None:
    refused = keeper.post(f"{place(vendor)}words/", words(opening=opening))
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert opening in refused.content.decode()
    assert told(vendor, "wording.changed") == []


def test_words_of_a_kind_that_is_none_are_not_there_and_a_reader_keeps_none(vendor: Vendor, keeper: Client) -> None:
    assert keeper.get(f"{place(vendor)}words/", {"kind": "threat"}).status_code == 404
    reader = as_member(a_member(vendor, "Hazel", "reader"))
    assert reader.post(f"{place(vendor)}words/", words()).status_code == 403
    assert told(vendor, "wording.changed") == []


def test_a_message_of_the_rehearsal_can_be_held_and_released_where_it_stands(vendor: Vendor, keeper: Client) -> None:
    an_invoice(vendor, a_customer(vendor))
    with acting_for([vendor.id]):
        Vendor.objects.filter(id=vendor.id).update(sandbox_now=at(FIRST))
    page = seen(keeper, vendor)
    before = re.findall(r"(\d+) go out", page)
    assert before != ["0"]
    form = re.search(r'action="([^"]+hold[^"]+)"', page)
    assert form
    keeper.post(form[1], {"back": place(vendor)})
    held = seen(keeper, vendor)
    assert "0 go out" in held
    assert "Held here, until somebody releases it." in held
    release = re.search(r'action="([^"]+release[^"]*)"', held)
    assert release
    keeper.post(release[1], {"back": place(vendor)})
    assert re.findall(r"(\d+) go out", seen(keeper, vendor)) == before
