"""Statements that travel together: one transaction of these vendors and no other, and nothing of it when one is refused."""

from time import sleep
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from psycopg import Pipeline
from psycopg.abc import PQGen

from goodterms.database.isolation import acting_for, declared
from goodterms.database.together import acting_together_for

OURS, THEIRS = UUID(int=1), UUID(int=2)
DEED = (
    "insert into interactions_interaction (id, vendor_id, at, kind, by, inbound, channel, data)"
    " values (gen_random_uuid(), %s, now(), 'tried', 'us', false, '', '{}')"
)


def do(vendors: list[UUID], failing: Exception | None = None) -> None:
    with acting_together_for([OURS]), connection.cursor() as cursor:
        for vendor in vendors:
            cursor.execute(DEED, [vendor])
        if failing:
            raise failing


def deeds() -> int:
    with acting_for([OURS]), connection.cursor() as cursor:
        cursor.execute("select count(*) from interactions_interaction where kind = 'tried'")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_what_goes_together_is_kept_and_what_was_asked_last_can_be_fetched_afterwards() -> None:
    with connection.cursor() as asked:
        with acting_together_for([OURS]), connection.cursor() as cursor:
            cursor.execute(DEED, [OURS])
            asked.execute("select count(*) from interactions_interaction where kind = 'tried'")
        assert asked.fetchone() == (1,)
    assert deeds() == 1


@pytest.mark.django_db
def test_another_vendors_row_is_refused_at_the_end_and_takes_all_with_it() -> None:
    with pytest.raises(DatabaseError, match="row-level security"):
        do([OURS, THEIRS])
    assert deeds() == 0


@pytest.mark.django_db
def test_a_failure_of_ours_takes_all_with_it() -> None:
    with pytest.raises(OSError, match="no way"):
        do([OURS], failing=OSError("no way"))
    assert deeds() == 0


@pytest.mark.django_db
def test_within_another_transaction_the_vendors_of_that_one_act_on_afterwards() -> None:
    with acting_for([THEIRS]):
        with acting_together_for([OURS]), connection.cursor() as cursor:
            cursor.execute("select current_setting('goodterms.vendors')")
            assert cursor.fetchone() == (f"{{{OURS}}}",)
        assert declared() == f"{{{THEIRS}}}"


@pytest.mark.django_db(transaction=True)
def test_on_its_own_it_leaves_no_vendors_behind_and_the_connection_works_on_after_a_refusal() -> None:
    with acting_together_for([OURS]):
        pass
    with pytest.raises(DatabaseError, match="row-level security"):
        do([OURS, THEIRS])
    assert declared() == ""
    assert deeds() == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_refused_is_told_however_soon_its_answer_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of statements do not fit what is gathered: the first is refused while the last is still to be sent."""
    send = Pipeline._communicate_gen

    def after_the_answer(pipeline: Pipeline) -> PQGen[None]:
        sleep(0.2)
        yield from send(pipeline)

    monkeypatch.setattr(Pipeline, "_communicate_gen", after_the_answer)
    with pytest.raises(DatabaseError, match="row-level security"):
        do([THEIRS, *[OURS] * 400])
    assert deeds() == 0


@pytest.mark.django_db
def test_nothing_is_sent_before_an_answer_is_asked_for() -> None:
    """Each statement that went alone would wake the server, and wait for its turn again."""
    with acting_together_for([OURS]), connection.cursor() as cursor:
        cursor.execute("select 1")
        waiting = len(connection.connection._pipeline.command_queue)
        assert cursor.fetchone() == (1,)
        assert not connection.connection._pipeline.command_queue
    assert waiting >= 3  # the transaction's beginning, its vendors, and the question
