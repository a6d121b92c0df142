"""Decides what happens to a wish to pay in parts: agreed at once, put before a person, agreed, countered or declined by one."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from goodterms.conversations.actions.answers import send
from goodterms.conversations.actions.extensions import THE_RULE, decided
from goodterms.conversations.actions.holds import lift
from goodterms.conversations.actions.promises import end_promise
from goodterms.conversations.actions.questions import close, stop_clock
from goodterms.conversations.actions.threads import (
    day_at,
    is_said,
    locked,
    locked_invoices,
    open_thread,
    say,
    vendor_of,
)
from goodterms.conversations.models import Conversation, Plan, PlanPart, PlanShare
from goodterms.conversations.plans import known, rule_of
from goodterms.conversations.rules import Part, Verdict, check_first_day, check_reason, grant_plan, schedule
from goodterms.conversations.wording import beginning, listed_parts
from goodterms.conversations.writing import reader_of
from goodterms.interactions.actions import Deed, record, record_all
from goodterms.invoicing.actions import hold
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Hold, Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.values.keys import new_key, new_keys
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


class AskedPlan(NamedTuple):
    """What became of the wish: the plan, and what its asker is told."""

    plan: Plan
    verdict: Verdict


class Wish(NamedTuple):
    """So many parts, each month or each fortnight from a day on."""

    parts: int
    first_on: date
    every: str = "monthly"


@transaction.atomic
def request_plan(
    *,
    invoice_ids: Sequence[UUID],
    wish: Wish,
    by: str,
    now: datetime,
    words: str = "",
    asking: str = "",
    role: Role = "payer",
    channel: str = "portal",
    payer_id: UUID | None = None,
    key: UUID | None = None,
) -> AskedPlan:
    """Ask to pay what is open in parts: agreed at once within the vendor's rule, else a request that a person decides, with the
    invoices held meanwhile. A plan that runs over them goes on until another is agreed. `key` asks once only; `asking` lists
    the parts in the asker's language, before their own words."""
    invoices = locked_invoices(invoice_ids)
    vendor = vendor_of(invoices[0])
    today = day_at(vendor, now)
    if key and (asked := Plan.objects.filter(id=key).first()):
        return AskedPlan(asked, Verdict("granted" if asked.agreed_at else "person", ""))
    parts, verdict = weigh(invoices, vendor, wish, today)
    plan = Plan(id=key or new_key(now), vendor=vendor, customer_id=invoices[0].customer_id, currency=invoices[0].currency,
                asked_by=by, asked_at=now)  # fmt: skip
    told = "\n\n".join(filter(None, (asking or _in_words(plan, parts), words.strip())))
    if verdict.answer == "person":
        plan.conversation = open_thread(
            kind="request", invoices=invoices, vendor=vendor, words=told, by=by, role=role, now=now, payer_id=payer_id
        )
    _write(plan, invoices, parts, now)
    deed = _deed(plan, "plan.asked", by, channel=channel, payer_id=payer_id, inbound=True, words=words.strip())
    if verdict.answer == "granted":
        _agree(plan, by=THE_RULE, role="payer", now=now, after=[deed])
    else:
        record(at=now, deed=deed)
    return AskedPlan(plan, verdict)


def weigh(invoices: Sequence[Invoice], vendor: Vendor, wish: Wish, today: date) -> tuple[tuple[Part, ...], Verdict]:
    """The parts that a wish comes to, and what the vendor's rule says of them. Writes nothing; refuses what is no plan."""
    total = _check(invoices)
    check_first_day(wish.first_on, today)
    parts = schedule(total, wish.parts, wish.first_on, wish.every)
    keys = [one.id for one in invoices]
    before = Plan.objects.over(keys).exclude(agreed_at=None)
    disputed = Hold.objects.filter(invoice__in=keys, reason="disputed", ended_at=None).exists()
    verdict = grant_plan(
        total=total, parts=parts, rule=rule_of(vendor), today=today, had_before=disputed or before.exists(),
        is_change=before.filter(ended_at=None).exists(),
    )  # fmt: skip
    return parts, verdict


@transaction.atomic
def agree_plan(*, plan_id: UUID, by: str, role: Role, now: datetime, words: str = "", key: UUID | None = None) -> Plan:
    """A person says yes to what the customer asked for. Without words of ours the letter lists the parts."""
    thread, plan = _waiting(plan_id, by_us=False)
    told = words.strip() or _words(thread, plan, "plan_agreed")
    _agree(plan, by=by, role=role, now=now)
    decided(thread, resolution="granted", words=told, by=by, role=role, now=now, key=key)
    return plan


