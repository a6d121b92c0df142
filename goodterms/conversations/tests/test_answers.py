"""How our answer reaches whoever asked, once; and how it is taken back within ten seconds, or not at all."""

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection

from goodterms.conversations import actions
from goodterms.conversations.models import Conversation, Message
from goodterms.conversations.rules.undo import check_take_back
from goodterms.conversations.tests.cast import NOW, a_customer, a_payer, an_invoice, at, deeds, holds, unsaved_vendor
from goodterms.database.isolation import acting_for
from goodterms.delivery.actions import Sender, Why, bytes_of
from goodterms.delivery.link import Carried, opened
from goodterms.delivery.models import Letter
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Contact, Customer, Payer, Vendor
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

CLOCK = at(20, 12)  # the real one, which need not be the trade's
TOM: dict[str, Any] = {"by": "Tom Okafor", "role": "owner"}
SEEN = ("waiting_since_at", "answer_due_at", "first_answered_at", "answered_in_minutes", "closed_at", "resolution", "reason")


@pytest.fixture
def sandra(customer: Customer) -> Payer:
    return a_payer(customer)


@pytest.fixture
def asked(invoice: Invoice, sandra: Payer) -> Conversation:
    return actions.ask(invoice_ids=[invoice.id], words="Is this ours?", by="Sandra", now=at(16, 9, 30), payer_id=sandra.id)


def answered(thread: Conversation, **more: Any) -> Message:
    """We answer at 10:20, which leaves ten seconds from CLOCK."""
    actions.answer(conversation_id=thread.id, words="Yes, every page of it.", now=NOW, **{"clock": CLOCK, **TOM, **more})
    return thread.messages.get(inbound=False, internal=False)


def stands(thread: Conversation) -> tuple[Any, ...]:
    found: tuple[Any, ...] = Conversation.objects.filter(id=thread.id).values_list(*SEEN).get()
    return found


def take_back(message: Message, seconds: float) -> Message:
    return actions.take_back(message_id=message.id, now=NOW, clock=CLOCK + timedelta(seconds=seconds), **TOM)


def said_in(letter: Letter) -> str:
    return bytes_of(letter_id=letter.id).decode().replace("=\r\n", "")  # where quoted-printable broke a line


def test_the_answer_leaves_in_a_letter_to_whoever_asked(asked: Conversation, sandra: Payer, vendor: Vendor) -> None:
    message = answered(asked)
    letter = Letter.objects.get()
    assert (letter.kind, letter.channel, letter.recipient, letter.payer_id) == ("answer", "email", sandra.address, sandra.id)
    assert (letter.id, letter.not_before) == (message.letter_id, NOW + timedelta(seconds=10))
    text = said_in(letter).replace("\r\n", "\n").replace("=\n", "")
    for words in ("Hello Sandra,", "Yes, every page of it.", "Kind regards,\n", "Tom Okafor"):
        assert words in text
    token = text.partition("/p/")[2].split(maxsplit=1)[0]
    assert opened(settings.SECRET_KEY, "answer", token) == Carried(asked.id, sandra.id, NOW)
    assert "Reply-To: " in text
    assert vendor.email in text


def test_it_is_written_in_their_language_and_tone(asked: Conversation, sandra: Payer) -> None:
    Payer.objects.filter(id=sandra.id).update(language="id", tone="formal")
    answered(asked)
    text = said_in(Letter.objects.get())
    assert "Yth. Ibu Sandra Whitlock," in text
    assert "Hormat kami," in text
    assert "Hello" not in text


def test_who_asked_gets_it_and_not_who_pays(customer: Customer, sandra: Payer, vendor: Vendor) -> None:
    Contact.objects.create(
        id=new_key(NOW), vendor=vendor, customer=customer, name="Owen Pryce", email="owen@bellwether.example", created_at=NOW
    )
    thread = actions.ask(invoice_ids=[an_invoice(customer, number="LR-2").id], words="And this?", by="owen pryce", now=NOW)
    answered(thread)
    assert Letter.objects.get().recipient == "owen@bellwether.example"


def test_who_is_with_them_no_more_is_not_written_to(asked: Conversation, customer: Customer, sandra: Payer) -> None:
    Contact.objects.filter(payer=sandra).update(ended_at=NOW, pays=False)
    a_payer(customer, "ines@bellwether.example")
    answered(asked)
    assert Letter.objects.get().recipient == "ines@bellwether.example"


def test_without_an_address_it_goes_on_paper_and_without_either_it_is_kept_here(invoice: Invoice, customer: Customer) -> None:
    thread = actions.ask(invoice_ids=[invoice.id], words="Is this ours?", by="somebody", now=NOW)
    assert answered(thread).letter_id is None
    Customer.objects.filter(id=customer.id).update(address="4 Wharf Lane\nBristol")
    actions.reply(conversation_id=thread.id, words="Hello?", by="somebody", now=NOW)
    actions.answer(conversation_id=thread.id, words="It is.", now=NOW, **TOM)
    letter = Letter.objects.get()
    assert (letter.channel, letter.recipient) == ("post", "Bellwether Foods\n4 Wharf Lane\nBristol")


