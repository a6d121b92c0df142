"""Decides how rates get in, from a publisher's file or by hand, and how one is fixed for a document or a payment for good."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.database.staging import drop, insert, stage
from goodterms.interactions.actions import Deed, record
from goodterms.rates.ecb import read_ecb
from goodterms.rates.models import Fixing, GivenRate
from goodterms.rates.rules import Given, Rate, check_given
from goodterms.values.keys import new_key, new_keys
from goodterms.values.refusal import Refused


class Read(NamedTuple):
    """What a file brought: so many rates on so many days, of which so many are new; `other` say something else than what was
    read before, which stays."""

    rates: int
    days: int
    new: int
    other: int
    first_on: date
    last_on: date


def read_file(*, vendor_id: UUID, content: bytes, by: str, now: datetime) -> Read:
    """Take over the rates of a file of the ECB. A rate that was read before stays as it is, since documents rest on it."""
    read = read_ecb(content)
    columns = ["id", "vendor_id", "source", "day", "currency", "per_euro", "read_at"]
    keys = new_keys(now, len(read))
    rows = [(key, vendor_id, one.source, one.day, one.currency, one.per_euro, now) for key, one in zip(keys, read, strict=True)]
    stage("read_rate", "rates_publishedrate", columns, rows)
    with connection.cursor() as cursor:
        cursor.execute(_OTHER)
        (other,) = cursor.fetchone()
    new = insert("rates_publishedrate", "read_rate", columns, "on conflict (vendor_id, currency, day, source) do nothing")
    drop("read_rate")
    days = {one.day for one in read}
    told = Read(len(read), len(days), new, other, min(days), max(days))
    data = {"source": read[0].source, "new": new, "until": told.last_on.isoformat()}
    record(at=now, deed=Deed(vendor_id, "rates.read", by, data=data))
    return told


def give_rate(*, vendor_id: UUID, given: Given, by: str, now: datetime) -> GivenRate:
    """A rate by hand, with where it is from. It comes before what was published, and before what was given earlier; what was
    issued already keeps its own."""
    check_given(given)
    row = GivenRate.objects.create(
        id=new_key(now), vendor_id=vendor_id, by=by, given_at=now, **{**given._asdict(), "source": given.source.strip()}
    )
    data = {
        "currency": given.currency, "base": given.base, "rate": f"{given.rate.normalize():f}", "source": row.source,
        "from_on": given.from_on.isoformat(), "until_on": given.until_on.isoformat(),
    }  # fmt: skip
    record(at=now, deed=Deed(vendor_id, "rate.given", by, subject_id=row.id, data=data))
    return row


def end_rate(*, vendor_id: UUID, rate_id: UUID, by: str, now: datetime) -> None:
    """A rate by hand is used no more; what rests on it stays as it is."""
    row = GivenRate.objects.select_for_update().filter(id=rate_id, vendor_id=vendor_id, ended_at=None).first()
    if row is None:
        raise Refused("There is no rate like that in use.", code="rate")
    row.ended_at, row.ended_by = now, by
    row.save(update_fields=["ended_at", "ended_by"])
    data = {"currency": row.currency, "base": row.base, "rate": f"{row.rate.normalize():f}"}
    record(at=now, deed=Deed(vendor_id, "rate.ended", by, subject_id=row.id, data=data))


def fix(*, vendor_id: UUID, rates: Iterable[tuple[UUID, Rate]], now: datetime) -> None:
    """So much of the vendor's currency does each document or payment count from now on; one statement, none for nothing. What
    was fixed before stays."""
    rows: Sequence[Fixing] = [
        Fixing(
            document_id=document, vendor_id=vendor_id, currency=rate.currency, base=rate.base, rate=rate.value,
            factor=rate.factor.quantize(Decimal("1e-16")), rate_on=rate.on, source=rate.source, fixed_at=now,
        )
        for document, rate in rates
    ]  # fmt: skip
    Fixing.objects.bulk_create(rows, ignore_conflicts=True)


_OTHER = """
select count(*) from read_rate r join rates_publishedrate p
  on p.vendor_id = r.vendor_id and p.currency = r.currency and p.day = r.day and p.source = r.source
where p.per_euro <> r.per_euro
"""
