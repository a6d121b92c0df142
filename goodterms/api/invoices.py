"""Decides how programs bill: draft, approve, issue, void, credit and hold, and what they are told of an invoice."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from ninja import Query, Router
from pydantic import AwareDatetime, Field, StringConstraints

from goodterms.api.door import ROLE, Request, operation
from goodterms.api.forewarnings import ForewarningOut, waits
from goodterms.api.pages import Page, Paging, page
from goodterms.api.rates import PerUnit, RateIn
from goodterms.api.shapes import Day, In, Minor, Name, Number, Out, Position, Text, Yes
from goodterms.interactions.models import Interaction
from goodterms.invoicing import actions
from goodterms.invoicing.life import Facts, Stage, stage
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Forewarning, Invoice
from goodterms.invoicing.paper import file_name
from goodterms.payments.actions import give_rate_for
from goodterms.values.days import NEVER
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

router = Router()
Category = Literal["S", "Z", "E", "AE", "K", "G", "O", "L", "M"]


class TaxIn(In):
    """A category of UNCL5305 and its rate in per cent; where there is no tax, the reason."""

    category: Category
    percent: Number
    reason: Name = ""


class LineIn(In):
    description: Annotated[str, StringConstraints(min_length=1, max_length=1_000, pattern=r"^[^\x00]*$")]
    quantity: Number
    unit_price: Number
    tax: TaxIn
    unit: Name = ""
    project: Name = ""
    discount_percent: Number | None = None
    discount_amount: Number | None = None
    includes_tax: Yes = False


class IssueIn(In):
    issued_on: Annotated[Day | None, Field(description="Else today, in the vendor's time zone.")] = None
    series: Name = ""
    send: Annotated[Yes, Field(description="Whether it goes to the customer, as they prefer.")] = True
    despite: Annotated[Text, Field(description="Why it is issued without the customer's word, where it waits for that.")] = ""
    rate: RateIn | None = None


class CopyIn(In):
    contact_id: UUID


class VoidIn(In):
    reason: Text
    on: Day | None = None


class CreditedLine(In):
    position: Position
    minor: Annotated[Minor | None, Field(description="Before tax; null: what is left of the line.")] = None


class CreditedRate(In):
    category: Category
    percent: Number
    minor: Annotated[Minor | None, Field(description="Before tax; null: what is left at this rate.")] = None


class CreditIn(In):
    """`minor`, tax included; or lines; or tax rates; or none of these: all that is left."""

    reason: Text
    minor: Minor | None = None
    lines: Annotated[list[CreditedLine], Field(min_length=1, max_length=1_000)] | None = None
    rates: Annotated[list[CreditedRate], Field(min_length=1, max_length=20)] | None = None
    issued_on: Day | None = None


class InvoiceOut(Out):
    """An invoice or credit note. `stage` follows from its dates, its balance and today."""

    id: UUID
    kind: str
    number: str
    stage: Stage
    customer_id: UUID
    corrects_id: UUID | None
    work: str
    order_number: str
    currency: str
    issued_on: date | None
    issues_on: Annotated[date | None, Field(description="The day on which it is issued by itself.")]
    due_on: date | None
    chase_on: date | None
    settled_on: date | None
    net_minor: int
    tax_minor: int
    total_minor: int
    open_minor: int
    to_withhold_minor: Annotated[int, Field(description="Of what is open, what the payer keeps back for the tax office.")]
    on_paper: bool
    created_at: AwareDatetime
    created_by: str
    approved_at: AwareDatetime | None
    approved_by: str
    issued_at: AwareDatetime | None
    voided_at: AwareDatetime | None
    void_reason: str
    waits_for_word: Annotated[bool, Field(description="It is more than its customer expects, and they are asked first.")]

    @staticmethod
    def resolve_waits_for_word(one: Invoice) -> bool:
        return one.issued_on is None and one.voided_at is None and waits(one)

    @staticmethod
    def resolve_stage(one: Invoice, context: Any) -> Stage:
        facts = Facts(one.approved_at, one.issued_on, one.due_on, one.voided_at, one.total_minor, one.open_minor)
        return stage(facts, context["request"].auth.today)

    @staticmethod
    def resolve_settled_on(one: Invoice) -> date | None:
        return None if one.settled_on == NEVER else one.settled_on


class LineOut(Out):
    position: int
    project: str
    description: str
    quantity: Number
    unit: str
    unit_price: Number
    discount_percent: Number
    discount_amount: Number
    includes_tax: bool
    tax_category: str
    tax_percent: Number
    tax_reason: str
    net_minor: int


class InstalmentOut(Out):
    position: int
    due_on: date
    minor: int


class HoldOut(Out):
    """Why an invoice is left alone. It holds while `ended_at` is null, up to and with `until_on`."""

    id: UUID
    reason: str
    by: str
    note: str
    from_on: date
    until_on: date | None
    subject_id: UUID | None
    created_at: AwareDatetime
    ended_at: AwareDatetime | None
    ended_by: str


class EventOut(Out):
    """One entry of the log: who did what, when, and by which way."""

    at: AwareDatetime
    kind: str
    by: str
    inbound: bool
    channel: str
    data: dict[str, Any]


class ExchangeOut(Out):
    """The rate at which it counts in the vendor's currency, fixed at issue, and its tax at that rate."""

    currency: str
    rate: PerUnit
    on: date
    source: str
    tax_minor: int


