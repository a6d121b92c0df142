"""Decides what the timeline of a customer or an invoice holds: both sides' deeds, oldest first, and what is still to come."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer
from goodterms.parties.rules import Viewer
from goodterms.relationship.coming import Coming, coming
from goodterms.relationship.rules.telling import FOR_PAYERS, PREPARING, Said, Told, precedence, said
from goodterms.values.refusal import Refused

MOST = 200


class Named(NamedTuple):
    """An invoice that an entry is about."""

    id: UUID
    number: str


class Entry(NamedTuple):
    """One line of a timeline: what was said or done, whose side it stands on, and about which invoices."""

    id: UUID
    at: datetime
    kind: str
    by: str
    said: Said
    invoices: tuple[Named, ...] = ()


class Timeline(NamedTuple):
    """`entries` oldest first; `coming` below the line of today, soonest first; `earlier` is the cursor of what came before
    (empty: this is all), `since` the day of the very first interaction."""

    entries: list[Entry]
    coming: list[Coming]
    earlier: str = ""
    since: datetime | None = None


def timeline(
    *,
    viewer: Viewer,
    today: date,
    customer_id: UUID | None = None,
    invoice_id: UUID | None = None,
    limit: int = 40,
    before: str = "",
) -> Timeline:
    """The last `limit` interactions with a customer, or about one invoice, that `viewer` may see; `before` is the `earlier` of
    the answer that came before. Three statements, whatever there is to say. Refuses who is not to be found."""
    whose = _whose(viewer, customer_id, invoice_id)
    limit = max(1, min(limit, MOST))
    rows = _read(whose, viewer, limit + 1, _cursor(before))
    shown, has_more = _page(rows, limit)
    return Timeline(
        [_entry(list(group), whose) for _, group in groupby(sorted(shown, key=_order), _moment)],
        [] if before else coming(vendor_id=whose.vendor_id, customer_id=whose.id, invoice_id=whose.invoice_id, today=today),
        str(shown[0].id) if has_more and shown else "",
        rows[0].first_at if rows else None,
    )


class _Whose(NamedTuple):
    vendor_id: UUID
    id: UUID
    invoice_id: UUID | None


class _Row(NamedTuple):
    """An interaction and what its rows know of it, as _ROWS selects them."""

    id: UUID
    at: datetime
    kind: str
    by: str
    inbound: bool
    channel: str
    data: str
    subject_id: UUID | None
    invoice_id: UUID | None
    number: str
    currency: str
    quote: str
    line: int | None
    about: str | None
    tone: str
    vendors: int
    state: str
    method: str
    payment_id: UUID | None
    name: str
    terms: str | None
    first_at: datetime

    def told(self) -> Told:
        terms: Mapping[str, Any] | None = json.loads(self.terms) if self.terms else None
        return Told(
            self.kind, self.by, self.inbound, self.channel, json.loads(self.data), self.currency, self.quote, self.line,
            self.tone, self.vendors, self.state, self.method, self.name, terms,
        )  # fmt: skip

    def named(self) -> list[Named]:
        if self.invoice_id is not None:
            return [Named(self.invoice_id, self.number or "a draft")]
        return [Named(UUID(id), number) for id, number in json.loads(self.about or "[]")]


def _whose(viewer: Viewer, customer_id: UUID | None, invoice_id: UUID | None) -> _Whose:
    found: tuple[UUID, UUID] | None = None
    if invoice_id is not None:
        found = Invoice.objects.seen_by(viewer).filter(id=invoice_id).values_list("vendor_id", "customer_id").first()
    elif customer_id is not None:
        found = Customer.objects.seen_by(viewer).filter(id=customer_id).values_list("vendor_id", "id").first()
    if found is None:
        raise Refused("There is nobody like that here.", code="not_found")
    return _Whose(*found, invoice_id)


def _cursor(before: str) -> UUID | None:
    try:
        return UUID(before) if before else None
    except ValueError as odd:
        raise Refused("This page of the timeline is not known. Begin with the last one again.", code="cursor") from odd


def _read(whose: _Whose, viewer: Viewer, most: int, before: UUID | None) -> list[_Row]:
    """The newest first, at most so many."""
    given = {
        "vendor": whose.vendor_id, "customer": whose.id, "invoice": whose.invoice_id, "most": most, "before": before,
        "preparing": list(PREPARING), "payers": list(FOR_PAYERS) if viewer.payer_id else None,
    }  # fmt: skip
    wanted = _ALL if whose.invoice_id is None else _OF_INVOICE
    older = "and (i.at, i.id) < (select b.at, b.id from interactions_interaction b where b.id = %(before)s)" if before else ""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS.format(wanted=wanted, older=older), given)
        return [_Row(*row) for row in cursor.fetchall()]


def _page(rows: Sequence[_Row], limit: int) -> tuple[list[_Row], bool]:
    """Oldest first, and whether there are more. What was done in one instant is not torn apart, if anything else is left."""
    shown, has_more = list(rows[:limit]), len(rows) > limit
    if has_more and (whole := [row for row in shown if row.at != rows[limit].at]):
        shown = whole
    return shown[::-1], has_more


def _order(row: _Row) -> tuple[object, ...]:
    """By time; of one instant, what has to come first, and what belongs together beside each other."""
    return (row.at, precedence(row.kind), row.kind, str(row.subject_id), row.id)


def _moment(row: _Row) -> tuple[object, ...]:
    """What is told as one: a message that names several invoices."""
    return (row.at, row.kind, row.subject_id, row.id if row.subject_id is None else None)


def _entry(rows: Sequence[_Row], whose: _Whose) -> Entry:
    first = rows[0]
    named = {one for row in rows for one in row.named() if one.id != whose.invoice_id}
    in_order = tuple(sorted(named, key=lambda one: one.number))
    return Entry(first.id, first.at, first.kind, first.by, said(first.told()), in_order)


# What is only the echo of a deed that is told itself: the hold behind a question, the share of a payment.
_ECHOES = """
  and i.kind <> 'payment.not_thanked'
  and (i.kind not in ('invoice.held', 'invoice.released') or i.data->>'reason' = 'manual')
  and (i.kind <> 'extension.asked' or not exists (select from conversations_extension w
                                                  where w.id = i.subject_id and w.conversation_id is not null))
