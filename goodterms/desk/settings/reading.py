"""Gathers what the settings show: one constant number of statements, whatever there is."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from goodterms.desk.door import Visit
from goodterms.desk.settings.happened import KINDS, TRIES, said
from goodterms.interactions.models import Interaction
from goodterms.invoicing.numbering import runs_of
from goodterms.parties.models import ApiKey, BankChange, Member
from goodterms.parties.rules import CONFIRM_BANK, WAIT, spelled
from goodterms.values.money import Money

LATEST = 12
LATEST_TRIES = 4  # beside them, so that failed sign-ins never push anything else off the page
# What each role may do, said as the page says it.
MAY = {
    "owner": "everything",
    "bookkeeper": "invoices, payments, answers, reminders",
    "approver": "drafts, approval, internal notes",
    "receivables manager": "answers, promises, calls",
    "reader": "read",
}


class Working(NamedTuple):
    """A member as the list of people shows one."""

    id: UUID
    name: str
    email: str
    role: str
    may: str
    approves: Money | None  # None: any sum
    last_at: datetime | None
    is_you: bool
    has_come: bool  # has a password, so the invitation was accepted


class Gate(NamedTuple):
    """A change of bank details on its way."""

    id: UUID
    bank: str
    name: str
    asked_by: str
    asked_at: datetime
    confirmed_by: str
    confirmed_at: datetime | None
    from_at: datetime
    others: list[str]  # who could confirm it
    is_yours: bool
    may_confirm: bool


class Told(NamedTuple):
    """A line of what happened."""

    at: datetime
    by: str
    says: str


def sections(visit: Visit) -> dict[str, Any]:
    """Everything on the page of settings."""
    members = people(visit)
    return {
        "members": members,
        "gate": gate(visit, members),
        "in_use": spelled(visit.vendor.bank),
        "bank_since": BankChange.objects.exclude(used_at=None).order_by("-used_at").values_list("used_at", flat=True).first(),
        "keys": list(ApiKey.objects.filter(vendor_id=visit.vendor.id, revoked_at=None).order_by("created_at")),
        "next_number": next_number(visit),
        "told": told(visit),
        "is_owner": visit.may("owner"),
        "forewarn_sum": Money(visit.vendor.forewarn_minor, visit.vendor.currency),
        "plan_most": None if visit.vendor.plan_minor_max is None else Money(visit.vendor.plan_minor_max, visit.vendor.currency),
        "themes": [("", "As this machine has it"), ("light", "Light"), ("dark", "Dark")],
    }


def next_number(visit: Visit) -> str:
    """Of an invoice."""
    return runs_of(visit.vendor.id, visit.today)[0].next_number


def people(visit: Visit) -> list[Working]:
    """Those who work here now, owners first."""
    rows = Member.objects.filter(vendor_id=visit.vendor.id, ended_at=None).select_related("person")
    order = list(MAY)
    return [
        _working(row, visit) for row in sorted(rows, key=lambda row: (order.index(row.role), row.since_at, row.person.name))
    ]


def gate(visit: Visit, members: list[Working]) -> Gate | None:
    """The change that waits, if one does."""
    found = BankChange.objects.open().filter(vendor_id=visit.vendor.id).select_related("asked_by", "confirmed_by")
    change = found.first()
    if change is None:
        return None
    is_yours = change.asked_by_id == visit.person.id
    could = visit.may(*CONFIRM_BANK) and not is_yours and visit.member.since_at <= change.asked_at
    return Gate(
        change.id, spelled(change.bank), change.bank["name"], change.asked_by.name, change.asked_at,
        change.confirmed_by.name if change.confirmed_by else "", change.confirmed_at, change.from_at or visit.now + WAIT,
        [one.name for one in members if one.role in CONFIRM_BANK and one.name != change.asked_by.name],
        is_yours, could and change.confirmed_at is None,
    )  # fmt: skip


def told(visit: Visit) -> list[Told]:
    """The latest of what was done about the desk itself, newest first; customers have timelines of their own."""
    found = Interaction.objects.filter(vendor_id=visit.vendor.id).order_by("-at", "-id")
    rows = [*found.filter(kind__in=KINDS)[:LATEST], *found.filter(kind__in=TRIES)[:LATEST_TRIES]]
    newest = sorted(rows, key=lambda row: (row.at, row.id), reverse=True)
    return [Told(row.at, row.by, said(row.kind, row.data)) for row in newest]


def _working(row: Member, visit: Visit) -> Working:
    sum_ = row.approves_up_to_minor
    approves = None if sum_ is None else Money(sum_, visit.vendor.currency)
    return Working(
        row.id, row.person.name, row.person.email, row.role, MAY[row.role], approves, row.person.last_login,
        row.person_id == visit.person.id, row.person.has_usable_password(),
    )  # fmt: skip
