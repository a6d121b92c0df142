"""Decides which version of the terms is in effect, and adds new ones; what was agreed before stays as it was."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Max

from goodterms.database.arrays import array
from goodterms.interactions.actions import Deed, record
from goodterms.parties.models import Customer, Vendor
from goodterms.terms.models import AgreedTerms
from goodterms.terms.rules import Terms
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused


class InEffect(NamedTuple):
    """The terms that an invoice of a day uses. Version 0: nobody agreed on anything yet, so the program's usual ones."""

    version: int
    terms: Terms
    own: bool = False  # the customer's, not the vendor's usual ones


USUAL = InEffect(0, Terms())  # net 30


def agree(
    *,
    vendor_id: UUID,
    terms: Terms,
    from_on: date,
    now: datetime,
    by: str,
    customer_id: UUID | None = None,
    agreed_by: str = "",
    after: int | None = None,
) -> AgreedTerms:
    """A new version for one customer, or without one the vendor's usual terms, for invoices issued from `from_on` on.

    `after` is the version that was before the eyes of whoever agreed: refused when there is a newer one.
    """
    _lock(vendor_id, customer_id)
    before = AgreedTerms.objects.filter(vendor_id=vendor_id, customer=customer_id)
    last = before.aggregate(last=Max("version"))["last"] or 0
    if after is not None and after != last:
        raise Refused("Other terms were agreed meanwhile. Look at them, then decide again.", code="changed")
    agreed = AgreedTerms.objects.create(
        id=new_key(now), vendor_id=vendor_id, customer_id=customer_id,
        version=last + 1, from_on=from_on, data=terms.to_json(), agreed_by=agreed_by, agreed_at=now,
    )  # fmt: skip
    data = {"version": agreed.version, "from_on": from_on.isoformat()}
    record(at=now, deed=Deed(vendor_id, "terms.agreed", by, customer_id, subject_id=agreed.id, data=data))
    return agreed


def in_effect(vendor_id: UUID, customer_id: UUID, on: date) -> InEffect:
    """What an invoice issued to the customer on the day `on` uses."""
    return in_effect_for(vendor_id, [customer_id], on)[customer_id]


def in_effect_for(vendor_id: UUID, customer_ids: Iterable[UUID], on: date) -> dict[UUID, InEffect]:
    """The same for many customers, with one query: their own newest version that has begun, else the vendor's, else USUAL."""
    wanted = list(customer_ids)
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [vendor_id, on, array(wanted)])
        found = {row[0]: row for row in cursor.fetchall()}
    usual = _read(found.get(None), own=False)
    return {one: _read(found[one], own=True) if one in found else usual for one in wanted}


_NEWEST = """
select distinct on (customer_id) customer_id, version, data::text from terms_agreedterms
where vendor_id = %s and from_on <= %s and (customer_id is null or customer_id = any(%s::uuid[]))
order by customer_id, version desc
"""


def _lock(vendor_id: UUID, customer_id: UUID | None) -> None:
    """One version after the other: two that agree at once would take the same number."""
    if customer_id is None:
        found = Vendor.objects.select_for_update().filter(id=vendor_id).exists()
    else:
        found = Customer.objects.select_for_update().filter(id=customer_id, vendor_id=vendor_id).exists()
    if not found:
        raise Refused("There is no such customer.", code="not_found", field="customer")


def _read(row: tuple[UUID | None, int, str] | None, *, own: bool) -> InEffect:
    if row is None:
        return USUAL
    return InEffect(row[1], Terms.from_json(json.loads(row[2])), own)
