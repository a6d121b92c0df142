"""Decides how an invoice takes off what earlier ones billed (VAT Directive, art. 65 and 226): never more than each has left.

What a draft takes off counts at once, so that no two take off the same, and what is taken off is not credited beside that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.invoicing import credits, document
from goodterms.invoicing.models import Invoice, TakenOff
from goodterms.invoicing.totals import TaxGroup
from goodterms.values.keys import new_keys
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


class Taken(NamedTuple):
    """What one line takes off: of which earlier invoice, and how much before tax and tax of one tax rate."""

    position: int
    invoice_id: UUID
    number: str
    issued_on: date
    group: TaxGroup
    part: str = ""  # which part of an agreed price it was, or a deposit

    def as_json(self) -> dict[str, Any]:
        return {
            "position": self.position, "number": self.number, "issued_on": self.issued_on.isoformat(),
            "net_minor": self.group.taxable.minor, "tax_minor": self.group.tax.minor,
            **({"part": self.part} if self.part else {}),
        }  # fmt: skip


class Left(NamedTuple):
    """An earlier invoice as it stands now: what it billed less what was credited, and of that what nothing takes off yet."""

    invoice: Invoice
    billed: list[TaxGroup]
    groups: list[TaxGroup]


# A list of retainers looks at hundreds: most of a document's columns would be read and not looked at.
_LOOKED_AT = (
    "vendor", "customer", "corrects", "kind", "number", "currency", "issued_on", "issued_at", "net_minor", "tax_minor",
    "total_minor", "open_minor", "document",
)  # fmt: skip


def left_of_many(*, invoice_ids: Iterable[UUID]) -> list[Left]:
    """Issued invoices that are not void, in the order of their issue, with what each has left: three statements."""
    rows = Invoice.objects.issued().filter(id__in=list(invoice_ids), kind="invoice", voided_at=None).only(*_LOOKED_AT)
    found = list(rows.order_by("issued_at", "id"))
    keys = [one.id for one in found]
    credited: dict[UUID, list[TaxGroup]] = defaultdict(list)
    for note in Invoice.objects.filter(corrects_id__in=keys, kind="credit_note", voided_at=None).only(*_LOOKED_AT):
        assert note.corrects_id is not None
        credited[note.corrects_id] += groups_of(note)
    taken = taken_of(keys)
    stands = ((one, credits.left(groups_of(one), credited[one.id])) for one in found)
    return [Left(one, billed, credits.left(billed, taken.get(one.id, []))) for one, billed in stands]


def taken_of(invoice_ids: Sequence[UUID]) -> Mapping[UUID, list[TaxGroup]]:
    """What drafts and invoices that stand take off each of these; one that is void or credited as a whole takes off nothing."""
    found: dict[UUID, list[TaxGroup]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, [list(invoice_ids)])
        for key, currency, category, rate, net, tax in cursor.fetchall():
            found[key].append(TaxGroup(category, rate, Money(net, currency), Money(tax, currency), ""))
    return found


def lock(*, invoice_ids: Iterable[UUID]) -> None:
    """Whoever credits, voids or takes off these waits for the others."""
    list(Invoice.objects.filter(id__in=list(invoice_ids)).order_by("id").select_for_update().values_list("id"))


def take_off(*, invoice: Invoice, taken: Sequence[Taken], now: datetime) -> None:
    """Write down what a draft takes off, under the lock of the earlier ones. Refused: more than one of them has left."""
    if not taken:
        return
    lock(invoice_ids=sorted({one.invoice_id for one in taken}))
    stands = {one.invoice.id: one for one in left_of_many(invoice_ids={one.invoice_id for one in taken})}
    wanted: dict[UUID, list[TaxGroup]] = defaultdict(list)
    for one in taken:
        wanted[one.invoice_id].append(one.group)
    for key, groups in wanted.items():
        earlier = stands.get(key)
        if earlier is None or earlier.invoice.customer_id != invoice.customer_id or not _fit(groups, earlier.groups):
            raise Refused(
                "What was invoiced before was credited or taken off meanwhile. Look at it, and bill again.", code="changed"
            )
    TakenOff.objects.bulk_create(
        TakenOff(
            id=key, vendor_id=invoice.vendor_id, invoice=invoice, earlier_id=one.invoice_id, position=one.position,
            tax_category=one.group.category, tax_percent=one.group.rate, net_minor=one.group.taxable.minor,
            tax_minor=one.group.tax.minor,
        )
        for key, one in zip(new_keys(now, len(taken)), taken, strict=True)
    )  # fmt: skip


def takers_of(invoice_ids: Iterable[UUID]) -> list[TakenOff]:
    """What issued invoices that stand take off these, each with its invoice: two statements."""
    with connection.cursor() as cursor:
        cursor.execute(f"select t.id from ({_STANDING}) t", [list(invoice_ids)])
        keys = [key for (key,) in cursor.fetchall()]
    return list(TakenOff.objects.filter(id__in=keys, invoice__issued_on__isnull=False).select_related("invoice").order_by("id"))


def must_stand_alone(*, invoice: Invoice) -> None:
    """Refused while another takes it off: what stands there as taken off would be given back twice."""
    if taker := _taker_of(invoice.id):
        raise Refused(f"{invoice.number} is taken off on {taker}. {_INSTEAD}", code="taken_off")


def groups_of(one: Invoice) -> list[TaxGroup]:
    """As frozen in the document; an invoice that was taken over from elsewhere has only its sums."""
    if stored := one.document.get("tax_groups"):
        return [document.group_in(group, one.currency) for group in stored]
    net, tax = Money(one.net_minor, one.currency), Money(one.tax_minor, one.currency)
    rate = (Decimal(tax.minor) * 100 / net.minor).quantize(Decimal("0.01")) if net else Decimal(0)
    return [TaxGroup("S" if tax else "Z", rate, net, tax, "")]


def _fit(wanted: Sequence[TaxGroup], there: Sequence[TaxGroup]) -> bool:
    known = {(group.category, group.rate.normalize()) for group in there}
    after = credits.left(there, wanted)
    return all((one.category, one.rate.normalize()) in known for one in wanted) and all(
        group.taxable.minor >= 0 and group.tax.minor >= 0 for group in after
    )


def _taker_of(invoice_id: UUID) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"select i.number from ({_STANDING}) t join invoicing_invoice i on i.id = t.invoice_id", [[invoice_id]])
        row = cursor.fetchone()
    return "" if row is None else f"invoice {row[0]}" if row[0] else "a draft"


_INSTEAD = "Credit that one first, or discard it while it is a draft."
_STANDING = """
select t.* from invoicing_takenoff t join invoicing_invoice i on i.id = t.invoice_id
where t.earlier_id = any(%s::uuid[]) and i.voided_at is null
  and not (i.issued_on is not null and coalesce(i.total_minor <= (
    select sum(c.total_minor) from invoicing_invoice c
    where c.corrects_id = i.id and c.kind = 'credit_note' and c.voided_at is null), false))
"""
_TAKEN = f"""
select t.earlier_id, i.currency, t.tax_category, t.tax_percent, sum(t.net_minor)::bigint, sum(t.tax_minor)::bigint
from ({_STANDING}) t join invoicing_invoice i on i.id = t.invoice_id group by 1, 2, 3, 4
"""
