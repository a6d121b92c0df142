"""Decides what of a rehearsal a vendor's desk shows: its own invoices, message by message, and what is held, with why.

Who else writes to the same payer counts for the limits, and is not shown: only that a limit is used up.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from goodterms.desk.today.saying import REASONS
from goodterms.parties.directory import companions, named
from goodterms.parties.models import Customer, Vendor
from goodterms.reminders.due import rehearse_some
from goodterms.reminders.rules import Cadence, Decision, Verdict
from goodterms.values.days import instant
from goodterms.values.money import Money

DAYS = 14
PAYERS = 25  # a page of them: fourteen days of these are rehearsed, and written out, while somebody waits


class Message(NamedTuple):
    """What one payer gets of this vendor on a day, or what is held, from the day `on` until the last one seen."""

    on: date
    at: datetime
    payer_id: str
    customer_id: str
    customer: str
    step: str
    tone: str
    channel: str
    numbers: list[str]
    sums: list[Money]
    reasons: list[str]
    until: date | None = None

    @property
    def is_held_by_hand(self) -> bool:
        return "message_held" in self.reasons

    @property
    def why(self) -> str:
        """What holds it, in the sentences of the page of the day."""
        return " ".join(REASONS.get(word, REASONS["manual"]) for word in self.reasons)

    @property
    def goes_out(self) -> bool:
        return not self.reasons


class Rehearsal(NamedTuple):
    messages: list[Message]
    out: int
    held: int
    last: str  # the next page of payers begins after it; empty: these were all


def rehearsed(vendor: Vendor, start: date, trying: Cadence | None, after: str) -> Rehearsal:
    """Fourteen days of up to PAYERS payers. The same rules, cadences and limits as the day itself has."""
    together = [one.id for one in companions(named(vendor.slug))]
    some = rehearse_some(
        vendors=together, vendor=vendor.id, start=start, days=DAYS, at=partial(_opens, vendor, 0),
        until=partial(_opens, vendor, 1), size=PAYERS, after=after, trying=trying,
    )  # fmt: skip
    own = str(vendor.id)
    messages = _joined(message for decision in some.decisions for message in _messages(decision, own))
    names = dict(
        Customer.objects.filter(vendor=vendor, id__in={message.customer_id for message in messages}).values_list("id", "name")
    )
    called = [message._replace(customer=names.get(UUID(message.customer_id), "")) for message in messages]
    called.sort(key=lambda message: (message.on, message.at, message.customer))
    out = sum(message.goes_out for message in called)
    return Rehearsal(called, out, len(called) - out, some.last)


def _opens(vendor: Vendor, later: int, on: date) -> datetime:
    return instant(on + timedelta(days=later), vendor.opens_at, vendor.timezone)


def _messages(decision: Decision, own: str) -> Iterable[Message]:
    """By customer, step and reason; what is not due is no message."""
    together: dict[tuple[str, str, tuple[str, ...]], list[Verdict]] = defaultdict(list)
    for verdict in decision.verdicts:
        if verdict.facts.vendor_id == own and verdict.step is not None:
            together[verdict.facts.customer_id, verdict.step.kind, verdict.reasons].append(verdict)
    for (customer, kind, reasons), verdicts in together.items():
        step = verdicts[0].step
        sums: dict[str, int] = defaultdict(int)
        for verdict in verdicts:
            sums[verdict.facts.currency] += verdict.facts.open_minor
        yield Message(
            decision.on, decision.at, decision.payer.payer_id, customer, "", kind,
            (step.tone if step else "") or decision.payer.tone, verdicts[0].channel or "",
            [verdict.facts.number for verdict in verdicts], [Money(minor, currency) for currency, minor in sums.items()],
            list(reasons),
        )  # fmt: skip


def _joined(messages: Iterable[Message]) -> list[Message]:
    """What is held day after day is said once, from its first day to its last, with the reasons that held all along; what goes
    out ends it."""
    running: dict[tuple[str, tuple[str, ...]], int] = {}
    found: list[Message] = []
    for message in messages:
        key = (message.customer_id, tuple(message.numbers))
        place = running.get(key)
        if message.goes_out or place is None:
            running.pop(key, None)
            if not message.goes_out:
                running[key] = len(found)
            found.append(message)
            continue
        first = found[place]
        always = [reason for reason in first.reasons if reason in message.reasons]
        found[place] = first._replace(until=message.on, reasons=always or first.reasons)
    return found
