"""Vendors are kept apart at this door: a strange id is told like one that does not exist; no request sees the last one's."""

import json
import re
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse

from goodterms.api.tests.world import NOW, Program, World, told
from goodterms.api.v1 import api
from goodterms.database.isolation import acting_for
from goodterms.parties.actions import add_api_key, revoke_api_key
from goodterms.parties.models import ApiKey

NOBODY = UUID("01a1e3de-0000-7000-8000-000000000000")
# What is sent to each route whose path names something: a request that would be done if the thing were ours. A route that is
# not here fails the sweep.
A_LINE = {"description": "x", "quantity": "1", "unit_price": "1", "tax": {"category": "Z", "percent": "0"}}
A_SCHEDULE = {"work": "x", "rule": "FREQ=MONTHLY", "starts_on": "2026-11-01", "lines": [A_LINE]}
A_WORK = {**A_LINE, "kind": "time", "done_on": "2026-11-10"}
A_RETAINER = {"name": "x", "unit": "sum", "tax": {"category": "Z", "percent": "0"}}
SENT: dict[str, Any] = {
    "GET /api/v1/customers/{customer_id}/": None,
    "PATCH /api/v1/customers/{customer_id}/": {"legal_name": "Theirs"},
    "POST /api/v1/customers/{customer_id}/welcome/": None,
    "PATCH /api/v1/customers/{customer_id}/preferences/": {"tone": "formal"},
    "POST /api/v1/customers/{customer_id}/contacts/": {"name": "Ben"},
    "GET /api/v1/customers/{customer_id}/terms/": None,
    "GET /api/v1/customers/{customer_id}/credits/": None,
    "POST /api/v1/customers/{customer_id}/credits/": {"lines": [A_LINE], "reason": "Late"},
    "DELETE /api/v1/contacts/{contact_id}/": None,
    "GET /api/v1/terms/{terms_id}/": None,
    "GET /api/v1/invoices/{invoice_id}/": None,
    "PATCH /api/v1/invoices/{invoice_id}/": {"work": "Theirs"},
    "POST /api/v1/invoices/{invoice_id}/send-back/": {"reason": "Wrong"},
    "POST /api/v1/invoices/{invoice_id}/order-request/": None,
    "GET /api/v1/invoices/{invoice_id}/document/": None,
    "GET /api/v1/invoices/{invoice_id}/xml/": None,
    "GET /api/v1/invoices/{invoice_id}/readiness/": None,
    "GET /api/v1/invoices/{invoice_id}/enclosures/": None,
    "POST /api/v1/invoices/{invoice_id}/enclosures/": {"name": "a.txt", "content": "YQ=="},
    "GET /api/v1/invoices/{invoice_id}/enclosures/{enclosure_id}/": None,
    "DELETE /api/v1/invoices/{invoice_id}/enclosures/{enclosure_id}/": None,
    "POST /api/v1/invoices/{invoice_id}/copies/": {"contact_id": str(UUID(int=7))},
    "POST /api/v1/invoices/{invoice_id}/approval/": None,
    "POST /api/v1/invoices/{invoice_id}/issue/": {},
    "POST /api/v1/invoices/{invoice_id}/issue-day/": {"on": "2026-12-01"},
    "DELETE /api/v1/invoices/{invoice_id}/issue-day/": None,
    "POST /api/v1/invoices/{invoice_id}/void/": {"reason": "Wrong"},
    "POST /api/v1/invoices/{invoice_id}/credit/": {"reason": "Wrong"},
    "POST /api/v1/invoices/{credit_note_id}/allocations/": {},
    "POST /api/v1/invoices/{invoice_id}/correction/": {"reason": "Wrong"},
    "POST /api/v1/invoices/{invoice_id}/write-off/": {"reason": "Lost"},
    "POST /api/v1/invoices/{invoice_id}/recovery/": {},
    "POST /api/v1/invoices/{invoice_id}/forewarning/": {},
    "POST /api/v1/invoices/{invoice_id}/hold/": {},
    "DELETE /api/v1/invoices/{invoice_id}/hold/": None,
    "POST /api/v1/invoices/{invoice_id}/dispute/": {"reason": "PRI"},
    "POST /api/v1/invoices/{invoice_id}/promise/": {"promised_on": "2026-11-20"},
    "DELETE /api/v1/invoices/{invoice_id}/promise/": None,
    "POST /api/v1/invoices/{invoice_id}/extension/": {"until_on": "2026-11-20"},
    "POST /api/v1/invoices/{invoice_id}/withheld/": {"minor": 1},
    "POST /api/v1/invoices/{invoice_id}/withholding/": {"as_agreed": True},
    "POST /api/v1/withheld/{withheld_id}/certificate/": {"number": "1", "on": "2026-11-01"},
    "POST /api/v1/withheld/{withheld_id}/return/": {"reason": "No."},
    "GET /api/v1/payments/{payment_id}/": None,
    "POST /api/v1/payments/{payment_id}/allocations/": {},
    "POST /api/v1/payments/{payment_id}/exchanges/": {"invoice_id": str(UUID(int=7))},
    "POST /api/v1/payments/{payment_id}/refunds/": {"minor": 1, "reason": "Twice"},
    "POST /api/v1/invoices/{credit_note_id}/refunds/": {"minor": 1, "reason": "They leave"},
    "GET /api/v1/conversations/{conversation_id}/": None,
    "POST /api/v1/conversations/{conversation_id}/answer/": {"words": "Yes."},
    "POST /api/v1/conversations/{conversation_id}/reply/": {"words": "Why?"},
    "POST /api/v1/conversations/{conversation_id}/resolution/": {"resolution": "answered", "words": "Yes."},
    "POST /api/v1/extensions/{extension_id}/grant/": {},
    "POST /api/v1/extensions/{extension_id}/refusal/": {"words": "No."},
    "GET /api/v1/plans/{plan_id}/": None,
    "POST /api/v1/plans/{plan_id}/agreement/": {},
    "POST /api/v1/plans/{plan_id}/offer/": {"parts": 3, "first_on": "2026-11-20"},
    "POST /api/v1/plans/{plan_id}/acceptance/": {},
    "POST /api/v1/plans/{plan_id}/refusal/": {"words": "No."},
    "POST /api/v1/plans/{plan_id}/end/": {"reason": "No."},
    "GET /api/v1/notices/{notice_id}/": None,
    "DELETE /api/v1/rates/{rate_id}/": None,
    "GET /api/v1/projects/{project_id}/": None,
    "POST /api/v1/projects/{project_id}/items/": {"items": [A_WORK]},
    "POST /api/v1/projects/{project_id}/finish/": {},
    "GET /api/v1/projects/{project_id}/price/": None,
    "POST /api/v1/projects/{project_id}/price/": {"lines": [A_LINE]},
    "POST /api/v1/projects/{project_id}/deposit/": {"percent": "30"},
    "POST /api/v1/projects/{project_id}/progress/": {"complete": "50"},
    "POST /api/v1/projects/{project_id}/final/": {},
    "GET /api/v1/retainers/{retainer_id}/": None,
    "POST /api/v1/retainers/{retainer_id}/top-up/": {"quantity": "1"},
    "POST /api/v1/retainers/{retainer_id}/drawing/": {},
    "POST /api/v1/retainers/{retainer_id}/end/": {"reason": "No."},
    "POST /api/v1/items/{item_id}/wait/": {"waits_for": "Beth"},
    "POST /api/v1/items/{item_id}/drop/": {"reason": "No."},
    "GET /api/v1/schedules/{schedule_id}/": None,
    "POST /api/v1/schedules/{schedule_id}/lines/": {"from_on": "2027-01-01"},
    "POST /api/v1/schedules/{schedule_id}/pause/": {"from_on": "2027-01-01", "reason": "No."},
    "POST /api/v1/schedules/{schedule_id}/resume/": {"last_on": "2027-01-01"},
    "POST /api/v1/schedules/{schedule_id}/end/": {"ends_on": "2027-01-01"},
}
A_SUM = {"minor": 1, "currency": "GBP", "received_on": "2026-11-01", "method": "card"}
# Ids that are asked for in a query or named in a body, with a request that names the other vendor's.
NAMED: list[tuple[str, str, Any]] = [
    ("GET", "/contacts/?customer_id={customer_id}", None),
    ("GET", "/terms/?customer_id={customer_id}", None),
    ("GET", "/invoices/?customer_id={customer_id}", None),
    ("GET", "/payments/?customer_id={customer_id}", None),
    ("GET", "/withheld/?invoice_id={invoice_id}", None),
    ("GET", "/conversations/?customer_id={customer_id}", None),
    ("GET", "/conversations/?invoice_id={invoice_id}", None),
    ("GET", "/notices/?customer_id={customer_id}", None),
    ("GET", "/notices/?invoice_id={invoice_id}", None),
    ("GET", "/notices/?payer_id={payer_id}", None),
    ("GET", "/measures/accuracy/?customer_id={customer_id}", None),
    ("GET", "/measures/satisfaction/?customer_id={customer_id}", None),
    ("GET", "/measures/promises/?customer_id={customer_id}", None),
    ("GET", "/measures/unapplied/?customer_id={customer_id}", None),
    ("POST", "/terms/", {"notation": "net 10", "customer_id": "{customer_id}"}),
    ("POST", "/invoices/", {"customer_id": "{customer_id}", "lines": [A_LINE]}),
    ("GET", "/projects/?customer_id={customer_id}", None),
    ("POST", "/projects/", {"customer_id": "{customer_id}", "name": "x"}),
    ("GET", "/items/?project_id={project_id}", None),
    ("POST", "/items/bill/", {"item_ids": ["{item_id}"]}),
    ("GET", "/retainers/?customer_id={customer_id}", None),
    ("POST", "/retainers/", {"customer_id": "{customer_id}", **A_RETAINER}),
    ("GET", "/schedules/?customer_id={customer_id}", None),
    ("POST", "/schedules/", {"customer_id": "{customer_id}", **A_SCHEDULE}),
    ("POST", "/payments/", {"customer_id": "{customer_id}", **A_SUM}),
    ("GET", "/plans/?customer_id={customer_id}", None),
    ("POST", "/plans/", {"invoice_ids": ["{invoice_id}"], "parts": 3, "first_on": "2026-11-20"}),
    ("POST", "/conversations/", {"invoice_ids": ["{invoice_id}"], "words": "Why?"}),
]  # fmt: skip


