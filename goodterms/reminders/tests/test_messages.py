"""One message, held, edited, released: what a person says of it is what the day does, and what the rehearsal shows."""

import zlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Body, Letter
from goodterms.interactions.models import Interaction, Outreach
from goodterms.parties.models import Contact, Customer, Vendor
from goodterms.reminders import due
from goodterms.reminders.actions import edit_message, hold_message, release_message, still_due, withdraw
from goodterms.reminders.models import Foreword, MessageHold, Notice
from goodterms.reminders.rules import Foreword as Words
from goodterms.reminders.rules import checked_words, decide, forward, items
from goodterms.reminders.tests.cast import PENHALE, SANDRA, TUESDAY, invoice, london, moment
from goodterms.reminders.tests.test_day import FIRST, a_customer, a_vendor, an_invoice, at, the_day
from goodterms.reminders.writing import preview
from goodterms.values.refusal import Refused

VENDORS = {"penhale": PENHALE}
KIND = Words("1", "penhale", TUESDAY, "The second pallet is on its way, thank you for waiting.")


def test_a_held_message_waits_from_its_day_on_and_says_why() -> None:
    payer = SANDRA._replace(held_from=(("penhale", TUESDAY),))
    decision = decide(payer, [invoice()], VENDORS, moment(), [])
    assert decision.notice is None
    assert [verdict.reasons for verdict in decision.verdicts] == [("message_held",)]
    tomorrow = payer._replace(held_from=(("penhale", TUESDAY + timedelta(days=1)),))
    assert decide(tomorrow, [invoice()], VENDORS, moment(), []).notice


def test_a_hold_of_one_vendor_leaves_the_part_of_another() -> None:
    payer = SANDRA._replace(held_from=(("penhale", TUESDAY),))
    other = invoice(invoice_id="2", number="VP-1", vendor_id="vermeer", customer_id="b")
    decision = decide(payer, [invoice(), other], {**VENDORS, "vermeer": PENHALE._replace(vendor_id="vermeer")}, moment(), [])
    assert decision.notice
    assert [nomination.facts.number for nomination in decision.notice.nominations] == ["VP-1"]


def test_a_rehearsal_says_a_sentence_once_in_the_first_message_that_goes_out() -> None:
    payer = SANDRA._replace(forewords=(KIND,))
    days = forward([invoice()], {"sandra": payer}, VENDORS, {}, TUESDAY, 12, london)
    said = [decision.notice.forewords for decision in days if decision.notice]
    assert said == [(KIND,), ()]


def test_a_sentence_waits_two_weeks_and_no_longer() -> None:
    assert KIND.is_due(TUESDAY + timedelta(days=14))
    assert not KIND.is_due(TUESDAY + timedelta(days=15))
    assert not KIND.is_due(TUESDAY - timedelta(days=1))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (" ", "There is nothing in this sentence yet."),
        ("Pay immediately, please.", "A reminder never says “immediately”. Say what is so, and leave a way out."),
        ("This is our Final  Notice.", "A reminder never says “Final Notice”. Say what is so, and leave a way out."),
        ("Mohon bayar segera.", "A reminder never says “segera”. Say what is so, and leave a way out."),
        ("Thank you!", "A reminder has no exclamation marks; a full stop is friendlier."),
        ("PLEASE PAY now.", "A reminder does not shout: write it in small letters."),
        ("Look at https://x.example.", "Plain words only: no links, marks or names in brackets. The links come below."),
        ("a" * 401, "This is 401 characters long; 400 are the most. A longer story is better told in a letter."),
    ],
)
def test_a_sentence_that_our_voice_never_says_is_refused(words: str, sentence: str) -> None:
    with pytest.raises(Refused) as no:
        checked_words(words)
    assert no.value.sentence == sentence


@pytest.mark.parametrize("words", ["Your PO is VAT-free; we met at the NEC in May.", "We indebted nobody; courteous as ever."])
def test_a_sentence_with_short_capitals_or_words_inside_words_is_kept(words: str) -> None:
    assert checked_words(f"  {words}\r\n") == words


@pytest.fixture
def penhale(db: None) -> Vendor:
    return a_vendor()