def test_a_form_that_is_sent_twice_says_it_once(asked: Conversation) -> None:
    key = new_key(NOW)
    answered(asked, key=key)
    answered(asked, key=key)
    assert (asked.messages.filter(inbound=False).count(), Letter.objects.count()) == (1, 1)


def test_a_note_and_a_withdrawal_by_them_send_nothing(asked: Conversation) -> None:
    actions.note(conversation_id=asked.id, words="We billed too early.", by="Priya", now=NOW)
    actions.resolve(conversation_id=asked.id, resolution="withdrawn", words="Found it.", by="Sandra", role="payer", now=NOW)
    assert not Letter.objects.exists()


def test_programs_answer_at_once_and_take_nothing_back(asked: Conversation) -> None:
    message = answered(asked, clock=None)
    assert Letter.objects.get().not_before == NOW
    with pytest.raises(Refused, match=r"This cannot be taken back; write again instead\."):
        take_back(message, 1)


@pytest.mark.parametrize(("seconds", "word"), [(0, None), (9, None), (9.999, None), (10, "late"), (11, "late")])
def test_ten_seconds_are_ten_seconds(seconds: float, word: str | None) -> None:
    clock = CLOCK + timedelta(seconds=seconds)
    if word is None:
        check_take_back(free_until_at=CLOCK + timedelta(seconds=10), withdrawn_at=None, clock=clock)
        return
    with pytest.raises(Refused, match=r"The ten seconds are over and it is on its way; write again instead\."):
        check_take_back(free_until_at=CLOCK + timedelta(seconds=10), withdrawn_at=None, clock=clock)


def test_nine_seconds_later_it_is_taken_back_and_our_clock_runs_as_before(asked: Conversation, invoice: Invoice) -> None:
    before, held = stands(asked), holds(invoice)
    message = answered(asked, reason="NON")
    assert stands(asked) != before
    assert holds(invoice) == []
    taken = take_back(message, 9)
    assert (taken.withdrawn_at, taken.withdrawn_by) == (NOW, "Tom Okafor")
    assert stands(asked) == before
    assert holds(invoice) == held
    assert (Letter.objects.get().state, Letter.objects.get().answer) == ("cancelled", "taken back by its writer")
    assert ("message.withdrawn", "Tom Okafor", False) in deeds()
    with pytest.raises(Refused, match=r"This was taken back already; it did not leave\."):
        take_back(message, 9)


def test_they_see_nothing_that_may_still_be_taken_back(asked: Conversation) -> None:
    actions.note(conversation_id=asked.id, words="Hm.", by="Priya", now=NOW)
    message = answered(asked)
    ten = timedelta(seconds=10)
    assert [one.words for one in asked.messages.heard(CLOCK)] == ["Is this ours?"]
    assert list(asked.messages.heard(CLOCK + ten).order_by("position"))[1:] == [message]
    take_back(message, 9)
    assert [one.words for one in asked.messages.heard(CLOCK + ten)] == ["Is this ours?"]


def test_eleven_seconds_later_it_has_left_and_nothing_is_changed(asked: Conversation, invoice: Invoice) -> None:
    message = answered(asked)
    after = stands(asked)
    with pytest.raises(Refused, match="The ten seconds are over"):
        take_back(message, 11)
    assert (stands(asked), holds(invoice), Letter.objects.get().state) == (after, [], "ready")


def test_an_answer_that_was_taken_back_is_given_again_and_measured_then(asked: Conversation) -> None:
    take_back(answered(asked), 5)
    actions.answer(conversation_id=asked.id, words="Yes.", now=at(16, 11), clock=CLOCK, **TOM)
    assert Conversation.objects.get().answered_in_minutes == 90
    assert sorted(Letter.objects.values_list("state", flat=True)) == ["cancelled", "ready"]


def test_what_they_write_in_these_seconds_still_waits_for_us(asked: Conversation, invoice: Invoice) -> None:
    actions.answer(conversation_id=asked.id, words="I am looking.", now=at(16, 10), settles=False, **TOM)
    message = asked.messages.get(words="I am looking.")
    actions.answer(conversation_id=asked.id, words="Yes.", now=NOW, clock=CLOCK, **TOM)
    wrote_at = NOW + timedelta(seconds=4)
    actions.reply(conversation_id=asked.id, words="One more thing", by="Sandra", now=wrote_at)
    take_back(asked.messages.get(words="Yes."), 9)
    thread = Conversation.objects.get()
    assert (thread.waiting_since_at, thread.closed_at, thread.first_answered_at) == (wrote_at, None, at(16, 10))
    assert holds(invoice) == [("question_open", None)]
    assert message.letter_id is not None


