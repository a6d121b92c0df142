"""The room of the customers: who needs a person stands first, both sides are measured, and forms decide by the verbs."""

import csv
import io
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.conversations import actions as talk
from goodterms.conversations.tests import cast as people
from goodterms.conversations.tests.cast import MONDAY, NOW, an_invoice, at, holds, settle
from goodterms.database.isolation import acting_for
from goodterms.desk.tests.cast import a_member, a_vendor, as_member, told
from goodterms.interactions.models import Interaction
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Contact, Customer, Vendor
from goodterms.reminders.actions import change_cadence
from goodterms.reminders.due import rehearse
from goodterms.reminders.gathering import gather
from goodterms.reminders.rules import Cadence, Step
from goodterms.terms.models import AgreedTerms
from goodterms.values.days import instant

STEADY = Cadence("Steady", (Step(-5, "heads_up"), Step(3, "first"), Step(10, "second")))
SANDRA = "Sandra Whitlock"


class Desk(NamedTuple):
    vendor: Vendor
    customer: Customer
    invoice: Invoice
    tom: Client

    def at(self, rest: str = "", customer: Customer | None = None) -> str:
        return f"/at/{self.vendor.slug}/customers/{(customer or self.customer).id}/{rest}"

    @property
    def list(self) -> str:
        return f"/at/{self.vendor.slug}/customers/"

    def page(self, address: str = "") -> str:
        return str(self.tom.get(address or self.at()).content.decode())


@pytest.fixture
def desk(db: None) -> Desk:
    vendor = a_vendor("lindqvist-rowe", name="Lindqvist Rowe")
    with acting_for([vendor.id]):
        Vendor.objects.filter(id=vendor.id).update(sandbox_now=NOW)
        customer = people.a_customer(vendor, "Bellwether Foods", address="Aire Mills\nLeeds LS4 2AZ")
        people.a_payer(customer)
        invoice = an_invoice(customer, 425_520, number="LR-2026-0187")
    return Desk(vendor, customer, invoice, as_member(a_member(vendor, "Tom Okafor", email="tom@lindqvist.example")))


def another(desk: Desk, name: str, minor: int = 0, **more: Any) -> Customer:
    with acting_for([desk.vendor.id]):
        customer = people.a_customer(desk.vendor, name, **more)
        if minor:
            an_invoice(customer, minor, number=f"of {name}", due_on=date(2026, 12, 1))
    return customer


def names(page: str) -> list[str]:
    return [
        part.partition("<")[0] for part in page.split('/">')[1:] if part.startswith(("Bell", "Able", "Zinc", "Kest", "Many"))
    ]


def test_who_waits_for_us_stands_before_who_is_late_and_who_is_calm(desk: Desk) -> None:
    another(desk, "Able Calm", 1000)
    waiting = another(desk, "Zinc Waits", 1000)
    with acting_for([desk.vendor.id]):
        talk.ask(invoice_ids=[waiting.invoices.get().id], words="Which <b>?", by=SANDRA, now=at(16, 9))
    page = desk.page(desk.list)
    assert names(page) == ["Zinc Waits", "Bellwether Foods", "Able Calm"]
    assert "Three relationships. One can be left in peace today; <b>one waits for our answer</b>." in " ".join(page.split())
    assert "Answer by 13:00" in page
    assert "“Which &lt;b&gt;?”" in page
    assert "Due Tue 1 Dec" in page
    assert names(desk.page(f"{desk.list}?order=name")) == ["Able Calm", "Bellwether Foods", "Zinc Waits"]
    assert names(desk.page(f"{desk.list}?view=waiting")) == ["Zinc Waits"]
    assert names(desk.page(f"{desk.list}?view=late")) == ["Bellwether Foods"]