class InvoiceInFull(InvoiceOut):
    forewarning: ForewarningOut | None
    lines: list[LineOut]
    instalments: list[InstalmentOut]
    holds: list[HoldOut]
    credit_note_ids: list[UUID]
    timeline: list[EventOut]
    exchange: ExchangeOut | None

    @staticmethod
    def resolve_exchange(one: Invoice) -> Any:
        return one.document.get("exchange")

    @staticmethod
    def resolve_forewarning(one: Invoice) -> Any:
        return Forewarning.objects.standing().filter(invoice=one).first()

    @staticmethod
    def resolve_lines(one: Invoice) -> Any:
        return one.lines.order_by("position")

    @staticmethod
    def resolve_instalments(one: Invoice) -> Any:
        return one.instalments.order_by("position")

    @staticmethod
    def resolve_holds(one: Invoice) -> Any:
        return one.holds.order_by("id")

    @staticmethod
    def resolve_credit_note_ids(one: Invoice) -> Any:
        return list(one.corrections.order_by("id").values_list("id", flat=True))

    @staticmethod
    def resolve_timeline(one: Invoice) -> Any:
        return Interaction.objects.about(vendor_id=one.vendor_id, customer_id=one.customer_id, invoice_id=one.id)


class CreditedOut(Out):
    """What became of the credit: how much settled the invoice, and how much is left for the customer."""

    note: InvoiceOut
    currency: str
    allocated_minor: int
    unapplied_minor: int


class InvoiceFilter(Paging):
    kind: Literal["invoice", "credit_note"] = "invoice"
    stage: Stage | None = None
    customer_id: UUID | None = None
    number: Name | None = None
    due_from: Day | None = None
    due_until: Day | None = None


@operation(router, "GET", "/", "invoices:read", Page[InvoiceOut])
def list_invoices(request: Request, asked: Query[InvoiceFilter]) -> Any:
    """Invoices in the order in which they came about."""
    rows = Invoice.objects.seen_by(request.auth.viewer).filter(kind=asked.kind).prefetch_related("forewarnings")
    if asked.stage is not None:
        rows = getattr(rows, asked.stage)(*([request.auth.today] if asked.stage in ("open", "overdue") else []))
    wanted = {
        "customer_id": asked.customer_id, "number": asked.number, "due_on__gte": asked.due_from, "due_on__lte": asked.due_until,
    }  # fmt: skip
    return page(rows.filter(**{name: value for name, value in wanted.items() if value is not None}), "id", asked)


@operation(router, "GET", "/{invoice_id}/", "invoices:read", InvoiceInFull)
def get_invoice(request: Request, invoice_id: UUID) -> Any:
    """One invoice or credit note with its lines, instalments, holds and timeline."""
    found = Invoice.objects.seen_by(request.auth.viewer).filter(id=invoice_id).first()
    if found is None:
        raise Refused("There is no such invoice.", code="not_found")
    return found