def routes() -> list[str]:
    document = api.get_openapi_schema()
    return [f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods if "{" in path]


def test_every_route_that_names_something_is_in_the_sweep() -> None:
    assert sorted(routes()) == sorted(SENT)


def test_every_id_in_a_query_or_a_body_is_in_the_sweep() -> None:
    document = api.get_openapi_schema()
    asked = {
        (path.removeprefix("/api/v1"), one["name"])
        for path, methods in document["paths"].items()
        for operation in methods.values()
        for one in operation["parameters"]
        if one["in"] == "query" and one["name"].endswith("_id")
    }
    tried = {(path.partition("?")[0], path.partition("?")[2].partition("=")[0]) for method, path, _ in NAMED if method == "GET"}
    assert asked == tried


def test_another_vendors_thing_is_told_like_one_that_does_not_exist(ours: World, theirs: World) -> None:
    for route, body in SENT.items():
        method, path = route.replace("/api/v1", "").split(" ")
        names = re.findall(r"{(\w+)}", path)
        strange = asked_and_undone(ours, method, path, body, theirs.ids)
        assert strange.status_code == 404, route
        assert same(strange, asked_and_undone(ours, method, path, body, dict.fromkeys(names, NOBODY))), route
        own = asked_and_undone(ours, method, path, body, ours.ids)
        assert own.content != strange.content, route  # the very same request finds what is ours