@pytest.fixture
def customer(penhale: Vendor) -> Customer:
    customer = a_customer(penhale)
    an_invoice(penhale, customer)
    return customer


def payer_of(customer: Customer) -> UUID:
    with acting_for([customer.vendor_id]):
        return Contact.objects.get(customer=customer, pays=True).payer_id  # type: ignore[return-value]


def asked(customer: Customer, hour: int = 8) -> dict[str, Any]:
    return {"vendor_id": customer.vendor_id, "payer_id": payer_of(customer), "by": "Tom Okafor", "now": at(FIRST, hour)}


def hold(customer: Customer, from_on: date = FIRST, **more: Any) -> MessageHold:
    with acting_for([customer.vendor_id]):
        return hold_message(**asked(customer), from_on=from_on, **more)


def edit(customer: Customer, words: str, on: date = FIRST) -> Foreword | None:
    with acting_for([customer.vendor_id]):
        return edit_message(**asked(customer), on=on, words=words)


def told(vendor: Vendor, kind: str) -> list[dict[str, Any]]:
    with acting_for([vendor.id]):
        return [dict(one.data) for one in Interaction.objects.filter(vendor_id=vendor.id, kind=kind).order_by("id")]


def rehearsed(vendors: Sequence[Vendor], days: int = 1) -> list[tuple[date, str, tuple[str, ...]]]:
    found = due.rehearse(vendors=[one.id for one in vendors], start=FIRST, days=days, at=at)
    return [(one.on, one.outcome, one.reasons) for decision in found for one in items(decision) if one.step]


def bodies(vendors: Sequence[Vendor]) -> list[str]:
    with acting_for([one.id for one in vendors]):
        return [zlib.decompress(one.packed).decode() for one in Body.objects.order_by("letter_id")]


def test_a_held_message_does_not_leave_in_the_day_and_the_rehearsal_agrees(penhale: Vendor, customer: Customer) -> None:
    hold(customer, why="We meet on Thursday.")
    assert rehearsed([penhale]) == [(FIRST, "held", ("message_held",))]
    outcome = the_day([penhale])
    assert (outcome.notices, dict(outcome.held)) == (0, {"message_held": 1})
    with acting_for([penhale.id]):
        release_message(**asked(customer))
    assert rehearsed([penhale]) == [(FIRST, "goes_out", ())]
    assert the_day([penhale]).notices == 1
    assert told(penhale, "reminder.held") == [{"from_on": FIRST.isoformat(), "why": "We meet on Thursday."}]
    assert told(penhale, "reminder.released") == [{}]


def test_held_twice_it_is_held_once_and_released_twice_it_is_released_once(penhale: Vendor, customer: Customer) -> None:
    first = hold(customer)
    assert hold(customer, from_on=FIRST + timedelta(days=3)).id == first.id
    assert hold(customer, from_on=FIRST - timedelta(days=1)).from_on == FIRST - timedelta(days=1)
    with acting_for([penhale.id]):
        assert release_message(**asked(customer))
        assert release_message(**asked(customer)) is None
    assert (len(told(penhale, "reminder.held")), len(told(penhale, "reminder.released"))) == (2, 1)


def test_a_letter_that_waits_to_leave_is_taken_back_and_planned_again_once_released(
    penhale: Vendor, customer: Customer
) -> None:
    the_day([penhale])
    hold(customer)
    with acting_for([penhale.id]):
        assert Letter.objects.get().state == "superseded"
        assert Notice.objects.get().withdrawn_at
        assert not Outreach.objects.exists()
    assert the_day([penhale], hour=10).notices == 0
    with acting_for([penhale.id]):
        release_message(**asked(customer))
    assert the_day([penhale], hour=11).notices == 1


def test_a_sentence_is_frozen_with_the_letter_and_said_once(penhale: Vendor, customer: Customer) -> None:
    assert edit(customer, "The second pallet is on its way.")
    the_day([penhale])
    [body] = bodies([penhale])
    assert "The second pallet is on its way." in body
    assert body.index("second pallet") < body.index("Penhale Print: Labels")
    the_day([penhale], on=FIRST + timedelta(days=7))
    assert "second pallet" not in bodies([penhale])[1]


