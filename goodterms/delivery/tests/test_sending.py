"""What a worker may do with letters: claim, ask once more, mark, settle; and what becomes of them when it dies."""

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.delivery.actions import Sender, Why, post
from goodterms.delivery.actions.sending import _MARK
from goodterms.delivery.channels.carrier import into_folder
from goodterms.delivery.channels.commit import Outgoing
from goodterms.delivery.due import send
from goodterms.delivery.models import Letter
from goodterms.delivery.rules import GIVE_UP_AFTER, IN_FLIGHT, Event, State, Verdict, settled
from goodterms.delivery.tests.cast import (
    BOTH,
    NOW,
    PENHALE,
    SANDRA,
    VERMEER,
    a_draft,
    a_sender,
    claimed,
    heard,
    posted,
    states,
    still_true,
    the_letter,
)
from goodterms.interactions.models import Interaction
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db


def said() -> list[str]:
    with acting_for(BOTH):
        return sorted(Interaction.objects.values_list("kind", flat=True))


def test_a_letter_goes_from_ready_to_accepted_with_its_mark_in_between() -> None:
    sender, (outgoing,) = claimed()
    assert states() == ["claimed"]
    assert sender.commit([outgoing], []) == {outgoing.id}
    marked = the_letter()
    assert (marked.state, marked.committing_at, marked.server) == ("committing", NOW, "mail.relay.example")
    assert sender.commit([], [heard(outgoing, Verdict.ACCEPTED, "250 queued as 7")]) == set()
    sent = the_letter()
    assert (sent.state, sent.answer, sent.settled_at, sent.worker) == ("accepted", "250 queued as 7", NOW, None)


def test_only_letters_that_are_ready_and_due_on_this_channel_are_claimed() -> None:
    posted(not_before=NOW + timedelta(minutes=1))
    assert a_sender().claim() == []
    assert a_sender(channel="post").claim() == []
    assert len(a_sender(NOW + timedelta(minutes=1)).claim()) == 1
    assert a_sender(NOW + timedelta(minutes=1)).claim() == []


def test_who_finds_nothing_takes_no_connection_and_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    posted(not_before=NOW + timedelta(minutes=1))
    monkeypatch.setattr(Sender, "claim", lambda *_: pytest.fail("it was claimed"))
    outbox = into_folder("email", tmp_path, ".eml")
    assert send(vendors=BOTH, carrier=outbox, clock=lambda: NOW, recheck=still_true)["accepted"] == 0
    later = NOW + timedelta(minutes=1)
    assert [a_sender(now).finds_any() for now in (NOW, later)] == [False, True]
    assert not a_sender(later, channel="post").finds_any()
    assert not Sender(BOTH, "email", lambda: later, still_true, kinds=["receipt"]).finds_any()
    with acting_for(BOTH):
        post(letters=[a_draft(2, not_before=later, expires_at=NOW)], now=NOW)
    assert a_sender().finds_any()


def test_a_claim_takes_no_more_than_asked_and_first_what_has_waited_longest() -> None:
    with acting_for(BOTH):
        post(letters=[a_draft(n, not_before=NOW - timedelta(minutes=n)) for n in range(5)], now=NOW)
    sender = a_sender()
    first, second = sender.claim(3), sender.claim(3)
    assert [one.recipient.partition("@")[0] for one in first] == ["payer-4", "payer-3", "payer-2"]
    assert [one.recipient.partition("@")[0] for one in second] == ["payer-1", "payer-0"]


def test_a_letter_whose_time_is_over_expires_instead_and_that_is_on_record() -> None:
    posted(vendors=BOTH, expires_at=NOW)
    assert a_sender().claim() == []
    assert the_letter().state == "expired"
    assert said() == ["letter.expired", "letter.expired"]


def test_a_letter_whose_time_is_over_at_the_dot_gets_no_mark() -> None:
    posted(expires_at=NOW + timedelta(seconds=1))
    moment = [NOW]
    sender = Sender(BOTH, "email", lambda: moment[0], lambda letters, now: {})
    (outgoing,) = sender.claim()
    moment[0] += timedelta(seconds=1)
    assert sender.commit([outgoing], []) == set()
    letter = the_letter()
    assert (letter.state, letter.committing_at, letter.worker) == ("expired", None, None)
    assert said() == ["letter.expired"]


