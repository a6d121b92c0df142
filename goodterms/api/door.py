"""Decides who comes in by the API and for which vendor they act, and that each request has its effect and answer once."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from hashlib import sha256
from typing import Any, NamedTuple

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.operation import Operation
from ninja.security import HttpBearer

from goodterms.api.problems import MEDIA_TYPE
from goodterms.database.isolation import declare
from goodterms.interactions.actions import Answered, claim_answer, keep_answer
from goodterms.invoicing.life import Role
from goodterms.parties.actions import key_used
from goodterms.parties.directory import key_shown
from goodterms.parties.models import Vendor
from goodterms.parties.rules import Viewer
from goodterms.stationery.door import clock
from goodterms.values.days import day_in
from goodterms.values.refusal import Refused

ROLE: Role = "bookkeeper"  # what a program may do to an invoice; its scopes narrow that
READS = ("GET", "HEAD")


class Caller(NamedTuple):
    """Who is asking, for which vendor, and when: by the vendor's own clock where it is a sandbox."""

    viewer: Viewer
    vendor: Vendor
    now: datetime
    today: date

    @property
    def name(self) -> str:
        return self.viewer.name


class Request(HttpRequest):
    """A request on its way through the door."""

    auth: Caller
    operation: Operation
    claimed: tuple[str, str] | None = None  # idempotency key and route
    decided = False  # a verb did its work or refused: either is the answer, for good


class SaidBefore(Exception):  # noqa: N818  (not a fault: the answer is there already)
    def __init__(self, answered: Answered) -> None:
        self.answered = answered


class Key(HttpBearer):
    """The key in the header Authorization. It is looked up, and its vendor declared, within the transaction of the view
    (ATOMIC_REQUESTS), which ends with the request and takes both with it."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        assert isinstance(request, HttpRequest)
        caller = _recognised(token, clock())
        if caller is None:
            return None
        caller.viewer.needs(self.scope)
        _must_be_readable(request)
        _claim(request, caller)
        return caller


def operation(
    router: Router, method: str, path: str, scope: str, answer: Any, status: int = 200, file: str = ""
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare one operation: what a key needs for it, what it answers, and with which status. `file` is the media type of
    one that answers with a file instead."""
    noun, _, _ = scope.partition(":")
    more: dict[str, Any] = {"x-scope": scope}
    if file:
        content = {file: {"schema": {"type": "string", "format": "binary"}}}
        more["responses"] = {status: {"description": "The file.", "content": content}}
    return router.api_operation([method], path, auth=Key(scope), response={status: answer}, tags=[noun], openapi_extra=more)


def decides(view: Callable[..., Any]) -> Callable[..., Any]:
    """A verb does all of its work or none: a refusal leaves nothing behind but the answer to its idempotency key."""

    @wraps(view)
    def deciding(request: Any, **given: Any) -> Any:
        try:
            with transaction.atomic():
                answer = view(request, **given)
        except Refused:
            request.decided = True
            raise
        request.decided = True
        return answer

    return deciding


def answers_once(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep what a claimed request is told; undo everything where nothing was decided, the claim of its key included."""
    of: Operation = run.__self__  # type: ignore[attr-defined]

    @wraps(run)
    def once(request: Any, *args: Any, **given: Any) -> HttpResponse:
        request.operation = of
        response = run(request, *args, **given)
        claimed = getattr(request, "claimed", None)
        if response.status_code >= 500 or (response.status_code >= 400 and not getattr(request, "decided", False)):
            transaction.set_rollback(True)
        elif claimed:
            key, route = claimed
            body, vendor_id = response.content.decode(), request.auth.vendor.id
            keep_answer(vendor_id=vendor_id, key=key, route=route, status=response.status_code, body=body)
        return response

    return once


def say_again(request: HttpRequest, said: Any) -> HttpResponse:
    """The stored answer, byte for byte."""
    status, body = said.answered
    kind = MEDIA_TYPE if status >= 400 else "application/json; charset=utf-8"
    return HttpResponse(body, status=status, content_type=kind, headers={"Idempotent-Replay": "true"})


def _recognised(token: str, now: datetime) -> Caller | None:
    key = key_shown(token)
    if key is None:
        return None
    declare([key.vendor_id])
    vendor = Vendor.objects.get(id=key.vendor_id)
    if key.last_used_on is None or key.last_used_on < now.date():
        key_used(key_id=key.id, on=now.date())
    viewer = Viewer(key.name, frozenset({vendor.id}), scopes=frozenset(key.scopes))
    now = vendor.sandbox_now or now
    return Caller(viewer, vendor, now, day_in(vendor.timezone, now))


def _must_be_readable(request: Any) -> None:
    """Refuses what would be passed over in silence: a query that is not known here, a body that is not JSON."""
    known = {name for model in request.operation.models for name in _names(model)}
    if unknown := sorted(set(request.GET) - known):
        raise Refused(
            f"{unknown[0][:60]!r} is not something that can be asked for here.", code="invalid", field=unknown[0][:60]
        )
    if not request.body:
        return
    if request.content_type != "application/json":
        raise Refused("Send the body as application/json.", code="media_type", field="Content-Type")
    takes_one = any(model.__ninja_param_source__ == "body" for model in request.operation.models)
    if not takes_one and request.body.strip() != b"{}":  # nothing, as many clients write it
        raise Refused("This takes no body; leave it out.", code="invalid")


def _names(model: Any) -> list[str]:
    if model.__ninja_param_source__ != "query":
        return []
    return list(model.__ninja_flatten_map__)


def _claim(request: Any, caller: Caller) -> None:
    """Claim the idempotency key: needed for each POST, honoured for each other change."""
    if request.method in READS:
        return
    key = request.headers.get("Idempotency-Key")
    if key is None:
        if request.method == "POST":
            raise Refused(
                "Every POST has a header Idempotency-Key, so that sending it again has no second effect.",
                code="idempotency",
                field="Idempotency-Key",
            )
        return
    route = f"{request.method} {request.path}"
    asked = sha256(request.body).digest()
    answered = claim_answer(vendor_id=caller.vendor.id, key=key, route=route, request_sha256=asked, now=caller.now)
    if answered is not None:
        raise SaidBefore(answered)
    request.claimed = (key, route)
