"""Decides whether this process is up, and whether it may serve: database there, schema current, vendors kept apart."""

import logging

from django.db import DatabaseError, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from goodterms.database.isolation import danger
from goodterms.database.migrate import pending

log = logging.getLogger("goodterms.api")


@transaction.non_atomic_requests
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process is up. It asks nobody else."""
    return JsonResponse({"up": True})


@transaction.non_atomic_requests
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether to send requests here: 200, or 503 with what is missing."""
    missing = _missing()
    return JsonResponse({"ready": missing is None, "missing": missing}, status=200 if missing is None else 503)


def _missing() -> str | None:
    try:
        if pending():
            return "The schema is older than the program. Run: goodterms migrate"
        return danger()
    except (DatabaseError, OSError) as fault:
        log.warning("The database does not answer: %s", fault)
        return "The database does not answer."
