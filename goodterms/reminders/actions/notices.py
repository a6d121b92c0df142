"""Decides nothing: claims what the rules decided, once for each payer and day, takes back what is no longer true, and keeps
the cadences that vendors want."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from goodterms.database import staging
from goodterms.delivery.actions import Why, post
from goodterms.delivery.actions import withdraw as withdraw_letters
from goodterms.delivery.rules import Event
from goodterms.interactions.actions import Contact, Deed, reach, record, record_all, unreach
from goodterms.reminders.models import Cadence as Kept
from goodterms.reminders.rules import Cadence, Decision, Notice
from goodterms.reminders.token import hash_of, link_token
from goodterms.reminders.writing import Claim, drafts
from goodterms.values.days import day_in
from goodterms.values.keys import new_key, new_keys

WRITTEN = frozenset({"email", "post"})  # channels on which a notice is a letter; a call is for a person to make


class Claimed(NamedTuple):
    """What this call added: nothing where the day had run before."""

    notices: int
    nominated: int


def nominate(*, decisions: Sequence[Decision], on: date, now: datetime) -> Claimed:
    """Claim the notices of these decisions, record what each says, and post their letters, in one transaction.

    A payer is claimed for the day, and the notice by its unique key, so a day that runs twice, or in two workers, or beside
    another contact, says it once. Letters are written only for what was claimed.
    """
    said = [decision for decision in decisions if decision.notice]
    if not said:
        return Claimed(0, 0)
    named = dict(zip(new_keys(now, len(said)), said, strict=True))
    counted = reach(_contact(id, decision) for id, decision in named.items())
    won = _claim({id: decision for id, decision in named.items() if id in counted}, now)
    unreach(counted - won.keys())
    rows = [row for id, claim in won.items() for row in _nomination_rows(id, claim.notice, now)]
    staging.stage("new_nomination", "reminders_nomination", _NOMINATION, rows)
    staging.insert("reminders_nomination", "new_nomination", _NOMINATION)
    record_all(at=now, deeds=[deed for id, claim in won.items() for deed in _deeds(id, claim.notice)])
    _say_forewords({id: claim.notice for id, claim in won.items() if claim.notice.forewords})
    written = {id: claim for id, claim in won.items() if claim.notice.channel in WRITTEN}
    post(letters=drafts(written, on), now=now)
    return Claimed(len(won), len(rows))


def withdraw(*, on: date, now: datetime) -> int:
    """Take back notices that have not left and are no longer true: an invoice was paid or held since, or their day is over.

    Their steps count as not done, so the day may say something truer instead. Returns how many were taken back.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STILL_HERE, {"on": on, "now": now})
        waiting: dict[UUID, bool] = dict(cursor.fetchall())
        wrong = still_due(list(waiting), now)
        stale = [letter for letter, is_over in waiting.items() if is_over and letter not in wrong]
        withdraw_letters(letters=list(wrong), event=Event.SUPERSEDED, reason="no longer true before it left", now=now)
        withdraw_letters(letters=stale, event=Event.EXPIRED, reason="its day was over before it could leave", now=now)
        cursor.execute(_TAKE_BACK, {"now": now, "on": on})
        return int(cursor.rowcount)


def take_back(*, letters: Sequence[UUID], now: datetime) -> None:
    """The steps of these letters, which were withdrawn, count as not done, and their payers as not contacted."""
    if letters:
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_BACK_THESE, {"now": now, "letters": list(letters)})


def still_due(letters: Sequence[UUID], now: datetime) -> Mapping[UUID, Why]:
    """Which of these letters must not leave, and why. Locks the invoices they name and the payers they go to, so that a
    payment, a hold or a stop that commits while this is asked is seen. A letter that is no notice may leave."""
    with connection.cursor() as cursor:
        named = "{" + ",".join(map(str, letters)) + "}"
        cursor.execute(_LOCK, [named, named])
        cursor.execute(_WRONG, [named])
        return {letter: Why(Event.SUPERSEDED, reason) for letter, reason in cursor.fetchall()}


