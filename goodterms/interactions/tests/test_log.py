"""What is done is in the log with it, contacts are counted once, and a request is answered once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.interactions import due
from goodterms.interactions.actions import Answered, Deed, claim_answer, keep_answer, record, record_all
from goodterms.interactions.models import Answer, Interaction
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
ONE, OTHER = bytes(32), bytes(31) + b"1"


@pytest.mark.django_db
def test_one_deed_and_many_are_recorded_alike() -> None:
    vendor, customer = new_key(NOW), new_key(NOW)
    deed = Deed(vendor, "note.added", "Tom", customer, channel="desk", inbound=True, data={"words": 'ä "b"\n'})
    bare = Deed(vendor, "note.added", "Tom")
    with acting_for([vendor]):
        record(at=NOW, deed=deed)
        record(at=NOW, deed=bare)
        record_all(at=NOW, deeds=[deed, bare])
        record_all(at=NOW, deeds=[])
        rows = list(Interaction.objects.values_list("at", *Deed._fields))
    assert sorted(rows, key=str) == sorted([(NOW, *deed), (NOW, *bare)] * 2, key=str)


def ask(vendor: object, body: bytes = ONE, key: str = "k1", route: str = "POST /payments") -> Answered | None:
    return claim_answer(vendor_id=vendor, key=key, route=route, request_sha256=body, now=NOW)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_the_same_request_is_told_the_same_words() -> None:
    vendor, other = new_key(NOW), new_key(NOW)
    with acting_for([vendor, other]):
        assert ask(vendor) is None
        with pytest.raises(Refused) as early:
            ask(vendor)
        assert early.value.code == "in_progress"
        keep_answer(vendor_id=vendor, key="k1", route="POST /payments", status=201, body='{"a": "ö"}')
        assert ask(vendor) == Answered(201, '{"a": "ö"}')
        with pytest.raises(Refused, match="used for another request") as clash:
            ask(vendor, OTHER)
        assert clash.value.code == "idempotency"
        assert ask(vendor, OTHER, key="k2") is None
        assert ask(vendor, OTHER, route="POST /invoices") is None
        assert ask(other, OTHER) is None


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb"])
def test_a_key_has_to_be_a_key(key: str) -> None:
    with pytest.raises(Refused):
        ask(new_key(NOW), key=key)


@pytest.mark.django_db
def test_answers_are_forgotten_after_90_days() -> None:
    vendor = new_key(NOW)
    with acting_for([vendor]):
        ask(vendor)
        assert due.forget_answers(vendor_id=vendor, now=NOW + timedelta(days=90)) == 0
        assert due.forget_answers(vendor_id=vendor, now=NOW + timedelta(days=90, seconds=1)) == 1
        assert ask(vendor, OTHER) is None


@pytest.mark.django_db(transaction=True)
def test_of_many_that_ask_at_once_one_works_and_all_hear_its_answer() -> None:
    vendor = new_key(NOW)
    told: list[object] = []

    def one(number: int) -> None:
        try:
            with acting_for([vendor]):
                answer = ask(vendor)
                if answer is None:
                    answer = Answered(201, f"by {number}")
                    keep_answer(vendor_id=vendor, key="k1", route="POST /payments", status=201, body=answer.body)
                told.append(answer)
        except Exception as fault:  # noqa: BLE001  (compared below)
            told.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[number]) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 10
    assert len(set(told)) == 1
    with acting_for([vendor]):
        assert Answer.objects.count() == 1
