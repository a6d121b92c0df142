"""Decides what a file of an issued document holds: XML by EN 16931, or the paper with it inside; checked before it is given.

Where the customer takes it in that very form, it is what was frozen for them; any other is written anew.
"""

from typing import Any, Literal, NamedTuple

from goodterms.einvoices import documents
from goodterms.einvoices.check import Checked, check
from goodterms.einvoices.embedded import xml_inside
from goodterms.einvoices.hybrid import hybrid
from goodterms.einvoices.profiles import EN16931, FACTURX, Profile
from goodterms.invoicing import paper
from goodterms.invoicing.actions.papers import paper_bytes
from goodterms.invoicing.electronic import Missing, electronic
from goodterms.invoicing.forms import form_of
from goodterms.invoicing.models import Invoice, Paper
from goodterms.invoicing.saying import issued
from goodterms.values.refusal import Refused

Form = Literal["ubl", "cii", "facturx"]
FORMS: tuple[Form, ...] = ("ubl", "cii", "facturx")


class File(NamedTuple):
    """The bytes and their name; what the rules found, what the document lacks, what this form cannot say, and which of the
    enclosed files it leaves out, with the reason."""

    content: bytes
    name: str
    media_type: str
    profile: Profile
    checked: Checked
    missing: tuple[Missing, ...]
    unsaid: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def as_file(invoice: Invoice, form: Form, profile: Profile | None = None) -> File:
    """An issued document in a form. Refused: a draft, and a profile that this form has not."""
    if invoice.issued_on is None:
        raise Refused("A draft is no invoice yet. Issue it first.", code="draft")
    profile = profile or (FACTURX if form == "facturx" else EN16931)
    syntax: Any = "cii" if form == "facturx" else form
    if syntax not in profile.syntaxes or (form == "facturx" and not profile.level):
        raise Refused(f"{profile.name} is not written as {form}.", code="profile")
    said = electronic(issued(invoice), profile)
    frozen = _frozen(invoice, form, profile)
    xml = (xml_inside(frozen)[1] if form == "facturx" else frozen) if frozen else documents.write(said.invoice, syntax)
    checked = check(xml, profile)
    unsaid = tuple(term for term, _ in documents.unwritten(said.invoice, syntax))
    of = (profile, checked, said.missing, unsaid, said.left_out)
    if form == "facturx":
        pdf = frozen or hybrid(_page(invoice), xml, profile)
        return File(pdf, paper.file_name(invoice), "application/pdf", *of)
    return File(xml, paper.file_name(invoice, "xml"), "application/xml", *of)


def _frozen(invoice: Invoice, form: Form, profile: Profile) -> bytes:
    """What its customer was given in this form; empty where they take another."""
    kept = Paper.objects.filter(invoice_id=invoice.id).exclude(made_at=None).first()
    given = form_of(kept.format) if kept else None
    if kept is None or given is None or given.profile is not profile or given.inside is not (form == "facturx"):
        return b""
    if given.inside:
        return b"" if kept.xml else bytes(kept.content or b"")
    return bytes(kept.xml or b"") if given.syntax == form else b""


def _page(invoice: Invoice) -> bytes:
    """The paper without an invoice for programs inside, so that one of another use can go in."""
    kept = Paper.objects.filter(invoice_id=invoice.id).values_list("format", flat=True).first()
    given = form_of(kept or "")
    if given is None or not given.inside:
        return paper_bytes(invoice_id=invoice.id)
    return paper.made([invoice], paper.around(invoice.vendor_id, [invoice.customer_id]))[invoice.id].content
