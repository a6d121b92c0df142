"""Stories of the step that an invoice has reached."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.reminders.rules import STEADY, Cadence, Facts, Step, carrying, next_step
from goodterms.reminders.tests.cast import TUESDAY, held, invoice
from goodterms.values.days import NEVER
from goodterms.values.refusal import Refused

DAYS = {"penhale": TUESDAY}


def step_of(facts: Facts, cadence: Cadence = STEADY, carrier: Facts | None = None, on: date = TUESDAY) -> str | None:
    step = next_step(facts, carrier or facts, cadence, on)
    return step.kind if step else None


@pytest.mark.parametrize(
    ("days_late", "step"),
    [(-6, None), (-5, "heads_up"), (-1, "heads_up"), (0, "due_day"), (2, "due_day"), (3, "first"), (9, "first"),
     (10, "second"), (14, "call"), (20, "call"), (21, "owner"), (400, "owner")],
)  # fmt: skip
def test_the_steady_cadence_as_it_is_drawn(days_late: int, step: str | None) -> None:
    assert step_of(invoice(days_late)) == step


def test_a_step_that_was_done_is_not_repeated() -> None:
    assert step_of(invoice(3, done=3)) is None
    assert step_of(invoice(9, done=3)) is None
    assert step_of(invoice(10, done=3)) == "second"


def test_after_three_missed_days_only_the_latest_step_runs() -> None:
    assert step_of(invoice(13, done=0)) == "second"
    assert step_of(invoice(13, done=10)) is None


def test_a_manual_step_waits_for_its_person_and_what_comes_after_waits_with_it() -> None:
    letter_by_hand = Cadence("By hand", (Step(3, "first"), Step(10, "owner", automatic=False), Step(14, "second")))
    assert step_of(invoice(12, done=3), letter_by_hand) == "owner"
    assert step_of(invoice(40, done=3), letter_by_hand) == "owner"
    assert step_of(invoice(40, done=10), letter_by_hand) == "second"


def test_the_first_of_two_manual_steps_comes_first() -> None:
    twice = Cadence("Twice", (Step(3, "owner", automatic=False), Step(5, "owner", automatic=False), Step(9, "second")))
    found = next_step(invoice(30), invoice(30), twice, TUESDAY)
    assert found
    assert found.days == 3


def test_a_late_step_keeps_the_next_one_at_a_distance() -> None:
    assert step_of(invoice(3, done=0, done_on=TUESDAY - timedelta(days=2))) is None
    assert step_of(invoice(3, done=0, done_on=TUESDAY - timedelta(days=3))) == "first"
    oldest = invoice(10, number="old", done=3, done_on=TUESDAY - timedelta(days=2))
    assert step_of(invoice(1), carrier=oldest) is None


def test_a_small_amount_is_not_worth_a_call() -> None:
    careful = Cadence("Careful", (Step(3, "first"), Step(14, "call", "call", minimum=(("GBP", 50000),))))
    assert step_of(invoice(15, open_minor=50000), careful) == "call"
    assert step_of(invoice(15, open_minor=49999), careful) == "first"
    assert step_of(invoice(15, open_minor=49999, done=3), careful) is None
    assert step_of(invoice(15, open_minor=49999, currency="EUR"), careful) == "call"


def test_a_late_invoice_rides_with_the_oldest_of_its_customer() -> None:
    oldest = invoice(10, number="old", done=3)
    assert step_of(invoice(1), carrier=oldest) == "second"
    assert step_of(invoice(1), carrier=oldest._replace(done=10)) is None


def test_what_rode_along_is_not_said_again_while_the_oldest_is_held_up() -> None:
    oldest = invoice(10, number="old", done=3)
    assert step_of(invoice(1, done=10), carrier=oldest) is None


def test_before_its_due_day_an_invoice_has_its_own_clock() -> None:
    oldest = invoice(12, number="old", done=10)
    assert step_of(invoice(-5), carrier=oldest) == "heads_up"
    assert step_of(invoice(0, done=-5), carrier=oldest) == "due_day"


def test_when_the_oldest_is_paid_the_next_one_takes_over_with_its_own_date() -> None:
    rode_along = invoice(4, done=3)
    assert step_of(rode_along) is None
    assert step_of(rode_along._replace(due_on=TUESDAY - timedelta(days=10))) == "second"


def test_the_oldest_unpaid_invoice_carries_and_on_equal_dates_the_larger() -> None:
    small, large = invoice(5, number="small", total_minor=1), invoice(5, number="large", total_minor=2)
    young = invoice(4, number="young", total_minor=3)
    paid = invoice(9, number="paid", open_minor=0)
    assert carrying([young, small, large, paid], DAYS) == {"bellwether": large}


@pytest.mark.parametrize(
    ("until", "number"), [(None, "young"), (NEVER, "young"), (TUESDAY, "young"), (date(2026, 11, 16), "old")]
)
def test_a_disputed_invoice_does_not_hurry_the_others_along(until: date | None, number: str) -> None:
    old, young = held(invoice(40, number="old"), "disputed", until), invoice(4, number="young")
    assert carrying([old, young], DAYS)["bellwether"].number == number


def test_each_customer_has_its_own_clock() -> None:
    here, there = invoice(9), invoice(2, customer_id="saltmarsh")
    assert carrying([here, there], DAYS) == {"bellwether": here, "saltmarsh": there}


def _as_a_child_would(steps: tuple[Step, ...], day: int, done: int | None) -> int | None:
    """Walk through the days one by one and keep what was reached and not done; stop at what a person must do."""
    reached = None
    for today in range(-70, day + 1):
        for step in steps:
            if step.days == today and (done is None or today > done):
                reached = today
                if not step.automatic:
                    return today
    return reached


steps_of_any_kind = st.lists(
    st.builds(Step, st.integers(-20, 40), st.just("first"), automatic=st.booleans()),
    min_size=1, max_size=8, unique_by=lambda step: step.days,
).map(lambda steps: tuple(sorted(steps, key=lambda step: step.days)))  # fmt: skip


@given(steps_of_any_kind, st.integers(-30, 60), st.none() | st.integers(-20, 40))
def test_the_step_is_the_one_a_child_would_find(steps: tuple[Step, ...], day: int, done: int | None) -> None:
    found = next_step(invoice(day, done=done), invoice(day, done=done), Cadence("Any", steps), TUESDAY)
    assert (found and found.days) == _as_a_child_would(steps, day, done)


@given(steps_of_any_kind)
def test_a_cadence_survives_being_written_down(steps: tuple[Step, ...]) -> None:
    cadence = Cadence("Any", steps, gap_days=2)
    assert Cadence.from_json(cadence.to_json()) == cadence


def test_the_steady_cadence_survives_with_its_person() -> None:
    assert Cadence.from_json(STEADY.to_json()) == STEADY
    assert STEADY.to_json()["steps"][-1]["automatic"] is False


def test_a_personal_step_is_never_automatic() -> None:
    read = Cadence.from_json({"name": "P", "steps": [{"days": 1, "kind": "owner", "channel": "person"}]})
    assert not read.steps[0].automatic


FINE = {"days": 3, "kind": "first"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"name": "A"}, "A cadence needs a list of steps."),
        ({"name": "A", "steps": "first"}, "A cadence needs a list of steps."),
        ({"name": " ", "steps": [FINE]}, "A cadence needs a name."),
        ({"name": "A", "steps": []}, "A cadence has 1 to 20 steps; this one has 0."),
        ({"name": "A", "steps": [FINE, FINE]}, "Steps follow each other in time: day 3 cannot come after day 3."),
        ({"name": "A", "gap_days": -1, "steps": [FINE]},
         "The gap between two steps is a whole number of days from 0 to 30."),
        ({"name": "A", "steps": [FINE, 7]}, "Step 2 is not a step."),
        ({"name": "A", "steps": [{**FINE, "fee": 5}]}, "Step 1 says 'fee', which no step has."),
        ({"name": "A", "steps": [{**FINE, "days": "3"}]}, "Step 1 needs whole days from the due date, from -60 to 365."),
        ({"name": "A", "steps": [{**FINE, "days": 400}]}, "Step 1 needs whole days from the due date, from -60 to 365."),
        ({"name": "A", "steps": [{**FINE, "kind": "final_notice"}]},
         "Step 1 has no kind 'final_notice'; it is one of heads_up, due_day, first, second, call, owner."),
        ({"name": "A", "steps": [{**FINE, "channel": "sms"}]},
         "Step 1 has no channel 'sms'; it is one of email, post, call, person."),
        ({"name": "A", "steps": [{**FINE, "tone": "stern"}]},
         "Step 1 has no tone 'stern'; it is one of informal, neutral, formal."),
        ({"name": "A", "steps": [{**FINE, "automatic": 1}]}, "Step 1 is automatic or it is not: write true or false."),
        ({"name": "A", "steps": [{**FINE, "minimum": {"EUR": "50"}}]},
         'Step 1 needs its smallest amounts in minor units for each currency, like {"EUR": 5000}.'),
    ],
)  # fmt: skip
def test_what_is_no_cadence_is_refused_in_words(data: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        Cadence.from_json(data)
    assert refused.value.sentence == sentence
