"""Decides how an agreed price becomes invoices: agreed, billed ahead and as the work goes on, and the rest in the end."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from goodterms.billing.actions.telling import less, said_in
from goodterms.billing.models import AgreedPrice, Part, PriceLine, Project
from goodterms.billing.rules import Ask, invoice_line, less_line, must_not_fall_below, net_of, price_of, shares, wanted_of
from goodterms.billing.standing import Stands, standing
from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.actions import Taken, approve, draft, issue
from goodterms.invoicing.life import Role
from goodterms.invoicing.line import Line
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.totals import TaxGroup
from goodterms.values.keys import new_key, new_keys
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

_MAY: tuple[Role, ...] = ("owner", "bookkeeper", "approver")


class Way(NamedTuple):
    """What becomes of a draft at once: nothing, or it is approved and issued as well, all or nothing.

    `up_to` is the most that this member may approve (None: any amount); until `free_until_at`, by the real clock, the sending
    can be taken back.
    """

    issues: bool = False
    up_to: Money | None = None
    free_until_at: datetime | None = None


DRAFTED = Way()


@transaction.atomic
def agree_price(
    *, project_id: UUID, lines: Sequence[Line], by: str, role: Role, now: datetime, reason: str = ""
) -> AgreedPrice:
    """What the project costs. The same once more changes nothing; another price is another version, and says why.

    Refused: less than what is invoiced or drafted already, and any change once the final invoice is written.
    """
    project = _locked(project_id, role)
    groups = price_of(project.currency, lines)
    net, tax = net_of(groups, project.currency), Money.total((group.tax for group in groups), project.currency)
    before = standing(project)
    if before is not None:
        if [_said(line) for line in before.lines] == [_said(line) for line in lines]:
            return before.price
        _must_change(before, net, reason)
    price = AgreedPrice.objects.create(
        id=new_key(now), vendor_id=project.vendor_id, project=project, version=before.price.version + 1 if before else 1,
        net_minor=net.minor, tax_minor=tax.minor, reason=reason.strip(), created_at=now, created_by=by,
    )  # fmt: skip
    PriceLine.objects.bulk_create(
        PriceLine(
            id=key, vendor_id=project.vendor_id, price=price, position=at, description=line.description.strip(),
            quantity=line.quantity, unit=line.unit, unit_price=line.unit_price, discount_percent=line.discount_percent,
            includes_tax=line.includes_tax, tax_category=line.tax.category, tax_percent=line.tax.rate,
            tax_reason=line.tax.reason,
        )
        for at, (key, line) in enumerate(zip(new_keys(now, len(lines)), lines, strict=True), 1)
    )  # fmt: skip
    _record(project, "project.priced", by, now, net_minor=net.minor, version=price.version, reason=reason.strip())
    return price


@transaction.atomic
def bill_part(
    *, project_id: UUID, kind: str, ask: Ask, on: date, by: str, role: Role, now: datetime, key: UUID | None = None,
    way: Way = DRAFTED,
) -> Invoice:  # fmt: skip
    """A deposit ahead of the work, or a part as it goes on: so much of the agreed price, never more than is left of it.

    `key`: of the invoice to be, so that a form or a command sent twice makes one.
    """
    project = _locked(project_id, role)
    if key is not None and (there := _there(project, key)):
        return there
    stands = _open(project)
    words = said_in(project.customer, project.vendor)
    reached = _reached(stands, ask)
    nets = [net for _, _, net, _ in stands.milestones]
    wanted = wanted_of(ask, stands.net, stands.invoiced + stands.drafted, nets)
    named = words.of_part(kind, ask, project.name, reached)
    own = stands.lines[ask.milestone - 1].tax if ask.milestone else None
    found = shares(stands.groups, stands.counted, wanted, own)
    lines = [invoice_line(share, named, project.name) for share in found]
    percent = ask.complete if ask.percent is None else ask.percent
    part = Part(kind=kind, percent=percent, milestone=reached)
    return _made(project, part, lines, named, [], key, on, by, role, now, way)


@transaction.atomic
def bill_rest(
    *, project_id: UUID, on: date, by: str, role: Role, now: datetime, key: UUID | None = None, way: Way = DRAFTED
) -> Invoice:
    """The final invoice: all of the work as agreed, less what was invoiced before, each with its number, day and tax.

    What was credited meanwhile is not taken off; what was not paid stays owed. Refused while a part is a draft, and where more
    was invoiced with tax than all of it comes to.
    """
    project = _locked(project_id, role)
    if key is not None and (there := _there(project, key)):
        return there
    stands = _open(project)
    if any(part.is_draft for part in stands.parts):
        raise Refused("A part of this price is still a draft. Issue it or discard it first, then bill the rest.", code="part")
    words = said_in(project.customer, project.vendor)
    lines, taken = list(stands.lines), list[Taken]()
    for part in stands.parts:
        for group in _not_nothing(part.left):
            lines.append(less_line(group, less(words, part.part.kind, part.invoice, group), project.name))
            assert part.invoice.issued_on is not None
            taken.append(Taken(len(lines), part.invoice.id, part.invoice.number, part.invoice.issued_on, group, part.part.kind))
    before = Money.total((one.group.taxable + one.group.tax for one in taken), project.currency)
    must_not_fall_below(stands.net + stands.tax, before)
    return _made(project, Part(kind="final"), lines, project.name, taken, key, on, by, role, now, way)


def go_on(*, invoice: Invoice, on: date, by: str, role: Role, now: datetime, way: Way) -> Invoice:
    """Approve and issue what was just drafted, where that is wanted."""
    if not way.issues:
        return invoice
    approve(invoice_id=invoice.id, by=by, role=role, now=now, up_to=way.up_to)
    return issue(invoice_id=invoice.id, issued_on=on, by=by, role=role, now=now, free_until_at=way.free_until_at)


def _made(
    project: Project, part: Part, lines: Sequence[Line], work: str, taken: Sequence[Taken], key: UUID | None, on: date,
    by: str, role: Role, now: datetime, way: Way,
) -> Invoice:  # fmt: skip
    """The draft, that it is a part of this project, and what becomes of it."""
    invoice = draft(
        vendor_id=project.vendor_id, customer_id=project.customer_id, lines=lines, by=by, role=role, now=now,
        currency=project.currency, work=work, order_number=project.order_number, key=key, part=part.kind, takes_off=taken,
    )  # fmt: skip
    part.invoice, part.vendor_id, part.project, part.at, part.by = invoice, project.vendor_id, project, now, by
    part.save(force_insert=True)
    _record(project, f"project.{part.kind}", by, now, net_minor=invoice.net_minor, invoice_id=str(invoice.id))
    return go_on(invoice=invoice, on=on, by=by, role=role, now=now, way=way)


def _locked(project_id: UUID, role: Role) -> Project:
    if role not in _MAY:
        raise Refused("A price is agreed and billed by the owner, a bookkeeper or an approver. Ask one of them.", code="role")
    rows = Project.objects.select_for_update(of=("self",)).select_related("customer", "vendor")
    project = rows.filter(id=project_id).first()
    if project is None:
        raise Refused("There is no project like that here.", code="project")
    return project


def _open(project: Project) -> Stands:
    stands = standing(project)
    if stands is None:
        raise Refused("No price is agreed for this project. Agree one first, then bill deposits and parts of it.", code="price")
    if stands.final:
        raise Refused(
            f"The final invoice of this project is written ({_name_of(stands.final.invoice)}). Credit or discard it first.",
            code="final",
        )
    return stands


def _reached(stands: Stands, ask: Ask) -> str:
    """The milestone that is asked for, by its description; each is billed once."""
    for at, line, _, billing in stands.milestones:
        if at == ask.milestone and billing:
            raise Refused(f"“{line.description}” was billed as reached already.", code="part", field="milestone")
        if at == ask.milestone:
            return line.description
    return ""


def _there(project: Project, key: UUID) -> Invoice | None:
    """What was made under this key before. Refused: a key of something else."""
    found = Invoice.objects.filter(id=key, vendor_id=project.vendor_id).first()
    if found is not None and not Part.objects.filter(invoice=found, project=project).exists():
        raise Refused("This key stands for another invoice. Take a new one.", code="key")
    return found


def _must_change(before: Stands, net: Money, reason: str) -> None:
    if before.final:
        raise Refused(
            f"The final invoice of this project is written ({_name_of(before.final.invoice)}), so its price stays. Credit or"
            " discard that first.",
            code="final",
        )
    billed = before.invoiced + before.drafted
    if net < billed:
        raise Refused(
            f"{billed} before tax are invoiced or drafted already. Credit {billed - net} of it first, or agree at least that"
            " much.",
            code="price", field="price",
        )  # fmt: skip
    if not reason.strip():
        raise Refused("Say why the price is another one: it stays in the log.", code="price", field="reason")


def _not_nothing(groups: Sequence[TaxGroup]) -> list[TaxGroup]:
    return [group for group in groups if group.taxable or group.tax]


def _name_of(invoice: Invoice) -> str:
    return invoice.number or "a draft"


def _said(line: Line) -> tuple[Any, ...]:
    return (
        line.description.strip(), line.quantity, line.unit, line.unit_price, line.discount_percent, line.includes_tax,
        line.tax.category, line.tax.rate, line.tax.reason,
    )  # fmt: skip


def _record(project: Project, kind: str, by: str, now: datetime, **data: Any) -> None:
    said = {"project": project.name, **{name: value for name, value in data.items() if value != ""}}
    record(at=now, deed=Deed(project.vendor_id, kind, by, project.customer_id, subject_id=project.id, data=said))
