"""Decides which rates are looked at for a question: those that could answer it, with one statement."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.rates.models import Fixing, GivenRate
from goodterms.rates.rules import EURO, Given, Published, Rate, earliest, no_rate, rate_on


class Known(NamedTuple):
    """What a vendor knows of some currencies in a stretch of days."""

    given: Sequence[Given]
    published: Mapping[str, Mapping[date, Published]]  # by currency; of one day the last source by name

    def find(self, currency: str, base: str, on: date) -> Rate | None:
        """The rate of a day, or None."""
        days = [
            one
            for code in {currency, base}
            for day, one in self.published.get(code, {}).items()
            if earliest(on) <= day <= on
        ]  # fmt: skip
        return rate_on(currency, base, on, given=self.given, published=days)

    def must(self, currency: str, base: str, on: date) -> Rate:
        """The rate of a day; refused with how to give one."""
        if found := self.find(currency, base, on):
            return found
        raise no_rate(currency, base, on)


def known(*, vendor_id: UUID, currencies: Collection[str], first_on: date, last_on: date | None = None) -> Known:
    """What may be asked about these currencies on these days; one statement."""
    last = last_on or first_on
    with connection.cursor() as cursor:
        values: dict[str, Any] = {
            "vendor": vendor_id, "codes": sorted(currencies), "first": first_on, "last": last, "since": earliest(first_on),
            "euro": EURO,
        }  # fmt: skip
        cursor.execute(_KNOWN, values)
        rows = cursor.fetchall()
    published: dict[str, dict[date, Published]] = {}
    for by_hand, code, _, rate, day, _, source, *_ in rows:
        if not by_hand:
            published.setdefault(code, {})[day] = Published(day, code, rate, source)
    by_hand = [Given(*row[1:7])._replace(rate=row[3].normalize()) for row in rows if row[0]]
    return Known(by_hand, published)


def rates_for(*, vendor_id: UUID, base: str, currencies: Collection[str], on: date) -> dict[str, Rate]:
    """The rate of a day for each of these currencies that is not `base`; refuses where one is not known. None to look for: no
    statement."""
    foreign = sorted({*currencies} - {base})
    if not foreign:
        return {}
    found = known(vendor_id=vendor_id, currencies=[base, *foreign], first_on=on)
    return {currency: found.must(currency, base, on) for currency in foreign}


def used_on(*, vendor_id: UUID, base: str, on: date) -> tuple[list[Rate], list[GivenRate]]:
    """The rate into `base` of every currency that one is known of on a day, and what was given by hand and is used then or
    later; three statements."""
    by_hand = list(GivenRate.objects.filter(vendor_id=vendor_id, ended_at=None, until_on__gte=on).order_by("given_at", "id"))
    with connection.cursor() as cursor:
        cursor.execute(_CURRENCIES, [vendor_id, earliest(on), on])
        codes = {code for (code,) in cursor.fetchall()}
    codes |= {base, EURO, *(code for one in by_hand for code in (one.currency, one.base))}
    book = known(vendor_id=vendor_id, currencies=codes, first_on=on)
    return [rate for code in sorted(codes - {base}) if (rate := book.find(code, base, on))], by_hand


def fixed(document_ids: Collection[UUID]) -> dict[UUID, Rate]:
    """The rates at which these documents and payments count; those in the vendor's own currency have none."""
    rows = Fixing.objects.filter(document_id__in=list(document_ids))
    return {row.document_id: Rate(row.currency, row.base, row.rate.normalize(), row.rate_on, row.source) for row in rows}


_CURRENCIES = "select distinct currency from rates_publishedrate where vendor_id = %s and day between %s and %s"
_KNOWN = """
select true, currency, base, rate, from_on, until_on, source, given_at, id from rates_givenrate
where vendor_id = %(vendor)s::uuid and ended_at is null and until_on >= %(first)s::date and from_on <= %(last)s::date
  and currency = any(%(codes)s::text[]) and base = any(%(codes)s::text[])
union all
select false, currency, %(euro)s, per_euro, day, day, source, null, null from rates_publishedrate
where vendor_id = %(vendor)s::uuid and currency = any(%(codes)s::text[]) and day between %(since)s::date and %(last)s::date
order by 1, 8, 9, 7
"""
