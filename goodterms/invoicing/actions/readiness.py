"""Decides what stands between a draft and its issue, for whoever looks at it: nothing is written, and nothing refused."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from goodterms.invoicing.forms import form_of
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.readiness import WHERE_THEIRS, Looked, lacks_document, letterhead_of, look, who_supplies
from goodterms.invoicing.sheet import sheets_of
from goodterms.rates.reading import rates_for
from goodterms.rates.rules import Rate
from goodterms.values.refusal import Refused


class Readiness(NamedTuple):
    """`looked` is what the rules found, where the customer takes such a format or somebody asked; `required` whether that
    blocks. `lacks`: the paper that they ask for and that is not there. `who`: who can supply that, or the purchase order.
    `lacks_rate`: that no exchange rate is known for the day, in words; it blocks unless one is given with the issue."""

    customer: str
    order_missing: bool
    lacks: str
    who: str
    looked: Looked | None
    required: bool
    lacks_rate: str = ""

    @property
    def blocked(self) -> bool:
        return self.order_missing or bool(self.lacks) or (self.required and bool(self.looked) and not self.is_right)

    @property
    def is_right(self) -> bool:
        return self.looked is None or self.looked.is_right


def readiness_of(*, invoice_id: UUID, on: date, format: str = "") -> Readiness:
    """As it would be issued on that day. `format`: hold it against the rules of this one, though nobody requires it."""
    invoice = Invoice.objects.filter(id=invoice_id, issued_on=None).select_related("vendor", "customer").first()
    if invoice is None:
        raise Refused("This is issued already, and stays as it is. `invoice document` checks what was issued.", code="issued")
    customer = invoice.customer
    required = form_of(customer.invoice_format)
    form = form_of(format) or required
    rate, lacks_rate = rate_on(invoice, on)
    (sheet,) = sheets_of(invoice.vendor, [invoice_id], on, {} if rate is None else {rate.currency: rate})
    lacks = lacks_document(customer, sheet.document.get("enclosures", ()))
    order_missing = customer.order_required and not invoice.order_number
    seen = look(invoice.vendor, letterhead_of(invoice.vendor), sheet, form) if form and sheet.lines else None
    return Readiness(
        customer.name, order_missing, customer.enclosure_required if lacks else "",
        who_supplies(customer, WHERE_THEIRS if lacks else "") if lacks or order_missing else "", seen,
        form is required and form is not None, lacks_rate,
    )  # fmt: skip


def rate_on(invoice: Invoice, on: date) -> tuple[Rate | None, str]:
    """Into the vendor's own currency; and where it is not known, that."""
    try:
        found = rates_for(
            vendor_id=invoice.vendor_id, base=invoice.vendor.currency, currencies={invoice.currency}, on=on
        )  # fmt: skip
    except Refused as no:
        return None, no.sentence
    return found.get(invoice.currency), ""