def test_the_later_answer_is_taken_back_first(asked: Conversation) -> None:
    message = answered(asked, settles=False)
    actions.answer(conversation_id=asked.id, words="And more.", now=NOW, clock=CLOCK, **TOM)
    with pytest.raises(Refused, match=r"Somebody has answered after this; take that back first\."):
        take_back(message, 1)
    take_back(asked.messages.get(words="And more."), 2)
    take_back(message, 3)
    assert set(Letter.objects.values_list("state", flat=True)) == {"cancelled"}


def test_words_are_taken_back_but_a_credit_note_stays_and_is_not_written_twice(invoice: Invoice, sandra: Payer) -> None:
    thread = actions.dispute(
        invoice_id=invoice.id, reason="QTY", words="Six, not eight.", by="Sandra", now=NOW, disputed_minor=62_400
    )
    credited: dict[str, Any] = {"conversation_id": thread.id, "resolution": "credited", "now": NOW, **TOM}
    actions.resolve(words="You are wrong.", clock=CLOCK, **credited)
    take_back(thread.messages.get(inbound=False), 3)
    assert Conversation.objects.get().closed_at is None
    assert holds(invoice) == [("disputed", None)]
    actions.resolve(words="You are right.", **credited)
    assert Invoice.objects.filter(kind="credit_note").count() == 1
    assert Invoice.objects.get(id=invoice.id).open_minor == 425_520 - 62_400
    assert (Conversation.objects.get().resolution, holds(invoice)) == ("credited", [])


def test_only_a_message_of_ours_is_taken_back(asked: Conversation) -> None:
    for message in (asked.messages.get(), Message(id=new_key(NOW))):
        with pytest.raises(Refused, match="There is no such message of ours"):
            take_back(message, 1)


def test_granted_time_is_told_in_a_letter_with_and_without_words(customer: Customer, sandra: Payer) -> None:
    for number, words in (("LR-3", ""), ("LR-4", "Gladly, until the 18th.")):
        invoice = an_invoice(customer, number=number, due_on=at(30, 9).date())
        wish = actions.request_extension(
            invoice_id=invoice.id, until_on=at(18, 9, month=12).date(), by="Sandra", now=NOW, payer_id=sandra.id
        ).extension
        if wish.granted_at is None:
            actions.grant_extension(extension_id=wish.id, words=words, now=NOW, **TOM)
    bodies = [said_in(letter) for letter in Letter.objects.filter(kind="answer")]
    assert any("18 December 2026" in body for body in bodies)
    assert any("Gladly, until the 18th." in body for body in bodies)


def nothing_wrong(letters: Sequence[UUID], now: datetime) -> Mapping[UUID, Why]:
    return {}


def a_sender(vendor: Vendor) -> Sender:
    return Sender([vendor.id], "email", lambda: NOW + timedelta(seconds=10), nothing_wrong)


@pytest.fixture
def committed(transactional_db: None) -> tuple[Vendor, Message]:
    """An answer on its ten seconds, for other connections to see."""
    vendor = unsaved_vendor()
    with acting_for([vendor.id]):
        vendor.save(force_insert=True)
        customer = a_customer(vendor)
        payer = a_payer(customer)
        thread = actions.ask(
            invoice_ids=[an_invoice(customer).id], words="Is this ours?", by="Sandra", now=NOW, payer_id=payer.id
        )
        return vendor, answered(thread)


def test_a_letter_that_the_sender_holds_is_not_taken_back(committed: tuple[Vendor, Message]) -> None:
    vendor, message = committed
    sender = a_sender(vendor)
    assert len(sender.claim()) == 1
    with pytest.raises(Refused, match=r"It has left already; write again instead\."), acting_for([vendor.id]):
        take_back(message, 9)
    with acting_for([vendor.id]):
        assert Message.objects.get(id=message.id).withdrawn_at is None
    sender.close()


def test_while_it_is_being_taken_back_the_sender_finds_nothing(committed: tuple[Vendor, Message]) -> None:
    vendor, message = committed
    found: list[int] = []

    def work() -> None:
        sender = a_sender(vendor)
        found.append(len(sender.claim()))
        sender.close()

    with acting_for([vendor.id]):
        take_back(message, 9)
        worker = threading.Thread(target=work)  # not committed here yet
        worker.start()
        worker.join(10)
    work()
    assert found == [0, 0]


def test_of_sender_and_writer_in_the_same_instant_exactly_one_wins(committed: tuple[Vendor, Message]) -> None:
    vendor, message = committed
    both, won = threading.Barrier(2), []

    def send() -> None:
        sender = a_sender(vendor)
        both.wait(10)
        won.extend(["sender"] * len(sender.claim()))
        sender.close()

    def write() -> None:
        try:
            with acting_for([vendor.id]):
                both.wait(10)
                take_back(message, 9)
            won.append("writer")
        except Refused:
            pass
        finally:
            connection.close()

    hands = [threading.Thread(target=one) for one in (send, write)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(20)
    assert len(won) == 1
    with acting_for([vendor.id]):
        withdrawn = Message.objects.get(id=message.id).withdrawn_at is not None
        assert (Letter.objects.get().state, withdrawn) == (("cancelled", True) if won == ["writer"] else ("claimed", False))
