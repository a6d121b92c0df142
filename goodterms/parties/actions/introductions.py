"""Decides what naming a colleague does: the vendor is asked, and a person there adds them as a contact, or does not.

A contact sees the invoices of the customer. So who is one is the vendor's word alone (T6): the payer proposes, a typed address
gets no letter and no page by itself, and nobody is told whether another vendor knows it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from goodterms.interactions.actions import Deed, record, record_all
from goodterms.parties.actions.customers import add_contact, change_contact
from goodterms.parties.actions.rows import a_name
from goodterms.parties.models import Contact, Introduction, Payer
from goodterms.parties.rules import checked_address, shown_address
from goodterms.values.keys import new_keys
from goodterms.values.refusal import Refused, to_say

WAITING_MOST = 10  # of one payer, over all vendors: nobody fills the desks of others
TOO_MANY = to_say("Ten colleagues wait for an answer already. Wait for it, or take one back.")
KNOWN_THERE = to_say("They get that already, as the vendor has it.")
WAITS = to_say("You have named them already; the vendor has not answered yet.")
YOURSELF = to_say("This is your own address. Name a colleague, with theirs.")
CHOOSE = to_say("Choose at least one vendor.")
NAME = to_say("Write their name, so that the vendor knows whom you mean.")


@transaction.atomic
def introduce(
    *, payer_id: UUID, vendor_ids: Collection[UUID], name: str, address: str, takes_over: bool, by: str, now: datetime
) -> list[Introduction]:
    """A payer asks vendors that list them to add a colleague to the same customers. All that is asked for, or a refusal."""
    payer = Payer.objects.select_for_update().get(id=payer_id)  # so that pressing twice asks once
    told, shown = _name(name), shown_address(address)
    if checked_address(shown) == payer.address:
        raise Refused(YOURSELF, code="address", field="email")
    listed = Contact.objects.current().filter(payer_id=payer_id, vendor_id__in=vendor_ids).order_by("vendor_id", "customer_id")
    places = list(listed.values_list("vendor_id", "customer_id").distinct())
    if not places:
        raise Refused(CHOOSE, code="vendor", field="vendor")
    asked = _still_to_ask([customer for _, customer in places], shown, takes_over)
    if Introduction.objects.filter(payer_id=payer_id, decided_at=None).count() + len(asked) > WAITING_MOST:
        raise Refused(TOO_MANY, code="many")
    found = [
        Introduction(
            id=key, vendor_id=vendor, customer_id=customer, payer_id=payer_id, by=by, name=told, address=shown,
            takes_over=takes_over, asked_at=now,
        )
        for key, (vendor, customer) in zip(new_keys(now, len(places)), places, strict=True)
        if customer in asked
    ]  # fmt: skip
    Introduction.objects.bulk_create(found)
    record_all(at=now, deeds=[_deed(one, "introduction.asked", by, inbound=True) for one in found])
    return found


@transaction.atomic
def add_introduced(*, vendor_id: UUID, introduction_id: UUID, by: str, now: datetime) -> Introduction:
    """A person of the vendor adds them: a contact like any other, who sees this customer's invoices from now on. Who takes
    the letters over takes them from whoever had them, who stays a contact."""
    one = _waiting(vendor_id, introduction_id)
    whose: dict[str, Any] = {"vendor_id": vendor_id, "now": now, "by": by}
    people = Contact.objects.current().filter(customer_id=one.customer_id)
    if one.takes_over:
        for before in people.filter(pays=True):
            change_contact(contact_id=before.id, changes={"pays": False, "receives_copies": True}, **whose)
    role: dict[str, Any] = {"pays": True} if one.takes_over else {"receives_copies": True}
    known = people.filter(email__iexact=one.address).first()
    if known is None:
        one.contact = add_contact(customer_id=one.customer_id, name=one.name, email=one.address, **role, **whose)
    else:
        one.contact = change_contact(contact_id=known.id, changes=role, **whose)
    _decide(one, "added", by, now)
    return one


@transaction.atomic
def decline_introduction(*, vendor_id: UUID, introduction_id: UUID, by: str, now: datetime) -> Introduction:
    """A person of the vendor does not add them; everything stays as it is."""
    one = _waiting(vendor_id, introduction_id)
    _decide(one, "declined", by, now)
    record(at=now, deed=_deed(one, "introduction.declined", by))
    return one


@transaction.atomic
def withdraw_introduction(*, payer_id: UUID, introduction_id: UUID, by: str, now: datetime) -> None:
    """The payer takes it back, while nobody has answered."""
    one = Introduction.objects.select_for_update().filter(id=introduction_id, payer_id=payer_id).first()
    if one is None:
        raise Refused("There is no such colleague of yours.", code="not_found")
    if one.outcome == "withdrawn":
        return
    if one.decided_at is not None:
        raise Refused("The vendor has answered already; ask them, if it should change.", code="closed")
    _decide(one, "withdrawn", by, now)
    record(at=now, deed=_deed(one, "introduction.withdrawn", by, inbound=True))


def _name(written: str) -> str:
    try:
        return a_name(written)
    except Refused as odd:
        raise Refused(NAME, code="name", field="name") from odd


def _still_to_ask(customers: list[UUID], address: str, takes_over: bool) -> list[UUID]:
    """The customers at which they neither wait nor have that role; refuses where there is none."""
    here = {"customer_id__in": customers}
    asked = Introduction.objects.filter(address__iexact=address, decided_at=None, **here)
    role = {"pays": True} if takes_over else {"receives_copies": True}
    known = Contact.objects.current().filter(email__iexact=address, **role, **here)
    waiting, having = (set(rows.values_list("customer_id", flat=True)) for rows in (asked, known))
    left = [one for one in customers if one not in waiting | having]
    if not left:
        raise Refused(WAITS if waiting else KNOWN_THERE, code="known", field="email")
    return left


def _waiting(vendor_id: UUID, introduction_id: UUID) -> Introduction:
    found = Introduction.objects.select_for_update().filter(vendor_id=vendor_id, id=introduction_id).first()
    if found is None:
        raise Refused("There is no such colleague to add.", code="not_found")
    if found.decided_at is not None:
        raise Refused("This was decided already.", code="closed")
    return found


def _decide(one: Introduction, outcome: str, by: str, now: datetime) -> None:
    one.outcome, one.decided_by, one.decided_at = outcome, by, now
    one.save(update_fields=["outcome", "decided_by", "decided_at", "contact"])


def _deed(one: Introduction, kind: str, by: str, *, inbound: bool = False) -> Deed:
    data = {"name": one.name, "roles": ["pays" if one.takes_over else "receives_copies"]}
    channel = "portal" if inbound else "desk"
    return Deed(one.vendor_id, kind, by, one.customer_id, None, one.payer_id, one.id, channel, inbound=inbound, data=data)
