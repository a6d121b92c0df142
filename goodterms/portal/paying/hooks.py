"""Decides what a provider's call is answered: 200 once it is stored, 400 where it is not signed; it is worked afterwards."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from goodterms.database.isolation import declare
from goodterms.parties.directory import everyone
from goodterms.payments.actions import hear
from goodterms.payments.due import work_left
from goodterms.payments.providers import PROVIDERS
from goodterms.portal.door import clock
from goodterms.values.refusal import Refused

log = logging.getLogger(__name__)
MOST = 256 * 1024  # bytes: calls are small


@csrf_exempt
@require_POST
def hook(request: HttpRequest, provider: str, slug: str) -> HttpResponse:
    """Each vendor has an account of its own with a provider, and so an address and a secret of its own here."""
    vendor = next((one for one in everyone() if one.slug == slug), None)
    if provider not in PROVIDERS:
        raise Http404
    if int(request.headers.get("Content-Length") or 0) > MOST:
        return HttpResponse("This call is too long.", status=413, content_type="text/plain")
    if vendor is None:  # answered as a call that is not signed, so that nobody learns who is a vendor here
        return _not_signed()
    at = clock()
    now = vendor.sandbox_now or at
    declare([vendor.id])
    try:
        hear(vendor_id=vendor.id, provider=provider, body=request.body, headers=request.headers, at=at, now=now)
    except Refused:
        return _not_signed()
    transaction.on_commit(lambda: _work(vendor.id, now))
    return HttpResponse("Stored.", content_type="text/plain")


def _not_signed() -> HttpResponse:
    return HttpResponse("This call is not signed as we agreed.", status=400, content_type="text/plain")


def _work(vendor_id: UUID, now: datetime) -> None:
    """What was stored is safe: should this fail, the clock finds it."""
    try:
        work_left(vendor_id=vendor_id, now=now)
    except Exception:
        log.exception("Events of a provider were stored and not worked yet")


urls: list[URLPattern] = [path("hooks/<slug:provider>/<slug:slug>/", hook, name="hook")]
