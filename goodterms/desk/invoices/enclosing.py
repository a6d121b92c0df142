"""Decides what the pages of an invoice say of its files, and of what stands between it and its issue."""

from typing import Any

from goodterms.desk.door import Visit
from goodterms.invoicing.actions import readiness_of
from goodterms.invoicing.actions.enclosing import AT_MOST, TOGETHER_MAX
from goodterms.invoicing.forms import FORMS
from goodterms.invoicing.models import Enclosure, Invoice
from goodterms.values.refusal import Refused

ACCEPTS = ".pdf,.png,.jpg,.jpeg,.xlsx,.ods,.csv,.txt"


def beside(visit: Visit, invoice: Invoice | None, check: str) -> dict[str, Any]:
    """For a template. `check`: the format that somebody wants it held against, though nobody requires it. The rules are run
    only then, and where the customer requires theirs."""
    rows = list(Enclosure.objects.filter(invoice=invoice).light()) if invoice else []
    return {
        "enclosures": rows, "files_most": AT_MOST, "files_megabytes": TOGETHER_MAX // 1024 // 1024, "accepts": ACCEPTS,
        "ready": _ready(visit, invoice, check), "formats": [(form.word, form.name) for form in FORMS.values()],
        "asked_format": check,
    }  # fmt: skip


def _ready(visit: Visit, invoice: Invoice | None, check: str) -> Any:
    if invoice is None or invoice.issued_on is not None or invoice.voided_at is not None or invoice.kind != "invoice":
        return None
    try:
        return readiness_of(invoice_id=invoice.id, on=visit.today, format=check)
    except Refused:  # such as lines that do not add up: its own page says so, and what to do
        return None