def change_cadence(*, vendor_id: UUID, cadence: Cadence, usual: bool, by: str, now: datetime) -> None:
    """Keep a cadence under its name, in place of the one that had it; with `usual` it is the one of every customer who has
    no other. What was said stays said: a step is done by its day, so a new cadence goes on from there."""
    known = {row.name: row for row in Kept.objects.select_for_update().filter(vendor_id=vendor_id).order_by("id")}
    row = known.get(cadence.name) or Kept(id=new_key(now), vendor_id=vendor_id, name=cadence.name)
    was, row.data, row.changed_at = row.data, cadence.to_json(), now
    if usual:
        Kept.objects.filter(vendor_id=vendor_id, usual=True).exclude(id=row.id).update(usual=False)
        row.usual = True
    row.save()
    data = {"was": was, "is": row.data, "usual": row.usual}
    record(at=now, deed=Deed(vendor_id, "cadence.changed", by, subject_id=row.id, data=data))


def _contact(id: UUID, decision: Decision) -> Contact:
    payer, channel = decision.payer, decision.notice.channel if decision.notice else ""
    return Contact(id, UUID(payer.payer_id), decision.at, channel, day_in(payer.timezone, decision.at))


def _claim(named: dict[UUID, Decision], now: datetime) -> dict[UUID, Claim]:
    """The notices that are new with us, by id."""
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists new_notice, new_nomination")
        rows = [_notice_row(id, decision, decision.notice, now) for id, decision in named.items() if decision.notice]
        staging.stage("new_notice", "reminders_notice", _NOTICE, rows)
        cursor.execute(_CLAIM)
        won = [(id, key, named[id]) for id, key in cursor.fetchall()]
    return {id: Claim(key, decision, decision.notice) for id, key, decision in won if decision.notice}


_NOTICE = (
    "id", "vendors", "payer_id", "on", "channel", "step", "tone", "language", "dedupe_key", "letter_id", "link_sha256",
    "created_at",
)  # fmt: skip
_NOMINATION = (
    "id", "vendor_id", "customer_id", "invoice_id", "notice_id", "on", "step_days", "step", "chase_on", "open_minor",
    "created_at",
)  # fmt: skip


def _notice_row(id: UUID, decision: Decision, notice: Notice, now: datetime) -> tuple[object, ...]:
    vendors = sorted({nomination.facts.vendor_id for nomination in notice.nominations})
    # Whatever the channel, and by the payer's own day: vendors in two zones may run two days at one instant.
    key = f"notice|{notice.payer_id}|{day_in(decision.payer.timezone, decision.at).isoformat()}"
    letter, link = (id, hash_of(link_token(settings.SECRET_KEY, id))) if notice.channel in WRITTEN else (None, None)
    return (
        id, vendors, notice.payer_id, notice.on, notice.channel, notice.kind, notice.tone, notice.language, key, letter, link,
        now,
    )  # fmt: skip