def test_both_sides_of_a_relationship_stand_in_one_row(desk: Desk) -> None:
    with acting_for([desk.vendor.id]):
        thread = talk.ask(invoice_ids=[desk.invoice.id], words="Which?", by=SANDRA, now=at(3, 9))
        talk.answer(conversation_id=thread.id, words="That.", by="Tom", role="owner", now=at(3, 10, 30))
        old = an_invoice(desk.customer, 100, number="old", due_on=date(2026, 10, 1))
        settle(old, 100, date(2026, 10, 13))
    page = desk.page(desk.list)
    for said in ("<b>1 h 30</b>", "1 of 2 right", "<b>12 days late</b>", "42, agreed 30 days", "Leeds", "£4,255.20 late"):
        assert said in page
    assert 'aria-label="We answer in 1.5 hours; they pay 12 days late"' in page
    assert '<rect class="t bad" x="112" y="4" width="57.6"' in page


@pytest.mark.parametrize("asked", ["bellw", "BELLWÉTHER", "Bellwether Foods"])
def test_a_name_is_found_by_its_begin_however_it_is_written(desk: Desk, asked: str) -> None:
    another(desk, "Zinc")
    assert names(desk.page(f"{desk.list}?q={asked}")) == ["Bellwether Foods"]
    assert "Nobody is found here" in desk.page(f"{desk.list}?q=foods of")


def test_pages_follow_each_other_by_key(desk: Desk) -> None:
    for n in range(40):
        another(desk, f"Many {n:02}")
    first = desk.page(desk.list)
    following = next(part.partition('"')[0] for part in first.split('href="') if part.startswith("?after"))
    second = desk.page(desk.list + following.replace("&amp;", "&"))
    assert len(names(first)) == 30
    assert sorted(names(first) + names(second)) == sorted(["Bellwether Foods", *(f"Many {n:02}" for n in range(40))])
    assert desk.tom.get(f"{desk.list}?after=nonsense").status_code == 409


def test_the_list_as_a_file_says_the_same(desk: Desk) -> None:
    answer = desk.tom.get(f"/at/{desk.vendor.slug}/customers.csv?q=bell")
    [row] = csv.DictReader(io.StringIO(answer.content.decode()))
    assert (row["name"], row["currency"], row["open"], row["late"], row["invoices"]) == (
        "Bellwether Foods", "GBP", "4255.20", "4255.20", "1",
    )  # fmt: skip


