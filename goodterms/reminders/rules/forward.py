"""Decides the day, and the days after it: the same rules run forward, each notice counted as said once it would go out.

The day of the clock is `forward` over one day, plus the claim. A rehearsal is the same over many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from goodterms.reminders.rules.bundle import Nomination, Notice, bundle
from goodterms.reminders.rules.cadence import Step, carrying, next_step
from goodterms.reminders.rules.courtesy import channel_for, combined, hours_of, invoice_reasons, payer_reasons
from goodterms.reminders.rules.facts import Channel, Facts, Moment, PayerFacts, VendorFacts
from goodterms.values.days import day_in, days_from

_NOT_DUE = ("not_due",)
_LATER = ("limit",)


class Verdict(NamedTuple):
    """What was decided about one invoice on one day. No reasons: it goes out, in the decision's notice."""

    facts: Facts
    step: Step | None
    channel: Channel | None
    reasons: tuple[str, ...]
    on: date  # with its vendor, on that day of ours


class Decision(NamedTuple):
    """What was decided about one payer on one day."""

    on: date
    payer: PayerFacts
    verdicts: list[Verdict]
    notice: Notice | None
    at: datetime  # when the notice goes out


class Item(NamedTuple):
    """A line of a rehearsal: invoices of one customer that share a fate on one day."""

    on: date
    vendor: str
    customer: str
    payer: str
    invoices: tuple[str, ...]  # their numbers
    step: str | None
    channel: str | None
    tone: str
    outcome: Literal["goes_out", "held"]
    reasons: tuple[str, ...]


def forward(
    facts: Iterable[Facts],
    payers: Mapping[str, PayerFacts],
    vendors: Mapping[str, VendorFacts],
    contacts: Mapping[str, Sequence[date]],
    start: date,
    days: int,
    at: Callable[[date], datetime],
    until: Callable[[date], datetime] | None = None,
    vendor: str = "",
) -> Iterator[Decision]:
    """One decision for each day and payer, from `start` on.

    `contacts` are the dates of the last 30 days, by payer, in the payer's calendar, over all vendors. `at` gives the aware
    instant at which a day runs; `until`, to when it goes on for those whose hours begin later; `vendor`, whose days they are.
    Give all open invoices of these payers, of every vendor, or the bundle is wrong.
    """
    books: dict[str, list[Facts]] = {}
    for one in facts:
        books.setdefault(one.payer_id, []).append(one)
    said = {payer_id: list(contacts.get(payer_id, ())) for payer_id in books}
    people = dict(payers)
    for on in days_from(start, days):
        moment = Moment(on, at(on), until(on) if until else None, vendor)
        for payer_id, book in books.items():
            decision = decide(people[payer_id], book, vendors, moment, said[payer_id])
            if decision.notice:
                said[payer_id].append(day_in(decision.payer.timezone, decision.at))
                books[payer_id] = _after(decision.notice, book)
                people[payer_id] = _once_said(decision.payer, decision.notice)
            yield decision


def decide(
    payer: PayerFacts,
    book: Sequence[Facts],
    vendors: Mapping[str, VendorFacts],
    moment: Moment,
    contacts: Sequence[date],
) -> Decision:
    """What happens today to each open invoice of one payer, and the one notice, if any goes out."""
    days = moment.days(vendors)
    here = moment.when_open(*hours_of(payer), payer.timezone)
    carriers = carrying(book, days) if len(book) > 1 else {}
    of_payer: tuple[str, ...] | None = None
    verdicts = []
    due = False
    for facts in book:
        vendor, on = vendors[facts.vendor_id], days[facts.vendor_id]
        own = invoice_reasons(facts, on)
        carrier = facts if own else carriers.get(facts.customer_id, facts)
        step = next_step(facts, carrier, vendor.cadence_of(facts), on)
        if step is None:
            verdicts.append(Verdict(facts, None, None, _NOT_DUE, on))
            continue
        if of_payer is None:
            of_payer = payer_reasons(payer, here, contacts)
        reasons = combined(own, of_payer, facts, step, payer, vendor, on)
        verdicts.append(Verdict(facts, step, channel_for(step, facts, payer, on), reasons, on))
        due = due or not reasons
    notice = None
    if due:
        notice, verdicts = _bundled(payer, verdicts, moment.on)
    return Decision(moment.on, payer, verdicts, notice, here.now)


def items(decision: Decision) -> Iterator[Item]:
    """The decision as lines to show: invoices of one customer with the same step, channel and reasons together."""
    together: dict[tuple[object, ...], list[Verdict]] = {}
    for verdict in decision.verdicts:
        facts = verdict.facts
        kind = verdict.step and verdict.step.days
        key = (facts.vendor_id, facts.customer_id, kind, verdict.channel, verdict.reasons)
        together.setdefault(key, []).append(verdict)
    for verdicts in together.values():
        facts, step, channel, reasons, _ = verdicts[0]
        yield Item(
            on=decision.on,
            vendor=facts.vendor_id,
            customer=facts.customer_id,
            payer=facts.payer_id,
            invoices=tuple(verdict.facts.number for verdict in verdicts),
            step=step.kind if step else None,
            channel=channel,
            tone=(step.tone if step else "") or decision.payer.tone,
            outcome="held" if reasons else "goes_out",
            reasons=reasons,
        )


def _bundled(payer: PayerFacts, verdicts: list[Verdict], on: date) -> tuple[Notice | None, list[Verdict]]:
    nominations = [Nomination(v.facts, v.step, v.channel, v.on) for v in verdicts if v.step and v.channel and not v.reasons]
    notice = bundle(payer, nominations, on)
    if notice is None or len(notice.nominations) == len(nominations):
        return notice, verdicts
    taken = {nomination.facts.invoice_id for nomination in notice.nominations}
    return notice, [
        verdict if verdict.reasons or verdict.facts.invoice_id in taken else verdict._replace(reasons=_LATER)
        for verdict in verdicts
    ]


def _once_said(payer: PayerFacts, notice: Notice) -> PayerFacts:
    """The payer after the notice: a sentence that it took along is said."""
    if not notice.forewords:
        return payer
    return payer._replace(forewords=tuple(one for one in payer.forewords if one not in notice.forewords))


def _after(notice: Notice, book: list[Facts]) -> list[Facts]:
    """The book once the notice was said: for each invoice it named the step is done."""
    said = {nomination.facts.invoice_id: nomination for nomination in notice.nominations}
    return [
        facts._replace(done=said[facts.invoice_id].step.days, done_on=said[facts.invoice_id].on)
        if facts.invoice_id in said
        else facts
        for facts in book
    ]
