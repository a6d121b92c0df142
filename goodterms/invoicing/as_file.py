"""Decides what a file of an issued document holds: XML by EN 16931, or the paper with it inside; checked before it is given."""

from datetime import datetime
from typing import Any, Literal, NamedTuple

from django.db.models import Q

from goodterms.delivery.words import spoken_language
from goodterms.einvoices import documents
from goodterms.einvoices.check import Checked, check
from goodterms.einvoices.hybrid import hybrid
from goodterms.einvoices.profiles import EN16931, FACTURX, Profile
from goodterms.invoicing.actions.issue import lines_of
from goodterms.invoicing.actions.papers import paper_bytes
from goodterms.invoicing.electronic import Issued, Missing, electronic
from goodterms.invoicing.models import Invoice, Letterhead
from goodterms.terms.rules import Terms
from goodterms.values.refusal import Refused

Form = Literal["ubl", "cii", "facturx"]
FORMS: tuple[Form, ...] = ("ubl", "cii", "facturx")


class File(NamedTuple):
    """The bytes and their name; what the rules found, what the document lacks, and what this form cannot say."""

    content: bytes
    name: str
    media_type: str
    profile: Profile
    checked: Checked
    missing: tuple[Missing, ...]
    unsaid: tuple[str, ...]


def as_file(invoice: Invoice, form: Form, profile: Profile | None = None) -> File:
    """An issued document in a form. Refused: a draft, and a profile that this form has not."""
    if invoice.issued_on is None:
        raise Refused("A draft is no invoice yet. Issue it first.", code="draft")
    profile = profile or (FACTURX if form == "facturx" else EN16931)
    syntax: Any = "cii" if form == "facturx" else form
    if syntax not in profile.syntaxes or (form == "facturx" and not profile.level):
        raise Refused(f"{profile.name} is not written as {form}.", code="profile")
    said = electronic(issued(invoice), profile)
    xml = documents.write(said.invoice, syntax)
    checked = check(xml, profile)
    unsaid = tuple(term for term, _ in documents.unwritten(said.invoice, syntax))
    stem = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in invoice.number)
    if form == "facturx":
        pdf = hybrid(paper_bytes(invoice_id=invoice.id), xml, profile)
        return File(pdf, f"{stem}.pdf", "application/pdf", profile, checked, said.missing, unsaid)
    return File(xml, f"{stem}.xml", "application/xml", profile, checked, said.missing, unsaid)


def issued(invoice: Invoice) -> Issued:
    """What was frozen in a document, and what its letterhead said on that day."""
    assert invoice.issued_on is not None
    language = spoken_language(invoice.customer.language or invoice.vendor.language)[0]
    head = _letterhead(invoice, invoice.issued_at)
    return Issued(
        kind=invoice.kind, number=invoice.number, issued_on=invoice.issued_on, due_on=invoice.due_on,
        currency=invoice.currency, work=invoice.work, order_number=invoice.order_number,
        lines=lines_of([invoice.id])[invoice.id], document=invoice.document,
        terms=Terms.from_json(invoice.terms) if invoice.terms else None, language=language,
        contact=invoice.vendor.sender, phone=head.phone if head else "", company_number=head.company_number if head else "",
    )  # fmt: skip


def _letterhead(invoice: Invoice, at: datetime | None) -> Letterhead | None:
    """The one in use then; where the vendor had none yet, the first that came."""
    heads = Letterhead.objects.filter(vendor_id=invoice.vendor_id).order_by("since_at")
    then = heads.filter(Q(ended_at=None) | Q(ended_at__gt=at)) if at else heads
    return then.first() or heads.last()
