"""Decides what is read before the day decides: a few set-wise queries for a chunk of payers, never one for each invoice."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from psycopg import Cursor

from goodterms.conversations.plans import FORCE, Rest, rests_of
from goodterms.database.ahead import Question, ask_in_step, asking
from goodterms.database.isolation import acting_for
from goodterms.parties.rules import Wishes, treatment
from goodterms.reminders.models import Cadence as CadenceRow
from goodterms.reminders.rules import STEADY, Cadence, Facts, Foreword, Moment, PayerFacts, VendorFacts
from goodterms.reminders.rules.own_words import WAITS
from goodterms.values.days import NEVER, zone

CHUNK = 200  # payers; they are read while others are decided, so more at a time is no faster, and takes memory
START, END = str(UUID(int=0)), str(UUID(int=(1 << 128) - 1))
A_DAY = timedelta(days=1)  # so far may the day of another vendor be from ours
LOOK_BACK = timedelta(days=31)  # the longest limit counts 30 days


class Gathered(NamedTuple):
    """All that the rules need to know of some payers."""

    facts: list[Facts]
    payers: dict[str, PayerFacts]
    contacts: dict[str, list[date]]  # in each payer's calendar, over all vendors and channels


def share_of(part: tuple[int, int]) -> tuple[str, str]:
    """The ids that share `i` of `n` begins after and ends with: `(0, 1)` is all of them, `(0, 2)` the lower half."""
    share, shares = part
    after, until = (max(0, (1 << 128) * edge // shares - 1) for edge in (share, share + 1))
    return str(UUID(int=after)), str(UUID(int=until))


def next_payers(after: str, until: str = END, vendor: UUID | None = None, size: int = CHUNK) -> list[str]:
    """Up to `size` ids beyond `after` and up to `until`, ascending; a customer for whom nobody is known to pay stands for
    itself. With a vendor: those it lists, for all of their vendors."""
    return _keys(ask_in_step([_chunk(after, until, vendor, size)])[0])


def gather(payers: Sequence[str], on: date, now: datetime, days: Mapping[str, date] | None = None) -> Gathered:
    """Open invoices, wishes and recent contacts of these payers, over all vendors declared, on the day `on`, or the day it is
    with each (`days`). `now` must be aware: with a naive one PostgreSQL cannot use the index on the contacts under row
    security."""
    return _gathered(ask_in_step(_questions(payers, on, now, days or {})), nullcontext())


def books(
    vendors: Collection[UUID],
    moment: Moment,
    days: Mapping[str, date],
    vendor: UUID | None = None,
    part: tuple[str, str] = (START, END),
) -> Iterator[Gathered]:
    """What `gather` gives, for all payers of these vendors beyond `part[0]` and up to `part[1]`, chunk by chunk. A customer has
    one payer at most and a payer is in one chunk, so what is claimed for a chunk tells nothing about the next one, which is
    asked for while the caller decides about this one. Most books are one chunk: a connection of its own to ask ahead would
    take longer than all that it asks."""
    after, until = part
    with acting_for(vendors):
        payers = next_payers(after, until, vendor, CHUNK)
        alone = gather(payers, moment.on, moment.now, days) if 0 < len(payers) < CHUNK else None
    if alone:
        yield alone
    if len(payers) < CHUNK:
        return
    with asking(vendors) as ask:
        asked = ask([*_questions(payers, moment.on, moment.now, days), _chunk(payers[-1], until, vendor, CHUNK)])
        while payers:
            gathered = _gathered(asked[:-1], acting_for(vendors))
            if payers := _keys(asked[-1]):
                asked = ask([*_questions(payers, moment.on, moment.now, days), _chunk(payers[-1], until, vendor, CHUNK)])
            yield gathered
            del gathered  # or two chunks would be in memory


def contacted_since(payers: Sequence[str], contacts: Mapping[str, Sequence[date]], now: datetime) -> list[str]:
    """Those of these payers who have other contacts now than were read."""
    if not payers:
        return []
    asked = ask_in_step([Question(_CONTACTS, {"payers": _listed(payers), "since": now - LOOK_BACK})])[0]
    counted = Counter(payer for payer, _ in asked.fetchall())
    return [payer for payer in payers if counted[payer] != len(contacts.get(payer, ()))]


def _chunk(after: str, until: str, vendor: UUID | None, size: int) -> Question:
    return Question(_CHUNK, {"after": after, "until": until, "size": size, "vendor": vendor})


def _questions(payers: Sequence[str], on: date, now: datetime, days: Mapping[str, date]) -> list[Question]:
    """All that is asked about some payers; none needs the answer to another, so they go on one trip."""
    these, its = _listed(payers), {vendor: day.isoformat() for vendor, day in days.items() if vendor}
    return [
        Question(_PEOPLE, {"payers": these, "never": NEVER}),
        Question(_INVOICES, {"payers": these, "on": on, "vendors": _listed(its), "days": _listed(its.values())}),
        Question(_PLANS, {"payers": these}),
        Question(_CONTACTS, {"payers": these, "since": now - LOOK_BACK}),
        Question(_BY_HAND, {"payers": these, "since": on - WAITS - A_DAY}),
    ]


def _gathered(asked: Sequence[Cursor[Any]], reading: AbstractContextManager[None]) -> Gathered:
    """What the answers say. How long a plan rests its invoices follows from what is paid now, be its hold as it was before
    that came; few have one, so it is asked for afterwards, within `reading`."""
    listings, rows, plans, reached, by_hand = (cursor.fetchall() for cursor in asked)
    if not listings:  # those who paid for them were let go a moment ago
        return Gathered([], {}, {})
    people = _payer_facts(listings)
    contacts: dict[str, list[date]] = defaultdict(list)
    for payer, at in reached:
        if payer in people:
            contacts[payer].append(datetime.fromtimestamp(at, zone(people[payer].timezone)).date())
    facts = _facts(listings, rows)
    if plans:
        with reading:
            rests = rests_of([UUID(key) for (key,) in plans])
        facts = [_planned(one, rests[one.invoice_id]) if one.invoice_id in rests else one for one in facts]
    return Gathered(facts, people | _asked_for(by_hand, people), contacts)


def _facts(listings: Iterable[tuple[Any, ...]], rows: Iterable[tuple[Any, ...]]) -> list[Facts]:
    """The open invoices of these customers, each with what its customer shares; one listed a moment ago only is left out."""
    listed = {row[1]: (*row[: _LISTED - 1], _day(row[_LISTED - 1])) for row in listings}
    return [Facts._make((*row[:7], *listed[row[7]], *row[8:])) for row in rows if row[7] in listed]


def _keys(asked: Cursor[Any]) -> list[str]:
    return [str(key) for (key,) in asked.fetchall()]


def _listed(values: Iterable[str]) -> str:
    """A PostgreSQL array of them as text; psycopg would look at each of a million."""
    return "{" + ",".join(values) + "}"


@lru_cache(10_000)
def _day(iso: str) -> date:
    return date.fromisoformat(iso)


def _planned(facts: Facts, rest: Rest) -> Facts:
    """The hold lasts until the next part should have come, and its day is named where it passes, as a promised one is."""
    held = zip(facts.holds or (), facts.held_until or (), strict=True)
    untils = [rest.until if word == "on_plan" else until for word, until in held]
    named = max(filter(None, (facts.promised_on, rest.named_on)), default=None)
    return facts._replace(held_until=untils if facts.holds else facts.held_until, promised_on=named)


def _asked_for(by_hand: Iterable[tuple[Any, ...]], people: Mapping[str, PayerFacts]) -> dict[str, PayerFacts]:
    """Those of these people whose message somebody held, or gave a sentence of its own."""
    changed: dict[str, PayerFacts] = {}
    for payer, vendor, from_on, id, words in by_hand:
        one = changed.get(payer) or people.get(payer)
        if one is None:
            continue
        if words is None:
            changed[payer] = one._replace(held_from=(*one.held_from, (vendor, from_on)))
        else:
            changed[payer] = one._replace(forewords=(*one.forewords, Foreword(id, vendor, from_on, words)))
    return changed


def vendor_facts(moment: Moment) -> dict[str, VendorFacts]:
    """Cadences, clocks, and how fresh payments are on the day it is with each, of all vendors declared."""
    kept = cadences()
    with connection.cursor() as cursor:
        cursor.execute(_VENDORS)
        vendors = {
            str(id): VendorFacts(str(id), kept[str(id)], None, days_max, timezone, opens_at)
            for id, days_max, timezone, opens_at in cursor.fetchall()
        }
        days = moment.days(vendors)
        cursor.execute(_READINGS, {"vendors": list(vendors), "days": [days[vendor] for vendor in vendors]})
        return {id: vendors[id]._replace(feed_seen_on=seen_on) for id, seen_on in cursor.fetchall()}


def cadences() -> Mapping[str, Mapping[str, Cadence]]:
    """The cadences of each vendor declared, by name; the usual one under "", which is the house's until there is another."""
    kept: dict[str, dict[str, Cadence]] = defaultdict(lambda: {"": STEADY})
    for row in CadenceRow.objects.all():
        cadence = Cadence.from_json(row.data)
        kept[str(row.vendor_id)][row.name] = cadence
        if row.usual:
            kept[str(row.vendor_id)][""] = cadence
    return kept


