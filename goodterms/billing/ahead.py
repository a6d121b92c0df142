"""Reads what customers paid ahead, as they see it: what is left of retainers, and work billed before its final invoice."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from goodterms.billing.models import AgreedPrice, Drawing, Part, Project, Retainer, TopUp
from goodterms.billing.rules import net_of
from goodterms.billing.standing import Holds, holdings
from goodterms.database.asked import Later, asked
from goodterms.invoicing.actions import left_of_many, takers_of
from goodterms.invoicing.models import Invoice, TakenOff
from goodterms.invoicing.totals import TaxGroup
from goodterms.values.money import Money


class Paid(NamedTuple):
    """One top-up: what it billed before tax, what is left of it, and until when."""

    invoice: Invoice
    billed: Money
    left: Money
    expires_on: date | None
    is_over: bool

    @property
    def is_owed(self) -> bool:
        return self.invoice.open_minor > 0


class Kept(NamedTuple):
    """A retainer: what is left of it today, before tax and in hours, when that next expires, how it came and went."""

    retainer: Retainer
    left: Money
    hours: Decimal | None
    expires_on: date | None
    top_ups: list[Paid]
    drawn: list[Invoice]


class Step(NamedTuple):
    """One invoice of work that is billed bit by bit, before tax, and the number of the one that takes it off again."""

    kind: str
    invoice: Invoice
    net: Money
    taken_off_on: str


class Bit(NamedTuple):
    """Work with an agreed price: what of that was invoiced, and what is still to come."""

    project: Project
    net: Money
    invoiced: Money
    steps: list[Step]

    @property
    def left(self) -> Money:
        return self.net - self.invoiced


class Off(NamedTuple):
    """What one invoice takes off that another billed, with its tax."""

    invoice: Invoice
    total: Money


class Around(NamedTuple):
    """What an invoice has to do with others: what it takes off, what takes it off, and the retainer that it is of."""

    earlier: list[Off]
    later: list[Off]
    kept: Kept | None


def anything_ahead(customer_ids: Sequence[UUID]) -> Later[bool]:
    """Whether there is anything to show: one statement on indexes."""
    found = asked(_ANYTHING, [list(customer_ids), list(customer_ids)])
    return lambda: bool(found.fetchone()[0])


def kept_for(customer_ids: Iterable[UUID], on: date) -> list[Kept]:
    """Retainers of these customers that were topped up by an issued invoice: six statements, whatever their number."""
    rows = Retainer.objects.filter(customer_id__in=list(customer_ids)).order_by("vendor_id", "name")
    told = (_kept(one, on) for one in holdings(list(rows), on))
    return [one for one in told if one.top_ups]


def billed_in_bits(customer_ids: Iterable[UUID]) -> list[Bit]:
    """Work of these customers of which something was invoiced ahead: six statements, whatever its number."""
    stand = {"project__customer_id__in": list(customer_ids), "invoice__voided_at": None, "invoice__issued_on__isnull": False}
    rows = list(Part.objects.filter(**stand).select_related("invoice", "project").order_by("at", "invoice_id"))
    of: dict[UUID, list[Part]] = defaultdict(list)
    for one in rows:
        of[one.project_id].append(one)
    prices = AgreedPrice.objects.filter(project_id__in=of).order_by("project_id", "-version").distinct("project_id")
    agreed = {one.project_id: one.net_minor for one in prices}
    billed = {one.invoice.id: one.billed for one in left_of_many(invoice_ids=[one.invoice_id for one in rows])}
    taken = {one.earlier_id: one.invoice.number for one in takers_of(billed)}
    return [_bit(parts, agreed[key], billed, taken) for key, parts in of.items() if key in agreed]


def around(invoice: Invoice, on: date) -> Around:
    """Four statements, and those of its retainer where it is of one. What only a draft takes off is not said yet."""
    mine = TakenOff.objects.filter(invoice=invoice).select_related("earlier").order_by("position")
    earlier = _summed((row.earlier, row.net_minor + row.tax_minor) for row in mine)
    later = _summed((row.invoice, row.net_minor + row.tax_minor) for row in takers_of([invoice.id]))
    top_up = TopUp.objects.filter(invoice=invoice).values_list("retainer", flat=True)
    drawing = Drawing.objects.filter(invoice=invoice).values_list("retainer", flat=True)
    retainer = Retainer.objects.filter(id__in=top_up.union(drawing)).first()
    return Around(earlier, later, _kept(holdings([retainer], on)[0], on) if retainer else None)


def _kept(holds: Holds, on: date) -> Kept:
    currency = holds.retainer.currency
    issued = [
        Paid(top.invoice, Money(top.invoice.net_minor, currency), lot.net if lot.groups else Money(0, currency), top.expires_on,
             lot.is_gone(on))
        for top, lot in holds.top_ups if lot is not None
    ]  # fmt: skip
    ends = [lot.expires_on for lot in holds.lots if lot.expires_on is not None]
    drawn = [one.invoice for one in holds.drawings if one.invoice.issued_on is not None]
    return Kept(holds.retainer, holds.net, holds.hours, min(ends, default=None), issued, drawn)


def _bit(parts: Sequence[Part], net_minor: int, billed: dict[UUID, list[TaxGroup]], taken: dict[UUID, str]) -> Bit:
    project = parts[0].project
    steps = [
        Step(one.kind, one.invoice, net_of(billed.get(one.invoice_id, []), project.currency), taken.get(one.invoice_id, ""))
        for one in parts
    ]
    return Bit(project, Money(net_minor, project.currency), Money.total((one.net for one in steps), project.currency), steps)


def _summed(rows: Iterable[tuple[Invoice, int]]) -> list[Off]:
    """One for each invoice: its tax rates together."""
    found: dict[UUID, Off] = {}
    for invoice, minor in rows:
        amount = Money(minor, invoice.currency)
        before = found.get(invoice.id)
        found[invoice.id] = Off(invoice, amount if before is None else before.total + amount)
    return list(found.values())


_ANYTHING = """
select exists (select 1 from billing_retainer r join billing_topup t on t.retainer_id = r.id
               join invoicing_invoice i on i.id = t.invoice_id
               where r.customer_id = any(%s::uuid[]) and i.issued_on is not null and i.voided_at is null)
    or exists (select 1 from billing_project p join billing_part b on b.project_id = p.id
               join invoicing_invoice i on i.id = b.invoice_id
               where p.customer_id = any(%s::uuid[]) and i.issued_on is not null and i.voided_at is null)
"""
