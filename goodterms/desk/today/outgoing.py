"""Decides which messages of the next days a desk sees: what was posted and has not left, and what the rehearsal says comes."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.desk.door import Visit
from goodterms.parties.directory import everyone
from goodterms.parties.models import Customer, Vendor
from goodterms.reminders.gathering import cadences
from goodterms.reminders.rehearsal import rehearse_for
from goodterms.reminders.rules import Decision
from goodterms.reminders.rules.forward import Verdict
from goodterms.values.days import instant
from goodterms.values.money import Money

DAYS = 4  # today and the next three
PAYERS_MOST = 40  # rehearsed for the page; whoever comes nearest
LOOK_BACK = 10  # days by which a message may have been put off
PUT_OFF = frozenset({"limit", "quiet", "hours", "holiday"})  # not today; the day finds a better one by itself
LETTERS = ("email", "post")


class Message(NamedTuple):
    """Our part of one message to one payer: known by the payer and the day. `reasons`: it is held; none: it goes out."""

    payer_id: UUID
    on: date
    at: datetime
    customers: tuple[tuple[UUID, str], ...]
    sums: tuple[Money, ...]
    numbers: tuple[str, ...]
    kind: str
    tone: str
    language: str
    channel: str
    chase_on: date
    step_days: int
    reasons: tuple[str, ...] = ()
    put_off: tuple[str, ...] = ()  # why it did not go out on an earlier day of these
    foreword: str = ""
    is_posted: bool = False

    @property
    def is_held_by_hand(self) -> bool:
        return "message_held" in self.reasons

    @property
    def key(self) -> tuple[UUID, date]:
        return self.payer_id, self.on


def messages(visit: Visit, days: int = DAYS) -> list[Message]:
    """The next ones, in time; a constant number of statements. Others' invoices in a bundle are not ours to see."""
    posted = _posted(visit)
    payers = _payers(visit, days)
    planned = _planned(visit, payers, days, {one.key for one in posted})
    return sorted([*posted, *planned], key=lambda one: (one.at, one.customers))


def message_of(visit: Visit, payer_id: UUID, on: date) -> tuple[Message, Decision] | None:
    """The message to this payer that is planned for this day, or the next after it, with the decision behind it; also one
    that is held by hand, as it would be. Nothing where none is planned within four weeks."""
    found = [(ours, decision) for decision in _decisions(visit, [str(payer_id)], 28, at_hand=True)
             if decision.on >= on and (ours := _ours(visit, decision, _names(visit, [decision])))]  # fmt: skip
    return next(((ours, decision) for ours, decision in found if not ours.reasons), None)


def only_ours(visit: Visit, decision: Decision) -> Decision:
    """The decision without what belongs to others: a bundle's other invoices are not ours to read."""
    own = str(visit.vendor.id)
    verdicts = [one for one in decision.verdicts if one.facts.vendor_id == own]
    if decision.notice is None:
        return decision._replace(verdicts=verdicts)
    mine = tuple(one for one in decision.notice.nominations if one.facts.vendor_id == own)
    words = tuple(one for one in decision.notice.forewords if one.vendor_id == own)
    return decision._replace(
        verdicts=verdicts, notice=decision.notice._replace(nominations=mine, forewords=words) if mine else None
    )


def _planned(visit: Visit, payers: Sequence[str], days: int, posted: Collection[tuple[UUID, date]]) -> Iterator[Message]:
    """For each payer what goes out, on its days; else, once, what is held for another reason than the day."""
    decisions = list(_decisions(visit, payers, days))
    names = _names(visit, decisions)
    off: dict[UUID, tuple[str, ...]] = {}
    held: set[UUID] = set()
    for decision in decisions:
        one = _ours(visit, decision, names)
        if one is None or one.key in posted:
            continue
        if one.reasons and PUT_OFF.issuperset(one.reasons):
            off.setdefault(one.payer_id, one.reasons)
        elif not one.reasons:
            yield one._replace(put_off=off.get(one.payer_id, ()))
        elif one.payer_id not in held:
            held.add(one.payer_id)
            yield one