@pytest.mark.parametrize("event", [Event.HELD, Event.CANCELLED, Event.SUPERSEDED])
def test_what_is_no_longer_true_at_the_dot_is_taken_back_and_the_others_leave(event: Event) -> None:
    def one_was_paid(letters: Sequence[UUID], now: datetime) -> Mapping[UUID, Why]:
        return {letters[0]: Why(event, "paid")}

    sender, (paid, open_) = claimed(2, a_sender(recheck=one_was_paid))
    assert sender.commit([paid, open_], []) == {open_.id}
    with acting_for(BOTH):
        taken = Letter.objects.get(message_id=paid.message_id)
    assert (taken.state, taken.answer, taken.committing_at) == (event.value, "paid", None)


def test_a_reason_that_does_not_take_a_letter_back_is_refused() -> None:
    sender, (outgoing,) = claimed(1, a_sender(recheck=lambda letters, now: {letters[0]: Why(Event.ACCEPTED, "?")}))
    with pytest.raises(Refused, match="claimed cannot be accepted"):
        sender.commit([outgoing], [])


def test_an_older_claim_can_mark_and_settle_nothing() -> None:
    old, (first,) = claimed()
    new = a_sender()
    assert new.recover() == 0
    (second,) = new.claim()
    assert old.commit([first], []) == set()
    assert new.commit([second], []) == {second.id}
    old.commit([], [heard(first, Verdict.REJECTED)])
    assert states() == ["committing"]


def test_a_workers_own_earlier_claim_is_old_as_well() -> None:
    moment = [NOW]
    posted()
    sender = Sender(BOTH, "email", lambda: moment[0], lambda letters, now: {})
    (first,) = sender.claim()
    sender.commit([], [heard(first, Verdict.RETRY)])
    moment[0] += timedelta(hours=1)
    (second,) = sender.claim()
    assert sender.commit([first], []) == set()
    assert sender.commit([second], []) == {second.id}


def test_a_letter_waits_half_an_hour_after_its_first_failure_and_longer_after_the_next() -> None:
    moment = [NOW]
    posted()
    sender = Sender(BOTH, "email", lambda: moment[0], lambda letters, now: {})
    waits = []
    for _ in range(5):
        (outgoing,) = sender.claim()
        sender.commit([], [heard(outgoing, Verdict.RETRY, "451 later")])
        letter = the_letter()
        assert (letter.state, letter.settled_at) == ("ready", None)
        assert sender.claim() == []
        waits.append(letter.not_before - moment[0])
        moment[0] = letter.not_before
    assert [wait / timedelta(hours=1) for wait in waits] == [0.5, 1, 2, 4, 4]
    assert said() == []


def test_after_five_days_a_letter_that_nobody_takes_expires() -> None:
    posted()
    sender = a_sender(NOW + GIVE_UP_AFTER)
    (outgoing,) = sender.claim()
    sender.commit([], [heard(outgoing, Verdict.RETRY, "451 later")])
    assert (the_letter().state, the_letter().answer) == ("expired", "451 later")
    assert said() == ["letter.expired"]


def test_a_dead_workers_unmarked_letters_are_ready_again_and_its_marked_ones_are_doubts() -> None:
    dead, outgoing = claimed(5)
    dead.commit(outgoing[:2], [])
    sender = a_sender()
    assert sender.recover() == 2
    assert sorted(states()) == ["ambiguous", "ambiguous", "ready", "ready", "ready"]
    assert said() == ["letter.doubted", "letter.doubted"]
    assert sender.recover() == 0
    assert {one.recipient for one in sender.claim()} == {one.recipient for one in outgoing[2:]}


def test_an_answer_that_comes_after_all_is_evidence_for_the_doubt() -> None:
    slow, (sent, refused) = claimed(2)
    slow.commit([sent, refused], [])
    assert a_sender().recover() == 2
    slow.commit([], [heard(sent, Verdict.ACCEPTED), heard(refused, Verdict.RETRY)])
    assert sorted(states()) == ["resolved_not_sent", "resolved_sent"]
    with acting_for(BOTH):
        resolved = Interaction.objects.filter(kind="letter.resolved")
        assert sorted(one.data["sent"] for one in resolved) == [False, True]


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [
        (Verdict.ACCEPTED, "letter.sent"),
        (Verdict.AMBIGUOUS, "letter.doubted"),
        (Verdict.REJECTED, "letter.rejected"),
    ],
)
def test_every_vendor_in_a_letter_finds_its_end_in_its_own_log(verdict: Verdict, kind: str) -> None:
    posted(vendors=BOTH)
    sender = a_sender()
    (outgoing,) = sender.claim()
    sender.commit([outgoing], [])
    sender.commit([], [heard(outgoing, verdict)])
    for vendor in (PENHALE, VERMEER):
        with acting_for([vendor]):
            found = Interaction.objects.get()
            assert (found.kind, found.payer_id, found.subject_id) == (kind, SANDRA, the_letter().id)


