"""Decides how a no is said to a program: problem details (RFC 9457), with the sentence that a person would be told."""

import json
import logging
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from goodterms.values.refusal import Refused

log = logging.getLogger("goodterms.api")
MEDIA_TYPE = "application/problem+json"
ROOT = "/api/"
# What a refusal is to HTTP, by its code; any other is a request that was understood and may not be done: 422.
STATUSES = {
    "not_found": HTTPStatus.NOT_FOUND,
    "scope": HTTPStatus.FORBIDDEN,
    "role": HTTPStatus.FORBIDDEN,
    "in_progress": HTTPStatus.CONFLICT,
    "media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}
SENTENCES = {
    400: ("request", "This request cannot be read."),
    401: ("key", "Send a key that is in use, as: Authorization: Bearer gt_…"),
    404: ("not_found", "There is nothing at this address."),
    405: ("method", "This cannot be done here; the header Allow lists what can."),
    413: ("size", "This request is larger than is taken here."),
    500: ("fault", "Something went wrong on our side, and nothing was changed. It was written to the log."),
}


class Problem(Schema):
    """Why a request was refused (RFC 9457). `detail` is a sentence for people, `code` a stable word for programs, `field`
    the input that was refused, where there is one; `findings` of the official rules, where those refuse."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None
    findings: list[dict[str, Any]] = []


def problem(
    status: int, detail: str, code: str, field: str | None = None, findings: Sequence[dict[str, Any]] = ()
) -> HttpResponse:  # fmt: skip
    title = HTTPStatus(status).phrase
    said = {"type": "about:blank", "title": title, "status": int(status), "detail": detail, "code": code, "field": field}
    said |= {"findings": list(findings)} if findings else {}
    response = HttpResponse(json.dumps(said, ensure_ascii=False), status=int(status), content_type=MEDIA_TYPE)
    response["Content-Length"] = str(len(response.content))
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    if code == "in_progress":
        response["Retry-After"] = "1"
    return response


def plain(status: int) -> HttpResponse:
    """A problem of which no more is known than its status."""
    code, detail = SENTENCES.get(status, SENTENCES[400])
    return problem(status, detail, code)


def refused(request: HttpRequest, no: Refused) -> HttpResponse:
    status = STATUSES.get(no.code, HTTPStatus.UNPROCESSABLE_ENTITY)
    if status == HTTPStatus.NOT_FOUND and not (request.resolver_match and request.resolver_match.kwargs):
        status = HTTPStatus.UNPROCESSABLE_ENTITY  # the address is right; what the body names is not there
    return problem(status, no.sentence, no.code, no.field, [one.told() for one in getattr(no, "findings", ())])


def invalid(request: HttpRequest, odd: ValidationError) -> HttpResponse:
    """The first thing that does not fit; the rest is known once that is mended."""
    first: dict[str, Any] = odd.errors[0]
    where = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "header")]
    if where[:1] == ["asked"]:  # the parameter that the body is read into has no place in what was sent
        where = where[1:]
    field = ".".join(where) or None
    detail = f"{field or 'The request'}: {first['msg'].removeprefix('Value error, ')}."
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, "invalid", field)


def unreadable(request: HttpRequest, odd: HttpError) -> HttpResponse:
    return plain(odd.status_code)


def too_large(request: HttpRequest, odd: RequestDataTooBig) -> HttpResponse:
    return plain(413)


def odd(request: HttpRequest, odd: Exception) -> HttpResponse:
    return plain(400)


def fault(request: HttpRequest, fault: Exception) -> HttpResponse:
    """What nobody foresaw: told to the operator, not to the caller."""
    log.error("%s %s failed", request.method, request.path, exc_info=fault)
    return plain(500)


def answer_problems(api: NinjaAPI) -> None:
    """Teach the API to say each no in this way."""
    handlers: dict[type[Exception], Any] = {
        Refused: refused, ValidationError: invalid, HttpError: unreadable, AuthenticationError: unreadable,
        RequestDataTooBig: too_large, SuspiciousOperation: odd, UnreadablePostError: odd, Exception: fault,
    }  # fmt: skip
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def only_problems(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: what Django itself refuses under /api/ (no such address, a wrong method, a request too large) is said in
    the same way. No answer from there is kept on the way."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not request.path.startswith(ROOT):
            return response
        if response.status_code >= 400 and response["Content-Type"] != MEDIA_TYPE:
            response = _in_our_words(response)
        response["Cache-Control"] = "no-store"
        return response

    return respond


def _in_our_words(response: HttpResponseBase) -> HttpResponse:
    said = plain(response.status_code)
    if "Allow" in response:
        said["Allow"] = ", ".join(sorted(response["Allow"].split(", ")))
    return said