def _decisions(visit: Visit, payers: Sequence[str], days: int, at_hand: bool = False) -> Iterator[Decision]:
    """Rehearsed over all vendors that share our clock, since limits and bundles go over all of them."""
    if not payers:
        return iter(())
    vendor = visit.vendor
    together = [one.id for one in everyone() if (one.sandbox_now is None) == (vendor.sandbox_now is None)]
    found = rehearse_for(
        payers, vendors=together, start=visit.today, days=days, at=_runs_at(visit), until=_ends_at(vendor),
        vendor=vendor.id, is_released=at_hand,
    )  # fmt: skip
    return iter(sorted(found, key=lambda one: one.on))


def _runs_at(visit: Visit) -> Callable[[date], datetime]:
    """Today goes on from now; another day begins when we open."""
    vendor = visit.vendor
    return lambda on: visit.now if on == visit.today else instant(on, vendor.opens_at, vendor.timezone)


def _ends_at(vendor: Vendor) -> Callable[[date], datetime]:
    return lambda on: instant(on + timedelta(days=1), vendor.opens_at, vendor.timezone)


def _ours(visit: Visit, decision: Decision, names: dict[str, str]) -> Message | None:
    """Our part of what was decided; nothing where no letter of ours is due."""
    mine = [one for one in decision.verdicts if one.facts.vendor_id == str(visit.vendor.id) and one.channel in LETTERS]
    out = [one for one in mine if not one.reasons]
    shown = out or [one for one in mine if one.reasons]
    if not shown:
        return None
    highest = max(shown, key=lambda one: one.step.days if one.step else 0)
    step, notice = highest.step, decision.notice
    ids = dict.fromkeys(one.facts.customer_id for one in shown)
    reasons = () if out else tuple(dict.fromkeys(word for one in shown for word in one.reasons))
    waits = [one.words for one in decision.payer.forewords if one.vendor_id == str(visit.vendor.id) and one.is_due(decision.on)]
    return Message(
        payer_id=UUID(decision.payer.payer_id), on=decision.on, at=decision.at,
        customers=tuple((UUID(id), names[id]) for id in ids),
        sums=_sums(shown), numbers=tuple(one.facts.number for one in shown),
        kind=notice.kind if out and notice else step.kind if step else "",
        tone=(step.tone if step else "") or decision.payer.tone,
        language=decision.payer.language, channel=highest.channel or "email", chase_on=highest.facts.due_on,
        step_days=step.days if step else 0, reasons=reasons, foreword=" ".join(waits),
    )  # fmt: skip


def _sums(verdicts: Sequence[Verdict]) -> tuple[Money, ...]:
    totals: dict[str, int] = {}
    for one in verdicts:
        totals[one.facts.currency] = totals.get(one.facts.currency, 0) + one.facts.open_minor
    return tuple(Money(minor, currency) for currency, minor in totals.items())


def _names(visit: Visit, decisions: Sequence[Decision]) -> dict[str, str]:
    mine = str(visit.vendor.id)
    ids = {one.facts.customer_id for decision in decisions for one in decision.verdicts if one.facts.vendor_id == mine}
    return {str(id): name for id, name in Customer.objects.filter(id__in=ids).values_list("id", "name")}


def _payers(visit: Visit, days: int) -> list[str]:
    """Those for whom a step of ours may fall in these days, the nearest first; and those whose message somebody held."""
    kept = cadences()[str(visit.vendor.id)].values()
    steps = {step.days for cadence in kept for step in cadence.steps if step.channel in LETTERS}
    window = [visit.today + timedelta(days=n) for n in range(-LOOK_BACK, days)]
    chased = sorted({on - timedelta(days=step) for on in window for step in steps})
    near = [min(abs((on + timedelta(days=step) - visit.today).days) for step in steps) for on in chased]
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, {"vendor": visit.vendor.id, "days": chased, "near": near, "most": PAYERS_MOST})
        return [str(payer) for (payer,) in cursor.fetchall()]