def _payer_facts(rows: Iterable[tuple[Any, ...]]) -> dict[str, PayerFacts]:
    """One for each payer: their own word first, then the strictest of the customers that list them, then the vendors'."""
    of: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        of[row[2]].append(row)
    return {payer: _payer(payer, listings) for payer, listings in of.items()}


def _payer(payer: str, listings: Sequence[tuple[Any, ...]]) -> PayerFacts:
    address, rhythm, *own = listings[0][_LISTED : _LISTED + 2 + _OWN]
    customers = tuple(_wishes(row[-4 - _OWN : -4]) for row in listings)
    vendors = tuple(_habits(*row[-4:]) for row in listings)
    wanted = _treatment(_wishes(tuple(own))._replace(rhythm=tuple(rhythm or ())), customers, vendors)
    return PayerFacts(payer, address or "", **wanted)


@lru_cache(10_000)
def _treatment(own: Wishes, listed: tuple[Wishes, ...], usual: tuple[Wishes, ...]) -> dict[str, Any]:
    """Few wishes differ, so most payers share one; the names are those of PayerFacts."""
    return treatment(own, listed, usual)._asdict()


def _wishes(row: tuple[Any, ...]) -> Wishes:
    """The preference columns, in the order of _PREFERENCES."""
    language, tone, country, timezone, weekdays, ranges, hours_from, hours_to, most, days = row
    if row[4:] == _SILENT:
        return _plain_wishes(language, tone, country, timezone)
    return Wishes(
        language or "",
        tone or "",
        country or "",
        timezone or "",
        tuple(weekdays or ()),
        tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in json.loads(ranges or "[]")),
        (hours_from, hours_to) if hours_from and hours_to else None,
        (most, days) if most and days else None,
    )


