"""Lanes work at the same time, each on its own connection, and leave none open."""

import threading

import pytest
from django.db import connection, transaction

from goodterms.database.lanes import LANES, in_lanes

CONNECTION = "select pg_backend_pid()"


def own() -> int:
    with connection.cursor() as cursor:
        cursor.execute(CONNECTION)
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_each_lane_has_a_connection_of_its_own_while_the_others_work() -> None:
    together = threading.Barrier(LANES, timeout=30)

    def work() -> int:
        together.wait()
        return own()

    found = in_lanes(work)
    assert len({own(), *found}) == 1 + LANES
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_stat_activity where pid = any(%s) and state <> 'idle'", [found])
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_a_fault_is_raised_after_all_came_to_their_end() -> None:
    ended, together, dies = [], threading.Barrier(LANES, timeout=30), threading.Lock()

    def work() -> None:
        together.wait()
        if dies.acquire(blocking=False):
            raise ConnectionError("the server went away")
        ended.append(own())

    with pytest.raises(ConnectionError):
        in_lanes(work)
    assert len(ended) == LANES - 1


@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_the_work_stays_on_its_connection() -> None:
    with transaction.atomic():
        assert in_lanes(own) == [own()]