def _say_forewords(notices: Mapping[UUID, Notice]) -> None:
    """Each sentence is said by the notice that takes it along, and by no other."""
    pairs = [(one.id, id) for id, notice in notices.items() for one in notice.forewords]
    if pairs:
        said, by = map(list, zip(*pairs, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(_SAY, [said, by])


def _nomination_rows(id: UUID, notice: Notice, now: datetime) -> Iterator[tuple[object, ...]]:
    keys = new_keys(now, len(notice.nominations))
    for key, (facts, step, _, on) in zip(keys, notice.nominations, strict=True):
        yield (
            key, facts.vendor_id, facts.customer_id, facts.invoice_id, id, on, step.days, step.kind, facts.due_on,
            facts.open_minor, now,
        )  # fmt: skip


def _deeds(id: UUID, notice: Notice) -> Iterator[Deed]:
    for facts, step, channel, _ in notice.nominations:
        yield Deed(
            vendor_id=UUID(facts.vendor_id),
            kind="reminder.planned",
            by="the clock",
            customer_id=UUID(facts.customer_id),
            invoice_id=UUID(facts.invoice_id),
            payer_id=UUID(facts.payer_id),
            subject_id=id,
            channel=channel,
            data={"step": step.kind},
        )


_CLAIM = """
insert into reminders_notice
  (id, vendors, payer_id, "on", channel, step, tone, language, dedupe_key, letter_id, link_sha256, created_at)
select id, vendors, payer_id, "on", channel, step, tone, language,
       dedupe_key || '|' || (select count(*) from reminders_notice w
                             where w.payer_id = s.payer_id and w."on" between s."on" - 2 and s."on" + 2
                               and starts_with(w.dedupe_key, s.dedupe_key || '|') and w.withdrawn_at is not null),
       letter_id, link_sha256, created_at
from new_notice s
on conflict (dedupe_key) do nothing
returning id, dedupe_key
"""
_SAY = """
update reminders_foreword f set notice_id = t.notice from unnest(%s::uuid[], %s::uuid[]) as t (id, notice) where f.id = t.id
"""
_STILL_HERE = """
select l.id, l.expires_at <= %(now)s from delivery_letter l join reminders_notice n on n.letter_id = l.id
where l.is_moving and l.state = 'ready' and n.withdrawn_at is null and n."on" <= %(on)s
"""
_TAKE_BACK_THESE = """
with gone as (
  update reminders_notice n set withdrawn_at = %(now)s where n.letter_id = any(%(letters)s) and n.withdrawn_at is null
  returning n.id
), unsaid as (
  update reminders_nomination m set withdrawn_at = %(now)s from gone where m.notice_id = gone.id and m.withdrawn_at is null
)
delete from interactions_outreach o using gone where o.id = gone.id
"""
_TAKE_BACK = """
with gone as (
  update reminders_notice n set withdrawn_at = %(now)s from delivery_letter l
  where l.id = n.letter_id and n.withdrawn_at is null and n."on" between %(on)s::date - 14 and %(on)s
    and l.state in ('cancelled', 'superseded', 'expired')
  returning n.id
), unsaid as (
  update reminders_nomination m set withdrawn_at = %(now)s from gone where m.notice_id = gone.id and m.withdrawn_at is null
)
delete from interactions_outreach o using gone where o.id = gone.id
"""
# Invoices first, each in the order of its key, as whoever pays or holds locks them.
_LOCK = """
with invoices as materialized (
  select i.id from invoicing_invoice i
  where i.id in (select m.invoice_id from reminders_nomination m join reminders_notice n on n.id = m.notice_id
                 where n.letter_id = any(%s::uuid[]))
  order by i.id for share
), payers as materialized (
  select p.id from parties_payer p
  where p.id in (select n.payer_id from reminders_notice n where n.letter_id = any(%s::uuid[])) order by p.id for share
)
select (select count(*) from invoices), (select count(*) from payers)
"""
_WRONG = """
select n.letter_id,
       min(case when i.voided_at is not null or i.open_minor - i.to_withhold_minor < m.open_minor then 'paid'
                when h.reason is not null then h.reason
                when i.chase_on > m.chase_on then 'extended'
                when k.id is null and n.payer_id <> m.customer_id or p.stopped_at is not null and n.channel = 'email'
                  then 'no_address'
                when w.id is not null then 'message_held'
                when f.id is not null then 'edited' end) as why
from reminders_notice n
join reminders_nomination m on m.notice_id = n.id
join invoicing_invoice i on i.id = m.invoice_id
left join invoicing_hold h on h.invoice_id = i.id and h.ended_at is null and (h.until_on is null or h.until_on >= m."on")
left join parties_payer p on p.id = n.payer_id
left join parties_contact k on k.customer_id = m.customer_id and k.payer_id = n.payer_id and k.pays and k.ended_at is null
left join reminders_messagehold w on w.payer_id = n.payer_id and w.vendor_id = m.vendor_id and w.released_at is null
                                  and w.from_on <= m."on"
left join reminders_foreword f on f.payer_id = n.payer_id and f.vendor_id = m.vendor_id
  and (f.ended_at is null and f.notice_id is null and f."on" between m."on" - 14 and m."on"
       or f.notice_id = n.id and f.ended_at is not null)
where n.letter_id = any(%s::uuid[])
group by n.letter_id
having bool_or(w.id is not null or f.id is not null or i.voided_at is not null
               or i.open_minor - i.to_withhold_minor < m.open_minor or h.reason is not null or i.chase_on > m.chase_on
               or (k.id is null and n.payer_id <> m.customer_id)
               or (p.stopped_at is not null and n.channel = 'email'))
"""
