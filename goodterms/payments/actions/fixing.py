"""Decides at which rate money counts in the vendor's own currency: that of the day it came, once it is known, for good."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Vendor
from goodterms.rates import actions as rates
from goodterms.rates.models import GivenRate
from goodterms.rates.reading import known
from goodterms.rates.rules import MOST_DAYS, Given
from goodterms.values.refusal import Refused


class TypedRate(NamedTuple):
    """A rate as somebody has it: what one unit of the invoice's currency is worth in the vendor's, where from, of which day
    (None: of the day of issue)."""

    rate: Decimal
    source: str
    on: date | None = None


def fix_payment(*, vendor_id: UUID, payment_id: UUID, currency: str, base: str, on: date, now: datetime) -> None:
    """Money that came is taken whatever is known: without a rate for its day it waits for one (`fix_what_waits`)."""
    if currency == base:
        return
    if rate := known(vendor_id=vendor_id, currencies=[currency, base], first_on=on).find(currency, base, on):
        rates.fix(vendor_id=vendor_id, rates=[(payment_id, rate)], now=now)


def fix_payments(
    *, vendor_id: UUID, payments: Iterable[tuple[UUID, str, date]], base: str, now: datetime
) -> None:  # fmt: skip
    """The same for many, each with its currency and day: two statements, none where all is in the vendor's own."""
    foreign = [one for one in payments if one[1] != base]
    if not foreign:
        return
    days = [on for _, _, on in foreign]
    codes = {base, *(currency for _, currency, _ in foreign)}
    book = known(vendor_id=vendor_id, currencies=codes, first_on=min(days), last_on=max(days))
    found = [(key, book.find(currency, base, on)) for key, currency, on in foreign]
    rates.fix(vendor_id=vendor_id, rates=[(key, rate) for key, rate in found if rate], now=now)


def fix_what_waits(*, vendor_id: UUID, now: datetime) -> int:
    """Money, and invoices that were taken over from elsewhere, for whose days rates have come to be known; returns how many.
    A credit note follows its invoice, and one that corrects none has its own day."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [vendor_id])
        waiting = cursor.fetchall()
        if not waiting:
            return 0
        days = [on for _, _, _, on in waiting]
        currencies = {code for _, currency, base, _ in waiting for code in (currency, base)}
        book = known(vendor_id=vendor_id, currencies=currencies, first_on=min(days), last_on=max(days))
        found = [(key, book.find(currency, base, on)) for key, currency, base, on in waiting]
        fixing = [(key, rate) for key, rate in found if rate]
        rates.fix(vendor_id=vendor_id, rates=fixing, now=now)
        cursor.execute(_NOTES, [now, vendor_id])
    return len(fixing)


def read_rates(*, vendor_id: UUID, content: bytes, by: str, now: datetime) -> rates.Read:
    """Take over a publisher's file, and fix what waited for it."""
    told = rates.read_file(vendor_id=vendor_id, content=content, by=by, now=now)
    fix_what_waits(vendor_id=vendor_id, now=now)
    return told


def give_rate(*, vendor_id: UUID, given: Given, by: str, now: datetime) -> GivenRate:
    """Take a rate by hand, and fix what waited for it."""
    row = rates.give_rate(vendor_id=vendor_id, given=given, by=by, now=now)
    fix_what_waits(vendor_id=vendor_id, now=now)
    return row


def give_rate_for(*, invoice_id: UUID, typed: TypedRate, on: date, by: str, now: datetime) -> GivenRate:
    """The rate at which an invoice abroad is to be issued on a day, as whoever issues it has it: of that day, or of one before
    it, which is then said with its source."""
    currency, vendor_id = Invoice.objects.values_list("currency", "vendor_id").get(id=invoice_id)
    return give_rate_in(vendor_id=vendor_id, currency=currency, typed=typed, on=on, by=by, now=now)


def give_rate_in(*, vendor_id: UUID, currency: str, typed: TypedRate, on: date, by: str, now: datetime) -> GivenRate:
    """The same of an invoice in this currency that is about to be made."""
    base = Vendor.objects.values_list("currency", flat=True).get(id=vendor_id)
    if currency == base:
        raise Refused(f"This invoice is in {base}, your own currency: leave the rate out.", code="rate", field="rate")
    first = typed.on or on
    if first > on:
        raise Refused("The rate is of a later day than the invoice. Take one of its day.", code="rate", field="rate_on")
    if (on - first).days > MOST_DAYS:
        raise Refused(f"A rate is at most {MOST_DAYS} days older than the invoice.", code="rate", field="rate_on")
    source = typed.source.strip()
    named = f"{source}, {first.isoformat()}" if source and first < on else source
    given = Given(currency, base, typed.rate, on, on, named)
    return _in_use(vendor_id, given) or give_rate(vendor_id=vendor_id, given=given, by=by, now=now)


def _in_use(vendor_id: UUID, given: Given) -> GivenRate | None:
    """Where the very same is used that day already: a form sent twice gives it once."""
    rows = GivenRate.objects.filter(vendor_id=vendor_id, currency=given.currency, base=given.base, ended_at=None)
    last = rows.filter(from_on__lte=given.from_on, until_on__gte=given.until_on).order_by("given_at", "id").last()
    is_same = last is not None and (last.rate, last.source) == (given.rate, given.source)
    return last if is_same else None


_WAITING = """
select d.id, d.currency, v.currency, d.on_day from (
  select id, vendor_id, currency, issued_on as on_day from invoicing_invoice
  where (kind = 'invoice' or corrects_id is null) and issued_on is not null
  union all
  select id, vendor_id, currency, received_on from payments_payment) d
join parties_vendor v on v.id = d.vendor_id and v.currency <> d.currency
where d.vendor_id = %s::uuid and not exists (select from rates_fixing f where f.document_id = d.id)
order by d.id
"""
_NOTES = """
insert into rates_fixing (document_id, vendor_id, currency, base, rate, factor, rate_on, source, fixed_at)
select n.id, n.vendor_id, f.currency, f.base, f.rate, f.factor, f.rate_on, f.source, %s::timestamptz
from invoicing_invoice n join rates_fixing f on f.document_id = n.corrects_id
where n.vendor_id = %s::uuid and n.kind = 'credit_note' and n.issued_on is not null
on conflict do nothing
"""
