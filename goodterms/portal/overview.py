"""Decides what a payer's page shows: open invoices by vendor, how each stands, what is chosen, and what was paid last."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.conversations.plans import running_over
from goodterms.database.asked import Later, asked
from goodterms.invoicing.actions import balance
from goodterms.parties.models import Vendor
from goodterms.payments.rules import offer, open_item, terms_of
from goodterms.portal.door import Visit
from goodterms.portal.paying.selecting import query_of
from goodterms.portal.standing import TALKED_ABOUT, Standing, standing_of
from goodterms.relationship.measures.answers import Published
from goodterms.terms.rules import discounts
from goodterms.values.money import Money


class Bill(NamedTuple):
    """One open invoice, as its line says it. `price` is what paying all of it today costs."""

    id: UUID
    vendor_id: UUID
    number: str
    work: str
    issued_on: date
    due_on: date
    open: Money
    total: Money
    price: Money
    percent: str  # of the early discount, such as "2"; empty without one
    until: date | None  # the last day of the discount
    withheld: Money  # what is to be kept back of it for the tax office
    promised_on: date | None
    standing: Standing
    is_chosen: bool
    plan: "Planned | None" = None

    @property
    def to_pay(self) -> Money:
        """What is to be paid to the vendor without the early discount."""
        return self.open - self.withheld

    @property
    def off(self) -> Money:
        """What paying today takes off."""
        return self.to_pay - self.price

    @property
    def is_rest(self) -> bool:
        return self.open < self.total

    @property
    def is_pressing(self) -> bool:
        return self.standing.word in ("late", "today", "this_week")


class Planned(NamedTuple):
    """The part of its plan that is next, and where that is paid."""

    id: UUID
    on: date
    sum: Money
    paying: str


class Group(NamedTuple):
    """The open invoices of one vendor, oldest due day first."""

    vendor: str
    slug: str
    sender: str
    answers_in: int | None  # minutes, measured; None: nothing is said
    bills: tuple[Bill, ...]

    @property
    def chosen(self) -> int:
        return sum(bill.is_chosen for bill in self.bills)

    @property
    def sums(self) -> list[Money]:
        """What paying all of it today costs."""
        return sums_of(bill.price for bill in self.bills)

    @property
    def is_open(self) -> bool:
        """Unfolded on a phone: something in it is late or due this week."""
        return any(bill.is_pressing for bill in self.bills)


class _Open(NamedTuple):
    id: UUID
    vendor_id: UUID
    number: str
    work: str
    currency: str
    issued_on: date
    due_on: date
    chase_on: date | None
    open_minor: int
    to_withhold_minor: int
    total_minor: int
    is_discounted: bool
    promised_on: date | None
    held: Sequence[str] | None


class Receipt(NamedTuple):
    """A payment, and the numbers that it settled."""

    id: UUID
    received_on: date
    vendor: str
    amount: Money
    numbers: str
    is_part: bool


def bills_of(visit: Visit, chosen: Collection[str] | None = None) -> list[Bill]:
    """What is open of what this browser may see; `chosen` are ids as an address carries them, None: what we suggest."""
    return bills_asked(visit, chosen)()


def bills_asked(visit: Visit, chosen: Collection[str] | None) -> Later[list[Bill]]:
    """The same, asked for and to be read later."""
    given = [list(visit.vendors), visit.payer.id, visit.sees_all, visit.shown_by_letter]
    opened = asked(_OPEN, given)
    return lambda: _bills(visit, [_Open(*row) for row in opened.fetchall()], chosen)


def _bills(visit: Visit, rows: Sequence[_Open], chosen: Collection[str] | None) -> list[Bill]:
    plans = _plans([row.id for row in rows if "on_plan" in (row.held or ())])
    offers = offers_of([row.id for row in rows if row.is_discounted], visit.today)
    found = []
    for row in rows:
        off, percent, until = offers.get(row.id, (0, "", None))
        standing = standing_of(row.chase_on or row.due_on, row.held or (), row.promised_on, visit.today)
        is_soon = standing.is_late or bool(off) or (standing.word == "promised" and standing.is_this_week)
        suggested = is_soon and standing.word not in TALKED_ABOUT
        found.append(
            Bill(
                row.id,
                row.vendor_id,
                row.number,
                row.work,
                row.issued_on,
                row.due_on,
                Money(row.open_minor, row.currency),
                Money(row.total_minor, row.currency),
                Money(row.open_minor - off - row.to_withhold_minor, row.currency),
                percent,
                until,
                Money(row.to_withhold_minor, row.currency),
                row.promised_on,
                standing,
                suggested if chosen is None else str(row.id) in chosen,
                plans.get(row.id),
            )
        )
    return found


def groups_of(visit: Visit, bills: Iterable[Bill], answers: Mapping[UUID, Published]) -> list[Group]:
    """By vendor: where something is late first, then where something is due this week, each in order of its day."""
    of: dict[UUID, list[Bill]] = defaultdict(list)
    for bill in bills:
        of[bill.vendor_id].append(bill)
    groups = [_group(visit.vendors[vendor], answers.get(vendor), own) for vendor, own in of.items()]
    return sorted(groups, key=lambda group: (min(map(_rank, group.bills)), group.vendor))


def sums_of(amounts: Iterable[Money]) -> list[Money]:
    """One sum for each currency, in the order in which they come."""
    sums: dict[str, Money] = {}
    for amount in amounts:
        sums[amount.currency] = sums[amount.currency] + amount if amount.currency in sums else amount
    return list(sums.values())


def paid_last(visit: Visit, most: int) -> Later[tuple[list[Receipt], int]]:
    """The last payments of the customers that list the payer, and how many there are; a letter alone shows none."""
    if not visit.sees_all:
        return lambda: ([], 0)
    found = asked(_PAID_LAST, [[one.customer_id for one in visit.listing], most])

    def read() -> tuple[list[Receipt], int]:
        rows = found.fetchall()
        return _receipts(visit, rows), rows[0][-1] if rows else 0

    return read


def receipts_of(visit: Visit, payments: Sequence[UUID]) -> list[Receipt]:
    """The lines of these payments, in the order of `payments`."""
    with connection.cursor() as cursor:
        cursor.execute(_RECEIPTS, [list(payments)])
        found = {one.id: one for one in _receipts(visit, cursor.fetchall())}
    return [found[id] for id in payments]


def _receipts(visit: Visit, rows: Sequence[tuple[Any, ...]]) -> list[Receipt]:
    return [
        Receipt(id, on, visit.vendors[vendor].name, Money(minor, currency), ", ".join(numbers or ()), bool(is_part))
        for id, on, vendor, minor, currency, numbers, is_part, *_ in rows
    ]


def _group(vendor: Vendor, answers: Published | None, bills: Sequence[Bill]) -> Group:
    return Group(vendor.name, vendor.slug, vendor.sender, answers.minutes if answers else None, tuple(bills))


def _rank(bill: Bill) -> tuple[int, date]:
    standing = bill.standing
    ahead = 0 if standing.is_late else 1 if bill.is_pressing else 2
    return ahead, standing.promised_on or standing.counts_from


def _plans(ids: Sequence[UUID]) -> dict[UUID, Planned]:
    """By invoice, of those that are paid in parts; no statement where none is."""
    found: dict[UUID, Planned] = {}
    for one in running_over(ids) if ids else ():
        if one.next_on and one.next_sum:
            planned = Planned(one.plan.id, one.next_on, one.next_sum, query_of(dict(one.next_paying)))
            found |= {share.invoice_id: planned for share in one.shares}
    return found


def offers_of(ids: Sequence[UUID], today: date) -> dict[UUID, tuple[int, str, date]]:
    """What paying today takes off, by how much per cent, and until when: of those whose terms speak of it."""
    found = {}
    for one in balance.look(invoice_ids=ids) if ids else []:
        item = open_item(one, terms_of(one.terms))
        off = offer(item, today)
        tiers = discounts(item.terms, item.issued_on, item.total, item.net) if off else []
        for tier in tiers:
            if tier.amount == off and today <= tier.until:
                found[one.invoice_id] = (off.minor, f"{tier.percent.normalize():f}", tier.until)
    return found


# What `visit.invoices()` lets see, as one plain statement: building it anew costs more than running it.
_OPEN = """
select i.id, i.vendor_id, i.number, i.work, i.currency, i.issued_on, i.due_on, i.chase_on, i.open_minor,
  i.to_withhold_minor, i.total_minor,
  jsonb_array_length(coalesce(nullif(i.terms -> 'discounts', 'null'), '[]')) > 0,
  (select max(promised_on) from conversations_promise p where p.invoice_id = i.id and ended_at is null and judged_at is null),
  (select array_agg(reason order by created_at) from invoicing_hold h where h.invoice_id = i.id and ended_at is null)
