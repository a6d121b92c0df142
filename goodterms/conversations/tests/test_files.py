"""Which files are kept with a message: all or none, never too many, and seen by those it was said to or by."""

from typing import Any

import pytest

from goodterms.conversations import actions
from goodterms.conversations.models import Attachment, Conversation, Message
from goodterms.conversations.rules import AT_MOST, File
from goodterms.conversations.tests.cast import NOW, a_customer, a_payer, an_invoice, unsaved_vendor
from goodterms.database.isolation import acting_for
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.parties.rules import Viewer
from goodterms.values.refusal import Refused

PDF = b"%PDF-1.7\n1 0 obj\n"
WHO: dict[str, Any] = {"by": "Graham Tait", "now": NOW}


@pytest.fixture
def thread(invoice: Invoice) -> Conversation:
    return actions.ask(invoice_ids=[invoice.id], words="Where are the two suites?", **WHO)


def test_files_stand_with_the_message_that_was_said_last(thread: Conversation) -> None:
    actions.reply(conversation_id=thread.id, words="Here is the list.", **WHO)
    [kept] = actions.attach(conversation_id=thread.id, files=[File("list.pdf", PDF)], **WHO)
    assert kept.message.words == "Here is the list."
    assert (kept.size, kept.by) == (len(PDF), "Graham Tait")
    assert bytes(Attachment.objects.get().content) == PDF
    assert Attachment.objects.light().get().get_deferred_fields() == {"content"}
    assert actions.attach(conversation_id=thread.id, files=[], **WHO) == []


def test_all_files_or_none(thread: Conversation) -> None:
    with pytest.raises(Refused, match="not a kind of file"):
        actions.attach(conversation_id=thread.id, files=[File("list.pdf", PDF), File("virus.exe", b"MZ\0")], **WHO)
    assert not Attachment.objects.exists()


def test_a_message_takes_five_files(thread: Conversation) -> None:
    actions.attach(conversation_id=thread.id, files=[File("list.pdf", PDF)] * 3, **WHO)
    with pytest.raises(Refused, match=r"A message takes 5 files at most\. Send the others with another message."):
        actions.attach(conversation_id=thread.id, files=[File("list.pdf", PDF)] * 3, **WHO)
    actions.attach(conversation_id=thread.id, files=[File("list.pdf", PDF)] * 2, **WHO)
    assert Attachment.objects.count() == AT_MOST


def test_files_go_to_no_message_of_another_conversation(thread: Conversation, customer: Customer) -> None:
    other = actions.ask(invoice_ids=[an_invoice(customer, number="LR-2").id], words="And this?", **WHO)
    foreign = Message.objects.get(conversation=other)
    with pytest.raises(Refused, match="no such message in this conversation"):
        actions.attach(conversation_id=thread.id, message_id=foreign.id, files=[File("a.pdf", PDF)], **WHO)


def test_a_payer_sees_no_file_of_a_note_and_none_of_another_customer(
    thread: Conversation, customer: Customer, vendor: Vendor
) -> None:
    payer = a_payer(customer)
    stranger = a_payer(a_customer(vendor, "Kestrel & Finch"), "graham@kestrel.example")
    [shown] = actions.attach(conversation_id=thread.id, files=[File("list.pdf", PDF)], **WHO)
    actions.note(conversation_id=thread.id, words="We billed too early.", by="Tom", now=NOW)
    [hidden] = actions.attach(conversation_id=thread.id, files=[File("costs.pdf", PDF)], by="Tom", now=NOW)
    at = frozenset({vendor.id})
    assert set(Attachment.objects.seen_by(Viewer("Tom", at, role="reader"))) == {shown, hidden}
    assert set(Attachment.objects.seen_by(Viewer("Sandra", at, payer_id=payer.id))) == {shown}
    assert not Attachment.objects.seen_by(Viewer("Graham", at, payer_id=stranger.id)).exists()


def test_another_vendor_sees_no_file(thread: Conversation) -> None:
    actions.attach(conversation_id=thread.id, files=[File("list.pdf", PDF)], **WHO)
    other = unsaved_vendor("penhale-print")
    with acting_for([other.id]):
        other.save(force_insert=True)
        assert not Attachment.objects.exists()
