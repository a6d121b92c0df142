"""Decides who a name in the tables is: the rows that the verbs have made so far, found by what people call them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from goodterms.conversations.rules import Hours
from goodterms.invoicing.actions import ensure_series
from goodterms.invoicing.line import Tax
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Vendor


@dataclass
class Stage:
    """Everybody on it, by name."""

    vendors: dict[str, Vendor] = field(default_factory=dict)
    customers: dict[tuple[str, str], UUID] = field(default_factory=dict)  # (vendor, customer)
    taxes: dict[tuple[str, str], Tax] = field(default_factory=dict)
    terms: dict[tuple[str, str], str] = field(default_factory=dict)  # the notation in effect now
    payers: dict[str, UUID] = field(default_factory=dict)  # by a person's name
    invoices: dict[str, Invoice] = field(default_factory=dict)  # by number
    threads: dict[str, UUID] = field(default_factory=dict)  # the latest conversation about a number
    schedules: dict[tuple[str, str], str] = field(default_factory=dict)  # what their invoices’ work begins with
    projects: dict[str, UUID] = field(default_factory=dict)  # by name
    retainers: dict[str, UUID] = field(default_factory=dict)  # by name
    ahead: dict[str, tuple[UUID, str, Decimal]] = field(default_factory=dict)  # by number: of what, which part, how much
    asked: dict[str, int] = field(default_factory=dict)  # how often we asked a person how it was

    @property
    def ids(self) -> list[UUID]:
        return [vendor.id for vendor in self.vendors.values()]

    def hours(self, slug: str) -> Hours:
        vendor = self.vendors[slug]
        return Hours(vendor.opens_at, vendor.closes_at, vendor.timezone, vendor.country)

    def about(self, number: str, by: str) -> dict[str, Any]:
        """Who says something about an invoice, as every verb of a conversation asks it."""
        return {"by": by, "payer_id": self.payers.get(by)}

    def series_of(self, vendor_id: UUID, number: str, now: datetime) -> str:
        """Lindqvist Rowe number their own. The others bill elsewhere too: each number here continues that program's."""
        prefix, _, last = number.rpartition("-")
        if prefix.startswith("LR-"):
            return prefix if prefix == "LR-2025" else ""  # since 2026 their usual one, which their next invoice continues
        shape = f"{prefix}-{{n:0{len(last)}d}}" if last[0] == "0" else f"{prefix}-{{n}}"
        ensure_series(vendor_id=vendor_id, code=number, pattern=shape, begin=int(last), now=now)
        return number