@transaction.atomic
def counter_plan(
    *, plan_id: UUID, wish: Wish, by: str, role: Role, now: datetime, words: str = "", key: UUID | None = None
) -> Plan:
    """A person offers other parts of what is open now; the customer agrees to them on their page, or writes again. Reminders
    rest meanwhile."""
    thread, asked = _waiting(plan_id)
    if is_said(thread, key):
        return asked
    invoices = _still_open(asked)
    today = day_at(thread.vendor, now)
    must(verb="plan", invoice_ids=[one.id for one in invoices], role=role, today=today)
    check_first_day(wish.first_on, today)
    parts = schedule(_total(invoices), wish.parts, wish.first_on, wish.every)
    plan = Plan(id=new_key(now), vendor=thread.vendor, customer_id=thread.customer_id, currency=asked.currency, by_us=True,
                asked_by=by, asked_at=now, conversation=thread)  # fmt: skip
    _write(plan, invoices, parts, now)
    _end(asked, by=by, now=now, replaced_by=plan)
    told = words.strip() or _words(thread, plan, "plan_offered")
    message = say(thread, words=told, by=by, inbound=False, now=now, key=key)
    stop_clock(thread, by=by, now=now)
    thread.save()
    send(thread, message, before={}, by=by, now=now, clock=None)
    record(at=now, deed=_deed(plan, "plan.offered", by))
    return plan


@transaction.atomic
def accept_plan(*, plan_id: UUID, by: str, now: datetime, channel: str = "portal", payer_id: UUID | None = None) -> Plan:
    """The customer says yes to the parts that we offered."""
    if (known_as := Plan.objects.running().filter(id=plan_id, by_us=True).first()) is not None:
        return known_as  # pressed twice
    thread, plan = _waiting(plan_id, by_us=True)
    _agree(plan, by=by, role="payer", now=now, channel=channel, payer_id=payer_id, inbound=True)
    thread.waiting_since_at = None
    close(thread, resolution="granted", by=by, role="payer", now=now)
    return plan


@transaction.atomic
def decline_plan(*, plan_id: UUID, words: str, by: str, role: Role, now: datetime, key: UUID | None = None) -> Plan:
    """A person says no, and why: the agreed days stay."""
    if not words.strip():
        raise Refused("Please say why; a bare no helps nobody.", code="words", field="words")
    thread, plan = _waiting(plan_id)
    _end(plan, by=by, now=now, declined_at=now)
    record(at=now, deed=_deed(plan, "plan.declined", by))
    decided(thread, resolution="refused", words=words, by=by, role=role, now=now, key=key)
    return plan


@transaction.atomic
def end_plan(*, plan_id: UUID, reason: str, by: str, role: Role, now: datetime) -> Plan:
    """A person ends a plan that runs: the agreed days count again, and reminders go on."""
    check_reason(reason)
    plan = _locked(Plan.objects.running().filter(id=plan_id).select_related("vendor"))
    today = day_at(plan.vendor, now)
    open_ = list(plan.shares.filter(invoice__open_minor__gt=0, invoice__voided_at=None).values_list("invoice", flat=True))
    must(verb="plan", invoice_ids=open_, role=role, today=today)
    _end(plan, by=by, now=now, reason=" ".join(reason.split())[:500])
    lift(subject_id=plan.id, by=by, role=role, on=today, now=now)
    record(at=now, deed=_deed(plan, "plan.ended", by, reason=plan.reason))
    return plan


def _check(invoices: Sequence[Invoice]) -> Money:
    """What is to be paid of them; refuses what no plan can be over."""
    if len({one.currency for one in invoices}) > 1:
        raise Refused("These invoices are in different currencies; ask about each currency on its own.", code="currency")
    if any(one.to_pay.minor <= 0 for one in invoices):
        raise Refused("Nothing is open on one of these any more; choose those that are open.", code="settled", field="with")
    if Plan.objects.waiting().over([one.id for one in invoices]).exists():
        raise Refused("There is a request about parts already; decide or take that back first.", code="waiting")
    together = Plan.objects.running().over([one.id for one in invoices]).values("id")
    left_out = PlanShare.objects.filter(plan__in=together, invoice__open_minor__gt=0, invoice__voided_at=None)
    if left_out.exclude(invoice__in=[one.id for one in invoices]).exists():
        raise Refused("One of these is paid in parts together with others; choose all of them.", code="together", field="with")
    return _total(invoices)


def _total(invoices: Sequence[Invoice]) -> Money:
    return Money.total((one.to_pay for one in invoices), invoices[0].currency)


def _write(plan: Plan, invoices: Sequence[Invoice], parts: Sequence[Part], now: datetime) -> None:
    plan.save(force_insert=True)
    PlanPart.objects.bulk_create(
        PlanPart(id=key, vendor_id=plan.vendor_id, plan=plan, position=at, due_on=part.on, minor=part.minor)
        for at, (key, part) in enumerate(zip(new_keys(now, len(parts)), parts, strict=True), 1)
    )
    PlanShare.objects.bulk_create(
        PlanShare(
            id=key, vendor_id=plan.vendor_id, plan=plan, invoice=one, open_then_minor=one.open_minor,
            withheld_then_minor=one.to_withhold_minor,
        )
        for key, one in zip(new_keys(now, len(invoices)), invoices, strict=True)
    )  # fmt: skip


