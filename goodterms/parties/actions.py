"""Decides who gets into the books: vendors and members, customers and contacts, keys; and keeps what they wish."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from goodterms.database.isolation import acting_for
from goodterms.interactions.actions import Deed, record, record_all
from goodterms.parties.models import PREFERENCES, ApiKey, Contact, Customer, Member, Payer, Person, Vendor
from goodterms.parties.rules import (
    ROLES,
    checked_address,
    checked_scopes,
    checked_tax_id,
    checked_wishes,
    fold,
    key_hash,
    payer_key,
    shown_address,
)
from goodterms.values.days import zone
from goodterms.values.keys import new_key
from goodterms.values.money import exponent
from goodterms.values.refusal import Refused

_OF_CUSTOMER = {
    *PREFERENCES, "channel", "paperless_on", "bill_days", "cut_off_day", "order_required", "pays_by", "pays_automatically",
    "cadence",
}  # fmt: skip
_OF_PAYER = {*PREFERENCES, "letter_weekdays", "name"}
_OF_VENDOR = {"feed_days_max": 365, "extension_days_max": 366, "answer_hours": 80}  # whole numbers, each with the most
_FACTS = {"legal_name", "address", "tax_id", "parent_id", "since_on", "note"}


def add_vendor(
    *, slug: str, name: str, currency: str, country: str, timezone: str, email: str, now: datetime, by: str, **more: Any
) -> Vendor:
    """A new tenant; `more` are other columns of Vendor. Declares the new vendor itself, since nobody could before."""
    if not slug or slug != fold(slug).replace(" ", "-") or not slug.replace("-", "").replace("_", "").isalnum():
        raise Refused(f"{slug!r} is not a short name; write it like tom-and-co.", code="slug", field="slug")
    exponent(currency)
    zone(timezone)
    checked_wishes({"country": country} | {word: more[word] for word in ("language", "tone") if word in more})
    vendor = Vendor(
        id=new_key(now), slug=slug, name=_named(name), currency=currency, country=country, timezone=timezone,
        email=shown_address(email), created_at=now, **more,
    )  # fmt: skip
    vendor.tax_id = checked_tax_id(vendor.tax_id, country)
    with acting_for([vendor.id]):
        _insert(vendor, f"There is a vendor {slug} already.", "slug")
        record(at=now, deed=Deed(vendor.id, "vendor.added", by))
    return vendor


def change_vendor(*, vendor_id: UUID, changes: dict[str, Any], now: datetime, by: str) -> Vendor:
    """How a vendor works, by column: `sender` (who signs), `answer_hours` (business hours to a first answer),
    `extension_days_max`, and `feed_days_max` (None: reminders do not wait for news of payments)."""
    _must_know(changes, {*_OF_VENDOR, "sender"})
    for column, most in _OF_VENDOR.items():
        if column in changes and not _is_number(changes[column], column, most):
            raise Refused(
                f"{changes[column]!r} cannot be kept: it is a whole number, {most} at most.", code="vendor", field=column
            )
    if changes.get("sender"):
        changes = {**changes, "sender": _named(changes["sender"], "sender")}
    vendor = Vendor.objects.select_for_update().get(id=vendor_id)
    if data := _change(vendor, changes):
        record(at=now, deed=Deed(vendor_id, "vendor.changed", by, data=data))
    return vendor


def move_clock(*, vendor_id: UUID, to: datetime, now: datetime, by: str) -> None:
    """The clock of a sandbox goes forward to the instant `to`; a vendor that lives by the real one has none to move."""
    vendor = Vendor.objects.select_for_update().filter(id=vendor_id).exclude(sandbox_now=None).first()
    if vendor is None or vendor.sandbox_now is None:
        raise Refused("This vendor lives by the real clock, which nobody moves.", code="clock")
    if to < vendor.sandbox_now:
        raise Refused("A clock goes forward: what happened has happened.", code="clock", field="to")
    vendor.sandbox_now = to
    vendor.save(update_fields=["sandbox_now"])
    record(at=now, deed=Deed(vendor_id, "clock.moved", by, data={"to": to.isoformat()}))


def add_member(
    *, vendor_id: UUID, email: str, name: str, role: str, now: datetime, by: str, approves_up_to_minor: int | None = None
) -> Member:
    """Somebody who works for the vendor; the person is the same for every vendor with that address."""
    if role not in ROLES:
        raise Refused(f"{role!r} is not a role; there are {', '.join(ROLES)}.", code="role", field="role")
    person, _ = Person.objects.get_or_create(email=checked_address(email), defaults={"id": new_key(now), "name": _named(name)})
    member = Member(
        id=new_key(now), vendor_id=vendor_id, person=person, role=role, approves_up_to_minor=approves_up_to_minor, since_at=now
    )
    _insert(member, f"{person.email} is a member already.", "email")
    record(at=now, deed=Deed(vendor_id, "member.added", by, subject_id=member.id, data={"role": role}))
    return member


def add_customer(
    *, vendor_id: UUID, number: str, name: str, currency: str, now: datetime, by: str, via: str = "desk", **more: Any
) -> Customer:
    """A customer of the vendor. `more`: preferences and facts, by column; `via` is the way this came in."""
    exponent(currency)
    _must_know(more, _OF_CUSTOMER | _FACTS)
    more = checked_wishes(more)
    customer = Customer(
        id=new_key(now), vendor_id=vendor_id, number=_named(number, "number"), name=_named(name), folded=fold(name),
        currency=currency, created_at=now, **more,
    )  # fmt: skip
    customer.tax_id = checked_tax_id(customer.tax_id, customer.country)
    _insert(customer, f"There is a customer number {number} already.", "number")
    record(at=now, deed=Deed(vendor_id, "customer.added", by, customer.id, channel=via))
    return customer


def change_preferences(
    *, vendor_id: UUID, customer_id: UUID, now: datetime, by: str, inbound: bool = False, changes: dict[str, Any]
) -> Customer:
    """How a customer wants to be treated, by column. The log keeps what was and what is."""
    _must_know(changes, _OF_CUSTOMER)
    customer = Customer.objects.select_for_update().filter(vendor_id=vendor_id, id=customer_id).first()
    if customer is None:
        raise Refused("There is no such customer.", code="not_found", field="customer")
    if data := _change(customer, changes):
        deed = Deed(vendor_id, "preferences.changed", by, customer.id, inbound=inbound, data=data)
        record(at=now, deed=deed)
    return customer


def change_wishes(*, payer_id: UUID, now: datetime, by: str, changes: dict[str, Any]) -> Payer:
    """A payer's own word about rhythm, language and quiet days; it goes before what customers said for them."""
    _must_know(changes, _OF_PAYER)
    payer = _locked_payer(payer_id)
    if data := _change(payer, changes):
        _record_for_each_vendor(payer_id, "wishes.changed", by, now, data)
    return payer


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
        id=new_key(now), vendor_id=vendor_id, customer_id=customer_id, name=_named(name), title=title, phone=phone, pays=pays,
        approves=approves, receives_copies=receives_copies, signs=signs, note=note, created_at=now,
    )  # fmt: skip
    if email:
        contact.email, contact.payer_id = shown_address(email), payer_key(email)
        with connection.cursor() as cursor:
            cursor.execute(_MEET_PAYER, [contact.payer_id, checked_address(email), now])
    _insert(contact, "Somebody else pays for this customer already. End that contact first.", "pays")
    roles = [role for role in ("pays", "approves", "receives_copies", "signs") if getattr(contact, role)]
    deed = Deed(vendor_id, "contact.added", by, customer_id, None, contact.payer_id, contact.id, data={"roles": roles})
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


