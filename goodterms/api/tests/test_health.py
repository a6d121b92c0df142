"""Whether the process is up, and whether it may serve, is told without a key and without the inside."""

import pytest
from django.db import OperationalError, connection
from django.test import Client

from goodterms.api import health
from goodterms.api.tests.world import told
from goodterms.database.migrate import as_owner


def test_the_process_is_up_whatever_the_database_does() -> None:
    assert told(Client().get("/healthz")) == {"up": True}  # no database mark: a query would fail this test


def test_it_may_serve_when_schema_and_isolation_are_whole(db: None) -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, told(answer)) == (200, {"ready": True, "missing": None})


@pytest.mark.django_db(transaction=True)
def test_it_may_not_serve_while_a_table_is_open_to_all_vendors() -> None:
    try:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("alter table parties_customer no force row level security")
        answer = Client().get("/readyz")
        assert answer.status_code == 503
        assert told(answer)["missing"] == "Row security is missing on parties_customer. Run goodterms migrate."
    finally:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("alter table parties_customer force row level security")


def test_a_database_that_does_not_answer_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> bool:
        raise OperationalError("password of the house is wrong")

    monkeypatch.setattr(health, "pending", fails)
    answer = Client().get("/readyz")
    assert (answer.status_code, told(answer)["missing"]) == (503, "The database does not answer.")


def test_an_old_schema_is_not_served(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "pending", lambda: True)
    assert "goodterms migrate" in told(Client().get("/readyz"))["missing"]