def _posted(visit: Visit) -> list[Message]:
    """Letters that are written and wait for their hour, but for those that somebody held since."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTED, {"vendor": visit.vendor.id, "most": PAYERS_MOST})
        return [_waiting(*row) for row in cursor.fetchall()]


def _waiting(payer: UUID, on: date, at: datetime, kind: str, tone: str, language: str, channel: str, chase_on: date,
             step_days: int, ids: list[UUID], names: list[str], numbers: list[str], currencies: list[str], minors: list[int],
             words: str) -> Message:  # fmt: skip
    sums: dict[str, int] = {}
    for currency, minor in zip(currencies, minors, strict=True):
        sums[currency] = sums.get(currency, 0) + minor
    return Message(
        payer_id=payer, on=on, at=at, customers=tuple(dict.fromkeys(zip(ids, names, strict=True))),
        sums=tuple(Money(minor, currency) for currency, minor in sums.items()), numbers=tuple(numbers), kind=kind, tone=tone,
        language=language, channel=channel, chase_on=chase_on, step_days=step_days, foreword=words, is_posted=True,
    )  # fmt: skip


# Due days are what the index knows; an extension and an instalment move the chase day, and have a day of their own.
_NEAR = """
with chased as (select * from unnest(%(days)s::date[], %(near)s::int[]) as t (day, near)), found as (
  (select i.customer_id, c.near from chased c join invoicing_invoice i on i.due_on = c.day
   where i.vendor_id = %(vendor)s and i.open_minor > 0 and i.currency = any(select distinct currency from parties_customer
                                                                            where vendor_id = %(vendor)s)
   order by c.near limit %(most)s * 4)
  union all
  (select i.customer_id, c.near from chased c join conversations_extension e on e.until_on = c.day
   join invoicing_invoice i on i.id = e.invoice_id
   where e.vendor_id = %(vendor)s and e.granted_at is not null and i.open_minor > 0 order by c.near limit %(most)s)
  union all
  (select i.customer_id, c.near from chased c join invoicing_instalment p on p.due_on = c.day
   join invoicing_invoice i on i.id = p.invoice_id
   where p.vendor_id = %(vendor)s and i.open_minor > 0 order by c.near limit %(most)s)
)
select payer from (
  select coalesce(k.payer_id, f.customer_id) as payer, min(f.near) as near from found f
  left join parties_contact k on k.customer_id = f.customer_id and k.pays and k.ended_at is null group by 1
  union all
  (select payer_id, -1 from reminders_messagehold where vendor_id = %(vendor)s and released_at is null
   order by created_at desc limit %(most)s)
) both_kinds group by payer order by min(near), payer limit %(most)s
"""
_POSTED = """
select n.payer_id, n."on", l.not_before, n.step, n.tone, n.language, n.channel, min(m.chase_on), max(m.step_days),
       array_agg(m.customer_id order by i.number), array_agg(cu.name order by i.number), array_agg(i.number order by i.number),
       array_agg(i.currency order by i.number), array_agg(m.open_minor order by i.number),
       coalesce((select string_agg(f.words, ' ') from reminders_foreword f where f.notice_id = n.id and f.ended_at is null), '')
from delivery_letter l join reminders_notice n on n.letter_id = l.id join reminders_nomination m on m.notice_id = n.id
join invoicing_invoice i on i.id = m.invoice_id join parties_customer cu on cu.id = m.customer_id
where l.is_moving and l.state = 'ready' and n.withdrawn_at is null and m.vendor_id = %(vendor)s
  and not exists (select from reminders_messagehold w where w.payer_id = n.payer_id and w.vendor_id = m.vendor_id
                  and w.released_at is null and w.from_on <= n."on")
group by n.id, l.id order by l.not_before limit %(most)s
"""