def verify_payer(*, payer_id: UUID, now: datetime, by: str = "customer") -> Payer:
    """The owner of the address showed that it is theirs; the first time counts."""
    payer = _locked_payer(payer_id)
    if payer.verified_at is None:
        payer.verified_at = now
        payer.save(update_fields=["verified_at"])
        _record_for_each_vendor(payer_id, "payer.verified", by, now)
    return payer


def stop_reminders(*, payer_id: UUID, now: datetime, by: str = "customer") -> Payer:
    """No reminder by e-mail to this payer any more, of any vendor (RFC 8058)."""
    payer = _locked_payer(payer_id)
    if payer.stopped_at is None:
        payer.stopped_at = now
        payer.save(update_fields=["stopped_at"])
        _record_for_each_vendor(payer_id, "reminders.stopped", by, now)
    return payer


def resume_reminders(*, payer_id: UUID, now: datetime, by: str = "customer") -> Payer:
    """The payer wants reminders by e-mail again."""
    payer = _locked_payer(payer_id)
    if payer.stopped_at is not None:
        payer.stopped_at = None
        payer.save(update_fields=["stopped_at"])
        _record_for_each_vendor(payer_id, "reminders.resumed", by, now)
    return payer


def add_api_key(*, vendor_id: UUID, name: str, scopes: Sequence[str], now: datetime, by: str) -> tuple[ApiKey, str]:
    """A key and its secret, which is told this once: only its sha256 is kept."""
    secret = f"gt_{secrets.token_urlsafe(32)}"
    key = ApiKey(
        id=new_key(now), vendor_id=vendor_id, name=_named(name), key_hash=key_hash(secret), scopes=checked_scopes(scopes),
        created_at=now,
    )  # fmt: skip
    key.save(force_insert=True)
    record(at=now, deed=Deed(vendor_id, "key.added", by, subject_id=key.id, data={"name": name, "scopes": key.scopes}))
    return key, secret


