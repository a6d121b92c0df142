"""Every no is a problem detail with a sentence; nothing of the inside gets out."""

from typing import Any

import pytest
from django.test import Client

from goodterms.api.tests.world import Program, World, told


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "code", "field"),
    [
        ("GET", "/invoices/01a1e3de-0000-7000-8000-000000000000/", None, {}, 404, "not_found", None),
        ("GET", "/nowhere/", None, {}, 404, "not_found", None),
        ("PUT", "/invoices/", {}, {}, 405, "method", None),
        ("GET", "/invoices/?stage=late", None, {}, 422, "invalid", "stage"),
        ("GET", "/invoices/?custmer_id=1", None, {}, 422, "invalid", "custmer_id"),
        ("GET", "/invoices/?limit=0", None, {}, 422, "invalid", "limit"),
        ("GET", "/invoices/?cursor=abc", None, {}, 422, "cursor", "cursor"),
        ("GET", "/invoices/?cursor=WyJvbiIsIngiLCJ4Il0=", None, {}, 422, "cursor", "cursor"),
        ("GET", "/invoices/not-an-id/", None, {}, 422, "invalid", "invoice_id"),
        ("GET", "/measures/aging/?as_of=2026-06-31", None, {}, 422, "invalid", "as_of"),
        ("POST", "/customers/", {"number": "9", "name": "N", "currency": "GBP", "nmae": 1}, {}, 422, "invalid", "nmae"),
        ("POST", "/customers/", {"number": "9", "name": "N", "currency": "XQX"}, {}, 422, "currency", None),
        ("POST", "/customers/", {"number": "9", "name": "N\0", "currency": "GBP"}, {}, 422, "invalid", "name"),
        ("POST", "/customers/", {"number": "9", "name": "=1+1", "currency": "GBP"}, {}, 422, "name", "name"),
        ("POST", "/customers/", {"number": "9"}, {"Idempotency-Key": "a\tb"}, 422, "idempotency", "Idempotency-Key"),
        ("POST", "/conversations/", {"invoice_ids": [], "words": "Why?"}, {}, 422, "invalid", "invoice_ids"),
    ],
)
def test_each_no_is_a_problem(
    method: str, path: str, body: Any, headers: dict[str, str], status: int, code: str, field: str | None, program: Program
) -> None:
    answer = program(method, path, body, **headers)
    said = told(answer)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert (said["status"], said["code"], said["field"]) == (status, code, field)
    assert sorted(said) == ["code", "detail", "field", "status", "title", "type"]
    assert said["detail"].endswith(".")


def test_a_wrong_method_is_told_which_are_right(program: Program) -> None:
    assert program("PUT", "/invoices/", {})["Allow"] == "GET, POST"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_that_is_not_json_is_not_taken(kind: str, ours: World) -> None:
    headers = {"Authorization": f"Bearer {ours.secret}", "Idempotency-Key": "one"}
    answer = Client().generic("POST", "/api/v1/customers/", "number=9", kind, headers=headers)
    assert (answer.status_code, told(answer)["field"]) == (415, "Content-Type")


@pytest.mark.parametrize("body", ["{", "[]", "null", '"x"', "\xff", '{"number": "9", "name": "\\ud800", "currency": "GBP"}'])
def test_what_is_no_json_object_of_that_shape_is_refused(body: str, ours: World) -> None:
    headers = {"Authorization": f"Bearer {ours.secret}", "Idempotency-Key": "one"}
    answer = Client().generic("POST", "/api/v1/customers/", body.encode("latin-1"), "application/json", headers=headers)
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"


def test_a_body_is_not_passed_over_where_none_is_taken(program: Program, ours: World) -> None:
    answer = program("POST", f"/invoices/{ours.draft.id}/approval/", {"up_to": 1})
    assert (answer.status_code, told(answer)["detail"]) == (422, "This takes no body; leave it out.")
    assert program("POST", f"/invoices/{ours.draft.id}/approval/", {}).status_code == 200


def test_no_answer_is_kept_on_the_way(program: Program) -> None:
    answers = [program("GET", path) for path in ("/customers/", "/nowhere/", "/invoices/not-an-id/")]
    assert {answer["Cache-Control"] for answer in answers} == {"no-store"}
    assert all(int(answer["Content-Length"]) == len(answer.content) for answer in answers)


def test_a_request_that_is_too_large_is_a_problem_too(program: Program, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = program("POST", "/customers/", {"number": "9", "name": "N" * 200, "currency": "GBP"})
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")


def test_pages_outside_the_api_keep_their_own_words(db: None) -> None:
    assert "problem" not in Client().get("/nowhere/")["Content-Type"]
