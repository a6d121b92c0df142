"""A question rests the reminders until it is answered, and its clock is measured."""

import pytest

from goodterms.conversations.actions import answer, ask, note, reply, resolve
from goodterms.conversations.models import Conversation, Message
from goodterms.conversations.tests.cast import NOW, a_customer, an_invoice, at, deeds, holds
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

GRAHAM = "Graham Tait"


def test_a_question_holds_its_invoices_until_it_is_answered(invoice: Invoice, customer: Customer) -> None:
    second = an_invoice(customer, number="LR-2026-0194", work="Room illustrations")
    thread = ask(invoice_ids=[invoice.id, second.id], words="Which delivery was that?", by=GRAHAM, now=at(12, 15, 20))
    assert holds(invoice) == holds(second) == [("question_open", None)]
    assert (thread.subject, thread.answer_due_at) == ("LR-2026-0187 and 1 more", at(13, 10, 50))

    answer(conversation_id=thread.id, words="The first one.", by="Tom Okafor", role="owner", now=at(12, 16, 5))
    thread.refresh_from_db()
    assert (thread.answered_in_minutes, thread.first_answered_by, thread.resolution) == (45, "Tom Okafor", "answered")
    assert thread.waiting_since_at is None
    assert holds(invoice) == holds(second) == []
    assert deeds() == [("question.asked", GRAHAM, True), ("question.answered", "Tom Okafor", False)]


def test_we_are_looking_into_it_is_an_answer_but_settles_nothing(invoice: Invoice) -> None:
    thread = ask(invoice_ids=[invoice.id], words="Which?", by=GRAHAM, now=at(12, 15, 20), line=2)
    answer(conversation_id=thread.id, words="I am checking.", by="Tom Okafor", role="owner", now=at(12, 16, 5), settles=False)
    assert holds(invoice) == [("question_open", None)]
    thread = answer(conversation_id=thread.id, words="The first.", by="Priya Nair", role="owner", now=at(13, 16), reason="QTY")
    assert (thread.first_answered_by, thread.answered_in_minutes, thread.reason) == ("Tom Okafor", 45, "QTY")
    assert holds(invoice) == []
    assert thread.about.get().line_position == 2


def test_writing_again_opens_it_anew_and_starts_the_clock_again(invoice: Invoice) -> None:
    thread = ask(invoice_ids=[invoice.id], words="Which?", by=GRAHAM, now=at(12, 15, 20))
    answer(conversation_id=thread.id, words="The first.", by="Tom Okafor", role="owner", now=at(12, 16, 5))
    thread = reply(conversation_id=thread.id, words="Do I pay now?", by=GRAHAM, now=at(13, 15, 50))
    assert (thread.closed_at, thread.answer_due_at) == (None, at(16, 11, 20))
    assert holds(invoice) == [("question_open", None)]
    reply(conversation_id=thread.id, words="Or wait?", by=GRAHAM, now=at(13, 16, 50))
    thread.refresh_from_db()
    assert (thread.waiting_since_at, thread.answer_due_at) == (at(13, 15, 50), at(16, 11, 20))
    assert holds(invoice) == [("question_open", None)]
    answer(conversation_id=thread.id, words="Thursday is fine.", by="Tom Okafor", role="owner", now=at(16, 10, 20))
    thread.refresh_from_db()
    assert thread.answered_in_minutes == 45  # the first answer is what is measured


def test_an_internal_note_is_no_answer(invoice: Invoice) -> None:
    thread = ask(invoice_ids=[invoice.id], words="Which?", by=GRAHAM, now=NOW)
    note(conversation_id=thread.id, words="Both were late.", by="Priya Nair", now=NOW)
    thread.refresh_from_db()
    assert thread.first_answered_at is None
    assert holds(invoice) == [("question_open", None)]
    shown = Message.objects.filter(conversation=thread, internal=False)
    assert [message.words for message in shown] == ["Which?"]


def test_an_answer_waits_for_a_question(invoice: Invoice) -> None:
    thread = ask(invoice_ids=[invoice.id], words="Which?", by=GRAHAM, now=NOW)
    answer(conversation_id=thread.id, words="The first.", by="Tom Okafor", role="owner", now=NOW)
    with pytest.raises(Refused, match="settled already"):
        answer(conversation_id=thread.id, words="Again.", by="Tom Okafor", role="owner", now=NOW)
    with pytest.raises(Refused, match="no such conversation"):
        answer(conversation_id=new_key(NOW), words="Again.", by="Tom Okafor", role="owner", now=NOW)


@pytest.mark.parametrize(("words", "sentence"), [("  ", "nothing in this message"), ("x" * 10_001, "longer than 10000")])
def test_a_question_has_words(invoice: Invoice, words: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        ask(invoice_ids=[invoice.id], words=words, by=GRAHAM, now=NOW)
    assert Conversation.objects.count() == 0
    assert holds(invoice) == []


def test_a_question_is_about_issued_invoices_of_one_customer(vendor: Vendor, invoice: Invoice) -> None:
    other = an_invoice(a_customer(vendor, "Kestrel & Finch"), number="LR-2026-0200")
    for ids, sentence in (([invoice.id, other.id], "different customers"), ([new_key(NOW)], "no such"), ([], "no such")):
        with pytest.raises(Refused, match=sentence):
            ask(invoice_ids=ids, words="Which?", by=GRAHAM, now=NOW)
    Invoice.objects.filter(id=other.id).update(voided_at=NOW, void_reason="twice")
    with pytest.raises(Refused, match="not in effect"):
        ask(invoice_ids=[other.id], words="Which?", by=GRAHAM, now=NOW)


def test_who_asked_may_take_the_question_back(invoice: Invoice) -> None:
    thread = ask(invoice_ids=[invoice.id], words="Which?", by=GRAHAM, now=NOW)
    thread = resolve(conversation_id=thread.id, resolution="withdrawn", by=GRAHAM, role="payer", now=NOW)
    assert (thread.resolution, thread.first_answered_at, holds(invoice)) == ("withdrawn", None, [])
