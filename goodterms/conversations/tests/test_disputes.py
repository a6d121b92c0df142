"""A dispute rests the reminders until it is resolved, whatever we answer meanwhile."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goodterms.conversations.actions import Disputed, answer, dispute, open_disputes, reply, resolve
from goodterms.conversations.models import Conversation, Extension
from goodterms.conversations.tests.cast import MONDAY, NOW, an_invoice, at, deeds, holds
from goodterms.interactions.models import Interaction
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

GRAHAM, TOM = "Graham Tait", "Tom Okafor"


def disputed(invoice: Invoice, **other: object) -> Conversation:
    known: dict[str, object] = {"reason": "QTY", "wants": "CNP", "words": "Six came, not eight.", "disputed_minor": 62_400}
    return dispute(invoice_id=invoice.id, by=GRAHAM, now=at(12, 15, 20), **{**known, **other})  # type: ignore[arg-type]


def test_a_dispute_is_held_through_the_answer_until_it_is_credited(invoice: Invoice) -> None:
    thread = disputed(invoice, line=2)
    answer(conversation_id=thread.id, words="You are right to ask; I am checking.", by=TOM, role="owner", now=at(12, 16, 5))
    thread.refresh_from_db()
    assert (thread.answered_in_minutes, thread.closed_at, thread.answer_due_at) == (45, None, at(19, 15, 20))
    assert holds(invoice) == [("disputed", None)]

    resolve(conversation_id=thread.id, resolution="credited", words="A credit note is attached.", by=TOM, role="owner", now=NOW)
    thread.refresh_from_db()
    invoice.refresh_from_db()
    assert (thread.resolution, thread.closed_at, thread.answered_in_minutes) == ("credited", NOW, 45)
    assert (holds(invoice), invoice.open_minor) == ([], 425_520 - 62_400)
    note = Invoice.objects.get(kind="credit_note")
    assert (note.total_minor, note.corrects_id) == (62_400, invoice.id)
    assert [kind for kind, _, _ in deeds()] == ["dispute.opened", "dispute.answered", "dispute.resolved"]


def test_the_deed_of_a_dispute_says_what_and_how_much(invoice: Invoice) -> None:
    thread = disputed(invoice)
    deed = Interaction.objects.get(kind="dispute.opened")
    assert (deed.invoice_id, deed.subject_id, deed.channel, deed.inbound) == (invoice.id, thread.id, "portal", True)
    assert deed.data == {"reason": "QTY", "wants": "CNP", "minor": 62_400, "currency": "GBP"}


def test_disputing_all_of_the_amount_is_disputing_the_whole(invoice: Invoice) -> None:
    assert disputed(invoice, disputed_minor=425_520).disputed_minor is None


def test_resolving_is_an_answer_where_none_was_given(invoice: Invoice) -> None:
    thread = disputed(invoice)
    with pytest.raises(Refused, match="nothing in this message"):
        resolve(conversation_id=thread.id, resolution="refused", by=TOM, role="owner", now=NOW)
    assert holds(invoice) == [("disputed", None)]
    thread = resolve(
        conversation_id=thread.id, resolution="answered", words="All eight went out.", by=TOM, role="owner", now=at(12, 15, 50)
    )
    assert (thread.answered_in_minutes, thread.first_answered_by) == (30, TOM)


def test_taking_a_dispute_back_is_no_answer_of_ours(invoice: Invoice) -> None:
    thread = disputed(invoice)
    thread = resolve(conversation_id=thread.id, resolution="withdrawn", by=GRAHAM, role="payer", now=NOW)
    assert (thread.answered_in_minutes, thread.waiting_since_at, holds(invoice)) == (None, None, [])
    assert deeds()[-1] == ("dispute.resolved", GRAHAM, True)
    with pytest.raises(Refused, match="settled already"):
        resolve(conversation_id=thread.id, resolution="answered", words="x", by=TOM, role="owner", now=NOW)


def test_a_payer_can_take_a_dispute_back_and_nothing_more(invoice: Invoice) -> None:
    thread = disputed(invoice)
    for role, sentence in (("payer", "anything else is for the vendor"), ("receivables manager", "may not close a dispute")):
        with pytest.raises(Refused, match=sentence):
            resolve(conversation_id=thread.id, resolution="answered", words="Fine.", by="x", role=role, now=NOW)  # type: ignore[arg-type]
    assert holds(invoice) == [("disputed", None)]


def test_a_credit_may_be_of_named_lines_or_another_sum(invoice: Invoice) -> None:
    thread = disputed(invoice)
    resolve(
        conversation_id=thread.id, resolution="credited", words="All of it.", by=TOM, role="owner", now=NOW,
        amount=Money(425_520, "GBP"),
    )  # fmt: skip
    invoice.refresh_from_db()
    assert invoice.open_minor == 0


def test_what_was_voided_can_still_be_talked_about(invoice: Invoice) -> None:
    thread = disputed(invoice)
    Invoice.objects.filter(id=invoice.id).update(voided_at=NOW, void_reason="twice")
    resolve(conversation_id=thread.id, resolution="corrected", words="It was billed twice.", by=TOM, role="owner", now=NOW)
    thread = reply(conversation_id=thread.id, words="Thank you.", by=GRAHAM, now=NOW)
    assert (thread.closed_at, holds(invoice)) == (None, [])


def test_an_invoice_has_one_dispute_at_a_time(invoice: Invoice) -> None:
    thread = disputed(invoice)
    with pytest.raises(Refused, match="disputed already"):
        disputed(invoice, reason="PRI")
    resolve(conversation_id=thread.id, resolution="withdrawn", by=GRAHAM, role="payer", now=NOW)
    disputed(invoice, reason="PRI")
    assert holds(invoice) == [("disputed", None)]


def test_more_time_can_settle_a_dispute(invoice: Invoice) -> None:
    thread = disputed(invoice)
    for day in (None, MONDAY):
        with pytest.raises(Refused, match="Name the new day"):
            resolve(
                conversation_id=thread.id,
                resolution="granted",
                words="Later, then.",
                by=TOM,
                role="owner",
                now=NOW,
                until_on=day,
            )
    until = date(2026, 12, 11)
    resolve(
        conversation_id=thread.id, resolution="granted", words="Later, then.", by=TOM, role="owner", now=NOW, until_on=until
    )
    invoice.refresh_from_db()
    assert (invoice.chase_on, invoice.due_on) == (until, date(2026, 10, 31))
    assert holds(invoice) == [("extended", until)]
    assert Extension.objects.get().granted_by == TOM


def test_a_word_after_the_end_asks_again_but_is_no_new_dispute(invoice: Invoice) -> None:
    thread = disputed(invoice)
    resolve(conversation_id=thread.id, resolution="credited", words="Credited.", by=TOM, role="owner", now=NOW)
    reply(conversation_id=thread.id, words="And the VAT?", by=GRAHAM, now=NOW)
    assert holds(invoice) == [("question_open", None)]
    resolve(conversation_id=thread.id, resolution="answered", words="With it.", by=TOM, role="owner", now=NOW)
    assert holds(invoice) == []


def imported(vendor: Vendor, invoices: list[Invoice]) -> int:
    rows = [Disputed(invoice.customer_id, invoice.id, invoice.number) for invoice in invoices]
    return open_disputes(
        vendor_id=vendor.id, disputed=rows, words="Marked as disputed in the book.", by="import", on=MONDAY, now=NOW
    )


def test_disputes_of_an_old_book_come_in_once_and_run_no_clock(vendor: Vendor, customer: Customer) -> None:
    invoices = [an_invoice(customer, number=str(n)) for n in range(3)]
    assert imported(vendor, invoices[:2]) == 2
    assert imported(vendor, invoices) == 1
    assert imported(vendor, invoices) == 0
    assert [holds(invoice) for invoice in invoices] == [[("disputed", None)]] * 3
    thread = Conversation.objects.get(about__invoice=invoices[0])
    assert (thread.subject, thread.reason, thread.waiting_since_at) == ("0", "OTH", None)
    assert thread.messages.get().words == "Marked as disputed in the book."
    assert Interaction.objects.filter(kind="dispute.opened", channel="import").count() == 3
    thread = resolve(conversation_id=thread.id, resolution="answered", words="Found it.", by=TOM, role="owner", now=NOW)
    assert (holds(invoices[0]), thread.answered_in_minutes) == ([], None)


def test_many_disputes_take_no_more_statements_than_one(vendor: Vendor, customer: Customer) -> None:
    counts = []
    for size in (1, 40):
        invoices = [an_invoice(customer, number=f"{size}-{n}") for n in range(size)]
        with CaptureQueriesContext(connection) as queries:
            imported(vendor, invoices)
        counts.append(len(queries))
    assert counts == [6, 6]
