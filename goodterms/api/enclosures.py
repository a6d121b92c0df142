"""Decides how programs let files go with a draft, ask whether it may be issued, and get the XML that goes beside its PDF."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from ninja import Query, Router
from pydantic import AwareDatetime, Field, StringConstraints

from goodterms.api.door import Request, operation
from goodterms.api.invoices import found_invoice, said_by
from goodterms.api.shapes import In, Name, Out, decoded
from goodterms.invoicing import actions
from goodterms.invoicing.forms import FORMS
from goodterms.invoicing.models import Enclosure, Invoice
from goodterms.invoicing.paper import file_name
from goodterms.stationery.downloads import download
from goodterms.values.files import File
from goodterms.values.refusal import Refused

router = Router()


class EnclosureIn(In):
    """A file of at most 7 MB, as a PDF, PNG or JPEG, XLSX, ODS, CSV or plain text by its bytes."""

    name: Name
    content: Annotated[str, StringConstraints(min_length=1, max_length=10_000_000), Field(description="In base64.")]


class EnclosureOut(Out):
    id: UUID
    kind: str
    name: str
    media_type: str
    size: int
    sha256: str
    by: str
    at: AwareDatetime

    @staticmethod
    def resolve_sha256(one: Enclosure) -> str:
        return bytes(one.sha256).hex()


class FindingOut(Out):
    """A rule that does not hold: its own words, ours, and where it can be mended."""

    rule: str
    severity: str
    terms: list[str]
    place: str
    says: str
    mend: str
    official: str


class MissingOut(Out):
    term: str
    who: str
    sentence: str


class ReadinessOut(Out):
    """What stands between a draft and its issue. `required`: the customer takes this format, so that errors block. `who`: who
    of the customer can supply the purchase order or the paper that is missing. `rate_missing`: that no exchange rate is known
    for today; one may come with the issue."""

    blocked: bool
    format: str
    required: bool
    order_missing: bool
    document_missing: str
    rate_missing: str
    who: str
    findings: list[FindingOut]
    missing: list[MissingOut]
    left_out: list[str]
    rules: list[str]
    rules_not_installed: list[str]


class ReadinessAsked(In):
    format: Annotated[Name, Field(description="Hold it against this format, though nobody requires it.")] = ""


@operation(router, "GET", "/{invoice_id}/enclosures/", "invoices:read", list[EnclosureOut])
def list_enclosures(request: Request, invoice_id: UUID) -> Any:
    """The files that go with an invoice or credit note."""
    return Enclosure.objects.seen_by(request.auth.viewer).filter(invoice=_document(request, invoice_id)).light()


@operation(router, "POST", "/{invoice_id}/enclosures/", "invoices:write", list[EnclosureOut], 201)
def enclose(request: Request, invoice_id: UUID, asked: EnclosureIn) -> Any:
    """Let a file go with a draft; what goes with it from now on. The same bytes again change nothing."""
    found = found_invoice(request, invoice_id)
    actions.enclose(invoice_id=found.id, files=[File(asked.name, decoded(asked.content))], **said_by(request))
    return Enclosure.objects.filter(invoice=found).light()


@operation(router, "GET", "/{invoice_id}/enclosures/{enclosure_id}/", "invoices:read", None, file="*/*")
def get_enclosure(request: Request, invoice_id: UUID, enclosure_id: UUID) -> Any:
    """The bytes of a file, as they were given."""
    seen = Enclosure.objects.seen_by(request.auth.viewer).filter(invoice=_document(request, invoice_id))
    found = seen.filter(id=enclosure_id).first()
    if found is None:
        raise Refused("There is no such file with this invoice.", code="not_found")
    return download(found)


@operation(router, "DELETE", "/{invoice_id}/enclosures/{enclosure_id}/", "invoices:write", None, 204)
def take_out(request: Request, invoice_id: UUID, enclosure_id: UUID) -> Any:
    """A file goes with the draft no more."""
    actions.take_out(invoice_id=found_invoice(request, invoice_id).id, enclosure_id=enclosure_id, **said_by(request))


@operation(router, "GET", "/{invoice_id}/readiness/", "invoices:read", ReadinessOut)
def get_readiness(request: Request, invoice_id: UUID, asked: Query[ReadinessAsked]) -> Any:
    """What the customer asks for that a draft lacks, and what the official rules find in it as it would be issued today."""
    if asked.format and asked.format not in FORMS:
        raise Refused(f"{asked.format[:40]!r} has no rules; there are {', '.join(FORMS)}.", code="format", field="format")
    seen = actions.readiness_of(
        invoice_id=found_invoice(request, invoice_id).id, on=request.auth.today, format=asked.format
    )  # fmt: skip
    looked = seen.looked
    return {
        "blocked": seen.blocked or bool(seen.lacks_rate), "format": looked.form.word if looked else "",
        "required": seen.required, "order_missing": seen.order_missing, "document_missing": seen.lacks,
        "rate_missing": seen.lacks_rate, "who": seen.who.strip(),
        "findings": [one.told() for one in looked.findings] if looked else [],
        "missing": [one._asdict() for one in looked.missing] if looked else [],
        "left_out": looked.left_out if looked else [], "rules": looked.checked.ran if looked else [],
        "rules_not_installed": looked.checked.missing if looked else [],
    }  # fmt: skip


@operation(router, "GET", "/{invoice_id}/xml/", "invoices:read", None, file="application/xml")
def get_xml(request: Request, invoice_id: UUID) -> Any:
    """The XML that goes beside the PDF of an issued invoice or credit note: the bytes that the customer has."""
    found = _document(request, invoice_id)
    name = content_disposition_header(True, file_name(found, "xml")) or "attachment"
    content = actions.xml_bytes(invoice_id=found.id)
    return HttpResponse(content, content_type="application/xml", headers={"Content-Disposition": name})


def _document(request: Request, invoice_id: UUID) -> Invoice:
    found = Invoice.objects.seen_by(request.auth.viewer).filter(id=invoice_id).first()
    if found is None:
        raise Refused("There is no such invoice.", code="not_found")
    return found