@lru_cache(10_000)
def _plain_wishes(language: str | None, tone: str | None, country: str | None, timezone: str | None) -> Wishes:
    return Wishes(language or "", tone or "", country or "", timezone or "")


@lru_cache(10_000)
def _habits(language: str, tone: str, country: str, timezone: str) -> Wishes:
    return Wishes(language, tone, country, timezone)


_SILENT: tuple[Any, ...] = ([], "[]", None, None, None, None)  # jsonb comes as text through Django's connection
_PREFERENCES = (
    "language", "tone", "country", "timezone", "quiet_weekdays", "quiet_ranges", "hours_from", "hours_to", "contacts_max",
    "contacts_days",
)  # fmt: skip
_OWN = len(_PREFERENCES)
# The first columns of _PEOPLE: which customer of whom a payer pays for, and how that customer is reminded.
_LISTED = len(("vendor", "customer", "payer", "cadence", "paperless_on"))  # as in Facts
_PAYS = "k.pays and k.ended_at is null"


def _columns(alias: str) -> str:
    return ", ".join(f"{alias}.{column}" for column in _PREFERENCES)


# Customers are looked at up to the last payer of the chunk only, or each chunk would read all of those that have a payer.
_CHUNK = f"""
with paying as (
  select distinct k.payer_id as id from parties_contact k
  where {_PAYS} and k.payer_id > %(after)s::uuid and k.payer_id <= %(until)s::uuid
    and (%(vendor)s::uuid is null or k.vendor_id = %(vendor)s::uuid)
  order by 1 limit %(size)s
), reach as (
  select case when count(*) < %(size)s then %(until)s::uuid else (select id from paying order by id desc limit 1) end as until
  from paying
)
select id from (
  select id from paying
  union all
  (select cu.id from parties_customer cu, reach
   where cu.id > %(after)s::uuid and cu.id <= reach.until and (%(vendor)s::uuid is null or cu.vendor_id = %(vendor)s::uuid)
     and not exists (select from parties_contact k where k.vendor_id = cu.vendor_id and k.customer_id = cu.id
                     and {_PAYS} and k.payer_id is not null)
   order by 1 limit %(size)s)
) both_kinds order by id limit %(size)s
"""
# `offset 0` has the invoices of each customer looked up by themselves: the planner takes the chunk for a part of the whole, and
# would read the index from end to end. Every column lies in that index, so the table, in which open invoices are scattered,
# is not read. What else is known of them is looked up for all together, each by one walk through an index. What is kept
# back for the tax office is not asked for.
_INVOICES = f"""
with book as materialized (
  select k.payer_id as payer, k.vendor_id as vendor, k.customer_id as customer from parties_contact k
  where {_PAYS} and k.payer_id = any(%(payers)s::uuid[])
  union all
  select cu.id, cu.vendor_id, cu.id from parties_customer cu where cu.id = any(%(payers)s::uuid[])
), open as materialized (
  select book.payer, book.customer, i.*
  from book left join unnest(%(vendors)s::uuid[], %(days)s::date[]) as its (vendor, day) on its.vendor = book.vendor
  cross join lateral (
    select id, number, currency, open_minor, to_withhold_minor, total_minor, issued_on, chase_on from invoicing_invoice
    where customer_id = book.customer and vendor_id = book.vendor and open_minor > 0
      and kind = 'invoice' and issued_on <= coalesce(its.day, %(on)s::date) and voided_at is null offset 0) i
), held as (
  select invoice_id, array_agg(reason order by created_at, id) as words, array_agg(until_on order by created_at, id) as untils
  from invoicing_hold where invoice_id = any(array(select id from open)) and ended_at is null group by invoice_id
), promised as (
  select invoice_id, max(promised_on) as "on" from conversations_promise
  where invoice_id = any(array(select id from open)) and ended_at is null group by invoice_id
), said as (
  select distinct on (invoice_id, chase_on) invoice_id, chase_on, step_days, "on" from reminders_nomination
  where invoice_id = any(array(select id from open)) and withdrawn_at is null order by invoice_id, chase_on, step_days desc
)
select o.id, o.number, o.currency, o.open_minor - o.to_withhold_minor, o.total_minor, o.issued_on, o.chase_on, o.customer,
       held.words, held.untils, promised."on", said.step_days, said."on"
from open o
left join held on held.invoice_id = o.id
left join promised on promised.invoice_id = o.id
left join said on said.invoice_id = o.id and said.chase_on = o.chase_on
order by o.payer, o.chase_on, o.number
"""
_ON_PAPER = "(case when cu.channel = 'post' then %(never)s::date else coalesce(cu.paperless_on, date '0001-01-01') end)::text"
_PEOPLE = f"""
select cu.vendor_id, cu.id, k.payer_id, cu.cadence, {_ON_PAPER},
       case when p.stopped_at is null then p.address else '' end, p.letter_weekdays,
       {_columns("p")}, {_columns("cu")}, v.language, v.tone, v.country, v.timezone
from parties_contact k
join parties_payer p on p.id = k.payer_id
join parties_customer cu on cu.id = k.customer_id
join parties_vendor v on v.id = k.vendor_id
where {_PAYS} and k.payer_id = any(%(payers)s::uuid[])
union all
select cu.vendor_id, cu.id, cu.id, cu.cadence, {_ON_PAPER}, '', null, {", ".join(["null"] * 10)}, {_columns("cu")},
       v.language, v.tone, v.country, v.timezone
from parties_customer cu join parties_vendor v on v.id = cu.vendor_id where cu.id = any(%(payers)s::uuid[])
"""
_PLANS = f"""
select id from conversations_plan where {FORCE} and customer_id in (
  select customer_id from parties_contact k where {_PAYS} and payer_id = any(%(payers)s::uuid[])
  union all select id from parties_customer where id = any(%(payers)s::uuid[]))
"""
_BY_HAND = """
select payer_id, vendor_id, from_on, null::uuid, null from reminders_messagehold
where payer_id = any(%(payers)s::uuid[]) and released_at is null
union all
select f.payer_id, f.vendor_id, f."on", f.id, f.words from reminders_foreword f
left join reminders_notice n on n.id = f.notice_id
where f.payer_id = any(%(payers)s::uuid[]) and f.ended_at is null and f."on" >= %(since)s
  and (f.notice_id is null or n.withdrawn_at is not null)
order by 1, 2, 3
"""
_CONTACTS = """
select payer_id, extract(epoch from at)::bigint from interactions_outreach
where payer_id = any(%(payers)s::uuid[]) and at >= %(since)s
"""
_VENDORS = "select id, feed_days_max, timezone, opens_at from parties_vendor"
_READINGS = """
select v.id::text, (select max(known_until_on) from payments_reading r where r.vendor_id = v.id and known_until_on <= v.day)
from unnest(%(vendors)s::uuid[], %(days)s::date[]) as v (id, day)
"""
