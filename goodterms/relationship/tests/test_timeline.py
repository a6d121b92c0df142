"""What both sides did stands on one timeline, oldest first, with what is still to come below today."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from goodterms.conversations.actions import answer, ask, note, promise, reply, request_extension
from goodterms.conversations.tests.cast import MONDAY, NOW, a_customer, a_payer, an_invoice, at, unsaved_vendor
from goodterms.database.isolation import acting_for
from goodterms.interactions.actions import Deed, record, record_all
from goodterms.invoicing.actions import hold
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.parties.rules import Viewer
from goodterms.payments.actions import record as pay
from goodterms.relationship.actions import thank
from goodterms.relationship.timeline import Entry, Timeline, timeline
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

TOM, SANDRA = "Tom Okafor", "Sandra Whitlock"


def staff(vendor: Vendor) -> Viewer:
    return Viewer(TOM, frozenset({vendor.id}), role="owner")


def told(entries: list[Entry]) -> list[str]:
    """Side, title, numbers and rest of each, as one line."""
    return [
        f"{one.said.side}: {one.said.title} {'+'.join(named.number for named in one.invoices)}{one.said.rest}".strip()
        for one in entries
    ]


def of(customer: Customer, **more: object) -> Timeline:
    return timeline(viewer=staff(customer.vendor), today=MONDAY, customer_id=customer.id, **more)  # type: ignore[arg-type]


def paid(customer: Customer, invoices: list[Invoice], minor: int, key: str = "k") -> None:
    pay(
        vendor_id=customer.vendor_id, customer_id=customer.id, amount=Money(minor, "GBP"), received_on=date(2026, 11, 4),
        method="bank_transfer", idempotency_key=key, by="bank feed", role="owner", now=at(4, 11),
        named=[one.id for one in invoices],
    )  # fmt: skip


def test_a_question_a_note_and_a_promise_stand_in_the_order_in_which_they_came(customer: Customer, invoice: Invoice) -> None:
    other = an_invoice(customer, number="LR-2")
    thread = ask(invoice_ids=[invoice.id], words="I count 13.", by=SANDRA, now=at(2, 10), line=3)
    note(conversation_id=thread.id, words="She is right.", by=TOM, now=at(2, 11))
    reply(conversation_id=thread.id, words="Well?", by=SANDRA, now=at(2, 12))
    ask(invoice_ids=[invoice.id, other.id], words="And both?", by=SANDRA, now=at(2, 13))
    promise(invoice_id=other.id, promised_on=date(2026, 11, 20), by=SANDRA, now=at(3, 14), words="On the 20th.", minor=100)
    entries = of(customer).entries
    assert told(entries) == [
        "them: Question LR-2026-0187, line 3",
        "us: Note among us LR-2026-0187",
        "them: Reply LR-2026-0187, line 3",
        "them: Question LR-2+LR-2026-0187",
        "them: Promise LR-2, by Friday 20 November",
    ]
    assert [one.said.quote for one in entries] == ["I count 13.", "She is right.", "Well?", "And both?", "On the 20th."]
    assert entries[0].said.quoted == SANDRA
    mine = timeline(viewer=staff(customer.vendor), today=MONDAY, invoice_id=other.id).entries
    assert told(mine) == ["them: Question LR-2026-0187", "them: Promise , by Friday 20 November"]


def test_what_is_said_in_one_instant_is_not_mixed_up_with_a_note_among_us(customer: Customer, invoice: Invoice) -> None:
    payer = a_payer(customer)
    thread = ask(invoice_ids=[invoice.id], words="Which?", by=SANDRA, now=NOW)
    note(conversation_id=thread.id, words="Careful here.", by=TOM, now=NOW)
    answer(conversation_id=thread.id, words="The second.", by=TOM, role="owner", now=NOW)
    reader = Viewer(SANDRA, frozenset({customer.vendor_id}), role="payer", payer_id=payer.id)
    seen = timeline(viewer=reader, today=MONDAY, customer_id=customer.id).entries
    assert {one.kind: one.said.quote for one in seen} == {"question.asked": "Which?", "question.answered": "The second."}
    assert {one.kind: one.said.quote for one in of(customer).entries}["conversation.noted"] == "Careful here."


def test_a_payment_is_told_once_with_what_it_settled_and_thanked_for(customer: Customer, invoice: Invoice) -> None:
    a_payer(customer)
    other = an_invoice(customer, 1000, number="LR-2")
    paid(customer, [invoice, other], 426_520)
    thank(vendor_id=customer.vendor_id, today=date(2026, 11, 4), now=at(4, 12))
    entries = of(customer).entries
    assert told(entries) == [
        "them: Paid LR-2+LR-2026-0187, by bank transfer", "us: Receipt and thanks LR-2+LR-2026-0187",
    ]  # fmt: skip
    assert entries[0].said.amount == Money(426_520, "GBP")
    mine = timeline(viewer=staff(customer.vendor), today=MONDAY, invoice_id=other.id).entries
    assert told(mine) == ["them: Paid , by bank transfer", "us: Receipt and thanks LR-2026-0187"]
    assert mine[0].said.amount == Money(1000, "GBP")


def test_a_message_that_names_several_invoices_is_one_line(customer: Customer, invoice: Invoice) -> None:
    other, one_message = an_invoice(customer, number="LR-2"), uuid4()
    deeds = [
        Deed(customer.vendor_id, "reminder.planned", "the clock", customer.id, one.id, None, one_message, "email",
             data={"step": "first"})
        for one in (invoice, other)
    ]  # fmt: skip
    record_all(at=at(3, 9), deeds=deeds)
    assert told(of(customer).entries) == ["us: First reminder LR-2+LR-2026-0187"]


def test_what_is_done_in_one_instant_stands_in_the_order_in_which_it_must_have_been(
    customer: Customer, invoice: Invoice
) -> None:
    """The clock of a sample stands: an invoice that was credited there stood below its own credit note."""
    kinds = ["payment.received", "invoice.credited", "invoice.issued", "invoice.approved", "invoice.drafted"]
    data = {"minor": 100, "currency": "GBP", "reason": "Less", "method": "card"}
    record_all(at=at(3, 9), deeds=[Deed(customer.vendor_id, kind, TOM, customer.id, invoice.id, data=data) for kind in kinds])
    found = timeline(viewer=staff(customer.vendor), today=MONDAY, invoice_id=invoice.id).entries
    assert [one.kind for one in found][:3] == ["invoice.drafted", "invoice.approved", "invoice.issued"]
    assert {one.kind for one in found[3:]} == {"invoice.credited", "payment.received"}


def test_what_is_still_to_come_stands_below_today(customer: Customer, invoice: Invoice) -> None:
    later = an_invoice(customer, 216_000, number="LR-2", due_on=date(2026, 12, 2))
    held = an_invoice(customer, 500, number="LR-3", due_on=date(2026, 11, 10))
    granted = an_invoice(customer, 700, number="LR-4", due_on=date(2026, 11, 14))
    an_invoice(customer, 900, number="LR-5", due_on=date(2026, 11, 14))
    promise(invoice_id=invoice.id, promised_on=date(2026, 11, 20), by=SANDRA, now=NOW)
    hold(invoice_ids=[held.id], reason="manual", from_on=MONDAY, until_on=date(2026, 11, 18), by=TOM, role="owner", now=NOW)
    request_extension(invoice_id=granted.id, until_on=date(2026, 11, 25), by=SANDRA, now=NOW)
    coming = of(customer).coming
    assert [(one.on.day, one.kind, one.number, one.amount.minor, one.side) for one in coming] == [
        (18, "held", "LR-3", 500, "us"),
        (20, "promised", "LR-2026-0187", 425_520, "them"),
        (25, "extended", "LR-4", 700, "them"),
        (2, "due", "LR-2", 216_000, "them"),
    ]
    [one] = timeline(viewer=staff(customer.vendor), today=MONDAY, invoice_id=later.id).coming
    assert one.number == "LR-2"


def test_earlier_pages_follow_without_a_gap_and_without_a_repeat(customer: Customer) -> None:
    for day in range(1, 8):
        record_all(at=at(day, 9), deeds=[Deed(customer.vendor_id, "contact.added", TOM, customer.id)] * 2)
    everything = [one.id for one in of(customer).entries]
    found: list[object] = []
    page = of(customer, limit=5)
    while True:
        assert len(page.entries) in (2, 4)  # what was done in one instant stays together
        found = [one.id for one in page.entries] + found
        if not page.earlier:
            break
        page = of(customer, limit=5, before=page.earlier)
        assert page.coming == []
        assert page.since == at(1, 9)
    assert (len(found), found) == (14, everything)
    assert len(of(customer, limit=1).entries) == 1
    with pytest.raises(Refused, match="This page of the timeline is not known"):
        of(customer, before="yesterday")


def kinds_for(viewer: Viewer, about: dict[str, UUID]) -> list[str]:
    return [one.kind for one in timeline(viewer=viewer, today=MONDAY, **about).entries]  # type: ignore[arg-type]


def test_a_payer_reads_what_was_said_to_them_and_no_word_among_us(customer: Customer, invoice: Invoice) -> None:
    payer = a_payer(customer)
    thread = ask(invoice_ids=[invoice.id], words="Which?", by=SANDRA, now=at(2, 10))
    note(conversation_id=thread.id, words="Careful here.", by=TOM, now=at(2, 11))
    for kind in ("customer.noted", "preferences.changed", "something.new"):
        record(at=at(3, 9), deed=Deed(customer.vendor_id, kind, TOM, customer.id, invoice.id, data={"words": "Slow payers."}))
    reader = Viewer(SANDRA, frozenset({customer.vendor_id}), role="payer", payer_id=payer.id)
    for about in ({"customer_id": customer.id}, {"invoice_id": invoice.id}):
        assert kinds_for(reader, about) == ["question.asked"]
        kinds = kinds_for(staff(customer.vendor), about)
        assert {"conversation.noted", "customer.noted", "something.new"} <= set(kinds)


def test_nobody_reads_the_timeline_of_another_vendor_or_of_somebody_elses_customer(
    customer: Customer, invoice: Invoice
) -> None:
    stranger = unsaved_vendor("other")
    with acting_for([customer.vendor_id, stranger.id]):
        stranger.save(force_insert=True)
        payer = a_payer(a_customer(stranger, "Elsewhere"))
        for viewer in (staff(stranger), Viewer("P", frozenset({customer.vendor_id}), role="payer", payer_id=payer.id)):
            for about in ({"customer_id": customer.id}, {"invoice_id": invoice.id}, {"customer_id": uuid4()}, {}):
                with pytest.raises(Refused, match="There is nobody like that here"):
                    timeline(viewer=viewer, today=MONDAY, **about)  # type: ignore[arg-type]


def test_a_timeline_takes_as_many_statements_however_long_it_is(customer: Customer, invoice: Invoice) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            of(customer)
        return len(seen)

    record(at=at(1, 9), deed=Deed(customer.vendor_id, "invoice.issued", TOM, customer.id, invoice.id))
    few = statements()
    for day in range(2, 12):
        thread = ask(invoice_ids=[invoice.id], words="?", by=SANDRA, now=at(day, 10))
        reply(conversation_id=thread.id, words="!", by=SANDRA, now=at(day, 11))
        paid(customer, [invoice], 100, key=str(day))
    assert statements() == few == 3


def test_the_page_says_whose_side_each_line_is_on(customer: Customer, invoice: Invoice) -> None:
    ask(invoice_ids=[invoice.id], words="Is <b> in it?", by=SANDRA, now=at(2, 10) - timedelta(days=365))
    record(at=at(3, 9), deed=Deed(customer.vendor_id, "reminder.planned", "the clock", customer.id, data={"step": "first"}))
    promise(invoice_id=invoice.id, promised_on=date(2026, 11, 20), by=SANDRA, now=at(3, 14))
    story = timeline(viewer=staff(customer.vendor), today=MONDAY, invoice_id=None, customer_id=customer.id)
    page = render_to_string(
        "stationery/timeline.html",
        {"timeline": story._replace(entries=[one._replace(invoices=()) for one in story.entries]), "today": MONDAY,
         "vendor": customer.vendor, "them": "Bellwether", "timezone": "Europe/London"},
    )  # fmt: skip
    assert page.index("From them: </span><b>Question") < page.index("From us: </span><b>First reminder")
    assert page.index("<b>Promise") < page.index("todayline") < page.rindex("£4,255") < page.index("to come, as promised")
    assert "“Is &lt;b&gt; in it?”" in page
    assert "<small>2025</small>" in page
