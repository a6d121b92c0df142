"""Decides that the rules keep their promises in every world, and that the walk over all worlds would notice if not."""

from collections.abc import Mapping

import pytest

from goodterms.delivery import rules
from goodterms.delivery.rules import Event, Outcome, State, Verdict
from goodterms.delivery.tests import model


def test_in_every_world_a_letter_leaves_at_most_once_and_none_is_lost() -> None:
    worlds, ends = model.explore()
    assert worlds == 71_778  # a walk that became smaller sees less: look why, then correct the figure
    assert ends == {
        State.ACCEPTED,
        State.REJECTED,
        State.EXPIRED,
        State.CANCELLED,
        State.RESOLVED_SENT,
        State.RESOLVED_NOT_SENT,
        State.CLOSED_UNKNOWN,
    }


@pytest.mark.parametrize(
    ("state", "event", "wrong"),
    [
        (State.AMBIGUOUS, Event.LEASE_OVER, State.READY),
        (State.AMBIGUOUS, Event.GIVEN_UP, State.READY),
        (State.COMMITTING, Event.LEASE_OVER, State.READY),
        (State.COMMITTING, Event.DOUBTED, State.READY),
        (State.COMMITTING, Event.DOUBTED, State.REJECTED),
        (State.COMMITTING, Event.RESTORED, State.READY),
        (State.ACCEPTED, Event.LEASE_OVER, State.READY),
        (State.READY, Event.RESTORED, State.READY),
        (State.CLAIMED, Event.LEASE_OVER, State.REJECTED),
        (State.STREAMING, Event.LEASE_OVER, State.STREAMING),
        (State.STREAMING, Event.RETRIED, State.EXPIRED),
    ],
)
def test_one_forbidden_edge_is_noticed(state: State, event: Event, wrong: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "TABLE", {**rules.TABLE, state: {**rules.TABLE[state], event: wrong}})
    with pytest.raises(AssertionError, match=r"two copies|lost letter|does not know"):
        model.explore()


def test_a_missing_way_back_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    shut: Mapping[Event, State] = {e: s for e, s in rules.TABLE[State.CLAIMED].items() if e != Event.LEASE_OVER}
    monkeypatch.setattr(rules, "TABLE", {**rules.TABLE, State.CLAIMED: shut})
    with pytest.raises(AssertionError, match="lost letter"):
        model.explore()


def test_a_stolen_lease_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def may_mark(state: State, *, row_fence: int, our_fence: int) -> bool:
        return state in (State.CLAIMED, State.STREAMING)

    monkeypatch.setattr(rules, "may_mark", may_mark)
    with pytest.raises(AssertionError, match=r"two copies|does not know"):
        model.explore()


def test_a_verdict_on_a_row_that_is_no_longer_ours_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    fenced = rules.settled

    def settled(state: State, verdict: Verdict, *, row_fence: int, our_fence: int) -> State:
        return fenced(state, verdict, row_fence=row_fence, our_fence=row_fence)

    monkeypatch.setattr(rules, "settled", settled)
    with pytest.raises(AssertionError, match=r"two copies|does not know"):
        model.explore()


def test_silence_after_the_dot_taken_for_not_sent_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = rules.outcome_of

    def outcome_of(phase: rules.Phase, answer: rules.Reply | rules.Fault) -> Outcome:
        outcome = honest(phase, answer)
        return outcome._replace(verdict=Verdict.RETRY) if outcome.verdict == Verdict.AMBIGUOUS else outcome

    monkeypatch.setattr(rules, "outcome_of", outcome_of)
    with pytest.raises(AssertionError, match=r"two copies|does not know"):
        model.explore()


def test_a_mark_without_asking_again_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "is_due", lambda world: True)
    with pytest.raises(AssertionError, match="after the payment"):
        model.explore()
