"""Questions asked ahead: answered in their order, for the vendors declared, on a connection that does not outlive the block."""

from time import monotonic, sleep
from uuid import UUID

import pytest
from django.db import Error, connection

from goodterms.database.ahead import Question, asking
from goodterms.database.isolation import acting_for
from goodterms.parties.models import Vendor
from goodterms.parties.tests.test_actions import a_vendor

SLUGS = Question("select slug from parties_vendor order by slug", {})


def seen(vendors: list[UUID]) -> list[str]:
    with asking(vendors) as ask:
        return [slug for (slug,) in ask([SLUGS])[0].fetchall()]


def is_served(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from pg_stat_activity where pid = %s)", [backend])
        return bool(cursor.fetchone()[0])


def is_gone_soon(backend: int) -> bool:
    """A server's process ends a moment after its connection."""
    deadline = monotonic() + 10
    while is_served(backend) and monotonic() < deadline:
        sleep(0.01)
    return not is_served(backend)


@pytest.mark.django_db(transaction=True)
def test_what_is_asked_ahead_is_seen_for_the_vendors_declared_and_no_other() -> None:
    one, other = a_vendor("one"), a_vendor("other")
    assert seen([one.id, other.id]) == ["one", "other"]
    assert seen([other.id]) == ["other"]
    assert seen([]) == []


@pytest.mark.django_db(transaction=True)
def test_answers_come_in_the_order_of_the_questions_however_late_they_are_fetched() -> None:
    numbers = [Question("select generate_series(1, %(up_to)s)", {"up_to": size}) for size in (3, 2_000, 1)]
    with asking([]) as ask:
        first, second = ask(numbers), ask([SLUGS, *numbers])
        with acting_for([]), connection.cursor() as cursor:  # the caller's own connection is free meanwhile
            cursor.execute("select 1")
            assert cursor.fetchone() == (1,)
        assert [len(cursor.fetchall()) for cursor in first] == [3, 2_000, 1]
        assert [len(cursor.fetchall()) for cursor in second] == [0, 3, 2_000, 1]


@pytest.mark.django_db(transaction=True)
def test_each_asking_sees_what_was_committed_before_it() -> None:
    one = a_vendor("one")
    with asking([one.id]) as ask:
        assert ask([SLUGS])[0].fetchall() == [("one",)]
        with acting_for([one.id]):
            Vendor.objects.filter(id=one.id).update(slug="renamed")
            assert ask([SLUGS])[0].fetchall() == [("one",)]
        assert ask([SLUGS])[0].fetchall() == [("renamed",)]


@pytest.mark.django_db(transaction=True)
def test_a_refused_question_is_told_and_the_connection_ends_with_the_block() -> None:
    backends: list[int] = []
    with pytest.raises(Error, match="division by zero"), asking([]) as ask:  # noqa: PT012  (what follows is refused)
        backends += [pid for (pid,) in ask([Question("select pg_backend_pid()", {})])[0].fetchall()]
        assert is_served(backends[0])
        ask([Question("select 1 / %(by)s", {"by": 0}), SLUGS])[0].fetchall()
    assert is_gone_soon(backends[0])


@pytest.mark.django_db
def test_within_a_transaction_it_asks_in_step_and_sees_what_was_written_in_it() -> None:
    one = a_vendor("one")
    with acting_for([one.id]):
        Vendor.objects.filter(id=one.id).update(slug="renamed")
        assert seen([one.id]) == ["renamed"]
