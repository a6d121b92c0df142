"""Decides who gets into the books as a vendor, and how a vendor works."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from goodterms.database.isolation import acting_for
from goodterms.interactions.actions import Deed, record
from goodterms.parties.actions.rows import a_name, address_lines, change, insert, must_know
from goodterms.parties.models import Vendor
from goodterms.parties.rules import (
    FOR_PROGRAMS,
    checked_for_programs,
    checked_tax_id,
    checked_wishes,
    fold,
    shown_address,
)
from goodterms.values.days import zone
from goodterms.values.keys import new_key
from goodterms.values.money import MINOR_MAX, exponent
from goodterms.values.refusal import Refused

_TEXTS = ("sender", "name", "legal_name", "address", "email", "tax_id", "language", "tone")
_HOURS = ("opens_at", "closes_at")
_OF_VENDOR = {  # whole numbers, each with the most
    "feed_days_max": 365, "extension_days_max": 366, "answer_hours": 80, "plan_parts_max": 24, "plan_days_max": 732,
    "plan_minor_max": MINOR_MAX, "forewarn_percent": 1_000, "forewarn_minor": MINOR_MAX, "silence_days": 60,
}  # fmt: skip
_YES_OR_NO = {"four_eyes": "Whether two people look at every invoice", "welcomes": "Whether new customers are welcomed"}
_OR_NONE = ("feed_days_max", "plan_minor_max", "forewarn_percent", "silence_days")
# 0 says: nothing is granted at once; the customer is asked about whatever is more.
_FROM_NONE = (
    "extension_days_max", "plan_parts_max", "plan_days_max", "plan_minor_max", "forewarn_percent", "forewarn_minor",
)  # fmt: skip


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
    """How a vendor works, by column: who it is (`name`, `legal_name`, `address`, `email`, `tax_id`), what programs know of it
    (FOR_PROGRAMS), how it speaks (`sender`, `language`, `tone`), when it is open (`opens_at`, `closes_at`), `answer_hours`
    (business hours to a first answer), `extension_days_max`, what is agreed in parts at once (`plan_parts_max`,
    `plan_days_max`, `plan_minor_max`; None: any sum), and `feed_days_max` (None: reminders do not wait for news of payments).
    A customer is asked before an invoice that is more than expected by over `forewarn_percent` (None: nobody is asked) and
    over `forewarn_minor`; where nobody answers for `silence_days`, it is issued (None: never by itself).

    `four_eyes` says whether whoever wrote an invoice may not approve it, `welcomes` whether new customers are sent the welcome
    packet by themselves. Bank details are not among them: they have a way of
    their own, with a second person."""
    must_know(changes, {*_OF_VENDOR, *_TEXTS, *_HOURS, *FOR_PROGRAMS, *_YES_OR_NO})
    for column, words in _YES_OR_NO.items():
        if not isinstance(changes.get(column, False), bool):
            raise Refused(f"{words} is a yes or a no.", code="vendor", field=column)
    for column, most in _OF_VENDOR.items():
        if column in changes and not _is_number(changes[column], column, most):
            raise Refused(
                f"{changes[column]!r} cannot be kept: it is a whole number, {most} at most.", code="vendor", field=column
            )
    vendor = Vendor.objects.select_for_update().get(id=vendor_id)
    known = {name: getattr(vendor, name) for name in FOR_PROGRAMS}
    checked = _checked_texts(changes, vendor) | _checked_hours(changes, vendor) | checked_for_programs(changes, known)
    if data := change(vendor, {**changes, **checked}):
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


def _is_number(value: Any, column: str, most: int) -> bool:
    if value is None:
        return column in _OR_NONE
    return type(value) is int and (0 if column in _FROM_NONE else 1) <= value <= most


def _checked_texts(changes: dict[str, Any], vendor: Vendor) -> dict[str, str]:
    """What is written, as it is kept. A legal name, an address of the post and a sender may be left out, a name may not."""
    checked = {column: a_name(changes[column], column) for column in ("name", "legal_name", "sender") if changes.get(column)}
    if "name" in changes and not checked.get("name"):
        raise Refused("A vendor needs a name.", code="name", field="name")
    if "email" in changes:
        checked["email"] = shown_address(changes["email"])
    if "tax_id" in changes:
        checked["tax_id"] = checked_tax_id(changes["tax_id"], vendor.country)
    if "address" in changes:
        checked["address"] = address_lines(changes["address"])
    return checked


def _checked_hours(changes: dict[str, Any], vendor: Vendor) -> dict[str, time]:
    """Both ends of the day, in order: our word counts the hours between them."""
    hours = {column: changes.get(column) or getattr(vendor, column) for column in _HOURS}
    if not hours["opens_at"] < hours["closes_at"]:
        raise Refused("The day begins before it ends.", code="vendor", field="closes_at")
    return {column: hours[column] for column in _HOURS if column in changes}
