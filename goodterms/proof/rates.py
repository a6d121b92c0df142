"""Decides whether rates hold: what a document or a payment keeps is what was known of its day, and nobody changed it since."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.invoicing.document import exchange_in
from goodterms.proof.journal import standing_triggers
from goodterms.proof.looking import Finding, looked_at, looked_through, together
from goodterms.rates import ecb
from goodterms.rates.rules import MOST_DAYS, Published, Rate, rate_on
from goodterms.values.money import Money

TRIGGERS = (("rates_fixing", "frozen"), ("rates_publishedrate", "frozen"))
BATCH = 5_000


def rates_are_as_fixed() -> Finding:
    """I29: the rate of every document and payment in a foreign currency is into the vendor's own, of its day or at most a week
    before, and says the same as the frozen document, whose tax it gives; one that was published is what the publisher's figures
    come to; a credit note has that of its invoice; no document names a rate that is not kept; and the triggers stand."""
    stand = looked_at(standing_triggers(*TRIGGERS), _UNKEPT)
    return together(looked_through((one.name, _why_not(one)) for one in _fixings()), stand)


class _Fixing(NamedTuple):
    id: UUID
    name: str
    rate: Rate
    factor: Decimal
    currency: str | None  # of the document; none: there is no document
    home: str
    day: date | None
    tax_minor: int
    document: dict[str, Any]
    of_invoice: Decimal | None  # the rate of what a credit note corrects
    per_euro: tuple[Decimal | None, Decimal | None]  # of the currency and of the vendor's own, as published


def _why_not(one: _Fixing) -> str | None:
    if one.currency is None or one.day is None:
        return "is of no document"
    if (one.rate.currency, one.rate.base) != (one.currency, one.home):
        return f"is from {one.rate.currency} to {one.rate.base}, and the document in {one.currency}"
    if one.factor != one.rate.factor:
        return f"says {one.rate.value:f}, and between minor units something else"
    if one.of_invoice is not None:
        if one.of_invoice != one.rate.value:
            return "is not that of the invoice which is corrected"
    elif not 0 <= (one.day - one.rate.on).days <= MOST_DAYS:
        return f"is of {one.rate.on}, and the document of {one.day}"
    if said := exchange_in(one.document, one.currency):
        if said.rate != one.rate:
            return "is not the one on the document"
        if said.tax != one.rate.worth(Money(one.tax_minor, one.currency)):
            return "does not give the tax on the document"
    return _why_not_published(one) if one.rate.source == ecb.SOURCE else None


def _why_not_published(one: _Fixing) -> str | None:
    """Euros are never published: one is one."""
    legs = zip((one.rate.currency, one.rate.base), one.per_euro, strict=True)
    read = [Published(one.rate.on, code, rate) for code, rate in legs if rate is not None]
    found = rate_on(one.rate.currency, one.rate.base, one.rate.on, given=(), published=read)
    return None if found == one.rate else "is not what was published that day"


def _fixings() -> Iterator[_Fixing]:
    after = UUID(int=0)
    while rows := _rows(after):
        for key, name, code, base, value, factor, on, source, *more, of_currency, of_home in rows:
            rate = Rate(code, base, value.normalize(), on, source)
            currency, home, day, tax_minor, stored, of_invoice = more
            document = json.loads(stored)
            yield _Fixing(key, name, rate, factor, currency, home, day, tax_minor, document, of_invoice, (of_currency, of_home))
        after = rows[-1][0]


def _rows(after: UUID) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_FIXINGS, [after, BATCH])
        return list(cursor.fetchall())


_FIXINGS = """
select f.document_id, 'the rate of ' || coalesce(i.number, 'payment ' || y.id, f.document_id::text),
       f.currency, f.base, f.rate, f.factor, f.rate_on, f.source,
       coalesce(i.currency, y.currency), v.currency, coalesce(i.issued_on, y.received_on), coalesce(i.tax_minor, 0),
       coalesce(i.document, '{}'::jsonb)::text, c.rate, p.per_euro, q.per_euro
from rates_fixing f join parties_vendor v on v.id = f.vendor_id
left join invoicing_invoice i on i.id = f.document_id
left join payments_payment y on y.id = f.document_id
left join rates_fixing c on c.document_id = i.corrects_id
left join rates_publishedrate p
  on p.vendor_id = f.vendor_id and p.currency = f.currency and p.day = f.rate_on and p.source = f.source
left join rates_publishedrate q
  on q.vendor_id = f.vendor_id and q.currency = f.base and q.day = f.rate_on and q.source = f.source
where f.document_id > %s::uuid order by f.document_id limit %s
"""
_UNKEPT = """
select 'document ' || i.number || ' (' || i.id || ')', case when f.document_id is null then 'names a rate that is not kept' end
from invoicing_invoice i left join rates_fixing f on f.document_id = i.id
where i.issued_on is not null and i.document ? 'exchange'
"""
