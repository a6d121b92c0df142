"""Reads what invoices about to be issued are measured by: what was said, what was billed of it before, and what is usual."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.database.among import among
from goodterms.database.arrays import array
from goodterms.invoicing.models import Expectation, Invoice
from goodterms.invoicing.surprise import LOOKED_BACK, Earlier, Expected, Tolerance, surprise, usual
from goodterms.parties.models import Vendor


class Weighed(NamedTuple):
    """An invoice that is not issued, stored or not, with what each project has in it before tax."""

    invoice: Invoice
    projects: Mapping[str, int]


Key = tuple[UUID, str, str, str]  # customer, estimate or order, its name, currency


class _Said(NamedTuple):
    """What was said of customers' projects and orders, and what was billed of it by now."""

    minor: Mapping[Key, int]
    before: dict[Key, int]


def tolerance_of(vendor: Vendor) -> Tolerance:
    return Tolerance(vendor.forewarn_percent, vendor.forewarn_minor, vendor.currency)


def weigh(vendor: Vendor, drafts: Sequence[Weighed]) -> dict[UUID, Expected]:
    """Which of these would surprise their customer, each with what it departs from; at most four statements, whatever their
    number. Invoices of one project or order count one after the other, as they will be issued."""
    tolerance, found = tolerance_of(vendor), dict[UUID, Expected]()
    if tolerance.percent is None or not drafts:
        return found
    said = _what_was_said({draft.invoice.customer_id for draft in drafts})
    parts = {draft.invoice.id: [part for part in _parts(draft) if part[0] in said.minor] for draft in drafts}
    earlier = _earlier({draft.invoice.customer_id for draft in drafts if draft.invoice.work and not parts[draft.invoice.id]})
    for draft in drafts:
        one, own = draft.invoice, parts[draft.invoice.id]
        measured = [Expected(key[1], key[2], said.minor[key], said.before.get(key, 0), now) for key, now in own]  # type: ignore[arg-type]
        middle = None if own else usual(one.work, earlier[one.customer_id, one.currency])
        if middle is not None:
            measured = [Expected("usual", one.work, middle, 0, one.net_minor)]
        if (most := surprise(measured, tolerance, one.currency)) is not None:
            found[one.id] = most
            continue
        for key, now in own:
            said.before[key] = said.before.get(key, 0) + now
    return found


def projects_of(lines: Iterable[tuple[str, int]]) -> dict[str, int]:
    """What each project has, of (project, net before tax)."""
    found: dict[str, int] = defaultdict(int)
    for project, net in lines:
        if project:
            found[project] += net
    return found


def _parts(draft: Weighed) -> list[tuple[Key, int]]:
    """What may have been said of it, and how much of that it bills."""
    one = draft.invoice
    found = [((one.customer_id, "estimate", name, one.currency), net) for name, net in draft.projects.items()]
    if one.order_number:
        found.append(((one.customer_id, "order", one.order_number, one.currency), one.net_minor))
    return found


def _what_was_said(customers: Collection[UUID]) -> _Said:
    rows = Expectation.objects.filter(among("customer_id", customers))
    minor: dict[Key, int] = {(one.customer_id, one.kind, one.name, one.currency): one.minor for one in rows}
    before: dict[Key, int] = {}
    for kind, statement in (("estimate", _BY_PROJECT), ("order", _BY_ORDER)):
        if names := sorted({key[2] for key in minor if key[1] == kind}):
            with connection.cursor() as cursor:
                cursor.execute(statement, [list(customers), names])
                before |= {(who, kind, name, currency): sum_ for who, name, currency, sum_ in cursor.fetchall()}
    return _Said(minor, before)


def _earlier(customers: Collection[UUID]) -> dict[tuple[UUID, str], list[Earlier]]:
    """The latest invoices of these customers in each currency, the newest first."""
    found: dict[tuple[UUID, str], list[Earlier]] = defaultdict(list)
    if customers:
        with connection.cursor() as cursor:
            cursor.execute(_EARLIER, [array(customers), LOOKED_BACK])
            for customer, currency, work, net, was_foretold in cursor.fetchall():
                found[customer, currency].append(Earlier(work, net, was_foretold))
    return found


_ISSUED = "i.issued_on is not null and i.voided_at is null"
_BY_PROJECT = f"""
select i.customer_id, l.project, i.currency, sum(case i.kind when 'invoice' then l.net_minor else -l.net_minor end)::bigint
from invoicing_invoice i join invoicing_line l on l.invoice_id = i.id
where i.customer_id = any(%s::uuid[]) and l.project = any(%s) and {_ISSUED} group by 1, 2, 3
"""
_CREDITED = """select coalesce(sum(c.net_minor), 0) from invoicing_invoice c
  where c.corrects_id = i.id and c.kind = 'credit_note' and c.issued_on is not null and c.voided_at is null"""
_BY_ORDER = f"""
select i.customer_id, i.order_number, i.currency, sum(i.net_minor - ({_CREDITED}))::bigint
from invoicing_invoice i
where i.customer_id = any(%s::uuid[]) and i.order_number = any(%s) and i.kind = 'invoice' and {_ISSUED} group by 1, 2, 3
"""
_EARLIER = f"""
select e.customer_id, e.currency, e.work, e.net_minor, exists (
  select from invoicing_forewarning f where f.invoice_id = e.id and f.ended_at is null)
from unnest(%s::uuid[]) with ordinality as c (id, at), lateral (
  select i.* from invoicing_invoice i
  where i.customer_id = c.id and i.kind = 'invoice' and i.work <> '' and {_ISSUED} and not exists (
    select from invoicing_invoice n where n.corrects_id = i.id and n.kind = 'credit_note' and n.issued_on is not null
      and n.voided_at is null)
  order by i.issued_on desc, i.id desc limit %s) e
order by c.at, e.issued_on desc, e.id desc
"""