@operation(router, "GET", "/{invoice_id}/document/", "invoices:read", None, file="application/pdf")
def get_document(request: Request, invoice_id: UUID) -> Any:
    """An issued invoice or credit note as PDF: the bytes that the customer has. A draft has none."""
    found = Invoice.objects.seen_by(request.auth.viewer).filter(id=invoice_id).first()
    if found is None:
        raise Refused("There is no such invoice.", code="not_found")
    name = content_disposition_header(True, file_name(found)) or "attachment"
    content = actions.paper_bytes(invoice_id=found.id)
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": name})


@operation(router, "POST", "/{invoice_id}/copies/", "invoices:write", InvoiceOut, 201)
def send_copy(request: Request, invoice_id: UUID, asked: CopyIn) -> Any:
    """Send it by e-mail to a person of the customer, at the hours of whoever gets it."""
    found = found_invoice(request, invoice_id)
    actions.send_copy(invoice_id=found.id, contact_id=asked.contact_id, by=request.auth.name, now=request.auth.now)
    return found


@operation(router, "POST", "/{invoice_id}/approval/", "invoices:write", InvoiceOut)
def approve_invoice(request: Request, invoice_id: UUID) -> Any:
    """Approve a draft. A program has no limit; where the vendor wants four eyes, only a person approves."""
    return actions.approve(invoice_id=found_invoice(request, invoice_id).id, is_program=True, **said_by(request))


@operation(router, "POST", "/{invoice_id}/issue/", "invoices:write", InvoiceInFull)
def issue_invoice(request: Request, invoice_id: UUID, asked: IssueIn) -> Any:
    """Issue an approved invoice: it gets its number, stays as it is from then on, and goes to the customer. What is more than
    the customer expects stays approved and waits for their word (`waits_for_word`), unless `despite` says why not."""
    on = asked.issued_on or request.auth.today
    key = found_invoice(request, invoice_id).id
    given: dict[str, Any] = {"series": asked.series, "send": asked.send, "despite": asked.despite.strip()[:500]}
    if asked.rate is not None:
        give_rate_for(invoice_id=key, typed=asked.rate.typed, on=on, by=request.auth.name, now=request.auth.now)
    return actions.issue(invoice_id=key, issued_on=on, **given, **said_by(request))


@operation(router, "POST", "/{invoice_id}/void/", "invoices:write", InvoiceOut)
def void_invoice(request: Request, invoice_id: UUID, asked: VoidIn) -> Any:
    """Take an issued invoice out of the books that cannot have reached the customer; or discard a draft."""
    found = found_invoice(request, invoice_id)
    if found.issued_on is None:
        return actions.discard(invoice_id=found.id, reason=asked.reason, **said_by(request))
    on = asked.on or request.auth.today
    return actions.void(invoice_id=found.id, on=on, reason=asked.reason, **said_by(request))


@operation(router, "POST", "/{invoice_id}/credit/", "invoices:write", CreditedOut, 201)
def credit_invoice(request: Request, invoice_id: UUID, asked: CreditIn) -> Any:
    """Credit an invoice in part or in full by a credit note."""
    found = found_invoice(request, invoice_id)

    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, found.currency)

    credited = actions.credit(
        invoice_id=found.id, reason=asked.reason, issued_on=asked.issued_on or request.auth.today, amount=money(asked.minor),
        lines=None if asked.lines is None else {one.position: money(one.minor) for one in asked.lines},
        rates=None if asked.rates is None else {(one.category, one.percent): money(one.minor) for one in asked.rates},
        **said_by(request),
    )  # fmt: skip
    left = {"allocated_minor": credited.allocated.minor, "unapplied_minor": credited.unapplied.minor}
    return {"note": credited.note, "currency": found.currency, **left}


def found_invoice(request: Request, invoice_id: UUID) -> Invoice:
    """An invoice (no credit note) that a verb is meant for."""
    found = Invoice.objects.seen_by(request.auth.viewer).filter(id=invoice_id, kind="invoice").first()
    if found is None:
        raise Refused("There is no such invoice.", code="not_found")
    return found


def said_by(request: Request) -> dict[str, Any]:
    return {"by": request.auth.name, "role": ROLE, "now": request.auth.now}


def line_of(one: LineIn) -> Line:
    given = {name: value for name, value in one if value is not None and name != "tax"}
    return Line(tax=tax_of(one.tax), **given)


def tax_of(one: TaxIn) -> Tax:
    return Tax(one.category, one.percent, one.reason)
