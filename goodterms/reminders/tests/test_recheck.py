"""What is asked once more before the dot: whatever was said since about one invoice of several takes the whole letter back."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.db import connection

from goodterms.conversations.actions import ask, declare_paid, dispute, promise, request_extension
from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Letter
from goodterms.invoicing.actions import credit, hold, write_off
from goodterms.parties.actions import add_contact, end_contact, resume_reminders, stop_reminders
from goodterms.parties.models import Contact, Customer, Vendor
from goodterms.parties.rules import payer_key
from goodterms.payments.actions import record
from goodterms.reminders.actions import still_due
from goodterms.reminders.actions.notices import _STILL_HERE
from goodterms.reminders.tests.test_day import FIRST, a_customer, a_vendor, an_invoice, at, the_day
from goodterms.values.money import Money

NOW = at(FIRST, 10)
SANDRA = "sandra@bellwether.example"
OURS: dict[str, Any] = {"by": "owner", "role": "owner", "now": NOW}
pytestmark = pytest.mark.django_db


class Told(NamedTuple):
    """A letter about three invoices is ready to leave."""

    vendor: Vendor
    customer: Customer
    one: UUID
    letter: UUID


def told(**customer: Any) -> Told:
    vendor = a_vendor()
    known = a_customer(vendor, **customer)
    one, *_ = (an_invoice(vendor, known, pounds) for pounds in ("100", "250", "70"))
    the_day([vendor])
    with acting_for([vendor.id]):
        return Told(vendor, known, one, Letter.objects.get().id)


def paid(so: Told) -> None:
    record(
        vendor_id=so.vendor.id, customer_id=so.customer.id, amount=Money(100, "GBP"), received_on=FIRST, method="cash",
        idempotency_key="one", named=[so.one], **OURS,
    )  # fmt: skip


def held(so: Told) -> None:
    hold(invoice_ids=[so.one], reason="manual", from_on=FIRST, note="I look into it", **OURS)


def contact_left(so: Told) -> None:
    contact = Contact.objects.get(customer=so.customer)
    end_contact(vendor_id=so.vendor.id, contact_id=contact.id, now=NOW, by="owner")


def somebody_else_pays(so: Told) -> None:
    contact_left(so)
    add_contact(
        vendor_id=so.vendor.id, customer_id=so.customer.id, name="Ravi", email="ravi@bellwether.example", pays=True, now=NOW,
        by="owner",
    )  # fmt: skip


SINCE: list[tuple[str, Callable[[Told], object]]] = [
    ("paid", paid),
    ("paid", lambda so: credit(invoice_id=so.one, reason="COR", issued_on=FIRST, amount=Money(1, "GBP"), **OURS)),
    ("paid", lambda so: write_off(invoice_id=so.one, reason="small", on=FIRST, amount=Money(1, "GBP"), **OURS)),
    ("paid", lambda so: declare_paid(invoice_ids=[so.one], paid_on=FIRST, by="Sandra", now=NOW)),
    ("manual", held),
    ("disputed", lambda so: dispute(invoice_id=so.one, reason="OTH", words="Not ours", by="Sandra", now=NOW)),
    ("question_open", lambda so: ask(invoice_ids=[so.one], words="What is this?", by="Sandra", now=NOW)),
    ("promised", lambda so: promise(invoice_id=so.one, promised_on=FIRST + timedelta(days=3), by="Sandra", now=NOW)),
    ("extended", lambda so: request_extension(invoice_id=so.one, until_on=date(2026, 11, 10), by="Sandra", now=NOW)),
    ("no_address", lambda so: stop_reminders(payer_id=payer_key(SANDRA), now=NOW)),
    ("no_address", contact_left),
    ("no_address", somebody_else_pays),
]


@pytest.mark.parametrize(("reason", "happened"), SINCE)
def test_a_letter_is_taken_back_for_what_was_said_since(reason: str, happened: Callable[[Told], object]) -> None:
    so = told()
    with acting_for([so.vendor.id]):
        assert still_due([so.letter], NOW) == {}
        happened(so)
        assert {letter: why.reason for letter, why in still_due([so.letter], NOW).items()} == {so.letter: reason}


def test_who_stopped_and_resumed_is_written_to() -> None:
    so = told()
    with acting_for([so.vendor.id]):
        stop_reminders(payer_id=payer_key(SANDRA), now=NOW)
        resume_reminders(payer_id=payer_key(SANDRA), now=NOW)
        assert still_due([so.letter], NOW) == {}


def test_who_stopped_e_mail_still_gets_what_goes_on_paper() -> None:
    so = told(channel="post")
    with acting_for([so.vendor.id]):
        stop_reminders(payer_id=payer_key(SANDRA), now=NOW)
        assert still_due([so.letter], NOW) == {}


def test_a_letter_on_paper_to_a_customer_for_whom_nobody_is_known_to_pay_may_leave() -> None:
    so = told(email="", channel="post")
    with acting_for([so.vendor.id]):
        assert still_due([so.letter], NOW) == {}


def test_what_is_still_here_is_found_by_the_index_of_moving_letters_however_many_have_left() -> None:
    vendor = a_vendor()
    with acting_for([vendor.id]), connection.cursor() as cursor:
        for statement in _MANY_LEFT:
            cursor.execute(statement, {"vendor": vendor.id, "on": FIRST, "now": NOW})
        cursor.execute(f"explain {_STILL_HERE}", {"on": FIRST, "now": NOW})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "letter_moving" in plan


_MANY_LEFT = (
    """
insert into delivery_letter (id, vendors, kind, channel, recipient, dedupe_key, message_id, state, not_before, attempts, fence,
  server, answer, created_at)
select gen_random_uuid(), array[%(vendor)s]::uuid[], 'notice', 'email', '', n, n, 'accepted', %(now)s, 1, 1, '', '', %(now)s
from generate_series(1, 3000) n
""",
    """
insert into reminders_notice (id, vendors, "on", channel, step, tone, language, dedupe_key, letter_id, created_at)
select id, vendors, %(on)s::date, 'email', 'late', 'plain', 'en', dedupe_key, id, created_at from delivery_letter
""",
    "analyze delivery_letter, reminders_notice",
)