def test_a_sentence_for_a_letter_that_waits_to_leave_makes_another_letter(penhale: Vendor, customer: Customer) -> None:
    the_day([penhale])
    edit(customer, "The second pallet is on its way.")
    assert the_day([penhale], hour=10).notices == 1
    edit(customer, "It arrives on Friday.")
    assert the_day([penhale], hour=11).notices == 1
    edit(customer, "")
    assert the_day([penhale], hour=12).notices == 1
    said = [("second pallet" in body, "Friday" in body) for body in bodies([penhale])]
    assert said == [(False, False), (True, False), (False, True), (False, False)]
    with acting_for([penhale.id]):
        assert [one.state for one in Letter.objects.order_by("id")] == ["superseded"] * 3 + ["ready"]


def test_the_same_words_again_change_nothing_and_other_words_take_their_place(penhale: Vendor, customer: Customer) -> None:
    first = edit(customer, "We meet on Thursday.")
    assert edit(customer, " We meet on  Thursday. ") == first
    second = edit(customer, "We meet on Friday.")
    assert edit(customer, "") is None
    assert edit(customer, "") is None
    with acting_for([penhale.id]):
        assert [one.id for one in Foreword.objects.order_by("id")] == sorted([first.id, second.id])  # type: ignore[union-attr]
        assert not Foreword.objects.filter(ended_at=None).exists()
    said = [data["words"] for data in told(penhale, "reminder.edited")]
    assert sorted(said) == ["", "We meet on Friday.", "We meet on Thursday."]


def test_a_bundle_that_others_share_is_stopped_at_its_dot_and_planned_without_us(penhale: Vendor, customer: Customer) -> None:
    vermeer = a_vendor("vermeer", "Vermeer Packaging")
    an_invoice(vermeer, a_customer(vermeer))
    both = [penhale, vermeer]
    the_day(both)
    hold(customer)
    with acting_for([one.id for one in both]):
        letter = Letter.objects.get()
        assert letter.state == "ready"  # another vendor's words are in it, so it is not ours to take back
        assert [why.reason for why in still_due([letter.id], at(FIRST)).values()] == ["message_held"]
        assert withdraw(on=FIRST, now=at(FIRST)) == 1
    assert the_day(both, hour=10).nominated == 1
    with acting_for([one.id for one in both]):
        assert Notice.objects.get(withdrawn_at=None).vendors == [vermeer.id]


def test_words_that_change_in_a_bundle_of_others_stop_it_at_its_dot(penhale: Vendor, customer: Customer) -> None:
    vermeer = a_vendor("vermeer", "Vermeer Packaging")
    an_invoice(vermeer, a_customer(vermeer))
    both = [penhale, vermeer]
    edit(customer, "We meet on Thursday.")
    the_day(both)
    assert "Penhale Print: We meet on Thursday." in bodies(both)[0]
    with acting_for([one.id for one in both]):
        letter = Letter.objects.get()
        assert not still_due([letter.id], at(FIRST))
    edit(customer, "")
    with acting_for([one.id for one in both]):
        assert [why.reason for why in still_due([letter.id], at(FIRST)).values()] == ["edited"]


def test_nobody_holds_the_message_of_a_payer_whom_they_do_not_list(penhale: Vendor, customer: Customer) -> None:
    vermeer = a_vendor("vermeer", "Vermeer Packaging")
    with acting_for([vermeer.id]), pytest.raises(Refused) as no:
        hold_message(**{**asked(customer), "vendor_id": vermeer.id}, from_on=FIRST)
    assert no.value.sentence == "Nobody here gets messages by that name. Look at the people of the customer."


def test_a_preview_is_the_letter_as_it_will_be_with_links_that_open_nothing(penhale: Vendor, customer: Customer) -> None:
    edit(customer, "We meet on Thursday.")
    [decision] = due.rehearse(vendors=[penhale.id], start=FIRST, days=1, at=at)
    with acting_for([penhale.id]):
        seen = preview(decision, FIRST)
    assert seen
    assert "We meet on Thursday." in seen.text
    the_day([penhale])
    assert seen.subject in bodies([penhale])[0]
