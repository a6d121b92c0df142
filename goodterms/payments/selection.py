"""Decides what a payer's choice of invoices costs today: each as much as was said, or all of it less the early discount."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from goodterms.invoicing.actions import balance
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.standing import Standing
from goodterms.parties.models import Vendor
from goodterms.parties.rules import Viewer
from goodterms.payments.rules import offer, open_item, terms_of
from goodterms.terms.rules import discounts
from goodterms.values.days import day_in
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


class Chosen(NamedTuple):
    """An invoice that is about to be paid: `price` is what is paid, `discount` what is off, `open` what was open before."""

    invoice: Invoice
    vendor: Vendor
    price: Money
    discount: Money
    percent: str  # of the discount, such as "2"; empty without one
    until: date | None  # the last day of the discount
    open: Money
    withheld: Money  # what is kept back for the tax office with it

    @property
    def left(self) -> Money:
        """What stays open after it."""
        return self.open - self.price - self.discount - self.withheld


def chosen(viewer: Viewer, wanted: Mapping[UUID, Money | None], now: datetime) -> list[Chosen]:
    """What `wanted` costs, by vendor and currency, in the order of choosing; three queries, whatever the number.

    Refuses nothing at all, an invoice that is not there or not open any more, and more than is open.
    """
    if not wanted:
        raise Refused("Choose at least one invoice to pay.", code="nothing", field="invoice")
    seen = Invoice.objects.seen_by(viewer).filter(id__in=list(wanted), kind="invoice").select_related("vendor", "customer")
    known = {invoice.id: invoice for invoice in seen}
    standings = {one.invoice_id: one for one in balance.look(invoice_ids=list(known))}
    if set(wanted) - set(standings):
        raise Refused("One of these invoices is not here to be paid. Choose again.", code="not_found", field="invoice")
    found = [_chosen(known[key], standings[key], sum_, now) for key, sum_ in wanted.items()]
    currencies = list(dict.fromkeys(one.price.currency for one in found))
    vendors = list(dict.fromkeys(one.vendor.id for one in found))
    return sorted(found, key=lambda one: (currencies.index(one.price.currency), vendors.index(one.vendor.id)))


def _chosen(invoice: Invoice, one: Standing, wanted: Money | None, now: datetime) -> Chosen:
    today = day_in(invoice.vendor.timezone, now)
    if not one.open:
        raise Refused(
            "{number} is paid already. Take it off, and pay the rest.", code="paid", field="invoice", number=one.number
        )
    item = open_item(one, terms_of(one.terms))
    off = offer(item, today)
    kept = item.kept
    whole = one.open - off - kept
    if wanted is not None and (wanted.currency != one.currency or wanted.minor <= 0 or one.open < wanted):
        raise Refused(
            "Of {number}, {open} is open. Pay that, or less, and more than nothing.",
            code="amount",
            field="amount",
            number=one.number,
            open=one.open,
        )
    price = whole if wanted is None or whole <= wanted else wanted
    none = Money(0, one.currency)
    taken, kept = (off, kept) if price == whole else (none, none)
    tiers = discounts(item.terms, item.issued_on, item.total, item.net) if taken else []
    tier = next((tier for tier in tiers if tier.amount == taken and today <= tier.until), None)
    percent = f"{tier.percent.normalize():f}" if tier else ""
    return Chosen(invoice, invoice.vendor, price, taken, percent, tier.until if tier else None, one.open, kept)