def test_list_and_page_take_as_many_statements_however_much_there_is(desk: Desk) -> None:
    def statements(address: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert desk.tom.get(address).status_code == 200
        return len(seen)

    another(desk, "Able", 1000)
    few = [statements(desk.list), statements(desk.at())]
    with acting_for([desk.vendor.id]):
        for n in range(8):
            customer = people.a_customer(desk.vendor, f"Many {n}")
            an_invoice(customer, 1000, number=f"m{n}")
            mine = an_invoice(desk.customer, 500, number=f"b{n}", currency="EUR" if n % 2 else "GBP")
            thread = talk.ask(invoice_ids=[mine.id], words="?", by=SANDRA, now=at(3, 9))
            talk.answer(conversation_id=thread.id, words="!", by="Tom", role="owner", now=at(3, 10))
            talk.promise(invoice_id=mine.id, promised_on=date(2026, 11, 20), by=SANDRA, now=at(3, 11))
    assert [statements(desk.list), statements(desk.at())] == few


def test_the_page_shows_the_whole_relationship(desk: Desk) -> None:
    with acting_for([desk.vendor.id]):
        talk.promise(invoice_id=desk.invoice.id, promised_on=date(2026, 11, 20), by=SANDRA, now=at(3, 14), words="On the 20th.")
    page = desk.page()
    for said in (
        "Open balance, one invoice", "1 to 30 days late", "Promised Fri 20 Nov", "“On the 20th.”", "to come, as promised",
        "30 days from invoice date", "Your usual terms", SANDRA, "Only Lindqvist Rowe sees this", "1 of 1",
    ):  # fmt: skip
        assert said in page
    assert desk.tom.get(f"{desk.at()}?before={uuid4()}").status_code == 200
    assert desk.tom.get(f"{desk.at()}?before=nonsense").status_code == 404


def test_reading_changes_nothing(desk: Desk) -> None:
    with acting_for([desk.vendor.id]):
        contact = Contact.objects.get()
        before = Interaction.objects.count()
    for rest in ("", "preferences/", "terms/", "terms/?notation=net+30", "people/", f"people/{contact.id}/"):
        assert desk.tom.get(desk.at(rest)).status_code == 200
    for rest in ("notes/", "hold/", "release/"):
        assert desk.tom.get(desk.at(rest)).status_code == 405
    with acting_for([desk.vendor.id]):
        assert Interaction.objects.count() == before


POSTS = ("notes/", "hold/", "release/", "preferences/", "terms/", "people/")


@pytest.mark.parametrize("rest", POSTS)
def test_a_reader_changes_nothing_and_another_vendors_member_finds_nobody(desk: Desk, rest: str) -> None:
    reader = as_member(a_member(desk.vendor, "Rhea", "reader"))
    assert reader.get(desk.at()).status_code == 200
    assert reader.post(desk.at(rest), {"words": "x"}).status_code == 403
    elsewhere = a_vendor("elsewhere")
    stranger = as_member(a_member(elsewhere, "Stan"))
    assert stranger.post(desk.at(rest), {"words": "x"}).status_code == 404
    assert stranger.post(f"/at/elsewhere/customers/{desk.customer.id}/{rest}", {"words": "x"}).status_code == 404
    assert not told(desk.vendor, "customer.noted", "preferences.changed", "terms.agreed", "invoice.held", "contact.added")


def test_a_reader_is_shown_no_form_and_adds_nobody(desk: Desk) -> None:
    reader = as_member(a_member(desk.vendor, "Rhea", "reader"))
    page = reader.get(desk.at()).content.decode()
    assert 'method="post"' not in page
    assert reader.post(f"{desk.list}new/", {"name": "X", "number": "1", "currency": "GBP"}).status_code == 403


def test_a_note_is_kept_once_and_shown_to_colleagues(desk: Desk) -> None:
    for _ in range(2):
        assert desk.tom.post(desk.at("notes/"), {"words": "Ring Beth first.", "key": "k1"}).status_code == 302
    [note] = told(desk.vendor, "customer.noted")
    assert (note.by, note.inbound) == ("Tom Okafor", False)
    assert desk.page().count("Ring Beth first.") == 2  # among the notes and on the timeline
    refused = desk.tom.post(desk.at("notes/"), {"words": " "})
    assert refused.status_code == 409
    assert "There is nothing in this note yet." in refused.content.decode()


def test_everything_open_is_held_with_a_reason_and_released(desk: Desk) -> None:
    refused = desk.tom.post(desk.at("hold/"), {"note": "", "until_on": "2026-11-30"})
    assert "Say why, so that a colleague knows when to let go." in refused.content.decode()
    assert 'value="2026-11-30"' in refused.content.decode()
    desk.tom.post(desk.at("hold/"), {"note": "Fire in their office.", "until_on": "2026-11-30"})
    with acting_for([desk.vendor.id]):
        assert holds(desk.invoice) == [("manual", date(2026, 11, 30))]
    assert "Held until Mon 30 Nov" in desk.page()
    desk.tom.post(desk.at("release/"))
    with acting_for([desk.vendor.id]):
        assert holds(desk.invoice) == []
    assert "Nothing of this customer is held by hand" in desk.tom.post(desk.at("release/")).content.decode()


WISH = {"channel": "email", "tone": "formal", "quiet_weekdays": ["1", "5"], "quiet_ranges": "2026-12-21 to 2027-01-04\n",
        "hours_from": "09:30", "hours_to": "15:00", "contacts_max": "2", "contacts_days": "14", "bill_days": "1, 9",
        "cut_off_day": "20", "order_required": "1", "pays_by": "bank_transfer", "timezone": "Europe/London"}  # fmt: skip


def test_how_they_like_it_is_kept_and_reminders_follow_at_once(desk: Desk) -> None:
    assert desk.tom.post(desk.at("preferences/"), WISH).status_code == 302
    with acting_for([desk.vendor.id]):
        kept = Customer.objects.get(id=desk.customer.id)
        payer = str(Contact.objects.get().payer_id)
        facts = gather([payer], MONDAY, NOW).payers[payer]
    assert (kept.tone, kept.quiet_weekdays, kept.bill_days, kept.cut_off_day) == ("formal", [1, 5], [1, 9], 20)
    assert (kept.hours_from, kept.order_required, kept.pays_automatically) == (time(9, 30), True, False)
    assert {1, 5} <= set(facts.quiet_weekdays)
    assert facts.tone == "formal"
    for said in ("Mondays, Fridays and 21 December to 4 January", "1st and 9th; not after the 20th", "2 reminders in 14 days"):
        assert said in desk.page()
    assert len(told(desk.vendor, "preferences.changed")) == 1


def rehearsed(desk: Desk) -> list[tuple[date, str]]:
    """The days of the next month on which they would be written to, and in which tone."""

    def opens(on: date) -> datetime:
        return instant(on, time(10), "Europe/London")

    days = rehearse(vendors=[desk.vendor.id], start=MONDAY, days=30, at=opens, vendor=desk.vendor.id)
    return [(one.on, one.notice.tone) for one in days if one.notice]


def test_a_wish_moves_the_next_reminder_in_the_rehearsal(desk: Desk) -> None:
    with acting_for([desk.vendor.id]):
        an_invoice(desk.customer, 1000, number="soon", due_on=date(2026, 11, 25))
        change_cadence(vendor_id=desk.vendor.id, cadence=STEADY, usual=True, by="Tom", now=NOW)
    before = rehearsed(desk)
    first_on, tone = before[0]
    assert tone == "neutral"
    desk.tom.post(
        desk.at("preferences/"), {"channel": "email", "tone": "formal", "quiet_weekdays": [str(first_on.isoweekday())]}
    )
    after = rehearsed(desk)
    assert after
    assert {tone for _, tone in after} == {"formal"}
    assert first_on.isoweekday() not in {on.isoweekday() for on, _ in after}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"contacts_max": "many"}, "“many” is not a whole number."),
        ({"quiet_ranges": "Christmas"}, "“Christmas” is not two days like 2026-12-21 to 2027-01-04."),
        ({"hours_from": "16:00"}, "Hours begin before they end."),
        ({"bill_days": "1, 40"}, "cannot be kept as days of the month, 1 to 31."),
        ({"contacts_days": ""}, "A limit needs a number of contacts and a number of days."),
        ({"timezone": "Mars"}, "is not a time zone; write it like Europe/London."),
    ],
)
def test_what_cannot_be_kept_is_said_beside_what_was_typed(desk: Desk, wrong: dict[str, str], sentence: str) -> None:
    answer = desk.tom.post(desk.at("preferences/"), WISH | wrong)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert sentence in page.replace("&#x27;", "'")
    assert 'value="20"' in page  # what else was typed stays
    assert not told(desk.vendor, "preferences.changed")