def _agree(
    plan: Plan, *, by: str, role: Role, now: datetime, channel: str = "", payer_id: UUID | None = None, inbound: bool = False,
    after: Sequence[Deed] = (),
) -> None:  # fmt: skip
    """Write the yes: what ran before gives way, and the invoices rest while each part comes. It is told `after` these deeds of
    the same instant."""
    shares = list(plan.shares.values_list("invoice", flat=True))
    older = list(Plan.objects.select_for_update().running().over(shares).order_by("id"))
    today = day_at(plan.vendor, now)
    for one in older:
        _end(one, by=by, now=now, replaced_by=plan)
        lift(subject_id=one.id, by=by, role="payer", on=today, now=now)
    invoices = _still_open(plan)
    for invoice in invoices:
        end_promise(invoice, by=by, role="payer", on=today, now=now)
    plan.agreed_by, plan.agreed_at = by, now
    plan.save(update_fields=["agreed_by", "agreed_at"])
    hold(
        invoice_ids=[one.id for one in invoices], reason="on_plan", from_on=today, until_on=_rests_until(plan, today), by=by,
        role=role, now=now, subject_id=plan.id,
    )  # fmt: skip
    deed = _deed(plan, "plan.agreed", by, channel=channel, payer_id=payer_id, inbound=inbound)
    record_all(at=now, deeds=[*after, deed])


def _still_open(plan: Plan) -> list[Invoice]:
    """Its invoices that something is open on, locked; refuses where nothing is."""
    invoices = [one for one in locked_invoices(list(plan.shares.values_list("invoice", flat=True))) if one.open_minor > 0]
    if not invoices:
        raise Refused("Everything is paid meanwhile, so there is nothing left to agree on.", code="settled")
    return invoices


def _rests_until(plan: Plan, today: date) -> date | None:
    """Refuses a yes that comes when a part should have come already: the plan would be broken at once."""
    [stands] = known([plan])
    if stands.rests_until and stands.rests_until < today:
        raise Refused("The first of these days has passed meanwhile; agree on parts that begin later.", code="date")
    return stands.rests_until


def _waiting(plan_id: UUID, *, by_us: bool | None = None) -> tuple[Conversation, Plan]:
    """The request and its plan, both locked; refuses what nobody has to decide any more."""
    found = Plan.objects.filter(id=plan_id).first()
    if found is None or found.conversation_id is None:
        raise Refused("There is no such request.", code="not_found")
    thread = locked(found.conversation_id)
    plan = _locked(Plan.objects.filter(id=plan_id).select_related("vendor"))
    if plan.agreed_at or plan.ended_at:
        raise Refused("This request was decided already.", code="closed")
    if by_us is not None and plan.by_us != by_us:
        raise Refused("These parts are for the other side to agree to.", code="role")
    return thread, plan


def _locked(plans: QuerySet[Plan]) -> Plan:
    plan = plans.select_for_update(of=("self",)).first()
    if plan is None:
        raise Refused("No such plan is running.", code="not_found")
    return plan


def _end(plan: Plan, *, by: str, now: datetime, **more: object) -> None:
    for name, value in {"ended_at": now, "ended_by": by, **more}.items():
        setattr(plan, name, value)
    plan.save(update_fields=["ended_at", "ended_by", *more])


def _in_words(plan: Plan, parts: Sequence[Part]) -> str:
    return f"In {len(parts)} parts, please: {listed_parts(parts, plan.currency, 'en')}."


def _words(thread: Conversation, plan: Plan, kind: str) -> str:
    """How we begin such an answer, in the tone and language of whoever asked."""
    wanted = reader_of(thread, Customer.objects.get(id=thread.customer_id)).wanted
    [stands] = known([plan])
    parts = listed_parts(stands.parts, plan.currency, wanted.language)
    return beginning(kind, wanted.tone, wanted.language, {"work": thread.subject, "parts": parts})


def _deed(
    plan: Plan, kind: str, by: str, *, channel: str = "", payer_id: UUID | None = None, inbound: bool = False, **more: str
) -> Deed:
    """A deed about a plan, with its invoice where it is over one only."""
    shares = list(plan.shares.values_list("invoice", flat=True)[:2])
    parts = list(plan.parts.order_by("position").values_list("due_on", "minor"))
    data = {
        "parts": len(parts), "minor": sum(minor for _, minor in parts), "currency": plan.currency,
        "first_on": parts[0][0].isoformat(), "last_on": parts[-1][0].isoformat(), **more,
    }  # fmt: skip
    invoice_id = shares[0] if len(shares) == 1 else None
    return Deed(plan.vendor_id, kind, by, plan.customer_id, invoice_id, payer_id, plan.id, channel, inbound, data)
