"""How a letter comes to be ready: once for each key, with its very bytes frozen; and how it is taken back in time."""

import email
import email.policy
import hashlib
from datetime import timedelta

import pytest

from goodterms.database.isolation import acting_for
from goodterms.delivery.actions import bytes_of, post, withdraw
from goodterms.delivery.mime import Attachment
from goodterms.delivery.models import Body, Letter
from goodterms.delivery.rules import Event
from goodterms.delivery.tests.cast import BOTH, NOW, PENHALE, VERMEER, a_draft, a_sender, claimed, posted, states, the_letter
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db


def test_a_letter_with_a_known_key_stays_as_it_was_in_its_first_words() -> None:
    posted()
    first = the_letter()
    with acting_for(BOTH):
        words = bytes_of(letter_id=first.id)
        assert post(letters=[a_draft(0, text="Other words", recipient="else@where.example")], now=NOW) == {}
        assert bytes_of(letter_id=first.id) == words
    assert the_letter().recipient == first.recipient


def test_two_letters_with_one_key_in_one_call_are_one_letter() -> None:
    with acting_for(BOTH):
        assert len(post(letters=[a_draft(1), a_draft(1, text="Again"), a_draft(2)], now=NOW)) == 2
        assert (Letter.objects.count(), Body.objects.count()) == (2, 2)


def test_the_bytes_are_frozen_with_their_hash_and_the_name_of_their_key() -> None:
    posted()
    letter = the_letter()
    with acting_for(BOTH):
        raw = bytes_of(letter_id=letter.id)
        assert bytes(Body.objects.get().sha256) == hashlib.sha256(raw).digest()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["message-id"] == letter.message_id
    assert message["to"] == letter.recipient
    assert message["date"].datetime == NOW
    body = message.get_body(("plain",))
    assert body is not None
    assert "this is letter 0" in body.get_content()


def test_every_attempt_has_the_same_bytes() -> None:
    _, (first,) = claimed()
    later = a_sender(NOW + timedelta(hours=1))
    later.recover()
    (second,) = later.claim()
    assert (second.message, second.message_id, second.envelope_from) == (first.message, first.message_id, first.envelope_from)
    assert second.id != first.id  # the fence has risen


def test_a_letter_on_paper_is_the_page_itself() -> None:
    posted(channel="post", recipient="Bellwether Foods\n1 High Street", html="<h1>Guten Tag</h1>", page=b"%PDF-1.7 the page")
    with acting_for(BOTH):
        assert bytes_of(letter_id=the_letter().id) == b"%PDF-1.7 the page"


def test_what_is_attached_comes_out_of_the_mail_byte_for_byte() -> None:
    content = bytes(range(256)) * 40
    posted(attachments=(Attachment("LR-2026-0187.pdf", "application/pdf", content),))
    with acting_for(BOTH):
        mail = email.message_from_bytes(bytes_of(letter_id=the_letter().id), policy=email.policy.default)
    assert mail.get_content_type() == "multipart/mixed"
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("LR-2026-0187.pdf", "application/pdf")
    assert attached.get_content() == content


def test_only_all_vendors_together_may_read_what_they_say_together() -> None:
    posted(vendors=(PENHALE, VERMEER))
    letter = the_letter()
    with acting_for([PENHALE]), pytest.raises(Refused, match="another vendor's as well"):
        bytes_of(letter_id=letter.id)


def test_one_click_unsubscribing_is_only_offered_over_https() -> None:
    with acting_for(BOTH):
        ids = post(
            letters=[
                a_draft(1, unsubscribe_url="https://pay.example/p/x/stop"),
                a_draft(2, unsubscribe_url="http://localhost:8000/p/x/stop"),
            ],
            now=NOW,
        )
        safe, plain = (bytes_of(letter_id=id) for id in ids.values())
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in safe
    assert b"List-Unsubscribe" not in plain


def test_posting_costs_the_same_statements_for_one_letter_and_for_many(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for count in (1, 60):
        drafts = [a_draft(1_000 * count + n) for n in range(count)]
        with acting_for(BOTH), django_assert_num_queries(5):  # a savepoint each way, and no more for COPY
            post(letters=drafts, now=NOW)


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (Event.HELD, "held"),
        (Event.CANCELLED, "cancelled"),
        (Event.SUPERSEDED, "superseded"),
        (Event.EXPIRED, "expired"),
    ],
)
def test_a_letter_is_taken_back_before_it_leaves(event: Event, state: str) -> None:
    (letter,) = posted()
    with acting_for(BOTH):
        assert withdraw(letters=[letter], event=event, reason="paid", now=NOW) == [letter]
    found = the_letter()
    assert (found.state, found.answer, found.settled_at) == (state, "paid", NOW)
    assert a_sender().claim() == []


def test_a_letter_that_a_worker_holds_is_left_alone() -> None:
    sender, (outgoing,) = claimed()
    with acting_for(BOTH):
        assert withdraw(letters=[the_letter().id], event=Event.CANCELLED, reason="paid", now=NOW) == []
    assert sender.commit([outgoing], []) == {outgoing.id}
    with acting_for(BOTH):
        assert withdraw(letters=[the_letter().id], event=Event.CANCELLED, reason="paid", now=NOW) == []
    assert states() == ["committing"]


def test_a_letter_cannot_be_taken_back_for_a_reason_that_is_none() -> None:
    with acting_for(BOTH), pytest.raises(Refused, match="cannot be rejected"):
        withdraw(letters=posted(), event=Event.REJECTED, reason="", now=NOW)
