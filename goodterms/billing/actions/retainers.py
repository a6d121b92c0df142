"""Decides how a retainer lives: begun, paid for ahead, work taken out of it, ended; its balance follows from its invoices."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from goodterms.billing.actions.parts import DRAFTED, Way, go_on
from goodterms.billing.actions.telling import Voice, less, said_in
from goodterms.billing.gathering import line_of
from goodterms.billing.models import Drawing, Item, Retainer, TopUp
from goodterms.billing.rules import cover, expires_on, less_line, split
from goodterms.billing.standing import Holds, holding
from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.actions import Taken, draft
from goodterms.invoicing.electronic.lines import UNITS
from goodterms.invoicing.life import Role
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.totals import TaxGroup, totals
from goodterms.parties.models import Customer
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

_MAY: tuple[Role, ...] = ("owner", "bookkeeper", "approver")
HOUR = "HUR"  # UN/ECE Rec 20
LONGEST = 120  # months
UNITS_OF = tuple(word for word, _ in Retainer.UNITS)


@transaction.atomic
def begin_retainer(
    *, vendor_id: UUID, customer_id: UUID, name: str, unit: str, tax: Tax, by: str, role: Role, now: datetime,
    unit_price: Decimal | None = None, keeps_months: int | None = None, currency: str = "", order_number: str = "",
) -> Retainer:  # fmt: skip
    """A retainer of this name for the customer, or the one that is there. It holds nothing before it is topped up."""
    _must(role)
    customer = Customer.objects.filter(id=customer_id, vendor_id=vendor_id).first()
    if customer is None:
        raise Refused("There is no customer like that here.", code="customer", field="customer")
    _must_say(name, unit, unit_price, keeps_months)
    retainer, is_new = Retainer.objects.get_or_create(
        customer=customer, name=name.strip(),
        defaults={
            "id": new_key(now), "vendor_id": vendor_id, "unit": unit, "currency": currency or customer.currency,
            "unit_price": unit_price if unit == "hours" else None, "tax_category": tax.category, "tax_percent": tax.rate,
            "tax_reason": tax.reason, "keeps_months": keeps_months, "order_number": order_number, "created_at": now,
            "created_by": by,
        },
    )  # fmt: skip
    if is_new:
        _record(retainer, "retainer.begun", by, now)
    return retainer


@transaction.atomic
def top_up(
    *, retainer_id: UUID, quantity: Decimal, on: date, by: str, role: Role, now: datetime, key: UUID | None = None,
    way: Way = DRAFTED,
) -> Invoice:  # fmt: skip
    """Bill so many hours, or such a sum before tax, ahead. It counts from its issue on, until the day that the retainer says.

    `key`: of the invoice to be, so that a form or a command sent twice makes one.
    """
    retainer = _running(retainer_id, role)
    if key is not None and (there := _there(retainer, key)):
        return there
    if not quantity.is_finite() or quantity <= 0:
        raise Refused("A retainer is topped up by more than nothing.", code="retainer", field="quantity")
    words = said_in(retainer.customer, retainer.vendor).top_up(retainer.name)
    tax = Tax(retainer.tax_category, retainer.tax_percent, retainer.tax_reason)
    in_hours = retainer.unit_price is not None
    line = Line(words, quantity if in_hours else Decimal(1), retainer.unit_price or quantity, tax, "hour" if in_hours else "")
    invoice = draft(
        vendor_id=retainer.vendor_id, customer_id=retainer.customer_id, lines=[line], by=by, role=role, now=now,
        currency=retainer.currency, work=words, order_number=retainer.order_number, key=key, part="deposit",
    )  # fmt: skip
    until = expires_on(on, retainer.keeps_months)
    TopUp.objects.create(
        invoice=invoice, vendor_id=retainer.vendor_id, retainer=retainer, expires_on=until, at=now, by=by
    )  # fmt: skip
    _record(retainer, "retainer.topped_up", by, now, net_minor=invoice.net_minor, invoice_id=str(invoice.id))
    return go_on(invoice=invoice, on=on, by=by, role=role, now=now, way=way)


@transaction.atomic
def draw(
    *, retainer_id: UUID, on: date, by: str, role: Role, now: datetime, item_ids: Sequence[UUID] | None = None,
    key: UUID | None = None, way: Way = DRAFTED,
) -> Invoice:  # fmt: skip
    """Bill finished work of this customer (all of it in this currency, or these items) and take it out of the retainer as far
    as that goes, oldest first; what goes beyond it is to be paid. Items: all or none."""
    retainer = _locked(retainer_id, role)
    if key is not None and (there := _there(retainer, key)):
        return there
    items = _items(retainer, item_ids)
    holds = holding(retainer, on)
    if not holds.lots:
        raise Refused(
            f"{retainer.name} holds nothing on {on.isoformat()}. Top it up first, or bill the work by itself.",
            code="retainer",
        )
    lines, taken = _drawn(holds, items, said_in(retainer.customer, retainer.vendor))
    work = ", ".join(dict.fromkeys(item.project.name for item in items))[:200]
    invoice = draft(
        vendor_id=retainer.vendor_id, customer_id=retainer.customer_id, lines=lines, by=by, role=role, now=now,
        currency=retainer.currency, work=_named(retainer, work), key=key, takes_off=taken,
        order_number=retainer.order_number or items[0].project.order_number,
    )  # fmt: skip
    Item.objects.filter(id__in=[item.id for item in items]).update(invoice_id=invoice.id)
    Drawing.objects.create(invoice=invoice, vendor_id=retainer.vendor_id, retainer=retainer, at=now, by=by)
    net = sum(one.group.taxable.minor for one in taken)
    _record(retainer, "retainer.drawn", by, now, net_minor=net, invoice_id=str(invoice.id), items=len(items))
    return go_on(invoice=invoice, on=on, by=by, role=role, now=now, way=way)


@transaction.atomic
def end_retainer(*, retainer_id: UUID, on: date, reason: str, by: str, role: Role, now: datetime) -> Retainer:
    """It is not topped up any more. What it still holds can be drawn, or given back by a credit note."""
    retainer = _running(retainer_id, role)
    if not reason.strip():
        raise Refused("Say why the retainer ends: it stays in the log.", code="retainer", field="reason")
    retainer.ended_on, retainer.ended_by, retainer.ended_why = on, by, reason.strip()
    retainer.save(update_fields=["ended_on", "ended_by", "ended_why"])
    _record(retainer, "retainer.ended", by, now, reason=reason.strip())
    return retainer


def in_hours(item: Item) -> bool:
    """Time that is counted in hours, as a retainer of hours pays it."""
    return item.kind == "time" and UNITS.get(item.unit.strip().lower()) == HOUR


def _drawn(holds: Holds, items: Sequence[Item], voice: Voice) -> tuple[list[Line], list[Taken]]:
    """The lines of the work, then what is taken off for it."""
    retainer = holds.retainer
    of_items = [line_of(item, item.project.name) for item in items]
    lines, paid = list(of_items), of_items
    if retainer.unit_price is not None:
        known = [(line, in_hours(item)) for line, item in zip(of_items, items, strict=True)]
        paid, beyond = split(known, holds.hours or Decimal(0), retainer.unit_price, holds.tax)
        lines = [*paid, *beyond]
    if not paid:
        raise Refused(f"Nothing here is time in hours, which {retainer.name} pays. Bill it by itself.", code="retainer")
    taken = []
    groups: list[TaxGroup] = list(totals(retainer.currency, paid).groups)
    for lot, group in cover(groups, holds.lots):
        earlier = next(one.invoice for one, there in holds.top_ups if there is not None and there.invoice_id == lot.invoice_id)
        lines.append(less_line(group, less(voice, "top_up", earlier, group), ""))
        taken.append(Taken(len(lines), lot.invoice_id, lot.number, lot.issued_on, group, "deposit"))
    return lines, taken


def _items(retainer: Retainer, item_ids: Sequence[UUID] | None) -> list[Item]:
    rows = Item.objects.filter(project__customer_id=retainer.customer_id, project__currency=retainer.currency).finished()
    if item_ids is not None:
        rows = rows.filter(id__in=item_ids)
    keys = list(rows.values_list("id", flat=True))
    locked = Item.objects.filter(id__in=keys).finished().select_for_update(of=("self",)).select_related("project")
    found = sorted(locked, key=lambda item: (item.project.name, item.done_on, item.id))
    if item_ids is not None and len(found) != len(set(item_ids)):
        raise Refused(
            "Something chosen here was billed meanwhile, was dropped, waits for somebody’s word, or is not this customer’s."
            " Nothing was billed; look at the list again.",
            code="billed",
        )
    if not found:
        raise Refused("This customer has no finished work that is not billed. Nothing was taken out.", code="nothing")
    return found


def _named(retainer: Retainer, work: str) -> str:
    return said_in(retainer.customer, retainer.vendor).from_retainer(work, retainer.name)


def _must_say(name: str, unit: str, unit_price: Decimal | None, keeps_months: int | None) -> None:
    if not name.strip():
        raise Refused("A retainer has a name: it stands on its invoices.", code="retainer", field="name")
    if unit not in UNITS_OF:
        raise Refused("A retainer holds a sum or hours.", code="retainer", field="unit")
    if unit == "hours" and (unit_price is None or not unit_price.is_finite() or unit_price <= 0):
        raise Refused("Say what an hour of it costs before tax.", code="retainer", field="unit_price")
    if keeps_months is not None and not 0 <= keeps_months <= LONGEST:
        raise Refused(f"It is kept for 0 to {LONGEST} months, or without end.", code="retainer", field="keeps_months")


def _must(role: Role) -> None:
    if role not in _MAY:
        raise Refused("Retainers are kept by the owner, a bookkeeper or an approver. Ask one of them.", code="role")


def _locked(retainer_id: UUID, role: Role) -> Retainer:
    _must(role)
    rows = Retainer.objects.select_for_update(of=("self",)).select_related("customer", "vendor")
    retainer = rows.filter(id=retainer_id).first()
    if retainer is None:
        raise Refused("There is no retainer like that here.", code="retainer")
    return retainer


def _running(retainer_id: UUID, role: Role) -> Retainer:
    retainer = _locked(retainer_id, role)
    if retainer.ended_on is not None:
        raise Refused(f"{retainer.name} ended on {retainer.ended_on.isoformat()}. Begin another one.", code="retainer")
    return retainer


def _there(retainer: Retainer, key: UUID) -> Invoice | None:
    """What was made under this key before. Refused: a key of something else."""
    found = Invoice.objects.filter(id=key, vendor_id=retainer.vendor_id).first()
    ours = TopUp.objects.filter(invoice_id=key, retainer=retainer), Drawing.objects.filter(invoice_id=key, retainer=retainer)
    if found is not None and not any(rows.exists() for rows in ours):
        raise Refused("This key stands for another invoice. Take a new one.", code="key")
    return found


def _record(retainer: Retainer, kind: str, by: str, now: datetime, **data: Any) -> None:
    said = {"work": retainer.name, **data}
    record(at=now, deed=Deed(retainer.vendor_id, kind, by, retainer.customer_id, subject_id=retainer.id, data=said))