def test_terms_are_read_before_they_are_agreed_and_agreed_once(desk: Desk) -> None:
    asked = {"notation": "2/10 net 20", "fee": "1.5", "grace": "7", "from_on": "2026-12-01", "agreed_by": SANDRA, "after": "0"}
    page = desk.tom.post(desk.at("terms/"), asked | {"deed": "read"}).content.decode()
    assert "20 days from invoice date, until Monday 21 December 2026" in page
    assert "1.5% a month, after 7 days of grace" in page
    assert not told(desk.vendor, "terms.agreed")
    assert desk.tom.post(desk.at("terms/"), asked).status_code == 302
    again = desk.tom.post(desk.at("terms/"), asked)
    assert "Other terms were agreed meanwhile. Look at them, then decide again." in again.content.decode()
    with acting_for([desk.vendor.id]):
        row = AgreedTerms.objects.get()
    assert (row.version, row.from_on, row.agreed_by) == (1, date(2026, 12, 1), SANDRA)
    page = desk.page()
    assert "From 1 December 2026" in page
    with acting_for([desk.vendor.id]):
        AgreedTerms.objects.update(from_on=MONDAY)
    form = desk.page(desk.at("terms/"))
    assert ('name="fee" value="1.5"' in form, 'value="7"' in form) == (True, True)  # not lost by whoever changes the days
    assert "30 days from invoice date" in page  # today's are the usual ones still


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"notation": "whenever"}, "is not a way of writing terms that is known here."),
        ({"notation": "30 EOM"}, "is read in two ways"),
        ({"notation": ""}, "Write what was agreed, like net 30."),
        ({"from_on": ""}, "Say from which day on."),
        ({"from_on": "soon"}, "“soon” is not a day like 2026-12-01."),
        ({"fee": "much"}, "“much” is not a number like 1.5."),
        ({"grace": "a week"}, "days of grace"),
    ],
)
def test_terms_that_nobody_can_read_are_refused(desk: Desk, wrong: dict[str, str], sentence: str) -> None:
    asked = {"notation": "net 20", "from_on": "2026-12-01", "fee": "1.5"} | wrong
    answer = desk.tom.post(desk.at("terms/"), asked)
    assert answer.status_code == 409
    assert sentence in answer.content.decode()
    assert not told(desk.vendor, "terms.agreed")


