"""The page of the day: who comes first, what goes out, which money comes; its buttons do what they say, for whom they may."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.conversations.actions import ask, promise
from goodterms.conversations.due import judge_promises
from goodterms.database.isolation import acting_for
from goodterms.delivery.actions import Draft, post
from goodterms.delivery.models import Letter
from goodterms.desk.tests.cast import a_member, a_vendor, as_member, told
from goodterms.desk.today import queue
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import approve, draft, enclose, issue, tell_waiting
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import a_rate
from goodterms.parties.actions import add_contact, add_customer, change_vendor
from goodterms.parties.models import Customer, Vendor
from goodterms.payments.actions import record
from goodterms.relationship.measures import expected as measure
from goodterms.reminders import due as reminders
from goodterms.reminders.models import Foreword, MessageHold
from goodterms.terms.actions import agree
from goodterms.terms.rules import parse
from goodterms.values.days import instant
from goodterms.values.files import File
from goodterms.values.money import Money

MONDAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Vendor:
    monkeypatch.setenv("GOODTERMS_NOW", NOW.isoformat())
    vendor = a_vendor()
    with acting_for([vendor.id]):
        agree(vendor_id=vendor.id, terms=parse("net 30"), from_on=date(2026, 1, 1), by="owner", now=NOW)
    return vendor


@pytest.fixture
def tom(vendor: Vendor) -> Client:
    return as_member(a_member(vendor, "Tom", "bookkeeper"))


def customer(vendor: Vendor, name: str = "Bellwether Foods", **more: Any) -> Customer:
    with acting_for([vendor.id]):
        one = add_customer(vendor_id=vendor.id, number=name, name=name, currency="GBP", by="owner", now=NOW, **more)
        email = f"{name.split(maxsplit=1)[0].lower()}@payer.example"
        add_contact(
            vendor_id=vendor.id, customer_id=one.id, name="Sandra Whitlock", email=email, pays=True, by="owner", now=NOW
        )
    return one


def bill(of: Customer, due_on: date, pounds: str = "100", issued: bool = True) -> Invoice:
    issued_on = due_on - timedelta(days=30)
    given: dict[str, Any] = {"by": "owner", "role": "owner", "now": instant(issued_on, time(9), "Europe/London")}
    line = Line(description="Labels", quantity=Decimal(1), unit_price=Decimal(pounds), tax=Tax("Z", Decimal(0)))
    with acting_for([of.vendor_id]):
        sheet = draft(vendor_id=of.vendor_id, customer_id=of.id, lines=[line], work="Labels", **given)
        if not issued:
            return sheet
        approve(invoice_id=sheet.id, **given)
        return issue(invoice_id=sheet.id, issued_on=issued_on, **given)


def payer_of(of: Customer) -> UUID:
    with acting_for([of.vendor_id]):
        payer = of.contacts.get(pays=True).payer_id
    assert payer
    return payer


def page(client: Client, vendor: Vendor) -> str:
    answer = client.get(f"/at/{vendor.slug}/")
    assert answer.status_code == 200
    return str(answer.text)


def words(text: str) -> str:
    """What is read, without the marks."""
    import re

    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def a_doubt(of: Customer, vendors: tuple[UUID, ...] = ()) -> UUID:
    with acting_for([*{of.vendor_id, *vendors}]):
        made = post(
            letters=[Draft(vendors=(of.vendor_id, *vendors), payer_id=payer_of(of), kind="receipt", channel="email",
                           recipient="bellwether@payer.example", dedupe_key=f"d{of.id}", not_before=NOW, subject="Thanks",
                           text="Thanks", html="<p>Thanks</p>", sender_name="Tom & Co")], now=NOW,
        )  # fmt: skip
        [id] = made.values()
        Letter.objects.filter(id=id).update(state="ambiguous", committing_at=NOW)
    return id


def test_an_empty_desk_says_so(vendor: Vendor, tom: Client) -> None:
    shown = words(page(tom, vendor))
    assert "Monday 16 November Nothing needs a person." in shown
    assert "Nothing is planned for the next days." in shown
    assert "Nothing is expected until Sunday 22 November." in shown


def test_whoever_waits_for_our_answer_comes_first_with_our_word(vendor: Vendor, tom: Client) -> None:
    one = customer(vendor)
    invoice = bill(one, MONDAY + timedelta(days=9))
    bill(customer(vendor, "Saltmarsh Trust"), MONDAY + timedelta(days=40), issued=False)
    with acting_for([vendor.id]):
        ask(invoice_ids=[invoice.id], words="Could you split this? It is two cost centres.", by="Dana", role="payer",
            now=NOW - timedelta(minutes=20))  # fmt: skip
    shown = words(page(tom, vendor))
    assert "Two things need a person. Dana at Bellwether Foods comes first: our word for an answer runs out at 14:00." in shown
    assert (
        shown.index("Waiting for us") < shown.index("3 h 40 left") < shown.index("To decide") < shown.index("Approve and issue")
    )
    assert "Today 2" in shown


def test_a_promise_that_was_not_kept_waits_for_a_person_until_something_was_said(vendor: Vendor, tom: Client) -> None:
    invoice = bill(customer(vendor), MONDAY - timedelta(days=14))
    with acting_for([vendor.id]):
        promise(invoice_id=invoice.id, minor=100_00, promised_on=MONDAY - timedelta(days=3), by="Sandra", role="payer",
                     now=NOW - timedelta(days=5))  # fmt: skip
        judge_promises(vendor_id=vendor.id, today=MONDAY, now=NOW)
    shown = words(page(tom, vendor))
    assert "Promise not kept" in shown
    assert "£100 .00 was promised for 13 November and has not come" in shown
    assert "It was the first promise." in shown
    assert "£100 .00" not in shown[shown.index("Expected this week") :]  # it cannot be known


def test_reminders_that_are_over_are_a_persons_decision_once_for_a_customer(vendor: Vendor, tom: Client) -> None:
    one = customer(vendor)
    bill(one, MONDAY - timedelta(days=40))
    bill(one, MONDAY - timedelta(days=31))
    shown = words(page(tom, vendor))
    assert "One thing needs a person. Bellwether Foods comes first: the reminders are over." in shown
    assert "40 days late" in shown
    assert "The oldest of two invoices." in shown


def test_a_long_group_is_folded(vendor: Vendor, tom: Client) -> None:
    one = customer(vendor)
    for _ in range(9):
        bill(one, MONDAY + timedelta(days=40), issued=False)
    shown = page(tom, vendor)
    assert "2 more" in words(shown)
    assert shown.count("Approve and issue") == 7
    assert "Nine things need a person." in words(shown)
    whole = tom.get(f"/at/{vendor.slug}/?whole=to-decide").content.decode()
    assert whole.count("Approve and issue") == 9
    assert "2 more" not in words(whole)
    assert 'href="?whole=to-decide#q1"' in shown


def test_of_a_very_long_group_no_more_is_counted_than_shown(
    vendor: Vendor, tom: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MOST", 3)
    for n in range(5):
        bill(customer(vendor, f"Customer {n}"), MONDAY - timedelta(days=40 + n))
    shown = words(page(tom, vendor))
    assert "At least three things need a person. Customer" in shown
    assert "Today 3" in shown


def test_a_draft_is_approved_and_issued_with_one_press(vendor: Vendor, tom: Client) -> None:
    sheet = bill(customer(vendor), MONDAY + timedelta(days=30), issued=False)
    answer = tom.post(f"/at/{vendor.slug}/today/invoices/{sheet.id}/approve/", follow=True)
    assert "is issued to Bellwether Foods." in words(answer.text)
    with acting_for([vendor.id]):
        assert Invoice.objects.get(id=sheet.id).issued_on == MONDAY
    again = tom.post(f"/at/{vendor.slug}/today/invoices/{sheet.id}/approve/", follow=True)
    assert "This invoice is" in words(again.text)
    assert len(told(vendor, "invoice.issued")) == 1


def test_an_approver_approves_up_to_a_limit_and_somebody_else_issues(vendor: Vendor) -> None:
    priya = as_member(a_member(vendor, "Priya", "approver", approves_up_to_minor=150_00))
    one = customer(vendor)
    small, large = bill(one, MONDAY, issued=False), bill(one, MONDAY, "200", issued=False)
    first = priya.post(f"/at/{vendor.slug}/today/invoices/{small.id}/approve/", follow=True)
    assert "Approved for Bellwether Foods. Somebody who keeps the books issues it." in words(first.text)
    second = priya.post(f"/at/{vendor.slug}/today/invoices/{large.id}/approve/", follow=True)
    assert "You may approve up to" in words(second.text)


def test_each_member_is_offered_what_they_may_approve_and_told_why_not_the_rest(vendor: Vendor, tom: Client) -> None:
    priya = as_member(a_member(vendor, "Priya", "approver", approves_up_to_minor=150_00))
    bill(customer(vendor), MONDAY, "200", issued=False)
    assert "You may approve up to 150.00 GBP. Ask somebody with a higher limit." in words(page(priya, vendor))
    assert "Approve and issue" in page(tom, vendor)
    with acting_for([vendor.id]):
        change_vendor(vendor_id=vendor.id, changes={"four_eyes": True}, now=NOW, by="Tom")
        wrote = Invoice.objects.get().created_by
    writer = as_member(a_member(vendor, wrote))
    shown = page(writer, vendor)
    assert "You wrote this invoice, or a part of it, so somebody else approves it." in words(shown)
    assert "Approve and issue" not in shown


def test_a_draft_without_the_purchase_order_offers_to_add_it(vendor: Vendor, tom: Client) -> None:
    bill(customer(vendor, order_required=True), MONDAY, issued=False)
    shown = words(page(tom, vendor))
    assert "The purchase order is missing, without which it cannot be issued." in shown
    assert "Approve and issue" not in shown


def test_a_draft_names_the_paper_that_is_missing_and_how_they_take_it(vendor: Vendor, tom: Client) -> None:
    one = bill(customer(vendor, enclosure_required="signed timesheet", invoice_format="peppol"), MONDAY, issued=False)
    shown = words(page(tom, vendor))
    assert "Missing, without which it cannot be issued: signed timesheet. They take it as Peppol BIS Billing 3 only." in shown
    with acting_for([vendor.id]):
        who: dict[str, Any] = {"by": "owner", "role": "owner", "now": NOW}
        enclose(invoice_id=one.id, files=[File("hours.csv", b"day;hours\n1;8\n")], **who)
    shown = words(page(tom, vendor))
    assert "Missing, without which" not in shown
    assert "They take it as Peppol BIS Billing 3 only." in shown


def test_a_draft_that_was_held_back_says_why_until_somebody_did_something_about_it(vendor: Vendor, tom: Client) -> None:
    one = bill(customer(vendor, invoice_format="peppol"), MONDAY, issued=False)
    why = "They take invoices as Peppol BIS Billing 3, and this one is not right by its rules: BR-11."
    with acting_for([vendor.id]):
        tell_waiting(vendor_id=vendor.id, waiting={one.id: why}, by="the schedule", now=NOW)
    assert why in words(page(tom, vendor))
    with acting_for([vendor.id]):
        enclose(
            invoice_id=one.id,
            files=[File("hours.csv", b"day;hours\n1;8\n")],
            by="owner",
            role="owner",
            now=NOW + timedelta(minutes=1),
        )
    assert why not in words(page(tom, vendor))


def test_a_doubt_is_settled_by_a_persons_word_once(vendor: Vendor, tom: Client) -> None:
    id = a_doubt(customer(vendor))
    assert "A receipt with thanks to bellwether@payer.example : nobody knows whether it arrived" in words(
        page(tom, vendor)
    ).replace("example:", "example :")
    address = f"/at/{vendor.slug}/today/letters/{id}/settle/"
    assert "Say whether it arrived." in words(tom.post(address, follow=True).text)
    assert "Settled: the letter did not arrive." in words(tom.post(address, {"arrived": "no"}, follow=True).text)
    assert "cannot be proved sent" in words(tom.post(address, {"arrived": "yes"}, follow=True).text)
    with acting_for([vendor.id]):
        assert Letter.objects.get(id=id).state == "resolved_not_sent"
    assert [one.by for one in told(vendor, "letter.resolved")] == ["Tom"]


def test_a_doubt_that_other_vendors_share_is_not_ours_to_settle(vendor: Vendor, tom: Client) -> None:
    other = a_vendor("vermeer", name="Vermeer")
    id = a_doubt(customer(vendor), (other.id,))
    shown = words(page(tom, vendor))
    assert "Other vendors speak in it too" in shown
    assert "It arrived" not in shown
    answer = tom.post(f"/at/{vendor.slug}/today/letters/{id}/settle/", {"arrived": "yes"}, follow=True)
    assert "There is no such letter." in words(answer.text)


def test_a_letter_that_came_back_stays_until_another_arrived(vendor: Vendor, tom: Client) -> None:
    one = customer(vendor)
    id = a_doubt(one)
    with acting_for([vendor.id]):
        Letter.objects.filter(id=id).update(state="rejected", answer="550 no such user")
        Interaction.objects.create(
            id=UUID(int=7), vendor_id=vendor.id, at=NOW, kind="letter.rejected", by="the clock", subject_id=id
        )
    shown = words(page(tom, vendor))
    assert "Could not be delivered" in shown
    assert "Their server said: 550 no such user." in shown


def test_what_goes_out_next_is_what_the_day_does(vendor: Vendor, tom: Client) -> None:
    bill(customer(vendor), MONDAY)
    held = customer(vendor, "Juniper Health")
    with acting_for([vendor.id]):
        ask(invoice_ids=[bill(held, MONDAY).id], words="Two cost centres?", by="Dana", role="payer", now=NOW)
    shown = words(page(tom, vendor))
    aside = shown[shown.index("Goes out next") : shown.index("Expected this week")]
    assert "10:20 today Bellwether Foods Note on the due day, £100 .00 Due that day. Hold Edit" in aside
    assert "Juniper Health Note on the due day, £100 .00 Held A question is open." in aside
    day = reminders.nominate(vendors=[vendor.id], on=MONDAY, now=NOW)
    assert (day.notices, day.held["question_open"]) == (1, 1)


def test_a_message_is_held_and_released_by_one_press_each(vendor: Vendor, tom: Client) -> None:
    one = customer(vendor)
    bill(one, MONDAY)
    here = f"/at/{vendor.slug}/messages/{payer_of(one)}/"
    home = f"/at/{vendor.slug}/"
    assert "Held. Nothing of ours goes out to them until" in words(
        tom.post(f"{here}{MONDAY}/hold/", {"back": home}, follow=True).text
    )
    assert "Held Held here, until somebody releases it. Release Edit" in words(page(tom, vendor))
    assert reminders.nominate(vendors=[vendor.id], on=MONDAY, now=NOW).notices == 0
    assert "Released." in words(tom.post(f"{here}release/", follow=True).text)
    assert reminders.nominate(vendors=[vendor.id], on=MONDAY, now=NOW).notices == 1
    with acting_for([vendor.id]):
        assert [row.by for row in MessageHold.objects.all()] == ["Tom"]


def test_a_letter_that_waits_for_its_hour_is_shown_and_taken_back_when_held(vendor: Vendor, tom: Client) -> None:
    one = customer(vendor, hours_from=time(14), hours_to=time(17))
    bill(one, MONDAY)
    reminders.nominate(vendors=[vendor.id], on=MONDAY, now=NOW, until=NOW + timedelta(days=1))
    assert "14:00 today Bellwether Foods Note on the due day, £100 .00 Due that day. Written, and waits for its hour." in words(
        page(tom, vendor)
    )
    tom.post(f"/at/{vendor.slug}/messages/{payer_of(one)}/{MONDAY}/hold/")
    with acting_for([vendor.id]):
        assert Letter.objects.get().state == "superseded"


def test_own_words_are_seen_in_the_letter_and_kept(vendor: Vendor, tom: Client) -> None:
    one = customer(vendor)
    bill(one, MONDAY)
    here = f"/at/{vendor.slug}/messages/{payer_of(one)}/{MONDAY}/"
    assert "The letter as it will be" in tom.get(f"{here}edit/").text
    seen = tom.get(f"{here}letter/", {"words": "We meet on Thursday."})
    assert "We meet on Thursday." in seen.text
    assert seen["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    refused = tom.post(f"{here}edit/", {"words": "Pay immediately."})
    assert refused.status_code == 422
    assert "A reminder never says “immediately”." in refused.text
    assert ">Pay immediately.</textarea>" in refused.text
    kept = tom.post(f"{here}edit/", {"words": "We meet on Thursday."}, follow=True)
    assert "“We meet on Thursday.”" in kept.text
    with acting_for([vendor.id]):
        assert Foreword.objects.get().by == "Tom"


def test_money_is_expected_as_promised_and_as_due_never_added_over_currencies(vendor: Vendor, tom: Client) -> None:
    bill(customer(vendor), MONDAY + timedelta(days=2))
    euro = customer(vendor, "Atelier Moreau")
    with acting_for([vendor.id]):
        a_rate(vendor.id, "EUR", "0.87")
        Customer.objects.filter(id=euro.id).update(currency="EUR")
        euro.refresh_from_db()
    bill(euro, MONDAY + timedelta(days=3), "50")
    shown = words(page(tom, vendor))
    assert "Until Sun 22 Nov, two currencies £100 .00 €50 .00" in shown


def paid(invoice: Invoice, late_days: int) -> None:
    assert invoice.due_on
    with acting_for([invoice.vendor_id]):
        record(
            vendor_id=invoice.vendor_id, customer_id=invoice.customer_id, amount=Money(invoice.total_minor, "GBP"),
            received_on=invoice.due_on + timedelta(days=late_days), method="cash", idempotency_key=str(invoice.id),
            named=[invoice.id], by="owner", role="owner", now=NOW,
        )  # fmt: skip


def test_money_is_expected_by_habit_unless_the_book_is_too_large_to_know(
    vendor: Vendor, tom: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = customer(vendor)
    for n, late in enumerate((8, 2, 30)):
        paid(bill(one, MONDAY - timedelta(days=60 + n)), late)
    bill(one, MONDAY - timedelta(days=4))
    bill(one, MONDAY + timedelta(days=1), "70")  # due in this week, but not expected before the next
    shown = words(page(tom, vendor))
    week = shown[shown.index("Expected this week") :]
    assert "Fri Bellwether Foods by habit, 8 days late £100 .00 Until Sun 22 Nov £100 .00" in week
    assert "The book is large" not in week
    monkeypatch.setattr(measure, "HABITS_MOST", 0)
    week = words(page(tom, vendor))
    assert "Tue Bellwether Foods due £70 .00 Until Sun 22 Nov £70 .00" in week
    assert "The book is large, so habits were not looked up here." in week


@pytest.mark.parametrize("path", ["today/invoices/{key}/approve/", "messages/{key}/2026-11-16/hold/", "messages/{key}/release/",
                                  "messages/{key}/2026-11-16/edit/", "today/letters/{key}/settle/"])  # fmt: skip
def test_a_reader_changes_nothing_and_a_stranger_finds_nothing(path: str, vendor: Vendor) -> None:
    reader = as_member(a_member(vendor, "Rita", "reader"))
    stranger = as_member(a_member(a_vendor("vermeer", name="Vermeer"), "Anouk"))
    one = customer(vendor)
    bill(one, MONDAY)
    address = f"/at/{vendor.slug}/{path.format(key=payer_of(one))}"
    assert reader.post(address, {"words": "Hello"}).status_code == 403
    assert stranger.post(address, {"words": "Hello"}).status_code == 404
    elsewhere = stranger.post(address.replace(vendor.slug, "vermeer"), {"words": "Hello", "arrived": "yes"})
    assert elsewhere.status_code == 404 or path.endswith("release/")
    with acting_for([vendor.id]):
        assert not MessageHold.objects.exists()
        assert not Foreword.objects.exists()


def test_to_look_changes_nothing(vendor: Vendor, tom: Client) -> None:
    one = customer(vendor)
    bill(one, MONDAY)
    here = f"/at/{vendor.slug}/messages/{payer_of(one)}/{MONDAY}/"
    with CaptureQueriesContext(connection) as seen:
        for address in (f"/at/{vendor.slug}/", f"{here}edit/", f"{here}letter/"):
            assert tom.get(address).status_code == 200
    writes = [row["sql"] for row in seen if row["sql"].lower().startswith(("insert", "update", "delete"))]
    assert [sql for sql in writes if "usersession" not in sql and "django_session" not in sql] == []


def test_a_day_that_never_was_is_not_found(vendor: Vendor, tom: Client) -> None:
    assert tom.get(f"/at/{vendor.slug}/messages/{UUID(int=1)}/2026-02-31/edit/").status_code == 404
    assert tom.get(f"/at/{vendor.slug}/messages/{UUID(int=1)}/2026-11-16/edit/").status_code == 404


def test_the_page_costs_the_same_however_much_there_is(vendor: Vendor, tom: Client) -> None:
    def fill(n: int) -> None:
        one = customer(vendor, f"Customer {n}")
        invoice = bill(one, MONDAY + timedelta(days=n % 3))
        bill(one, MONDAY, issued=False)
        bill(customer(vendor, f"Late {n}"), MONDAY - timedelta(days=30))
        a_doubt(one)
        if n % 2:
            with acting_for([vendor.id]):
                ask(invoice_ids=[invoice.id], words="Why?", by="Dana", role="payer", now=NOW)

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            page(tom, vendor)
        return len(seen)

    for n in range(2):
        fill(n)
    few = cost()
    for n in range(2, 8):
        fill(n)
    assert cost() == few
