"""Reads how an agreed price and a retainer stand: what was agreed, what its invoices took of it, and what is left."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from goodterms.billing.gathering import line_of
from goodterms.billing.models import AgreedPrice, Drawing, Part, PriceLine, Project, Retainer, TopUp
from goodterms.billing.rules import Lot, hours_in, net_of, price_of, usable
from goodterms.invoicing.actions import left_of_many
from goodterms.invoicing.document import lines_in
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.models import Line as LineRow
from goodterms.invoicing.totals import TaxGroup, totals
from goodterms.values.money import Money


class Counted(NamedTuple):
    """A part that is not void: what it bills, less what was credited, and what a later invoice can take off it."""

    part: Part
    invoice: Invoice
    billed: list[TaxGroup]
    left: list[TaxGroup]

    @property
    def is_draft(self) -> bool:
        return self.invoice.issued_on is None

    @property
    def net(self) -> Money:
        return net_of(self.billed, self.invoice.currency)

    @property
    def tax(self) -> Money:
        return Money.total((group.tax for group in self.billed), self.invoice.currency)

    @property
    def is_credited(self) -> bool:
        """Nothing of it is left, though it billed something."""
        return self.invoice.total_minor > 0 and not (self.net + self.tax) and not self.is_draft


class Stands(NamedTuple):
    """A project with an agreed price; `groups` is that price by tax rate."""

    project: Project
    price: AgreedPrice
    lines: list[Line]
    groups: list[TaxGroup]
    parts: list[Counted]

    @property
    def counted(self) -> list[TaxGroup]:
        return [group for part in self.parts for group in part.billed]

    @property
    def net(self) -> Money:
        return Money(self.price.net_minor, self.project.currency)

    @property
    def tax(self) -> Money:
        return Money(self.price.tax_minor, self.project.currency)

    @property
    def invoiced(self) -> Money:
        return Money.total((part.net for part in self.parts if not part.is_draft), self.project.currency)

    @property
    def drafted(self) -> Money:
        return Money.total((part.net for part in self.parts if part.is_draft), self.project.currency)

    @property
    def left(self) -> Money:
        """Before tax, of what neither an invoice nor a draft bills yet."""
        return self.net - self.invoiced - self.drafted

    @property
    def percent(self) -> Decimal:
        """How much of it is invoiced."""
        return (Decimal(100 * self.invoiced.minor) / self.net.minor).quantize(Decimal("0.1"))

    @property
    def final(self) -> Counted | None:
        """The final invoice that stands; one that was credited as a whole does not."""
        return next((part for part in self.parts if part.part.kind == "final" and not part.is_credited), None)

    @property
    def reached(self) -> dict[str, Counted]:
        """By milestone, what bills it: an invoice, or a draft."""
        return {part.part.milestone: part for part in self.parts if part.part.milestone and not part.is_credited}

    @property
    def milestones(self) -> list[tuple[int, Line, Money, Counted | None]]:
        """Each line of the price with its place, what it costs before tax, and what bills it as reached."""
        nets, reached = totals(self.project.currency, self.lines).lines, self.reached
        rows = zip(self.lines, nets, strict=True)
        return [(at, line, each.net, reached.get(line.description)) for at, (line, each) in enumerate(rows, 1)]


class Holds(NamedTuple):
    """A retainer on a day: what was paid for ahead, what is left of that, what is gone with time."""

    retainer: Retainer
    top_ups: list[tuple[TopUp, Lot | None]]  # without a lot while it is a draft
    drawings: list[Drawing]
    on: date

    @property
    def lots(self) -> list[Lot]:
        return usable((lot for _, lot in self.top_ups if lot is not None), self.on)

    @property
    def net(self) -> Money:
        """What work can be taken out of it today, before tax."""
        return Money.total((lot.net for lot in self.lots), self.retainer.currency)

    @property
    def expired(self) -> Money:
        gone = (lot.net for _, lot in self.top_ups if lot is not None and lot.groups and lot.is_gone(self.on))
        return Money.total(gone, self.retainer.currency)

    @property
    def hours(self) -> Decimal | None:
        return self.in_hours(self.net)

    def told(self) -> dict[str, Any]:
        """What it holds, and how that came in and went out, for programs."""
        return {
            "holds_minor": self.net.minor, "holds_hours": self.hours, "expired_minor": self.expired.minor,
            "top_ups": [
                {
                    "invoice_id": top.invoice_id, "number": top.invoice.number, "expires_on": top.expires_on,
                    "net_minor": top.invoice.net_minor, "left_minor": lot.net.minor if lot else 0,
                }
                for top, lot in self.top_ups
            ],
            "drawings": [
                {"invoice_id": each.invoice_id, "number": each.invoice.number, "total_minor": each.invoice.total_minor}
                for each in self.drawings
            ],
        }  # fmt: skip

    @property
    def tax(self) -> Tax:
        return Tax(self.retainer.tax_category, self.retainer.tax_percent, self.retainer.tax_reason)

    def in_hours(self, net: Money) -> Decimal | None:
        return None if self.retainer.unit_price is None else hours_in(net, self.retainer.unit_price)


def standing(project: Project) -> Stands | None:
    """How its agreed price stands; None where none was agreed. Eight statements at most, however many parts it has."""
    price = AgreedPrice.objects.filter(project=project).order_by("-version").first()
    if price is None:
        return None
    lines = [line_of(row, project.name) for row in PriceLine.objects.filter(price=price).order_by("position")]
    return Stands(project, price, lines, price_of(project.currency, lines), _parts(project))


def holding(retainer: Retainer, on: date) -> Holds:
    """How a retainer stands on a day."""
    return holdings([retainer], on)[0]


def holdings(retainers: Sequence[Retainer], on: date, *, with_drawings: bool = True) -> list[Holds]:
    """How each stands on a day: five statements, whatever their number; four where what was taken out is not looked at."""
    ours = {"retainer__in": list(retainers), "invoice__voided_at": None}
    top_ups = list(TopUp.objects.filter(**ours).select_related("invoice").order_by("at", "invoice_id").only(*_TOP_UP))
    stands = {one.invoice.id: one for one in left_of_many(invoice_ids=[one.invoice_id for one in top_ups])}
    ahead: dict[UUID, list[tuple[TopUp, Lot | None]]] = defaultdict(list)
    for one in top_ups:
        left = stands.get(one.invoice_id)
        ahead[one.retainer_id].append((one, _lot(one, left.groups) if left else None))
    drawn: dict[UUID, list[Drawing]] = defaultdict(list)
    taken = Drawing.objects.filter(**ours).select_related("invoice").order_by("at", "invoice_id").only(*_DRAWING)
    for each in taken if with_drawings else ():
        drawn[each.retainer_id].append(each)
    return [Holds(one, ahead[one.id], drawn[one.id], on) for one in retainers]


_OF_INVOICE = ("number", "work", "currency", "issued_on", "net_minor", "total_minor", "open_minor")
_DRAWING = ("vendor", "retainer", "at", "by", *(f"invoice__{column}" for column in _OF_INVOICE))
_TOP_UP = (*_DRAWING, "expires_on")


def groups_of_drafts(drafts: Iterable[Invoice]) -> dict[UUID, list[TaxGroup]]:
    """What drafts would bill by tax rate: one statement, none where there is no draft."""
    known = {one.id: one for one in drafts}
    rows: dict[UUID, list[LineRow]] = defaultdict(list)
    if known:
        for row in LineRow.objects.filter(invoice_id__in=known).order_by("invoice_id", "position"):
            rows[row.invoice_id].append(row)
    return {key: _groups(known[key], of) for key, of in rows.items()}


def _parts(project: Project) -> list[Counted]:
    rows = list(Part.objects.filter(project=project, invoice__voided_at=None).select_related("invoice").order_by("at"))
    stands = {one.invoice.id: one for one in left_of_many(invoice_ids=[one.invoice_id for one in rows])}
    drafts = groups_of_drafts(one.invoice for one in rows if one.invoice_id not in stands)
    found = []
    for one in rows:
        issued = stands.get(one.invoice_id)
        billed = issued.billed if issued else drafts.get(one.invoice_id, [])
        found.append(Counted(one, one.invoice, billed, issued.groups if issued else []))
    return found


def _groups(invoice: Invoice, rows: Sequence[LineRow]) -> list[TaxGroup]:
    lines = lines_in([row.__dict__ for row in rows], invoice.document, invoice.currency)
    return list(totals(invoice.currency, lines).groups)


def _lot(one: TopUp, groups: list[TaxGroup]) -> Lot:
    assert one.invoice.issued_on is not None
    return Lot(one.invoice_id, one.invoice.number, one.invoice.issued_on, one.expires_on, groups)