"""
_ALL = f"i.kind <> all(%(preparing)s) and i.kind <> 'payment.allocated' {_ECHOES}"
_OF_INVOICE = f"""
  (i.invoice_id = %(invoice)s
   or i.kind = 'payment.thanked' and i.subject_id in (select a.payment_id from allocated a)
   or i.invoice_id is null and i.subject_id in (select m.conversation_id from mentioned m)) {_ECHOES}
"""
# An array, not coalesce(): row security takes that for a call that may tell what it is given, and reads the whole table first.
_ROWS = """
with allocated as (select payment_id from payments_allocation where invoice_id = %(invoice)s and payment_id is not null),
mentioned as (select conversation_id from conversations_about where invoice_id = %(invoice)s),
page as (
  select i.* from interactions_interaction i
  where i.vendor_id = %(vendor)s and i.customer_id = %(customer)s and {wanted} {older}
    and (%(payers)s::text[] is null or i.kind = any(%(payers)s))
  order by i.at desc, i.id desc limit %(most)s
)
select i.id, i.at, i.kind, i.by, i.inbound, coalesce(nullif(i.channel, ''), n.channel, ''), i.data::text, i.subject_id,
  i.invoice_id, coalesce(v.number, ''), coalesce(v.currency, y.currency, ''), coalesce(m.words, ''), ab.line_position,
  case when i.invoice_id is null then coalesce(settled.about, mentioned.about) end,
  coalesce(n.tone, ''), coalesce(cardinality(n.vendors), 1),
  case when n.withdrawn_at is not null then 'withdrawn' else coalesce(l.state, '') end,
  coalesce(y.method, ''), coalesce(f.payment_id, y.id), coalesce(k.name, ''), t.data::text,
  (select min(o.at) from interactions_interaction o where o.vendor_id = %(vendor)s and o.customer_id = %(customer)s)
from page i
left join invoicing_invoice v on v.id = i.invoice_id
left join reminders_notice n on n.id = i.subject_id and i.kind = 'reminder.planned'
left join delivery_letter l on l.id = n.letter_id
left join payments_payment y on y.id = i.subject_id and i.kind like 'payment.%%'
left join relationship_feedback f on f.id = i.subject_id and i.kind like 'feedback.%%'
left join parties_contact k on k.id = i.subject_id and i.kind like 'contact.%%'
left join terms_agreedterms t on t.id = i.subject_id and i.kind = 'terms.agreed'
left join conversations_conversation c on c.id = i.subject_id
left join lateral (
  select w.words from conversations_message w
  where w.conversation_id = c.id and w.at = i.at and w.inbound = i.inbound and w.withdrawn_at is null
    and w.internal = (i.kind = 'conversation.noted')
  order by w.position limit 1 offset (
    select count(*) from interactions_interaction o
    where o.subject_id = c.id and o.at = i.at and o.inbound = i.inbound and o.id < i.id
      and (o.kind = 'conversation.noted') = (i.kind = 'conversation.noted'))) m
  on i.kind not in ('files.attached', 'message.withdrawn')
left join conversations_about ab on ab.conversation_id = c.id and ab.invoice_id = i.invoice_id
left join lateral (
  select json_agg(json_build_array(s.id, s.number) order by s.number)::text as about
  from (select distinct o.id, o.number from payments_allocation a join invoicing_invoice o on o.id = a.invoice_id
        where a.payment_id = any(array[f.payment_id, y.id]) and a.reversed_at is null) s) settled on true
left join lateral (
  select json_agg(json_build_array(o.id, o.number) order by o.number)::text as about
  from conversations_about b join invoicing_invoice o on o.id = b.invoice_id
  where b.conversation_id = c.id) mentioned on true
order by i.at desc, i.id desc
"""
