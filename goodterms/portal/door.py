"""Decides which payer a browser belongs to, what it may see, and for which vendors and by which clock the page speaks."""

import json
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import date, datetime
from functools import cached_property, wraps
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_http_methods

from goodterms.access.models import Session
from goodterms.conversations.models import About
from goodterms.database.asked import as_models, asked
from goodterms.database.together import together
from goodterms.database.ways_in import tell
from goodterms.invoicing.models import Invoice, InvoiceQuerySet
from goodterms.parties.models import PREFERENCES, Payer, Vendor
from goodterms.parties.rules import Viewer, Wishes, said
from goodterms.reminders.models import Nomination
from goodterms.stationery.door import clock, deciding, page
from goodterms.stationery.refusals import told
from goodterms.values.days import day_in
from goodterms.values.refusal import Refused

__all__ = [
    "COOKIE", "Visit", "at_portal", "clock", "deciding", "one_of", "refused", "shown", "visit_of", "with_head",
]  # fmt: skip
COOKIE = "goodterms_payer"


class Listing(NamedTuple):
    """How a customer lists the payer: by which name, whether as who pays, and what the customer wishes."""

    name: str
    pays: bool
    customer: str
    customer_id: UUID
    vendor_id: UUID
    wishes: Wishes


class Visit:
    """A payer at the portal. `now` and `today` are those of the vendors, which a sandbox keeps still; `clock` the real one."""

    listing: list[Listing]  # the payer as each customer lists them; those who pay first

    def __init__(
        self, session: Session, payer: Payer, vendors: list[Vendor], listing: list[Listing], clock: datetime
    ) -> None:  # fmt: skip
        self.session, self.payer, self.listing, self.clock = session, payer, listing, clock
        self.vendors = {one.id: one for one in vendors}
        self.viewer = Viewer(payer.name or payer.address, frozenset(self.vendors), role="payer", payer_id=payer.id)
        self.now = _now(vendors, clock)
        self.timezone = payer.timezone or (vendors[0].timezone if vendors else "UTC")
        self.today: date = day_in(self.timezone, self.now)

    @property
    def by(self) -> str:
        """As the log will say it."""
        return self.viewer.name

    @property
    def sees_all(self) -> bool:
        """Whether the payer proved the address; else it is what one letter showed."""
        return self.session.notice_id is None

    @cached_property
    def shown_by_letter(self) -> list[Any]:
        """The invoices of the letter by whose link this browser came: of a notice, or of the conversation that it answered, or
        the one that it brought."""
        notice_id = self.session.notice_id
        if notice_id is None:
            return []
        named = list(Nomination.objects.filter(notice_id=notice_id).values_list("invoice_id", flat=True))
        named = named or list(About.objects.filter(conversation_id=notice_id).values_list("invoice_id", flat=True))
        return named or list(Invoice.objects.filter(id=notice_id).values_list("id", flat=True))

    @cached_property
    def answered_in(self) -> UUID | None:
        """The conversation that the letter answered: then it is the one that there is to read."""
        about = About.objects.filter(conversation_id=self.session.notice_id) if self.session.notice_id else About.objects.none()
        return about.values_list("conversation_id", flat=True).first()

    @property
    def called(self) -> str:
        """The payer's name: their own word, else as a customer writes it."""
        return self.payer.name or next((one.name for one in self.listing if one.name), self.payer.address)

    @property
    def works_at(self) -> str:
        """The firm, where all that list them go by one name."""
        names = {one.customer for one in self.listing}
        return names.pop() if len(names) == 1 else ""

    def invoices(self) -> InvoiceQuerySet:
        """All that this browser may see: documents issued to the customers that list the payer, or those of its letter."""
        seen = Invoice.objects.seen_by(self.viewer)
        return seen if self.sees_all else seen.filter(id__in=self.shown_by_letter)


Page = Callable[..., HttpResponseBase]


