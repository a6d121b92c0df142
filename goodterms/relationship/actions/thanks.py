"""Decides how a payment is thanked for, once; how a payer is asked how content they are; and how an answer is kept."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from goodterms.delivery.actions import post
from goodterms.delivery.own_words import own_words
from goodterms.interactions.actions import Contact, Deed, reach, record, record_all, unreach
from goodterms.payments.paper import receipts
from goodterms.relationship.models import Feedback
from goodterms.relationship.rules import ANSWERS, QUARTER, THANKS_WITHIN_DAYS, is_fresh, may_ask
from goodterms.relationship.writing import Paid, Settled, greeting, question, receipt
from goodterms.reminders.gathering import gather
from goodterms.reminders.rules import Moment, PayerFacts, payer_reasons
from goodterms.values.days import day_in
from goodterms.values.keys import new_keys
from goodterms.values.refusal import Refused

AT_ONCE = 100  # payments thanked for in one transaction: some seconds of the press


class Thanked(NamedTuple):
    """Payments that were looked at, and those that got a letter."""

    claimed: int
    written: int


@transaction.atomic
def thank(*, vendor_id: UUID, today: date, now: datetime) -> Thanked:
    """Post a receipt with thanks for payments that have none, at most AT_ONCE; each payment is claimed once for good.

    None is written for one received more than THANKS_WITHIN_DAYS ago, or where no address is known; the log says which.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [now, vendor_id, AT_ONCE])
        claimed = [key for (key,) in cursor.fetchall()]
    paid = _paid(claimed, today)
    payers = _payers([one.payer_id or one.customer_id for one in paid], today, now)
    settled = _settled(claimed)
    why = {one.payment_id: _why_not(one, today) for one in paid}
    thanked = [(one, payers[str(one.payer_id or one.customer_id)]) for one in paid if not why[one.payment_id]]
    own = own_words()
    greetings = {one.payment_id: greeting(one, settled[one.payment_id], payer, own) for one, payer in thanked}
    sheets = receipts({one.payment_id: payer.language for one, payer in thanked}, greetings)
    drafts = [receipt(one, settled[one.payment_id], payer, sheets[one.payment_id], now, own) for one, payer in thanked]
    posted = post(letters=drafts, now=now)
    record_all(at=now, deeds=[_thanked(one, why[one.payment_id]) for one in paid])
    return Thanked(len(claimed), len(posted))


@transaction.atomic
def ask(*, vendor_id: UUID, today: date, now: datetime) -> int:
    """Ask payers who were thanked yesterday or before, within a week, how content they are, where they may be asked.

    The question is a contact like any other: it keeps to the payer's hours and quiet days and counts in their limits.
    """
    candidates = _candidates(vendor_id, today, now)
    paid = _paid([one.payment_id for one in candidates if _may(one, now)], today)
    payers = _payers([one.payer_id for one in paid if one.payer_id], today, now, welcome_only=True)
    asked = _claim_turns([one for one in paid if str(one.payer_id) in payers and one.address], payers, now)
    settled = _settled([one.paid.payment_id for one in asked])
    Feedback.objects.bulk_create(_feedback(one, now) for one in asked)
    letters = [question(one.id, one.paid, settled[one.paid.payment_id], payers[str(one.payer_id)], now) for one in asked]
    post(letters=letters, now=now)
    deeds = [
        Deed(vendor_id, "feedback.asked", "the clock", one.paid.customer_id, None, one.payer_id, one.id, "email")
        for one in asked
    ]
    record_all(at=now, deeds=deeds)
    return len(asked)


@transaction.atomic
def answer_feedback(
    *, feedback_id: UUID, answer: str, by: str, now: datetime, words: str = "", channel: str = "portal"
) -> Feedback:
    """Keep what they answered: good, mixed or poor, with their words. The last answer counts; the log keeps them all."""
    if answer not in ANSWERS:
        raise Refused("Answer with one of {answers}.", code="answer", field="answer", answers=", ".join(ANSWERS))
    asked = Feedback.objects.select_for_update().filter(id=feedback_id).first()
    if asked is None:
        raise Refused("There is no such question.", code="not_found")
    asked.answered_at, asked.answer, asked.words = now, answer, words.strip()[:10_000].replace("\0", "")
    asked.save(update_fields=["answered_at", "answer", "words"])
    data = {"answer": answer, "words": asked.words}
    record(
        at=now,
        deed=Deed(
            asked.vendor_id, "feedback.given", by, asked.customer_id, None, asked.payer_id, asked.id, channel, True, data
        ),
    )
    return asked


class _Candidate(NamedTuple):
    """The last payment of a payer that was thanked for, and what speaks for and against asking now."""

    payment_id: UUID
    last_asked_at: datetime | None
    payments_since: int
    in_conversation: bool


class _Turn(NamedTuple):
    """A question that is about to be asked: its key, whom, and after which payment."""

    id: UUID
    payer_id: UUID
    paid: Paid


def _may(one: _Candidate, now: datetime) -> bool:
    return may_ask(
        last_asked_at=one.last_asked_at, payments_since=one.payments_since, in_conversation=one.in_conversation, now=now
    )


def _why_not(paid: Paid, today: date) -> str:
    """Why no receipt is written; empty where one is."""
    if not is_fresh(paid.received_on, today):
        return "stale"
    return "" if paid.address or paid.is_on_paper else "no_address"


def _thanked(paid: Paid, why_not: str) -> Deed:
    kind, data = ("payment.not_thanked", {"reason": why_not}) if why_not else ("payment.thanked", {})
    return Deed(paid.vendor_id, kind, "the clock", paid.customer_id, None, paid.payer_id, paid.payment_id, data=data)


