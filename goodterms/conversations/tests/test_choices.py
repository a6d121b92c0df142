"""What a payer chooses is done once however often it is pressed, can be taken back, and changes nobody's rights."""

from datetime import date

import pytest

from goodterms.conversations.actions import ask, declare_paid, dispute, promise, reply, withdraw_promise
from goodterms.conversations.actions.declarations import withdraw_declaration
from goodterms.conversations.actions.handing_on import hand_on
from goodterms.conversations.models import Conversation, Message, Promise
from goodterms.conversations.tests.cast import NOW, deeds, holds
from goodterms.interactions.models import Interaction
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Contact, Payer
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

SANDRA = "Sandra Whitlock"
FRIDAY, MONDAY_AFTER = date(2026, 11, 20), date(2026, 11, 30)


def test_a_form_that_is_sent_twice_asks_disputes_promises_and_declares_once(invoice: Invoice) -> None:
    keys = [new_key(NOW) for _ in range(4)]
    for _ in range(2):
        ask(invoice_ids=[invoice.id], words="Which run?", by=SANDRA, now=NOW, key=keys[0])
        dispute(invoice_id=invoice.id, reason="QTY", words="Two were missing.", by=SANDRA, now=NOW, key=keys[1])
        promise(invoice_id=invoice.id, promised_on=FRIDAY, by=SANDRA, now=NOW, key=keys[2])
        declare_paid(invoice_ids=[invoice.id], paid_on=date(2026, 11, 13), by=SANDRA, now=NOW, key=keys[3])
    assert [reason for reason, _ in holds(invoice)] == ["disputed", "paid", "promised", "question_open"]
    assert len(deeds()) == 4
    assert Conversation.objects.count() == 2


def test_a_reply_that_is_sent_twice_stands_once(invoice: Invoice) -> None:
    thread, key = ask(invoice_ids=[invoice.id], words="Which run?", by=SANDRA, now=NOW), new_key(NOW)
    for _ in range(2):
        reply(conversation_id=thread.id, words="The second, I think.", by=SANDRA, now=NOW, key=key)
    assert Message.objects.filter(conversation=thread).count() == 2


def test_a_promise_may_be_changed_once(invoice: Invoice) -> None:
    for day in (20, 25):
        promise(invoice_id=invoice.id, promised_on=date(2026, 11, day), by=SANDRA, now=NOW)
    with pytest.raises(Refused, match=r"You changed this day once already\. For another one, please ask for more time"):
        promise(invoice_id=invoice.id, promised_on=MONDAY_AFTER, by=SANDRA, now=NOW)
    assert list(Promise.objects.filter(ended_at=None).values_list("promised_on", flat=True)) == [date(2026, 11, 25)]
    promise(invoice_id=invoice.id, promised_on=MONDAY_AFTER, by="Tom Okafor", role="bookkeeper", now=NOW)


def test_taking_it_back_twice_ends_the_promises(invoice: Invoice) -> None:
    for _ in range(2):
        promise(invoice_id=invoice.id, promised_on=FRIDAY, by=SANDRA, now=NOW)
        withdraw_promise(invoice_id=invoice.id, by=SANDRA, now=NOW)
    with pytest.raises(Refused, match="once already"):
        promise(invoice_id=invoice.id, promised_on=FRIDAY, by=SANDRA, now=NOW)


def test_who_was_mistaken_about_having_paid_says_so_and_reminders_go_on(invoice: Invoice) -> None:
    declare_paid(invoice_ids=[invoice.id], paid_on=date(2026, 11, 13), by=SANDRA, now=NOW)
    withdraw_declaration(invoice_id=invoice.id, by=SANDRA, now=NOW)
    assert holds(invoice) == []
    assert ("payment.undeclared", SANDRA, True) in deeds()
    with pytest.raises(Refused, match="Nothing of this invoice is said to be paid"):
        withdraw_declaration(invoice_id=invoice.id, by=SANDRA, now=NOW)


def test_handing_on_asks_the_vendor_and_gives_nobody_rights(invoice: Invoice) -> None:
    thread = hand_on(
        invoice_id=invoice.id, name="Beth  Langley", address="beth@bellwether.example", words="She ordered it.",
        by=SANDRA, now=NOW,
    )  # fmt: skip
    assert Message.objects.get(conversation=thread).words == (
        "Please ask Beth Langley <beth@bellwether.example> about this invoice.\n\nShe ordered it."
    )
    assert holds(invoice) == [("question_open", None)]
    assert not Payer.objects.exists()
    assert not Contact.objects.exists()
    assert not Interaction.objects.filter(kind="contact.added").exists()


def test_an_invoice_is_handed_on_to_somebody_with_an_address(invoice: Invoice) -> None:
    with pytest.raises(Refused, match="Name the person who deals with it"):
        hand_on(invoice_id=invoice.id, name=" ", address="beth@bellwether.example", by=SANDRA, now=NOW)
    with pytest.raises(Refused, match="is not an e-mail address"):
        hand_on(invoice_id=invoice.id, name="Beth", address="beth", by=SANDRA, now=NOW)