def at_portal(*methods: str, proven: bool = False) -> Callable[[Page], Page]:
    """A page of a payer, as `page(request, visit, …)`; `methods` are GET alone unless named.

    A browser that was not let in is sent to the page that says how to come in. `proven`: only who showed that the address
    is theirs, by six figures; a browser that came by a letter's link alone is asked for them first.
    """

    def door(page: Page) -> Page:
        @require_http_methods(with_head(methods or ("GET",)))
        @wraps(page)
        def guarded(request: HttpRequest, **given: Any) -> HttpResponseBase:
            visit = visit_of(request)
            if visit is None:
                return redirect(reverse("portal-lost"))
            if proven and not visit.sees_all:
                asked = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("portal")
                return redirect(f"{reverse('portal-prove')}?{urlencode({'next': asked})}")
            with translation.override(visit.payer.language or _of_vendors(visit)):
                try:
                    with transaction.atomic() if request.method == "POST" else nullcontext():
                        answer = page(request, visit, **given)
                except Refused as no:
                    answer = refused(request, visit, told(no), 404 if no.code == "not_found" else 409)
                answer["Cache-Control"] = "private, no-store"
                return answer

        return guarded

    return door


def with_head(methods: Sequence[str]) -> list[str]:
    """A page that can be looked at can be asked for its head; one that only acts cannot, or a HEAD would act."""
    return [*methods, "HEAD"] if "GET" in methods else list(methods)


def visit_of(request: HttpRequest) -> Visit | None:
    """Who holds this browser's cookie; nobody when the session ended or ran out, or no vendor lists the payer any more."""
    secret = request.COOKIES.get(COOKIE, "")
    if not secret:
        return None
    hashed, now = sha256(secret.encode()).hexdigest(), clock()
    connection.ensure_connection()
    with together():
        tell(secret=hashed)
        let_in, who, of, listed = (
            asked(sql, given) for sql, given in ((_LET_IN, [hashed, now]), (_PAYER, []), (_VENDORS, []), (_LISTING, []))
        )
        sessions, payers, vendors = as_models(Session, let_in), as_models(Payer, who), as_models(Vendor, of)
        listing = [_listing(*row) for row in listed.fetchall()]
    return Visit(sessions[0], payers[0], vendors, listing, now) if sessions and payers and vendors else None


def shown(request: HttpRequest, visit: Visit, template: str, status: int = 200, **more: Any) -> HttpResponse:
    """A page of the portal, in the payer's language."""
    return page(request, template, status, **{"visit": visit, "payer": visit.payer, "today": visit.today, **more})


def refused(request: HttpRequest, visit: Visit, sentence: str, status: int = 409) -> HttpResponse:
    """The sentence on a page of its own, with the way back; nothing was changed, and no money moved."""
    return shown(request, visit, "portal/refused.html", status, sentence=sentence)


def one_of(visit: Visit, invoice_id: Any) -> Invoice:
    """An invoice that this browser may see; any other is not there."""
    found = visit.invoices().select_related("vendor", "customer").filter(id=invoice_id).first()
    if found is None:
        raise Http404
    return found


# Every page begins with these, on one trip: who is asking, which declares payer and vendors for the statements after it.
_LET_IN = """
with held as (select * from access_session where secret_sha256 = %s and ended_at is null and expires_at > %s),
told as materialized (
  select set_config('goodterms.payer', payer_id::text, true), set_config('goodterms.vendors', (
    select coalesce('{' || string_agg(v::text, ',') || '}', '{}') from goodterms_vendors_listing(payer_id) v), true)
  from held)
select held.* from held, told
"""
_SELF = "nullif(current_setting('goodterms.payer', true), '')::uuid"
_PAYER = f"select * from parties_payer where id = {_SELF}"
_VENDORS = "select * from parties_vendor order by name"


def _listing(name: str, pays: bool, customer: str, customer_id: UUID, vendor_id: UUID, *columns: Any) -> Listing:
    wished = dict(zip(PREFERENCES, columns, strict=True))
    wished["quiet_ranges"] = json.loads(wished["quiet_ranges"])
    return Listing(name, pays, customer, customer_id, vendor_id, said(**wished))


_LISTING = f"""
select k.name, k.pays, c.name, c.id, k.vendor_id, {", ".join(f"c.{column}" for column in PREFERENCES)}
from parties_contact k join parties_customer c on c.id = k.customer_id
where k.payer_id = {_SELF} and k.ended_at is null order by k.pays desc, c.name, k.id
"""


def _now(vendors: list[Vendor], now: datetime) -> datetime:
    """Sandboxes keep their own time; who is listed by one vendor that lives in the real time lives there as well."""
    stood = [one.sandbox_now for one in vendors if one.sandbox_now is not None]
    return max(stood) if stood and len(stood) == len(vendors) else now


def _of_vendors(visit: Visit) -> str:
    """The language that the vendors speak when the payer named none."""
    return next(iter(visit.vendors.values())).language