from invoicing_invoice i
where i.vendor_id = any(%s::uuid[]) and i.customer_id in (
    select customer_id from parties_contact where payer_id = %s and ended_at is null)
  and i.kind = 'invoice' and i.issued_on is not null and i.voided_at is null and i.open_minor > 0
  and (%s or i.id = any(%s::uuid[]))
order by i.chase_on, i.due_on, i.number
"""
_SETTLED = """
  (select array_agg(i.number order by a.id) from payments_allocation a join invoicing_invoice i on i.id = a.invoice_id
   where a.payment_id = p.id and a.reversed_at is null),
  (select bool_or(a.minor + a.discount_minor + a.let_go_minor + a.withheld_minor < i.total_minor)
   from payments_allocation a join invoicing_invoice i on i.id = a.invoice_id
   where a.payment_id = p.id and a.reversed_at is null)
"""
_PAID_LAST = f"""
select p.id, p.received_on, p.vendor_id, p.minor, p.currency, {_SETTLED}, p.of
from (select *, count(*) over () as of from payments_payment where customer_id = any(%s::uuid[])
      order by received_on desc, id desc limit %s) p
order by p.received_on desc, p.id desc
"""
_RECEIPTS = f"""
select p.id, p.received_on, p.vendor_id, p.minor, p.currency, {_SETTLED} from payments_payment p where p.id = any(%s::uuid[])
"""
