"""The same request under the same key has one effect and one answer, byte for byte, however often and at once it comes."""

from typing import Any

import pytest
from django.db import transaction

from goodterms.api.tests.test_apart import SENT
from goodterms.api.tests.world import NOW, Program, World, told
from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Answer
from goodterms.parties.models import Customer
from goodterms.payments.models import Payment


def payment(ours: World, **other: Any) -> dict[str, Any]:
    return {
        "customer_id": str(ours.customer.id), "minor": 100_00, "currency": "GBP", "received_on": "2026-11-16", "method": "card",
        **other,
    }  # fmt: skip


def test_a_post_without_a_key_is_refused(ours: World) -> None:
    bare = Program(ours.secret)
    answer = bare.client.post(
        "/api/v1/payments/", payment(ours), "application/json", headers={"Authorization": f"Bearer {ours.secret}"}
    )
    assert (answer.status_code, told(answer)["field"]) == (422, "Idempotency-Key")


def test_a_request_that_is_sent_again_gets_the_first_answer(program: Program, ours: World) -> None:
    first = program("POST", "/payments/", payment(ours), key="one")
    again = program("POST", "/payments/", payment(ours), key="one")
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert (first.get("Idempotent-Replay"), again["Idempotent-Replay"]) == (None, "true")
    assert again["Content-Type"] == first["Content-Type"]


def test_another_request_under_the_same_key_is_refused(program: Program, ours: World) -> None:
    program("POST", "/payments/", payment(ours), key="one")
    other = program("POST", "/payments/", payment(ours, minor=1), key="one")
    assert (other.status_code, told(other)["code"]) == (422, "idempotency")
    elsewhere = program("POST", "/customers/", {"number": "9", "name": "Nine", "currency": "GBP"}, key="one")
    assert elsewhere.status_code == 201  # a key belongs to its route


def test_a_refusal_is_the_answer_too_and_leaves_nothing_behind(program: Program, ours: World) -> None:
    body = {"number": "7", "name": "Again", "currency": "GBP"}
    first = program("POST", "/customers/", body, key="one")
    again = program("POST", "/customers/", body, key="one")
    assert (first.status_code, told(first)["code"]) == (422, "taken")
    assert (again.content, again["Idempotent-Replay"], again["Content-Type"]) == (first.content, "true", first["Content-Type"])
    assert Customer.objects.count() == 1


def test_what_could_not_be_read_was_no_request_so_its_key_is_free(program: Program, ours: World) -> None:
    assert program("POST", "/payments/", payment(ours, minor="ten"), key="one").status_code == 422
    assert program("POST", "/payments/", payment(ours), key="one").status_code == 201


def test_a_key_is_honoured_on_patch_and_delete(program: Program, ours: World) -> None:
    path = f"/invoices/{ours.invoice.id}/hold/"
    program("POST", path, {})
    assert [program("DELETE", path, key="one").status_code for _ in range(2)] == [204, 204]
    assert program("DELETE", path, key="two").status_code == 422


def test_every_route_that_changes_something_says_the_same_twice(ours: World) -> None:
    for route, body in SENT.items():
        method, path = route.replace("/api/v1", "").split(" ")
        if method == "GET":
            continue
        for name, key in ours.ids.items():
            path = path.replace(f"{{{name}}}", str(key))
        with transaction.atomic():
            first, again = (Program(ours.secret)(method, path, body, key="one") for _ in range(2))
            transaction.set_rollback(True)
        assert (first.status_code, first.content) == (again.status_code, again.content), route
        assert ("Idempotent-Replay" in first, again.get("Idempotent-Replay")) == (False, "true"), route


def test_a_fault_undoes_everything_even_the_claim_of_the_key(
    program: Program, ours: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**given: Any) -> None:
        from goodterms.parties.actions import add_customer

        add_customer(vendor_id=ours.vendor.id, number="12", name="Half", currency="GBP", now=NOW, by="Tom")
        raise RuntimeError("the secret of the house")

    with monkeypatch.context() as patch:
        patch.setattr("goodterms.api.payments.actions.record", fails)
        failed = program("POST", "/payments/", payment(ours), key="one")
    assert failed.status_code == 500
    assert b"secret" not in failed.content
    with acting_for([ours.vendor.id]):
        assert Customer.objects.count() == 1
    assert program("POST", "/payments/", payment(ours), key="one").status_code == 201


def test_money_is_recorded_once_even_when_the_answer_was_forgotten(program: Program, ours: World) -> None:
    first = program("POST", "/payments/", payment(ours), key="one")
    with acting_for([ours.vendor.id]):
        Answer.objects.all().delete()
    again = program("POST", "/payments/", payment(ours), key="one")
    assert again.content == first.content
    with acting_for([ours.vendor.id]):
        assert Payment.objects.filter(minor=100_00).count() == 1
