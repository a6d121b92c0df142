"""Decides what the page of choices knows of one invoice: its lines and sums, how it stands, what is granted at once."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from goodterms.conversations.actions.threads import word_until
from goodterms.conversations.models import Extension, Promise
from goodterms.conversations.rules import held_until
from goodterms.conversations.rules.promises import PROMISE_DAYS_MAX
from goodterms.invoicing.models import Hold, Invoice, Line
from goodterms.parties.models import Contact, Vendor
from goodterms.portal.door import Visit
from goodterms.portal.overview import offers_of
from goodterms.portal.standing import Standing, standing_of
from goodterms.relationship.measures.answers import Published, published_answer_time
from goodterms.stationery.sheet import Sheet, sheet_of
from goodterms.stationery.templatetags.stationery import tongue
from goodterms.values.days import day_in
from goodterms.values.money import Money


class Choice(NamedTuple):
    """A line that can be chosen. `gross` is with its tax, and never more than the invoice."""

    position: int
    description: str
    gross: Money


class Time(NamedTuple):
    """What the vendor's rule gives: `at_once_until` without a person (None: a person decides), from the day after `since`."""

    since: date
    days: int
    at_once_until: date | None
    promise_until: date


class Subject(NamedTuple):
    """One invoice as its payer talks about it."""

    invoice: Invoice
    vendor: Vendor
    sheet: Sheet
    lines: Sequence[Choice]
    open: Money  # that is to be paid to the vendor
    withheld: Money  # and that is to be kept back for the tax office
    price: Money  # what paying all of it today costs, as the paying step asks for it
    today: date
    standing: Standing
    promised_on: date | None
    answers: Published | None
    answer_by: datetime
    time: Time
    colleagues: Sequence[Contact]

    @property
    def id(self) -> UUID:
        return self.invoice.id

    @property
    def left(self) -> Money:
        """What is open in the books, whoever gets it."""
        return self.open + self.withheld

    @property
    def is_open(self) -> bool:
        return self.open.minor > 0

    @property
    def rests_until(self) -> date | None:
        """Until when reminders rest because of the promise."""
        return held_until(self.promised_on) if self.promised_on else None


def subject_of(visit: Visit, invoice: Invoice) -> Subject:
    """Six queries, whatever the invoice holds; seven where its terms know an early discount."""
    vendor = invoice.vendor
    today = day_in(vendor.timezone, visit.now)
    lines = list(Line.objects.filter(invoice=invoice).order_by("position"))
    holds = list(Hold.objects.filter(invoice=invoice, ended_at=None).values_list("reason", flat=True))
    promised_on = _promised_on(invoice)
    counts_from = invoice.chase_on or invoice.due_on or today
    return Subject(
        invoice=invoice,
        vendor=vendor,
        sheet=sheet_of(invoice, lines, tongue()),
        lines=[Choice(line.position, line.description, gross_of(line, invoice)) for line in lines],
        open=invoice.to_pay,
        withheld=Money(invoice.to_withhold_minor, invoice.currency),
        price=_price(invoice, today),
        today=today,
        standing=standing_of(counts_from, holds, promised_on, today),
        promised_on=promised_on,
        answers=published_answer_time(vendor_id=vendor.id, now=visit.now),
        answer_by=word_until(vendor, visit.now),
        time=_time(invoice, vendor, today),
        colleagues=_colleagues(visit, invoice),
    )


def _price(invoice: Invoice, today: date) -> Money:
    off, _, _ = offers_of([invoice.id] if invoice.terms and invoice.terms.get("discounts") else [], today).get(
        invoice.id, (0, "", None)
    )
    return invoice.to_pay - Money(off, invoice.currency)


def gross_of(line: Line, invoice: Invoice) -> Money:
    """A line with its tax, rounded once; never more than the invoice, which may hold allowances on the whole."""
    gross = Money(line.net_minor, invoice.currency).times(1 + line.tax_percent / Decimal(100), "half_up")
    return min(gross, Money(invoice.total_minor, invoice.currency))


def _promised_on(invoice: Invoice) -> date | None:
    running = Promise.objects.filter(invoice=invoice, ended_at=None, judged_at=None)
    return running.values_list("promised_on", flat=True).first()


def _time(invoice: Invoice, vendor: Vendor, today: date) -> Time:
    """As conversations.rules.grant counts: from the day that counts, or from today where that is later; once by itself."""
    since = max(invoice.chase_on or invoice.due_on or today, today)
    granted = Extension.objects.filter(invoice=invoice).exclude(granted_at=None).exists()
    days = 0 if granted else vendor.extension_days_max
    return Time(since, days, since + timedelta(days=days) if days else None, today + timedelta(days=PROMISE_DAYS_MAX))


def _colleagues(visit: Visit, invoice: Invoice) -> Sequence[Contact]:
    """Others at the same customer, for who showed that the address is theirs: a forwarded link names nobody."""
    if not visit.sees_all:
        return ()
    known = Contact.objects.seen_by(visit.viewer).current().filter(customer_id=invoice.customer_id)
    return list(known.exclude(payer_id=visit.payer.id).exclude(email="").order_by("name", "id")[:5])
