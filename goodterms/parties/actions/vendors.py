"""Decides who gets into the books as a vendor and who works for one, and how a vendor works."""

from datetime import datetime
from typing import Any
from uuid import UUID

from goodterms.database.isolation import acting_for
from goodterms.interactions.actions import Deed, record
from goodterms.parties.actions.rows import a_name, change, insert, must_know
from goodterms.parties.models import Member, Person, Vendor
from goodterms.parties.rules import ROLES, checked_address, checked_tax_id, checked_wishes, fold, shown_address
from goodterms.values.days import zone
from goodterms.values.keys import new_key
from goodterms.values.money import exponent
from goodterms.values.refusal import Refused

_OF_VENDOR = {"feed_days_max": 365, "extension_days_max": 366, "answer_hours": 80}  # whole numbers, each with the most


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
        id=new_key(now), slug=slug, name=a_name(name), currency=currency, country=country, timezone=timezone,
        email=shown_address(email), created_at=now, **more,
    )  # fmt: skip
    vendor.tax_id = checked_tax_id(vendor.tax_id, country)
    with acting_for([vendor.id]):
        insert(vendor, f"There is a vendor {slug} already.", "slug")
        record(at=now, deed=Deed(vendor.id, "vendor.added", by))
    return vendor


def change_vendor(*, vendor_id: UUID, changes: dict[str, Any], now: datetime, by: str) -> Vendor:
    """How a vendor works, by column: `sender` (who signs), `answer_hours` (business hours to a first answer),
    `extension_days_max`, and `feed_days_max` (None: reminders do not wait for news of payments)."""
    must_know(changes, {*_OF_VENDOR, "sender"})
    for column, most in _OF_VENDOR.items():
        if column in changes and not _is_number(changes[column], column, most):
            raise Refused(
                f"{changes[column]!r} cannot be kept: it is a whole number, {most} at most.", code="vendor", field=column
            )
    if changes.get("sender"):
        changes = {**changes, "sender": a_name(changes["sender"], "sender")}
    vendor = Vendor.objects.select_for_update().get(id=vendor_id)
    if data := change(vendor, changes):
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
    person, _ = Person.objects.get_or_create(email=checked_address(email), defaults={"id": new_key(now), "name": a_name(name)})
    member = Member(
        id=new_key(now), vendor_id=vendor_id, person=person, role=role, approves_up_to_minor=approves_up_to_minor, since_at=now
    )
    insert(member, f"{person.email} is a member already.", "email")
    record(at=now, deed=Deed(vendor_id, "member.added", by, subject_id=member.id, data={"role": role}))
    return member


def _is_number(value: Any, column: str, most: int) -> bool:
    if value is None:
        return column == "feed_days_max"
    return type(value) is int and (0 if column == "extension_days_max" else 1) <= value <= most
