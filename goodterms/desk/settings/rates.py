"""Decides how exchange rates are shown at the desk, read from a publisher's file, given by hand, and ended."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from goodterms.desk.door import Visit, at, at_desk, deciding, shown
from goodterms.payments.actions import give_rate, read_rates
from goodterms.rates.actions import end_rate
from goodterms.rates.ecb import BYTES_MAX
from goodterms.rates.reading import used_on
from goodterms.rates.rules import MOST_DAYS, Given
from goodterms.values.refusal import Refused

FIELDS = ("currency", "base", "rate", "from_on", "until_on", "source")


@at_desk("owner", "bookkeeper", methods=("GET", "HEAD", "POST"))
def rates(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """The rates of today, those by hand, and the two ways to bring others in."""
    usual = {"base": visit.vendor.currency, "from_on": visit.today.isoformat()}
    typed = {name: request.POST.get(name, usual.get(name, "")) for name in FIELDS}
    refusal = None
    if request.method == "POST":
        with deciding() as outcome:
            _done(request, visit)
        if outcome:
            return redirect(at(visit, "settings-rates"))
        refusal = outcome.refusal
    of_day, by_hand = used_on(vendor_id=visit.vendor.id, base=visit.vendor.currency, on=visit.today)
    more: dict[str, Any] = {"typed": typed, "refusal": refusal, "of_day": of_day, "by_hand": by_hand, "most": MOST_DAYS}
    return shown(request, visit, "desk/settings/rates.html", "settings", 409 if refusal else 200, **more)


def _done(request: HttpRequest, visit: Visit) -> None:
    who: dict[str, Any] = {"vendor_id": visit.vendor.id, "by": visit.by, "now": visit.now}
    typed = request.POST
    if ended := typed.get("end"):
        end_rate(rate_id=_key(ended), **who)
    elif "file" in request.FILES or typed.get("read"):
        read_rates(content=_content(request), **who)
    else:
        first = _day(typed.get("from_on", ""), "from_on") or visit.today
        give_rate(
            given=Given(
                typed.get("currency", "").strip().upper(), typed.get("base", "").strip().upper(), _rate(typed.get("rate", "")),
                first, _day(typed.get("until_on", ""), "until_on") or first, typed.get("source", ""),
            ),
            **who,
        )  # fmt: skip


def _content(request: HttpRequest) -> bytes:
    given = request.FILES.get("file")
    if given is None:
        raise Refused("Choose the file first.", code="file", field="file")
    return bytes(given.read(BYTES_MAX + 1))  # one more is one too many, and is told as that


def _rate(said: str) -> Decimal:
    try:
        return Decimal(said.strip())
    except InvalidOperation:
        raise Refused(f"{said[:20]!r} is no rate; write it like 0.8567.", code="rate", field="rate") from None


def _day(said: str, field: str) -> date | None:
    if not said.strip():
        return None
    try:
        return date.fromisoformat(said.strip())
    except ValueError:
        raise Refused(f"{said[:20]!r} is no day; write it like 2026-11-16.", code="date", field=field) from None


def _key(said: str) -> UUID:
    try:
        return UUID(said)
    except ValueError:
        raise Refused("There is no rate like that in use.", code="rate") from None