def revoke_api_key(*, vendor_id: UUID, key_id: UUID, now: datetime, by: str) -> None:
    """From now on the key opens nothing."""
    if ApiKey.objects.filter(vendor_id=vendor_id, id=key_id, revoked_at=None).update(revoked_at=now):
        record(at=now, deed=Deed(vendor_id, "key.revoked", by, subject_id=key_id))
    elif not ApiKey.objects.filter(vendor_id=vendor_id, id=key_id).exists():
        raise Refused("There is no such key.", code="not_found", field="key")


def key_used(*, key_id: UUID, on: date) -> None:
    """Keep the last day on which a key was used. Of several requests at once one writes, and none waits for it."""
    with connection.cursor() as cursor:
        cursor.execute(_KEY_USED, [on, key_id, on])


_KEY_USED = """
update parties_apikey set last_used_on = %s::date where id = (
  select id from parties_apikey where id = %s and (last_used_on is null or last_used_on < %s::date) for update skip locked)
"""
_MEET_PAYER = """
insert into parties_payer (id, address, name, language, tone, country, timezone, quiet_weekdays, quiet_ranges, letter_weekdays,
                           created_at)
values (%s, %s, '', '', '', '', '', '{}', '[]', '{}', %s) on conflict do nothing
"""


def _named(text: str, field: str = "name") -> str:
    """A name as it is kept; refuses what a spreadsheet would run as a formula (T10) or nobody can read."""
    name = " ".join(text.split())
    if not name or len(name) > 200 or name[0] in "=+-@" or not name.isprintable():
        raise Refused(f"{text[:60]!r} cannot be a {field}: it needs 1 to 200 letters and no formula.", code="name", field=field)
    return name


def _insert(row: Vendor | Member | Customer | Contact, taken: str, field: str) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as clash:
        if "unique" not in str(clash):
            raise
        raise Refused(taken, code="taken", field=field) from clash


def _must_know(changes: dict[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(changes) - known):
        raise Refused(f"{unknown[0]!r} is not something that can be set here.", code="preferences", field=unknown[0])


def _is_number(value: Any, column: str, most: int) -> bool:
    if value is None:
        return column == "feed_days_max"
    return type(value) is int and (0 if column == "extension_days_max" else 1) <= value <= most


def _change(row: Vendor | Customer | Payer, changes: dict[str, Any]) -> dict[str, Any]:
    """Set what differs; what was and what is, by column."""
    checked = checked_wishes(changes)
    data = {
        column: {"was": _plain(getattr(row, column)), "is": _plain(value)}
        for column, value in checked.items()
        if _plain(getattr(row, column)) != _plain(value)
    }
    for column in data:
        setattr(row, column, checked[column])
    if data:
        row.save(update_fields=list(data))
    return data


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | list) else str(value)


def _locked_payer(payer_id: UUID) -> Payer:
    payer = Payer.objects.select_for_update().filter(id=payer_id).first()
    if payer is None:
        raise Refused("There is no such payer.", code="not_found", field="payer")
    return payer


def _record_for_each_vendor(payer_id: UUID, kind: str, by: str, now: datetime, data: dict[str, Any] | None = None) -> None:
    """A payer's deed stands in the log of each vendor that lists them, as far as these are declared."""
    listing = Contact.objects.current().filter(payer_id=payer_id).order_by("vendor_id", "customer_id")
    seen = listing.values_list("vendor_id", "customer_id").distinct()
    deeds = [Deed(vendor, kind, by, customer, None, payer_id, inbound=True, data=data or {}) for vendor, customer in seen]
    record_all(at=now, deeds=deeds)
