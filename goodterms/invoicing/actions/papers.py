"""Decides how the paper of an issued document comes to be: wanted at issue, made once, and the same bytes ever after."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import psycopg
from django.db import connection

from goodterms.invoicing import paper
from goodterms.invoicing.models import Invoice, Paper
from goodterms.values.refusal import Refused

AT_ONCE = 50  # papers in one transaction: some seconds of the press


def want_papers(*, vendor_id: UUID, invoice_ids: Sequence[UUID]) -> None:
    """From its issue on a document has a paper that is to be made."""
    Paper.objects.bulk_create(Paper(invoice_id=one, vendor_id=vendor_id) for one in invoice_ids)


def make_papers(*, vendor_id: UUID, now: datetime, invoice_ids: Sequence[UUID] | None = None, most: int = AT_ONCE) -> int:
    """Make papers that are wanted and not made yet, of these documents or the oldest ones; returns how many. Two workers
    never make the same one."""
    wanted = Paper.objects.filter(vendor_id=vendor_id, made_at=None).order_by("invoice_id")
    if invoice_ids is not None:
        wanted = wanted.filter(invoice_id__in=invoice_ids)
    claimed = list(wanted.select_for_update(skip_locked=True).values_list("invoice_id", flat=True)[:most])
    if not claimed:
        return 0
    invoices = list(Invoice.objects.filter(id__in=claimed).select_related("customer").order_by("id"))
    made = paper.made(invoices, paper.around(vendor_id, [one.customer_id for one in invoices]))
    rows = [(now, one.language, one.content, sha256(one.content).digest(), key) for key, one in made.items()]
    # As bytes, all in one trip: Django would write them into the words of the statement, twice as long, to be read again.
    psycopg.Cursor(connection.connection).executemany(_MAKE, rows)
    return len(rows)


def paper_bytes(*, invoice_id: UUID) -> bytes:
    """The PDF of an issued document as it is stored; one that is not made yet, or was issued elsewhere, as it would be made.
    Writes nothing."""
    stored = Paper.objects.filter(invoice_id=invoice_id).exclude(made_at=None).values_list("content", flat=True).first()
    if stored is not None:
        return bytes(stored)
    invoice = Invoice.objects.select_related("customer").filter(id=invoice_id).exclude(issued_on=None).first()
    if invoice is None:
        raise Refused("A draft has no paper. Issue it first; until then its page shows how it will look.", code="draft")
    return paper.made([invoice], paper.around(invoice.vendor_id, [invoice.customer_id]))[invoice.id].content


_MAKE = "update invoicing_paper set made_at = %s, language = %s, content = %b, sha256 = %b where invoice_id = %s"
