"""Decides whether an invoice may be issued as its customer wants it: with the papers they ask for, and right by the official
rules of the format that they take.

The rules are run where the customer takes such a format, and otherwise only where somebody asks: they cost milliseconds once
they are compiled, and some hundred megabytes in each process that has.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from goodterms.delivery.words import spoken_language
from goodterms.einvoices import documents
from goodterms.einvoices.check import Checked, Finding, check
from goodterms.einvoices.hybrid import Enclosed
from goodterms.invoicing.electronic import Issued, Missing, electronic
from goodterms.invoicing.forms import Form, form_of
from goodterms.invoicing.models import Letterhead
from goodterms.invoicing.orders import supplier_of
from goodterms.invoicing.sheet import Sheet
from goodterms.parties.models import Contact, Customer, Vendor
from goodterms.values.refusal import Refused

SAID = 2  # findings in the sentence of a refusal; the page of the draft shows them all
UNNUMBERED = "PREVIEW"
WHERE_THEIRS = " where it is theirs"  # a paper that is asked for may be the vendor's own


class NotReady(Refused):
    """An invoice is not right by the rules of the format that its customer takes; what was found goes along."""

    def __init__(self, sentence: str, findings: Sequence[Finding]) -> None:
        super().__init__(sentence, code="format")
        self.findings = tuple(findings)


class Looked(NamedTuple):
    """What the official rules find in an invoice as it would be issued, what it lacks and who can supply that, and which of
    its files the XML cannot carry."""

    form: Form
    checked: Checked
    missing: tuple[Missing, ...]
    left_out: tuple[str, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Each rule once, errors first: a rule that fails at every line is one thing to mend."""
        once = {one.rule: one for one in reversed(self.checked.findings)}
        return tuple(sorted(once.values(), key=lambda one: one.severity != "fatal"))

    @property
    def is_right(self) -> bool:
        return self.checked.is_valid


def must_have_papers(customer: Customer, order_number: str, enclosed: Iterable[Mapping[str, Any]]) -> None:
    """Refuses without the purchase order or the supporting document that the customer asks for, and says who can supply it."""
    if customer.order_required and not order_number:
        raise Refused(
            f"{customer.name} takes no invoice without a purchase order. Add its number first.{who_supplies(customer)}",
            code="order_required",
        )  # fmt: skip
    if lacks_document(customer, enclosed):
        raise Refused(
            f"{customer.name} takes no invoice without this: {customer.enclosure_required}. Add the file first."
            f"{who_supplies(customer, WHERE_THEIRS)}",
            code="enclosure_required",
        )  # fmt: skip


def lacks_document(customer: Customer, enclosed: Iterable[Mapping[str, Any]]) -> bool:
    return bool(customer.enclosure_required) and not any(one["kind"] == "document" for one in enclosed)


def who_supplies(customer: Customer, where: str = "") -> str:
    """A sentence, where somebody there is known who could give what is missing."""
    contact = supplier_of(Contact.objects.current().filter(customer=customer))
    if contact is None:
        return ""
    return f" {contact.name}, who {'approves' if contact.approves else 'pays'} there, can supply it{where}."


def must_be_right(vendor: Vendor, sheets: Sequence[Sheet]) -> None:
    """Refuses the first one that is wrong in the format that its customer requires. No statement where none does."""
    asked = [(sheet, form) for sheet in sheets if (form := form_of(sheet.invoice.customer.invoice_format))]
    head = letterhead_of(vendor) if asked else None
    for sheet, form in asked:
        if wrong := why_wrong(sheet.invoice.customer, look(vendor, head, sheet, form)):
            raise wrong


def why_wrong(customer: Customer, seen: Looked) -> NotReady | None:
    if seen.is_right:
        return None
    fatal = [one for one in seen.findings if one.severity == "fatal"]
    lacking = list(dict.fromkeys(one.sentence for one in seen.missing))  # says what to do; the rules say the same once more
    said = lacking or list(dict.fromkeys(one.plain.says or one.said for one in fatal))
    more = " There is more; its draft shows all of it." if len(said) > SAID or len(fatal) > len(said) else ""
    rules = ", ".join(one.rule for one in fatal[:SAID])
    return NotReady(
        f"{customer.name} takes invoices as {seen.form.name}, and this one is not right by its rules ({rules}):"
        f" {' '.join(said[:SAID])}{more}",
        seen.findings,
    )


def letterhead_of(vendor: Vendor) -> Letterhead | None:
    return Letterhead.objects.filter(vendor=vendor, ended_at=None).defer("logo").first()


def look(vendor: Vendor, head: Letterhead | None, sheet: Sheet, form: Form) -> Looked:
    """Hold an invoice against the rules as it would be issued; of what is enclosed they ask the name and the kind only."""
    invoice, customer = sheet.invoice, sheet.invoice.customer
    assert invoice.issued_on is not None
    files = [Enclosed(one["name"], one["media_type"], b"-") for one in sheet.document.get("enclosures", ())]
    said = electronic(
        Issued(
            kind=invoice.kind, number=UNNUMBERED, issued_on=invoice.issued_on, due_on=sheet.due_on, currency=invoice.currency,
            work=invoice.work, order_number=invoice.order_number, lines=sheet.lines, document=sheet.document,
            terms=sheet.terms, language=spoken_language(customer.language or vendor.language)[1], contact=vendor.sender,
            phone=head.phone if head else "", company_number=head.company_number if head else "", attachments=files,
        ),
        form.profile,
    )  # fmt: skip
    checked = check(documents.write(said.invoice, form.syntax), form.profile)
    return Looked(form, checked, said.missing, said.left_out)
