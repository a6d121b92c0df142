"""Promises, more time and "I have paid": each rests the reminders for its time, and each is on record."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goodterms.conversations import due
from goodterms.conversations.actions import (
    declare_paid,
    grant_extension,
    promise,
    refuse_extension,
    request_extension,
    withdraw_promise,
)
from goodterms.conversations.models import Conversation, Extension, Promise
from goodterms.conversations.tests.cast import MONDAY, NOW, an_invoice, at, deeds, holds, settle
from goodterms.interactions.models import Interaction
from goodterms.invoicing.models import Hold, Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.values.refusal import Refused

SANDRA, TOM = "Sandra Whitlock", "Tom Okafor"
FRIDAY, SATURDAY, SUNDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)


def promised(invoice: Invoice, on: date = FRIDAY, minor: int | None = None) -> Promise:
    return promise(invoice_id=invoice.id, promised_on=on, minor=minor, by=SANDRA, now=NOW, words="The rest on the 20th.")


def outcomes(invoice: Invoice) -> list[str]:
    return list(Promise.objects.filter(invoice=invoice).order_by("made_at", "id").values_list("outcome", flat=True))


def test_a_promise_holds_reminders_until_its_day_and_the_day_after(invoice: Invoice) -> None:
    promised(invoice)
    assert holds(invoice) == [("promised", SATURDAY)]
    deed = Interaction.objects.get(kind="promise.made")
    assert (deed.kind, deed.inbound, deed.data["minor"], deed.data["promised_on"]) == (
        "promise.made", True, 425_520, "2026-11-20",
    )  # fmt: skip


def test_a_promise_is_judged_once_when_its_money_could_have_come(vendor: Vendor, invoice: Invoice) -> None:
    promised(invoice)
    settle(invoice, 425_520, SATURDAY)
    assert due.judge_promises(vendor_id=vendor.id, today=SATURDAY, now=NOW) == {"kept": 0, "part": 0, "broken": 0}
    assert due.judge_promises(vendor_id=vendor.id, today=SUNDAY, now=NOW) == {"kept": 1, "part": 0, "broken": 0}
    assert due.judge_promises(vendor_id=vendor.id, today=SUNDAY, now=NOW) == {"kept": 0, "part": 0, "broken": 0}
    assert outcomes(invoice) == ["kept"]
    assert sorted(deeds()) == [("promise.kept", "the clock", False), ("promise.made", SANDRA, True)]


def test_a_late_judge_looks_at_the_day_that_was_promised(vendor: Vendor, customer: Customer) -> None:
    late, part, none = (an_invoice(customer, 10_000, number=str(n)) for n in range(3))
    for invoice in (late, part, none):
        promised(invoice, minor=5_000)
    settle(late, 5_000, SUNDAY)
    settle(part, 4_999, FRIDAY)
    assert due.judge_promises(vendor_id=vendor.id, today=date(2026, 12, 9), now=NOW) == {"kept": 0, "part": 1, "broken": 2}
    assert [outcomes(invoice) for invoice in (late, part, none)] == [["broken"], ["part"], ["broken"]]


def test_a_new_promise_replaces_the_one_that_runs(vendor: Vendor, invoice: Invoice) -> None:
    promised(invoice)
    promised(invoice, date(2026, 11, 30))
    assert holds(invoice) == [("promised", date(2026, 12, 1))]
    assert due.judge_promises(vendor_id=vendor.id, today=SUNDAY, now=NOW)["broken"] == 0
    withdraw_promise(invoice_id=invoice.id, by=SANDRA, now=NOW)
    assert holds(invoice) == []
    with pytest.raises(Refused, match="No promise"):
        withdraw_promise(invoice_id=invoice.id, by=SANDRA, now=NOW)
    assert due.judge_promises(vendor_id=vendor.id, today=date(2026, 12, 31), now=NOW)["broken"] == 0


def test_a_third_promise_after_two_broken_ones_rests_nothing(vendor: Vendor, invoice: Invoice) -> None:
    for day in (3, 5, 7):
        promise(invoice_id=invoice.id, promised_on=date(2026, 11, day), by=SANDRA, now=at(day, 9))
        due.judge_promises(vendor_id=vendor.id, today=date(2026, 11, day + 2), now=at(day + 2, 9))
    assert outcomes(invoice) == ["broken"] * 3
    reasons = Hold.objects.filter(invoice=invoice).order_by("created_at").values_list("until_on", flat=True)
    assert list(reasons) == [date(2026, 11, 4), date(2026, 11, 6)]


def test_judging_many_takes_no_more_statements_than_one(vendor: Vendor, customer: Customer) -> None:
    from goodterms.conversations.actions import judge_promises

    counts = []
    for size in (1, 30):
        for n in range(size):
            promised(an_invoice(customer, number=f"{size}-{n}"))
        with CaptureQueriesContext(connection) as queries:
            assert judge_promises(vendor_id=vendor.id, today=SUNDAY, now=NOW)["broken"] == size
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_short_extension_is_granted_at_once_and_moves_the_chase(vendor: Vendor, invoice: Invoice) -> None:
    until = date(2026, 11, 30)
    asked = request_extension(invoice_id=invoice.id, until_on=until, by=SANDRA, now=NOW)
    invoice.refresh_from_db()
    assert (asked.verdict.answer, asked.extension.granted_by) == ("granted", "the rule")
    assert (invoice.chase_on, invoice.due_on) == (until, date(2026, 10, 31))
    assert holds(invoice) == [("extended", until)]
    assert {kind for kind, _, _ in deeds()} == {"extension.asked", "extension.granted"}
    settle(invoice, 100_000, MONDAY)
    invoice.refresh_from_db()
    assert invoice.chase_on == until  # what is paid meanwhile does not shorten the time that was granted


def test_a_longer_one_rests_the_reminders_until_a_person_decides(invoice: Invoice) -> None:
    asked = request_extension(invoice_id=invoice.id, until_on=date(2026, 12, 18), by=SANDRA, now=NOW, words="New owner.")
    assert asked.verdict.answer == "person"
    assert holds(invoice) == [("question_open", None)]
    with pytest.raises(Refused, match="asked for more time already"):
        request_extension(invoice_id=invoice.id, until_on=date(2026, 12, 19), by=SANDRA, now=NOW)

    grant_extension(
        extension_id=asked.extension.id, by=TOM, role="owner", now=at(16, 11, 20), words="Of course, 18 December it is."
    )
    invoice.refresh_from_db()
    thread = Conversation.objects.get()
    assert (thread.kind, thread.resolution, thread.answered_in_minutes) == ("request", "granted", 60)
    assert (invoice.chase_on, holds(invoice)) == (date(2026, 12, 18), [("extended", date(2026, 12, 18))])
    with pytest.raises(Refused, match="decided already"):
        refuse_extension(extension_id=asked.extension.id, by=TOM, role="owner", now=NOW, words="No.")


def test_a_refused_wish_lets_the_reminders_go_on(invoice: Invoice) -> None:
    asked = request_extension(invoice_id=invoice.id, until_on=date(2027, 3, 1), by=SANDRA, now=NOW)
    with pytest.raises(Refused, match="say why"):
        refuse_extension(extension_id=asked.extension.id, by=TOM, role="owner", now=NOW, words=" ")
    refuse_extension(
        extension_id=asked.extension.id, by=TOM, role="owner", now=NOW, words="Too long for us; shall we agree on parts?"
    )
    invoice.refresh_from_db()
    assert (holds(invoice), invoice.chase_on) == ([], date(2026, 10, 31))
    assert Extension.objects.get().refused_at == NOW
    assert Conversation.objects.get().resolution == "refused"


def test_time_that_cannot_be_granted_is_refused_at_once(vendor: Vendor, customer: Customer) -> None:
    paid = an_invoice(customer, 100, number="1")
    settle(paid, 100, MONDAY)
    later = an_invoice(customer, 100, number="2", due_on=date(2026, 12, 2))
    with pytest.raises(Refused, match="Nothing is open"):
        request_extension(invoice_id=paid.id, until_on=SUNDAY, by=SANDRA, now=NOW)
    with pytest.raises(Refused, match="Name a day after 2 December"):
        request_extension(invoice_id=later.id, until_on=SUNDAY, by=SANDRA, now=NOW)
    assert Extension.objects.count() == 0


def test_i_have_paid_rests_the_reminders_until_the_money_should_be_here(customer: Customer) -> None:
    first, second = an_invoice(customer, number="1"), an_invoice(customer, number="2")
    expected = declare_paid(
        invoice_ids=[first.id, second.id], paid_on=date(2026, 11, 13), reference="BELLWETHER LABELS", by=SANDRA, now=NOW
    )
    assert expected == date(2026, 11, 17)
    assert holds(first) == holds(second) == [("paid", expected)]
    data = Interaction.objects.filter(kind="payment.declared").values_list("data", flat=True)
    assert [one["minor"] for one in data] == [851_040, 851_040]
    first.refresh_from_db()
    assert first.open_minor == 425_520  # nothing is booked on their word