def test_naming_another_vendors_thing_is_told_like_naming_nothing(ours: World, theirs: World) -> None:
    strange = {**theirs.ids, "payer_id": theirs.contact.payer_id or NOBODY}
    for method, path, body in NAMED:
        answer = asked_and_undone(ours, method, path, body, strange)
        assert same(answer, asked_and_undone(ours, method, path, body, dict.fromkeys(strange, NOBODY))), path
        assert answer.status_code == (200 if method == "GET" else 422), path


def test_naming_another_vendors_invoice_for_a_payment_is_told_like_naming_nothing(ours: World, theirs: World) -> None:
    def said(key: UUID) -> str:
        body = {"customer_id": str(ours.customer.id), "named": [{"invoice_id": str(key)}], **A_SUM}
        return Program(ours.secret)("POST", "/payments/", body).content.decode().replace(str(key), "KEY")

    assert said(theirs.invoice.id) == said(NOBODY)
    assert "There is no open invoice KEY here to pay." in said(NOBODY)


def asked_and_undone(ours: World, method: str, path: str, body: Any, ids: dict[str, UUID]) -> HttpResponse:
    """What our program is told when it names these ids; the next request finds everything as it was."""
    sent = json.dumps(body)
    for name, key in ids.items():
        path, sent = path.replace(f"{{{name}}}", str(key)), sent.replace(f"{{{name}}}", str(key))
    with transaction.atomic():
        answer = Program(ours.secret)(method, path, json.loads(sent))
        transaction.set_rollback(True)
    return answer


