"""Decides what somebody sees who followed a letter's link and pressed nothing yet: what the letter itself said."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from goodterms.access.links import Arrival
from goodterms.conversations.models import About
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Contact, Payer, Vendor
from goodterms.reminders.models import Nomination
from goodterms.values.days import day_in
from goodterms.values.money import Money


class Line(NamedTuple):
    """An invoice as the letter said it: with what was open then, where it said so."""

    id: UUID
    vendor_id: UUID
    vendor: str
    work: str
    number: str
    open: Money | None


class Shown(NamedTuple):
    """The letter once more, for a page. `until`: the last day on which its link opens anything; `conversation_id`: of which
    it brought our answer; `invoice_id`: the document that it brought."""

    name: str
    firm: str
    address: str
    language: str
    vendors: Sequence[str]
    lines: Sequence[Line]
    until: date
    conversation_id: UUID | None
    invoice_id: UUID | None


def shown_by(came: Arrival) -> Shown:
    """Four queries, and nothing that the letter did not hold."""
    payer = Payer.objects.get(id=came.payer_id)
    listing = list(Contact.objects.current().filter(payer_id=payer.id).select_related("customer").order_by("-pays", "id"))
    vendors = {one.id: one for one in Vendor.objects.order_by("name")}
    lines = _lines(came, vendors)
    if came.conversation_id or came.invoice_id:
        listing = [one for one in listing if one.vendor_id in {line.vendor_id for line in lines}] or listing
    firms = {one.customer.name for one in listing}
    first = next(iter(vendors.values()))
    return Shown(
        name=payer.name or next((one.name for one in listing if one.name), payer.address),
        firm=firms.pop() if len(firms) == 1 else "",
        address=payer.address,
        language=payer.language or first.language,
        vendors=list(dict.fromkeys(line.vendor for line in lines)) or [one.name for one in vendors.values()],
        lines=lines,
        until=day_in(payer.timezone or first.timezone, came.ends_at),
        conversation_id=came.conversation_id,
        invoice_id=came.invoice_id,
    )


def _lines(came: Arrival, vendors: Mapping[UUID, Vendor]) -> list[Line]:
    if came.conversation_id:
        return _answered(came.conversation_id, vendors)
    return _brought(came.invoice_id, vendors) if came.invoice_id else _reminded(came, vendors)


def _reminded(came: Arrival, vendors: Mapping[UUID, Vendor]) -> list[Line]:
    named = Nomination.objects.filter(notice_id=came.notice_id).select_related("invoice")
    return [
        Line(one.invoice_id, one.vendor_id, vendors[one.vendor_id].name, one.invoice.work, one.invoice.number,
             Money(one.open_minor, one.invoice.currency))
        for one in named.order_by("chase_on", "vendor__name", "invoice__number")
    ]  # fmt: skip


def _answered(conversation_id: UUID, vendors: Mapping[UUID, Vendor]) -> list[Line]:
    """An answer names its invoices and says no sums."""
    about = About.objects.filter(conversation_id=conversation_id).select_related("invoice").order_by("invoice__number")
    return [
        Line(one.invoice_id, one.vendor_id, vendors[one.vendor_id].name, one.invoice.work, one.invoice.number, None)
        for one in about
    ]


def _brought(invoice_id: UUID, vendors: Mapping[UUID, Vendor]) -> list[Line]:
    """The document itself, with its total, as its letter said."""
    one = Invoice.objects.get(id=invoice_id)
    total = Money(one.total_minor, one.currency)
    return [Line(one.id, one.vendor_id, vendors[one.vendor_id].name, one.work, one.number, total)]
