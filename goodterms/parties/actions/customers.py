"""Decides how customers and the people there get into the books, and keeps what they wish."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from goodterms.interactions.actions import Deed, record
from goodterms.parties.actions.rows import a_name, address_lines, change, insert, must_know, rewrite
from goodterms.parties.models import PREFERENCES, Contact, Customer, Vendor
from goodterms.parties.rules import (
    FOR_PROGRAMS,
    checked_address,
    checked_for_programs,
    checked_tax_id,
    checked_wants,
    checked_wishes,
    fold,
    payer_key,
    shown_address,
)
from goodterms.values.keys import new_key
from goodterms.values.money import exponent
from goodterms.values.refusal import Refused

_OF_CUSTOMER = {
    *PREFERENCES, "channel", "paperless_on", "bill_days", "cut_off_day", "order_required", "pays_by", "pays_automatically",
    "cadence", "buyer_reference", "invoice_format", "enclosure_required", "billed_by", "breakdown", *FOR_PROGRAMS,
}  # fmt: skip

_FACTS = {"legal_name", "address", "tax_id", "company_number", "parent_id", "since_on", "note"}
_GROUPS_DEEP = 20  # more parents above each other than any group has


def add_customer(
    *, vendor_id: UUID, number: str, name: str, currency: str, now: datetime, by: str, via: str = "desk",
    welcome: bool | None = None, **more: Any,
) -> Customer:  # fmt: skip
    """A customer of the vendor. `more`: preferences and facts, by column; `via` is the way this came in; `welcome`: whether the
    packet goes to them by itself (None: as the vendor usually does)."""
    exponent(currency)
    must_know(more, _OF_CUSTOMER | _FACTS)
    more = checked_wishes(more) | checked_for_programs(more, {}) | checked_wants(more)
    customer = Customer(
        id=new_key(now), vendor_id=vendor_id, number=a_name(number, "number"), name=a_name(name), folded=fold(name),
        currency=currency, created_at=now, **more,
    )  # fmt: skip
    customer.tax_id = checked_tax_id(customer.tax_id, customer.country)
    if welcome is None:
        welcome = Vendor.objects.filter(id=vendor_id, welcomes=True).exists()
    customer.welcome_waits = welcome
    _must_be_a_group(customer, customer.parent_id)
    insert(customer, f"There is a customer number {number} already.", "number")
    record(at=now, deed=Deed(vendor_id, "customer.added", by, customer.id, channel=via))
    return customer


def change_preferences(
    *, vendor_id: UUID, customer_id: UUID, now: datetime, by: str, inbound: bool = False, changes: dict[str, Any]
) -> Customer:
    """How a customer wants to be treated, by column. The log keeps what was and what is."""
    must_know(changes, _OF_CUSTOMER)
    customer = Customer.objects.select_for_update().filter(vendor_id=vendor_id, id=customer_id).first()
    if customer is None:
        raise Refused("There is no such customer.", code="not_found", field="customer")
    known = {name: getattr(customer, name) for name in FOR_PROGRAMS}
    if data := change(customer, changes | checked_for_programs(changes, known) | checked_wants(changes)):
        deed = Deed(vendor_id, "preferences.changed", by, customer.id, inbound=inbound, data=data)
        record(at=now, deed=deed)
    return customer


def change_customer(*, vendor_id: UUID, customer_id: UUID, now: datetime, by: str, changes: dict[str, Any]) -> Customer:
    """Who a customer is, by column: names, addresses for people and programs, numbers at the tax office and the register, the
    group it belongs to, since when, and our note. The log keeps what was and what is; issued documents stay as they are."""
    must_know(changes, {*_FACTS, *FOR_PROGRAMS, "name", "country", "buyer_reference"})
    customer = Customer.objects.select_for_update().filter(vendor_id=vendor_id, id=customer_id).first()
    if customer is None:
        raise Refused("There is no such customer.", code="not_found", field="customer")
    known = {name: getattr(customer, name) for name in FOR_PROGRAMS}
    checked = checked_wishes(changes) | checked_for_programs(changes, known) | _checked_facts(changes, customer)
    if data := change(customer, checked):
        if "name" in data:
            customer.folded = fold(customer.name)
            customer.save(update_fields=["folded"])
        record(at=now, deed=Deed(vendor_id, "customer.changed", by, customer.id, data=data))
    return customer


def _checked_facts(changes: dict[str, Any], customer: Customer) -> dict[str, Any]:
    """A tax id is looked at by the rule of the country that it will stand beside, whichever of the two is new."""
    found: dict[str, Any] = {
        name: a_name(changes[name], name) for name in ("legal_name", "company_number") if changes.get(name)
    }
    if "name" in changes:
        found["name"] = a_name(changes["name"])
    if "address" in changes:
        found["address"] = address_lines(changes["address"])
    if "tax_id" in changes or "country" in changes:
        country = changes.get("country", customer.country)
        found["tax_id"] = checked_tax_id(changes.get("tax_id", customer.tax_id), country)
    if "parent_id" in changes:
        _must_be_a_group(customer, changes["parent_id"])
    return found


def _must_be_a_group(customer: Customer, parent_id: UUID | None) -> None:
    """Refuses a parent of another vendor, and a group that belongs to itself."""
    above = parent_id
    for _ in range(_GROUPS_DEEP):
        if above is None:
            return
        found = list(Customer.objects.filter(id=above, vendor_id=customer.vendor_id).values_list("parent", flat=True))
        if not found:
            raise Refused("There is no such customer to belong to.", code="parent", field="parent_id")
        if above == customer.id:
            break
        above = found[0]
    raise Refused("A customer cannot belong to itself, nor to one that belongs to it.", code="parent", field="parent_id")


def add_contact(
    *,
    vendor_id: UUID,
    customer_id: UUID,
    name: str,
    now: datetime,
    by: str,
    email: str = "",
    phone: str = "",
    title: str = "",
    pays: bool = False,
    approves: bool = False,
    receives_copies: bool = False,
    signs: bool = False,
    note: str = "",
) -> Contact:
    """A person at a customer. The payer behind the address is recognised across vendors without a look at any of them:
    row security hides payers whom no contact of ours lists, so it is inserted blindly and never asked for."""
    contact = Contact(
        id=new_key(now), vendor_id=vendor_id, customer_id=customer_id, name=a_name(name), title=title, phone=phone, pays=pays,
        approves=approves, receives_copies=receives_copies, signs=signs, note=note, created_at=now,
    )  # fmt: skip
    _meet(contact, email, now)
    insert(contact, _SOMEBODY_PAYS, "pays")
    data = {"roles": _roles(contact)}
    deed = Deed(vendor_id, "contact.added", by, customer_id, None, contact.payer_id, contact.id, data=data)
    record(at=now, deed=deed)
    return contact


def change_contact(*, vendor_id: UUID, contact_id: UUID, now: datetime, by: str, changes: dict[str, Any]) -> Contact:
    """Another name, address or role of somebody who is a contact still, by column."""
    must_know(changes, _OF_CONTACT)
    contact = Contact.objects.select_for_update().filter(vendor_id=vendor_id, id=contact_id, ended_at=None).first()
    if contact is None:
        raise Refused("There is no such contact.", code="not_found", field="contact")
    before = {column: getattr(contact, column) for column in _OF_CONTACT}
    for column, value in changes.items():
        setattr(contact, column, a_name(value) if column == "name" else value)
    if contact.email != before["email"]:
        _meet(contact, contact.email, now)
    if before == {column: getattr(contact, column) for column in _OF_CONTACT}:
        return contact
    rewrite(contact, _SOMEBODY_PAYS, "pays")
    data = {"roles": _roles(contact)}
    deed = Deed(vendor_id, "contact.changed", by, contact.customer_id, None, contact.payer_id, contact.id, data=data)
    record(at=now, deed=deed)
    return contact


def end_contact(*, vendor_id: UUID, contact_id: UUID, now: datetime, by: str) -> None:
    """The person is no longer to be written to for this customer."""
    contact = Contact.objects.select_for_update().filter(vendor_id=vendor_id, id=contact_id).first()
    if contact is None:
        raise Refused("There is no such contact.", code="not_found", field="contact")
    if contact.ended_at is None:
        contact.ended_at = now
        contact.save(update_fields=["ended_at"])
        deed = Deed(vendor_id, "contact.ended", by, contact.customer_id, None, contact.payer_id, contact.id)
        record(at=now, deed=deed)


def _meet(contact: Contact, email: str, now: datetime) -> None:
    """The payer behind an address, met without a look at any; without an address there is none."""
    contact.email, contact.payer_id = "", None
    if email:
        contact.email, contact.payer_id = shown_address(email), payer_key(email)
        with connection.cursor() as cursor:
            cursor.execute(_MEET_PAYER, [contact.payer_id, checked_address(email), now])


def _roles(contact: Contact) -> list[str]:
    return [role for role in ("pays", "approves", "receives_copies", "signs") if getattr(contact, role)]


_SOMEBODY_PAYS = "Somebody else pays for this customer already. End that contact first."
_OF_CONTACT = {"name", "title", "email", "phone", "pays", "approves", "receives_copies", "signs", "note"}
_MEET_PAYER = """
insert into parties_payer (id, address, name, language, tone, country, timezone, quiet_weekdays, quiet_ranges, letter_weekdays,
                           created_at)
values (%s, %s, '', '', '', '', '', '{}', '[]', '{}', %s) on conflict do nothing
"""