def same(one: HttpResponse, other: HttpResponse) -> bool:
    return (one.status_code, one.content, sorted(one.items())) == (other.status_code, other.content, sorted(other.items()))


def test_no_list_and_no_measure_tells_of_the_others(ours: World, theirs: World) -> None:
    program = Program(ours.secret)
    with acting_for([theirs.vendor.id]):
        canaries = {str(key) for key in theirs.ids.values()} | {"Canary theirs", theirs.vendor.slug}
    document = api.get_openapi_schema()
    lists = [path for path, methods in document["paths"].items() if "get" in methods and "{" not in path]
    for path in lists:
        query = "?notation=net 30" if path.endswith("/reading/") else ""
        answer = program("GET", path.removeprefix("/api/v1") + query)
        assert answer.status_code == 200, path
        assert [canary for canary in canaries if canary in answer.content.decode()] == [], path


def test_a_key_that_is_unknown_revoked_or_missing_opens_nothing(ours: World) -> None:
    with acting_for([ours.vendor.id]):
        key = ApiKey.objects.get()
    assert Program(ours.secret)("GET", "/customers/").status_code == 200
    refused = [Program(secret)("GET", "/customers/") for secret in ("", "gt_x", ours.secret + "x", ours.secret[:-1])]
    with acting_for([ours.vendor.id]):
        revoke_api_key(vendor_id=ours.vendor.id, key_id=key.id, now=NOW, by="Tom")
    refused.append(Program(ours.secret)("GET", "/customers/"))
    assert {(one.status_code, one.content, one["WWW-Authenticate"]) for one in refused} == {
        (401, refused[0].content, "Bearer"),
    }  # fmt: skip


def test_a_key_does_what_its_scopes_say_and_its_last_day_of_use_is_kept(ours: World) -> None:
    with acting_for([ours.vendor.id]):
        key, secret = add_api_key(vendor_id=ours.vendor.id, name="Reader", scopes=["invoices:read"], now=NOW, by="Tom")
    program = Program(secret)
    assert program("GET", "/invoices/").status_code == 200
    no = program("POST", f"/invoices/{ours.draft.id}/approval/")
    assert (no.status_code, told(no)["detail"]) == (403, "This key may not do that: it needs the scope invoices:write.")
    assert program("GET", "/payments/").status_code == 403
    with acting_for([ours.vendor.id]):
        assert ApiKey.objects.get(id=key.id).last_used_on is not None


def test_every_operation_names_a_scope_of_its_noun() -> None:
    document = api.get_openapi_schema()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            noun, act = operation["x-scope"].split(":")
            assert act == ("read" if method == "get" else "write"), path
            assert noun == operation["tags"][0], path