def test_people_come_change_and_go(desk: Desk) -> None:
    beth = {"name": "Beth Langley", "email": "beth@bellwether.example", "approves": "1", "note": "Ordered the work"}
    assert desk.tom.post(desk.at("people/"), beth).status_code == 302
    taken = desk.tom.post(desk.at("people/"), beth | {"pays": "1"})
    assert "Somebody else pays for this customer already. End that contact first." in taken.content.decode()
    with acting_for([desk.vendor.id]):
        contact = Contact.objects.get(name="Beth Langley")
    desk.tom.post(desk.at(f"people/{contact.id}/"), beth | {"name": "Beth Lang", "deed": "keep"})
    assert "Beth Lang<" in desk.page()
    assert "Approves." in desk.page()
    desk.tom.post(desk.at(f"people/{contact.id}/"), {"deed": "end"})
    assert "Ordered the work" not in desk.page()
    assert desk.tom.get(desk.at(f"people/{contact.id}/")).status_code == 404
    assert desk.tom.get(desk.at(f"people/{contact.id}/", another(desk, "Other"))).status_code == 404
    assert len(told(desk.vendor, "contact.added", "contact.changed", "contact.ended")) == 3


def test_somebody_new_comes_with_who_pays_or_not_at_all(desk: Desk) -> None:
    new = {"name": "Zinc & Co", "number": "Z1", "currency": "gbp", "contact": "Zoe", "email": "no address", "country": "gb"}
    refused = desk.tom.post(f"{desk.list}new/", new)
    assert "is not an e-mail address" in refused.content.decode()
    assert "Zinc &amp; Co" in refused.content.decode()
    with acting_for([desk.vendor.id]):
        assert not Customer.objects.filter(number="Z1").exists()
    answer = desk.tom.post(f"{desk.list}new/", new | {"email": "zoe@zinc.example"}, follow=True)
    page = answer.content.decode()
    assert "Zinc &amp; Co is a customer now" in page
    assert "Pays. Gets invoices and reminders." in page
    taken = desk.tom.post(f"{desk.list}new/", new | {"email": "zoe@zinc.example"})
    assert "There is a customer number Z1 already." in taken.content.decode()


def test_an_empty_desk_says_what_will_stand_there(db: None) -> None:
    vendor = a_vendor("new-firm")
    tom = as_member(a_member(vendor, "Tom"))
    assert "Nobody is a customer yet." in tom.get("/at/new-firm/customers/").content.decode()


def test_what_comes_next_is_ours_before_theirs(desk: Desk) -> None:
    with acting_for([desk.vendor.id]):
        talk.promise(invoice_id=desk.invoice.id, promised_on=date(2026, 11, 5), by=SANDRA, now=at(3, 14))
    assert "Decide: promise missed" in desk.page(desk.list)
    with acting_for([desk.vendor.id]):
        talk.promise(invoice_id=desk.invoice.id, promised_on=date(2026, 11, 20), by=SANDRA, now=NOW - timedelta(hours=1))
    assert "Promised Fri 20 Nov" in desk.page(desk.list)
