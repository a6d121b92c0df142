"""Decides in which form a customer gets its documents: for people alone, or by which use of EN 16931, and in which syntax."""

from collections.abc import Mapping
from typing import NamedTuple

from goodterms.einvoices.profiles import EN16931, EXTENDED, FACTURX, PEPPOL, XRECHNUNG, Profile, Syntax
from goodterms.parties.models import Customer
from goodterms.parties.rules import FORMATS


class Form(NamedTuple):
    """A form for programs. `inside`: it travels within the PDF, else beside it."""

    word: str
    profile: Profile
    syntax: Syntax
    inside: bool = False

    @property
    def name(self) -> str:
        return dict(FORMATS)[self.word]


# By the word of the preference. PDF alone has no rules but those of our own sheet.
FORMS: Mapping[str, Form] = {
    form.word: form
    for form in (
        Form("facturx", FACTURX, "cii", inside=True),
        Form("extended", EXTENDED, "cii", inside=True),
        Form("xrechnung", XRECHNUNG, "ubl"),
        Form("peppol", PEPPOL, "ubl"),
        Form("ubl", EN16931, "ubl"),
        Form("cii", EN16931, "cii"),
    )
}


def form_of(word: str) -> Form | None:
    """What the official rules have to be asked about; None where there is nothing to ask."""
    return FORMS.get(word)


def is_particular(customer: Customer) -> bool:
    """Whether an invoice of theirs has to be looked at before it is issued, beside its purchase order."""
    return bool(customer.enclosure_required) or customer.invoice_format in FORMS
