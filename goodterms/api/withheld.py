"""Decides how programs say what payers kept back for the tax office, and that its certificates have come."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router
from pydantic import AwareDatetime, Field

from goodterms.api.door import Request, operation
from goodterms.api.invoices import InvoiceOut, found_invoice, said_by
from goodterms.api.pages import Page, Paging, page
from goodterms.api.shapes import Day, In, Minor, Name, Out, Text, Yes
from goodterms.api.terms import Withholding
from goodterms.invoicing.actions import choose_withholding, withhold_as_agreed
from goodterms.payments import actions
from goodterms.payments.models import Withheld
from goodterms.payments.withholding import Certificate, Kept
from goodterms.terms import rules
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

router, of_invoice = Router(), Router()


class CertificateIn(In):
    """The payer's paper that they paid tax for us."""

    number: Name
    on: Day
    minor: Annotated[Minor | None, Field(description="The sum on it; refused where another was kept back.")] = None


class KeptIn(In):
    """What the payer says that they kept back of an invoice."""

    minor: Annotated[Minor | None, Field(description="Null: as its terms say.")] = None
    certificate: CertificateIn | None = None


class WithholdIn(KeptIn):
    on: Day | None = None


class ChosenIn(In):
    """What is kept back of one draft: so much, or with null nothing; or, with `as_agreed`, what its customer's terms say."""

    withholding: Withholding | None = None
    as_agreed: Yes = False


class TakeBackIn(In):
    reason: Text


class WithheldOut(Out):
    """So much of an invoice was kept back for the tax office: with a payment (`allocation_id`), or by itself. Without a
    certificate, that has not come yet."""

    id: UUID
    invoice_id: UUID
    allocation_id: UUID | None
    name: str
    minor: int
    effective_on: date
    certificate: str
    certificate_on: date | None
    certified_at: AwareDatetime | None
    created_at: AwareDatetime
    created_by: str
    reversed_at: AwareDatetime | None


class WithheldFilter(Paging):
    invoice_id: UUID | None = None
    uncertified: Annotated[bool, Field(description="Only what stands and has no certificate yet.")] = False


@operation(router, "GET", "/", "payments:read", Page[WithheldOut])
def list_withheld(request: Request, asked: Query[WithheldFilter]) -> Any:
    """What payers kept back, by the day from which it counts."""
    rows = Withheld.objects.seen_by(request.auth.viewer)
    if asked.uncertified:
        rows = rows.without_certificate()
    if asked.invoice_id:
        rows = rows.filter(invoice_id=asked.invoice_id)
    return page(rows, "effective_on", asked)


@operation(of_invoice, "POST", "/{invoice_id}/withheld/", "payments:write", WithheldOut, 201)
def withhold_of_invoice(request: Request, invoice_id: UUID, asked: WithholdIn) -> Any:
    """Settle so much of an invoice as its payer kept back, where the money came without it; the receivable falls by it."""
    found = found_invoice(request, invoice_id)
    kept = kept_of(asked, found.currency)
    return actions.withhold(
        invoice_id=found.id, amount=kept.amount, certificate=kept.certificate, on=asked.on or request.auth.today,
        **said_by(request),
    )  # fmt: skip


@operation(router, "POST", "/{withheld_id}/certificate/", "payments:write", WithheldOut)
def certify_withheld(request: Request, withheld_id: UUID, asked: CertificateIn) -> Any:
    """Its certificate has come."""
    found = _found(request, withheld_id)
    paper = _certificate(asked, found.invoice.currency)
    return actions.certify(withheld_id=found.id, certificate=paper, on=request.auth.today, **said_by(request))


@operation(router, "POST", "/{withheld_id}/return/", "payments:write", WithheldOut)
def return_withheld(request: Request, withheld_id: UUID, asked: TakeBackIn) -> Any:
    """It was not kept back after all: the invoice is open again by it. What came with a payment goes with its allocation."""
    found = _found(request, withheld_id)
    actions.take_back_withheld(withheld_id=found.id, reason=asked.reason, on=request.auth.today, **said_by(request))
    return Withheld.objects.get(id=found.id)


def kept_of(asked: KeptIn, currency: str) -> Kept:
    amount = None if asked.minor is None else Money(asked.minor, currency)
    return Kept(amount, _certificate(asked.certificate, currency) if asked.certificate else None)


def _certificate(asked: CertificateIn, currency: str) -> Certificate:
    return Certificate(asked.number, asked.on, None if asked.minor is None else Money(asked.minor, currency))


def _found(request: Request, withheld_id: UUID) -> Withheld:
    found = Withheld.objects.seen_by(request.auth.viewer).select_related("invoice").filter(id=withheld_id).first()
    if found is None:
        raise Refused("Nothing like that was kept back.", code="not_found")
    return found


@operation(of_invoice, "POST", "/{invoice_id}/withholding/", "invoices:write", InvoiceOut)
def choose(request: Request, invoice_id: UUID, asked: ChosenIn) -> Any:
    """Say what is kept back of a draft for the tax office, whatever its customer's terms say."""
    who: dict[str, Any] = {"invoice_id": found_invoice(request, invoice_id).id, **said_by(request)}
    if asked.as_agreed:
        return withhold_as_agreed(**who)
    kept = rules.Withholding(asked.withholding.name, asked.withholding.percent) if asked.withholding else None
    return choose_withholding(withholding=kept, **who)
