"""Decides what every door does alike: it reads the clock, does all of a deed or nothing of it, and says a no in a page."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from goodterms.values.refusal import Refused


class Outcome:
    """Whether a deed was done, and if not why, in the reader's words, with the field that was refused."""

    def __init__(self) -> None:
        self.refusal: Refused | None = None

    def __bool__(self) -> bool:
        return self.refusal is None


@contextmanager
def deciding() -> Iterator[Outcome]:
    """All of a deed or nothing of it: a refusal is kept for the page, which shows it beside what was typed."""
    outcome = Outcome()
    try:
        with transaction.atomic():
            yield outcome
    except Refused as no:
        outcome.refusal = no


def clock() -> datetime:
    """The one place where a door reads the clock; GOODTERMS_NOW (ISO 8601 with zone) stands in for it."""
    given = os.environ.get("GOODTERMS_NOW")
    return datetime.fromisoformat(given).astimezone(UTC) if given else datetime.now(UTC)


def page(request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
    """A page with what it shows."""
    return HttpResponse(render_to_string(template, context, request), status=status)
