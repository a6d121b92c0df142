"""Decides what owners are written when bank details are to change: to whom, at which step, in which words."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from django.conf import settings

from goodterms.delivery import frame, spoken
from goodterms.delivery.actions.letters import Draft
from goodterms.delivery.words import Wording, read, spoken_language
from goodterms.parties.models import BankChange, Vendor
from goodterms.parties.rules import spelled
from goodterms.values.days import day_in, zone

KIND = "bank"


class Reader(NamedTuple):
    """An owner, or the firm's own address."""

    address: str
    name: str
    since_at: datetime  # told of nothing before


def letters(vendor: Vendor, change: BankChange, readers: list[Reader], now: datetime) -> Iterator[Draft]:
    """Of each step that the change took, to each reader, under a name of its own: it is posted once, whoever finds it."""
    for step, at in steps(change):
        for reader in readers:
            if reader.since_at <= at:
                yield _letter(vendor, change, step, at, reader, now)


def steps(change: BankChange) -> list[tuple[str, datetime]]:
    """What happened to it, and when. The very first account was asked for and used in one go."""
    if change.used_at and not change.confirmed_at:
        return [("first", change.used_at)]
    found = {
        "asked": change.asked_at, "confirmed": change.confirmed_at, "used": change.used_at, "stopped": change.stopped_at,
    }  # fmt: skip
    return [(step, at) for step, at in found.items() if at]


def _letter(vendor: Vendor, change: BankChange, step: str, at: datetime, reader: Reader, now: datetime) -> Draft:
    language, tag = spoken_language(vendor.language)
    found = read(__name__, language)
    said = Wording(**{**found["shared"], **found[step]}).said(_context(vendor, change, at, reader, tag))
    around, url = found["frame"], f"{settings.BASE_URL}/at/{vendor.slug}/settings/#bank"
    opening, closing = f"{said.greeting}\n{said.opening}", f"{said.closing}\n{said.signature}"
    rows = [frame.said(opening), frame.button(url, around["see"]), frame.said(closing, first=False), frame.small(around["why"])]
    text = "\n\n".join([vendor.name, opening, f"{around['see']}: {url}", closing, f"--\n{around['why']}"])
    return Draft(
        vendors=(vendor.id,), payer_id=None, kind=KIND, channel="email", recipient=reader.address,
        dedupe_key=f"{KIND}|{change.id}|{step}|{reader.address.lower()}", not_before=now, subject=said.subject,
        text=f"{text}\n", html=frame.page(tag, spoken.direction(tag), said.subject, vendor.name, rows), sender_name="Goodterms",
        recipient_name=reader.name,
    )  # fmt: skip


def _context(vendor: Vendor, change: BankChange, at: datetime, reader: Reader, tag: str) -> Mapping[str, str]:
    from_at = change.from_at or at
    return {
        "name": reader.name, "vendor": vendor.name, "asker": change.asked_by.name,
        "confirmer": change.confirmed_by.name if change.confirmed_by else "", "bank": _account(change.bank),
        "in_use": _account(vendor.bank), "day": _day(vendor, at, tag), "hour": _hour(vendor, at),
        "from_day": _day(vendor, from_at, tag), "from_hour": _hour(vendor, from_at),
    }  # fmt: skip


def _account(bank: Mapping[str, str]) -> str:
    """`Bank of Severn, GB96 SEVN 3018 …`, or with sort code and account."""
    return ", ".join(filter(None, (bank.get("name", ""), spelled(bank))))


def _day(vendor: Vendor, at: datetime, tag: str) -> str:
    return spoken.day(day_in(vendor.timezone, at), tag)


def _hour(vendor: Vendor, at: datetime) -> str:
    return f"{at.astimezone(zone(vendor.timezone)):%H:%M}"