def test_the_words_of_a_server_are_kept_without_what_a_database_cannot_hold() -> None:
    sender, (outgoing,) = claimed()
    sender.commit([outgoing], [])
    sender.commit([], [heard(outgoing, Verdict.REJECTED, "550 no\x00 " + "x" * 600)])
    assert the_letter().answer == ("550 no " + "x" * 600)[:500]


def test_marks_and_outcomes_of_one_commit_stand_or_fall_together() -> None:
    def fails(letters: Sequence[UUID], now: datetime) -> Mapping[UUID, Why]:
        raise OSError("the books are closed")

    sender, (first, second) = claimed(2)
    sender.commit([first], [])
    sender.recheck = fails
    with pytest.raises(OSError, match="books are closed"):
        sender.commit([second], [heard(first, Verdict.ACCEPTED)])
    assert sorted(states()) == ["claimed", "committing"]
    assert said() == []


def test_a_commit_costs_the_same_statements_for_two_letters_and_for_sixty(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    sender, outgoing = claimed(180)
    sender.commit(outgoing[:60], [])
    marked = outgoing[:60]
    for count in (2, 58):
        now, marked = marked[:count], marked[count:]
        fresh = outgoing[60 : 60 + count]
        del outgoing[60 : 60 + count]
        with django_assert_num_queries(6):  # vendors (3), settle, log, mark
            assert len(sender.commit(fresh, [heard(one, Verdict.ACCEPTED) for one in now])) == count


def test_a_mark_finds_its_letters_by_their_keys_however_many_are_on_their_way() -> None:
    """By a state it would read every letter that is claimed, and what is left of those that were."""
    posted(400)
    sender = a_sender()
    sender.claim(400)
    with acting_for(BOTH), connection.cursor() as cursor:
        cursor.execute("analyze delivery_letter")
        words: dict[str, Any] = {"now": NOW, "ids": [SANDRA], "fences": [1], "worker": sender.worker, "server": ""}
        cursor.execute(f"explain {_MARK}", words)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "delivery_letter_pkey" in plan


@pytest.mark.parametrize(("state", "verdict"), list(product(State, Verdict)))
def test_the_database_settles_as_the_rules_do(state: State, verdict: Verdict) -> None:
    """Every state a row may be found in when an outcome comes back for it, with our fence and with another's."""
    sender, (outgoing,) = claimed()
    for fence in (1, 2):
        with acting_for(BOTH):
            Letter.objects.update(state=state, fence=fence)
        sender.commit([], [heard(outgoing, verdict)])
        try:
            expected = settled(state, verdict, row_fence=fence, our_fence=1)
        except Refused:
            assert state in IN_FLIGHT  # such as accepted without a mark: nobody can hear that
            expected = state
        assert the_letter().state == expected


@pytest.mark.django_db(transaction=True)
def test_letters_of_a_living_worker_are_its_own_and_those_of_a_dead_one_are_free() -> None:
    """A worker lives as long as its session: nobody else may clear up after it before, however long it takes."""
    posted(2)
    may_end, has_claimed = threading.Event(), threading.Event()
    held: list[Outgoing] = []

    def work() -> None:
        sender = a_sender()
        held.extend(sender.claim())
        sender.commit(held[:1], [])
        has_claimed.set()
        may_end.wait(10)
        sender.close()

    worker = threading.Thread(target=work)
    worker.start()
    assert has_claimed.wait(10)
    other = a_sender()
    assert (other.recover(), other.claim()) == (0, [])
    assert sorted(states()) == ["claimed", "committing"]
    may_end.set()
    worker.join()
    end = time.monotonic() + 10
    while not (doubts := other.recover()):  # its session ends a moment after its connection
        assert time.monotonic() < end
    assert doubts == 1
    assert [one.recipient for one in other.claim()] == [held[1].recipient]
    other.close()


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_hold_the_same_letter() -> None:
    posted(60)
    hands: list[list[Outgoing]] = [[], []]
    both = threading.Barrier(2)

    def work(hand: list[Outgoing]) -> None:
        sender = a_sender()
        both.wait(10)
        while batch := sender.claim(3):
            hand.extend(batch)
        sender.close()

    workers = [threading.Thread(target=work, args=[hand]) for hand in hands]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    names = [one.message_id for hand in hands for one in hand]
    assert (len(names), len(set(names))) == (60, 60)
