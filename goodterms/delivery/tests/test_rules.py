"""Decides that the table, the reading of replies, the waits and the names of letters are those that were promised."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.delivery import rules
from goodterms.delivery.rules import Event, Fault, Phase, Reply, State, Verdict
from goodterms.values.refusal import Refused

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
TAKEN = {State.COMMITTING, State.ACCEPTED, State.AMBIGUOUS}
KEY = b"k" * 32


def reachable(start: State) -> set[State]:
    found, waiting = {start}, [start]
    while waiting:
        fresh = set(rules.TABLE[waiting.pop()].values()) - found
        found |= fresh
        waiting.extend(fresh)
    return found


def test_no_way_leads_from_a_doubt_or_an_accepted_letter_back_to_the_queue() -> None:
    for state in (State.AMBIGUOUS, State.ACCEPTED, State.RESOLVED_SENT, State.CLOSED_UNKNOWN):
        assert not reachable(state) & {State.PLANNED, State.READY, State.CLAIMED, State.STREAMING, State.COMMITTING}


def test_every_state_is_reached_and_every_event_is_used() -> None:
    assert set(rules.TABLE) == set(State) == reachable(State.PLANNED)
    assert {event for exits in rules.TABLE.values() for event in exits} == set(Event)


def test_terminal_states_have_no_exit_and_are_those_we_know() -> None:
    assert {
        State.REJECTED,
        State.CANCELLED,
        State.SUPERSEDED,
        State.EXPIRED,
        State.RESOLVED_NOT_SENT,
        State.CLOSED_UNKNOWN,
        State.BOUNCED,
        State.COMPLAINED,
    } == rules.TERMINAL


@given(st.sampled_from(State), st.sampled_from(Event))
def test_what_the_table_does_not_list_is_refused_in_words(state: State, event: Event) -> None:
    if event in rules.TABLE[state]:
        assert rules.after(state, event) == rules.TABLE[state][event]
        return
    with pytest.raises(Refused, match=f"A letter that is .* cannot be {event}."):
        rules.after(state, event)


@pytest.mark.parametrize(
    ("state", "action"),
    [
        (State.READY, State.READY),
        (State.CLAIMED, State.READY),
        (State.STREAMING, State.READY),
        (State.COMMITTING, State.AMBIGUOUS),
        (State.ACCEPTED, State.ACCEPTED),
    ],
)
def test_a_restart_reads_the_state_only(state: State, action: State) -> None:
    assert rules.recover(state, lease_over=True) == action
    assert rules.recover(state, lease_over=False) == state


def test_a_restored_backup_sends_nothing() -> None:
    for state, exits in rules.TABLE.items():
        if state not in rules.TERMINAL | {State.ACCEPTED, State.AMBIGUOUS, State.RESOLVED_SENT}:
            assert exits[Event.RESTORED] in {State.HELD, State.AMBIGUOUS}


before_the_dot = st.sampled_from([phase for phase in Phase if phase != Phase.DOT])
replies = st.builds(Reply, st.integers(200, 599), st.just("words"))
answers = replies | st.builds(Fault, st.just("cut"))


@given(before_the_dot, answers)
def test_before_the_dot_a_letter_is_never_accepted_nor_in_doubt(phase: Phase, answer: Reply | Fault) -> None:
    outcome = rules.outcome_of(phase, answer)
    assert outcome.verdict in {Verdict.RETRY, Verdict.REJECTED}
    assert (outcome.verdict == Verdict.REJECTED) <= (isinstance(answer, Reply) and answer.code >= 500)


@given(replies)
def test_after_the_dot_the_first_digit_decides(reply: Reply) -> None:
    verdicts = {2: Verdict.ACCEPTED, 3: Verdict.AMBIGUOUS, 4: Verdict.RETRY, 5: Verdict.REJECTED}
    assert rules.outcome_of(Phase.DOT, reply) == (verdicts[reply.code // 100], reply.text, reply.code)


def test_silence_after_the_dot_is_a_doubt() -> None:
    assert rules.outcome_of(Phase.DOT, Fault("no reply in 600 s")).verdict == Verdict.AMBIGUOUS


@pytest.mark.parametrize(
    ("phase", "code", "verdict"),
    [
        (Phase.RCPT, 451, Verdict.RETRY),  # greylisting
        (Phase.RCPT, 550, Verdict.REJECTED),
        (Phase.MAIL, 552, Verdict.REJECTED),
        (Phase.DATA, 554, Verdict.REJECTED),
        (Phase.MAIL, 530, Verdict.RETRY),  # sign-in is wanted: our setting, not the letter
        (Phase.AUTH, 535, Verdict.RETRY),
        (Phase.GREETING, 554, Verdict.RETRY),
    ],
)
def test_a_letter_is_rejected_for_its_own_sake_only(phase: Phase, code: int, verdict: Verdict) -> None:
    assert rules.outcome_of(phase, Reply(code, "words")).verdict == verdict


def test_a_wrong_password_for_a_day_rejects_nobody() -> None:
    at, tries = NOON, 0
    while (again := rules.retry_at(tries + 1, first_tried_at=NOON, now=at)) is not None and again < NOON + timedelta(days=1):
        assert rules.outcome_of(Phase.AUTH, Reply(535, "no")).verdict == Verdict.RETRY
        at, tries = again, tries + 1
    assert 6 <= tries <= 10


def test_waits_start_at_half_an_hour_and_grow_to_four() -> None:
    hours = [rules.backoff(attempt) / timedelta(hours=1) for attempt in range(1, 7)]
    assert hours == [0.5, 1, 2, 4, 4, 4]
    assert rules.backoff(10_000) == timedelta(hours=4)


@given(st.integers(1, 60), st.timedeltas(timedelta(0), timedelta(days=7)))
def test_a_letter_is_given_up_after_five_days(attempt: int, passed: timedelta) -> None:
    again = rules.retry_at(attempt, first_tried_at=NOON, now=NOON + passed)
    if again is None:
        assert passed > timedelta(days=5) - timedelta(hours=4)
    else:
        assert NOON + passed + timedelta(minutes=30) <= again <= NOON + timedelta(days=5)


def test_a_doubt_is_closed_after_72_hours_and_counts_as_sent() -> None:
    early, late = NOON + timedelta(hours=71, minutes=59), NOON + timedelta(hours=72)
    assert rules.after_72_hours(State.AMBIGUOUS, doubted_at=NOON, now=early) == State.AMBIGUOUS
    assert rules.after_72_hours(State.AMBIGUOUS, doubted_at=NOON, now=late) == State.CLOSED_UNKNOWN
    assert rules.after_72_hours(State.READY, doubted_at=NOON, now=late) == State.READY
    assert {State.CLOSED_UNKNOWN, *TAKEN} <= rules.COUNTS_AS_SENT


def test_a_late_answer_is_evidence_for_a_doubt() -> None:
    def late(verdict: Verdict) -> State:
        return rules.settled(State.AMBIGUOUS, verdict, row_fence=3, our_fence=3)

    assert late(Verdict.ACCEPTED) == State.RESOLVED_SENT
    assert late(Verdict.RETRY) == late(Verdict.REJECTED) == State.RESOLVED_NOT_SENT
    assert late(Verdict.AMBIGUOUS) == State.AMBIGUOUS


@given(st.sampled_from(State), st.sampled_from(Verdict))
def test_another_workers_letter_is_left_alone(state: State, verdict: Verdict) -> None:
    assert rules.settled(state, verdict, row_fence=4, our_fence=3) == state
    assert not rules.may_mark(state, row_fence=4, our_fence=3)
    assert rules.may_mark(state, row_fence=4, our_fence=4) == (state in {State.CLAIMED, State.STREAMING})


def key(**changed: object) -> str:
    given: dict[str, object] = {
        "vendor": "penhale",
        "channel": "email",
        "recipient": "Sandra@Bellwether.example",
        "kind": "reminder",
        "subjects": ["PP-4471", "PP-4502"],
        "step": "first",
        "on": date(2026, 11, 17),
        "revision": 0,
    }
    return rules.dedupe_key(**(given | changed))  # type: ignore[arg-type]


def test_the_same_letter_has_the_same_key_however_it_is_planned() -> None:
    assert key() == key(subjects=["PP-4502", "PP-4471", "PP-4471"]) == key(recipient="sandra@bellwether.example")


@pytest.mark.parametrize(
    "changed",
    [
        {"vendor": "vermeer"},
        {"channel": "post"},
        {"recipient": "tom@bellwether.example"},
        {"kind": "thanks"},
        {"subjects": ["PP-4471"]},
        {"step": "second"},
        {"on": date(2026, 11, 18)},
        {"revision": 1},
    ],
)
def test_another_letter_has_another_key_and_another_message_id(changed: dict[str, object]) -> None:
    assert key(**changed) != key()
    assert rules.message_id(KEY, key(**changed), "x.example") != rules.message_id(KEY, key(), "x.example")


words = st.text(max_size=12)


@given(st.tuples(words, words), st.tuples(words, words))
def test_a_bar_in_a_word_cannot_make_two_letters_one(one: tuple[str, str], two: tuple[str, str]) -> None:
    same = key(kind=one[0], step=one[1]) == key(kind=two[0], step=two[1])
    assert same == (one == two)


def test_a_long_bundle_still_fits_into_an_index_entry() -> None:
    assert len(key(subjects=[f"INV-{n}" for n in range(5000)])) < 200


def test_the_message_id_is_that_of_the_formula() -> None:
    # python -c "import base64,hmac; print(base64.b32encode(hmac.digest(b'k'*32, b'a|b', 'sha256')).decode()[:32])"
    assert rules.message_id(KEY, "a|b", "mail.example") == "<TB63IVHSIOCUIMRW7XU4FLC5WZTRPUHW@mail.example>"
    assert rules.message_id(b"other" * 8, "a|b", "mail.example") != rules.message_id(KEY, "a|b", "mail.example")


def test_a_bounce_address_names_its_letter_and_needs_the_key() -> None:
    name = rules.message_id(KEY, "a|b", "mail.example")
    address = rules.bounce_address(KEY, name, "mail.example")
    assert name.strip("<>").partition("@")[0].lower() in address
    assert len(address.partition("@")[0]) <= 64
    assert address != rules.bounce_address(b"other" * 8, name, "mail.example")
