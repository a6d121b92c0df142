"""Finds bank details whose two days are over, and has them used."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from goodterms.parties.actions import use_bank
from goodterms.parties.models import BankChange


def use_confirmed_banks(*, vendor_id: UUID, now: datetime) -> int:
    """How many accounts came into use; a second run finds none."""
    with transaction.atomic():
        due = BankChange.objects.due(now).filter(vendor_id=vendor_id).select_for_update(skip_locked=True)
        return sum(use_bank(vendor_id=vendor_id, change_id=change.id, now=now) for change in due)