def _candidates(vendor_id: UUID, today: date, now: datetime) -> list[_Candidate]:
    since = now - timedelta(days=THANKS_WITHIN_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, {"vendor": vendor_id, "since": since, "today": today})
        return [_Candidate(*row) for row in cursor.fetchall()]


def _claim_turns(paid: Sequence[Paid], payers: Mapping[str, PayerFacts], now: datetime) -> list[_Turn]:
    """Those whose turn it is, claimed over all vendors: another one may have asked, or reminded them, a moment ago."""
    by_payer = {one.payer_id: one for one in paid if one.payer_id}
    turns = [_Turn(key, id, one) for key, (id, one) in zip(new_keys(now, len(by_payer)), sorted(by_payer.items()), strict=True)]
    days = {turn.id: day_in(payers[str(turn.payer_id)].timezone, now) for turn in turns}
    counted = reach(Contact(turn.id, turn.payer_id, now, "email", days[turn.id]) for turn in turns)
    with connection.cursor() as cursor:
        cursor.execute(_TURN, [now, [turn.payer_id for turn in turns if turn.id in counted], now - QUARTER])
        won = {payer for (payer,) in cursor.fetchall()}
    unreach(turn.id for turn in turns if turn.id in counted and turn.payer_id not in won)
    return [turn for turn in turns if turn.id in counted and turn.payer_id in won]


def _feedback(turn: _Turn, now: datetime) -> Feedback:
    paid = turn.paid
    return Feedback(
        id=turn.id, vendor_id=paid.vendor_id, customer_id=paid.customer_id, payer_id=turn.payer_id,
        payment_id=paid.payment_id, asked_at=now,
    )  # fmt: skip


def _paid(payment_ids: Sequence[UUID], today: date) -> list[Paid]:
    with connection.cursor() as cursor:
        cursor.execute(_PAID, [today, list(payment_ids)])
        return [Paid(*row) for row in cursor.fetchall()]


def _settled(payment_ids: Sequence[UUID]) -> dict[UUID, list[Settled]]:
    """By payment, the invoices that it settled, oldest due day first."""
    found: dict[UUID, list[Settled]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED, [list(payment_ids)])
        for payment_id, *invoice in cursor.fetchall():
            found[payment_id].append(Settled(*invoice))
    return found


def _payers(ids: Sequence[UUID], today: date, now: datetime, *, welcome_only: bool = False) -> dict[str, PayerFacts]:
    """How each wants to be treated; with `welcome_only` those for whom nothing speaks against a contact now."""
    gathered = gather(sorted({str(id) for id in ids}), today, now)
    if not welcome_only:
        return gathered.payers
    moment = Moment(today, now)
    return {
        id: payer
        for id, payer in gathered.payers.items()
        if payer.address and not payer_reasons(payer, moment, gathered.contacts.get(id, ()))
    }


_CLAIM = """
update payments_payment set thanked_at = %s where id in (
  select id from payments_payment where vendor_id = %s and thanked_at is null
  order by recorded_at, id limit %s for update skip locked)
returning id
"""
_PAID = """
select p.id, p.vendor_id, p.customer_id, p.currency, p.minor, p.received_on, k.payer_id, coalesce(y.address, ''),
       coalesce(k.name, cu.name), coalesce(k.title, ''), concat_ws(e'\\n', cu.name, nullif(cu.address, '')),
       cu.channel = 'post' or coalesce(cu.paperless_on > %s::date, false), v.name, v.sender, v.email
from payments_payment p
join parties_customer cu on cu.id = p.customer_id
join parties_vendor v on v.id = p.vendor_id
left join parties_contact k on k.customer_id = cu.id and k.pays and k.ended_at is null
left join parties_payer y on y.id = k.payer_id
where p.id = any(%s::uuid[]) order by p.recorded_at, p.id
"""
_SETTLED = """
select a.payment_id, i.number, i.work, greatest(i.due_on, i.chase_on)
from payments_allocation a join invoicing_invoice i on i.id = a.invoice_id
where a.payment_id = any(%s::uuid[]) and a.reversed_at is null
order by a.payment_id, i.due_on, i.number
"""
# Only what is done and paid for is asked about: every invoice that the payment went to is settled.
_CANDIDATES = """
select distinct on (k.payer_id) p.id, turn.at,
       (select count(*) from payments_payment q join parties_contact c on c.customer_id = q.customer_id
        where c.payer_id = k.payer_id and c.pays and c.ended_at is null and q.recorded_at > coalesce(turn.at, '-infinity')),
       exists (select from conversations_conversation o join parties_contact c on c.customer_id = o.customer_id
               where c.payer_id = k.payer_id and c.ended_at is null and o.closed_at is null)
from payments_payment p
join interactions_interaction d on d.subject_id = p.id and d.kind = 'payment.thanked' and d.vendor_id = p.vendor_id
join parties_contact k on k.customer_id = p.customer_id and k.pays and k.ended_at is null and k.payer_id is not null
join parties_vendor v on v.id = p.vendor_id
left join relationship_asked turn on turn.payer_id = k.payer_id
where p.vendor_id = %(vendor)s and p.thanked_at >= %(since)s and d.at < %(today)s::date::timestamp at time zone v.timezone
  and exists (select from payments_allocation a where a.payment_id = p.id and a.reversed_at is null)
  and not exists (select from payments_allocation a join invoicing_invoice i on i.id = a.invoice_id
                  where a.payment_id = p.id and a.reversed_at is null and i.open_minor > 0)
order by k.payer_id, p.recorded_at desc, p.id
"""
_TURN = """
insert into relationship_asked (payer_id, at) select payer, %s::timestamptz from unnest(%s::uuid[]) as t (payer)
on conflict (payer_id) do update set at = excluded.at where relationship_asked.at <= %s
returning payer_id
"""
