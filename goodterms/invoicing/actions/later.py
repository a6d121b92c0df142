"""Decides how an approved invoice is issued by itself on a day that somebody chose, since its customer takes invoices then."""

from collections import Counter
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.actions.issue import issue_many
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Hold, Invoice
from goodterms.values.refusal import Refused

AHEAD = timedelta(days=366)
CLOCK = "the clock"
AT_ONCE = 200


@transaction.atomic
def issue_later(*, invoice_id: UUID, on: date | None, today: date, by: str, role: Role, now: datetime) -> Invoice:
    """Have an approved invoice issued on a day after today; None: on none any more. Whoever may issue it may say so. It can be
    issued by hand before; what is sent back, to be changed, has no day any more."""
    must(verb="issue", invoice_ids=[invoice_id], role=role, today=today)
    invoice = Invoice.objects.get(id=invoice_id)
    if on is not None and not today < on <= today + AHEAD:
        raise Refused("Choose a day after today, within a year. Today it is issued by hand.", code="date", field="issues_on")
    if invoice.issues_on == on:
        return invoice
    invoice.issues_on = on
    invoice.save(update_fields=["issues_on"])
    kind, data = ("invoice.planned", {"on": on.isoformat()}) if on else ("invoice.unplanned", {})
    record(at=now, deed=Deed(invoice.vendor_id, kind, by, invoice.customer_id, invoice.id, data=data))
    return invoice


@transaction.atomic
def issue_planned(*, vendor_id: UUID, today: date, now: datetime, most: int = AT_ONCE) -> Counter[str]:
    """Issue those whose day has come, together where that is possible. One that may not be issued, such as without its purchase
    order, has no day any more and says why; one that would surprise its customer waits for their word. `looked_at` tells
    whether there may be more; again: none."""
    held = Hold.objects.filter(invoice=OuterRef("pk"), ended_at=None)  # who holds it wants it to wait
    rows = Invoice.objects.select_for_update(skip_locked=True).approved().filter(
        ~Exists(held), vendor_id=vendor_id, issues_on__lte=today
    )  # fmt: skip
    keys = list(rows.order_by("issues_on", "id").values_list("id", flat=True)[:most])
    if not keys:
        return Counter()
    Invoice.objects.filter(id__in=keys).update(issues_on=None)
    try:
        numbers = _issued(vendor_id, keys, today, now)
    except Refused:  # by one of them, so that each is asked by itself
        numbers = [number for key in keys for number in _alone(vendor_id, key, today, now)]
    return Counter(looked_at=len(keys), issued=sum(bool(number) for number in numbers))


def _issued(vendor_id: UUID, keys: list[UUID], today: date, now: datetime) -> list[str]:
    with transaction.atomic():
        return issue_many(vendor_id=vendor_id, invoice_ids=keys, issued_on=today, by=CLOCK, role="clock", now=now)


def _alone(vendor_id: UUID, key: UUID, today: date, now: datetime) -> list[str]:
    try:
        return _issued(vendor_id, [key], today, now)
    except Refused as no:
        of = Invoice.objects.only("customer_id").get(id=key)
        deed = Deed(vendor_id, "invoice.waits", CLOCK, of.customer_id, key, data={"reason": no.sentence})
        record(at=now, deed=deed)
        return []
