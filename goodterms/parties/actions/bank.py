"""Decides how bank details change, which is what thieves want: one asks, a second confirms, and two days pass.

`Vendor.bank` is the account in use; documents copy it at issue. Nothing else writes it after a vendor was added.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from goodterms.interactions.actions import Deed, record
from goodterms.parties.actions.resets import was_reset_since
from goodterms.parties.models import BankChange, Member, Vendor
from goodterms.parties.rules import WAIT, checked_bank, may_ask, may_confirm, used_from
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused


def ask_bank_change(*, vendor_id: UUID, bank: Mapping[str, str], member: Member, now: datetime, by: str) -> BankChange:
    """Other bank details are asked for; nothing changes yet. One question at a time. The very first account, which takes
    nobody's place, is used at once: a firm of one person has no second one."""
    vendor = Vendor.objects.select_for_update().get(id=vendor_id)
    since = now - WAIT
    was_reset = bool(vendor.bank) and was_reset_since(vendor_id=vendor_id, person_id=member.person_id, since=since)
    may_ask(role=member.role, was_reset=was_reset)
    wanted = checked_bank(bank)
    if wanted == vendor.bank:
        raise Refused("This account is in use already.", code="bank", field="iban")
    change = BankChange(id=new_key(now), vendor_id=vendor_id, bank=wanted, asked_by_id=member.person_id, asked_at=now)
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError as clash:
        raise Refused("A change is under way already. Stop that one first, then ask again.", code="taken") from clash
    record(at=now, deed=Deed(vendor_id, "bank.asked", by, subject_id=change.id, data={"bank": wanted}))
    if not vendor.bank:
        _use(vendor, change, now, by)
    return change


def confirm_bank_change(*, vendor_id: UUID, change_id: UUID, member: Member, now: datetime, by: str) -> BankChange:
    """A second person agrees; from here on 48 hours pass, in which everybody at the desk can stop it."""
    change = _open(vendor_id, change_id)
    may_confirm(
        asked_by=change.asked_by_id, asked_at=change.asked_at, person=member.person_id, role=member.role,
        member_since=member.since_at,
        was_reset=was_reset_since(vendor_id=vendor_id, person_id=member.person_id, since=change.asked_at - WAIT),
    )  # fmt: skip
    if change.confirmed_at is None:
        change.confirmed_by_id, change.confirmed_at, change.from_at = member.person_id, now, used_from(now)
        change.save(update_fields=["confirmed_by", "confirmed_at", "from_at"])
        data = {"from": used_from(now).isoformat()}
        record(at=now, deed=Deed(vendor_id, "bank.confirmed", by, subject_id=change.id, data=data))
    return change


def stop_bank_change(*, vendor_id: UUID, change_id: UUID, now: datetime, by: str) -> BankChange:
    """The account in use stays. Until the last minute, and by anybody who may keep the books."""
    change = _open(vendor_id, change_id)
    change.stopped_at = now
    change.save(update_fields=["stopped_at"])
    record(at=now, deed=Deed(vendor_id, "bank.stopped", by, subject_id=change.id))
    return change


def use_bank(*, vendor_id: UUID, change_id: UUID, now: datetime) -> bool:
    """What was confirmed 48 hours ago is in use from now on. Not a minute earlier, and once."""
    change = _open(vendor_id, change_id)
    if change.from_at is None or now < change.from_at:
        raise Refused("It cannot be hurried: a second person confirms it, and then 48 hours pass.", code="early")
    vendor = Vendor.objects.select_for_update().get(id=vendor_id)
    _use(vendor, change, now, "the clock")
    return True


def _use(vendor: Vendor, change: BankChange, now: datetime, by: str) -> None:
    was, vendor.bank, change.used_at = vendor.bank, change.bank, now
    vendor.save(update_fields=["bank"])
    change.save(update_fields=["used_at"])
    data = {"was": was, "is": change.bank}
    record(at=now, deed=Deed(vendor.id, "bank.changed", by, subject_id=change.id, data=data))


def _open(vendor_id: UUID, change_id: UUID) -> BankChange:
    change = BankChange.objects.select_for_update().open().filter(vendor_id=vendor_id, id=change_id).first()
    if change is None:
        raise Refused("This change is over: it was stopped, or is in use.", code="over")
    return change
