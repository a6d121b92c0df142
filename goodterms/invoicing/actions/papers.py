"""Decides how the paper of an issued document comes to be: wanted at issue, made once, and the same bytes ever after."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

import psycopg
from django.db import connection

from goodterms.database.arrays import array
from goodterms.invoicing import paper
from goodterms.invoicing.actions.readiness import rate_on
from goodterms.invoicing.models import Invoice, Paper
from goodterms.invoicing.sheet import sheets_of
from goodterms.values.refusal import Refused

AT_ONCE = 25  # papers in one transaction: the press takes a quarter of a second


def want_papers(*, vendor_id: UUID, invoice_ids: Sequence[UUID]) -> None:
    """From its issue on a document has a paper that is to be made, in the format that its customer takes on that day."""
    with connection.cursor() as cursor:
        cursor.execute(_WANT, [vendor_id, array(invoice_ids)])


def make_papers(*, vendor_id: UUID, now: datetime, invoice_ids: Sequence[UUID] | None = None, most: int = AT_ONCE) -> int:
    """Make papers that are wanted and not made yet, of these documents or the oldest ones; returns how many. Two workers
    never make the same one."""
    wanted = Paper.objects.filter(vendor_id=vendor_id, made_at=None).order_by("invoice_id")
    if invoice_ids is not None:
        wanted = wanted.filter(invoice_id__in=invoice_ids)
    formats = dict(wanted.select_for_update(skip_locked=True).values_list("invoice_id", "format")[:most])
    if not formats:
        return 0
    invoices = list(Invoice.objects.filter(id__in=formats).select_related("customer").order_by("id"))
    beside = paper.around(vendor_id, [one.customer_id for one in invoices])
    light = [one for one in invoices if not one.document.get("enclosures")]
    for group in (light, *([one] for one in invoices if one.document.get("enclosures"))):  # files of 7 MB one by one
        _keep(paper.made(group, beside, formats), now)
    return len(formats)


def paper_bytes(*, invoice_id: UUID) -> bytes:
    """The PDF of an issued document as it is stored; one that is not made yet, or was issued elsewhere, as it would be made.
    Writes nothing."""
    return _kept(invoice_id).content


def proof_bytes(*, invoice_id: UUID, on: date) -> bytes:
    """The PDF of a draft as it would be on that day, in its customer's language, marked as one. Writes nothing."""
    draft = Invoice.objects.select_related("vendor").filter(id=invoice_id, issued_on=None, kind="invoice").first()
    if draft is None:
        raise Refused("This is issued already, and has its paper.", code="issued")
    rate, _ = rate_on(draft, on)
    [sheet] = sheets_of(draft.vendor, [invoice_id], on, {} if rate is None else {rate.currency: rate})
    return paper.proof(sheet, paper.around(draft.vendor_id, [draft.customer_id]))


def xml_bytes(*, invoice_id: UUID) -> bytes:
    """The XML that goes beside the PDF, as it is stored or would be made. Refused: where none does."""
    if xml := _kept(invoice_id).xml:
        return xml
    raise Refused("This document goes to its customer as PDF; no XML goes beside it.", code="format")


def _kept(invoice_id: UUID) -> paper.Made:
    stored = Paper.objects.filter(invoice_id=invoice_id).first()
    if stored is not None and stored.content is not None:
        return paper.Made(bytes(stored.content), stored.language, bytes(stored.xml or b""))
    invoice = Invoice.objects.select_related("customer").filter(id=invoice_id).exclude(issued_on=None).first()
    if invoice is None:
        raise Refused("A draft has no paper. Issue it first; until then its page shows how it will look.", code="draft")
    formats = {invoice_id: stored.format} if stored else {}
    return paper.made([invoice], paper.around(invoice.vendor_id, [invoice.customer_id]), formats)[invoice.id]


def _keep(made: Mapping[UUID, paper.Made], now: datetime) -> None:
    rows = [
        (now, one.language, one.content, _hash(one.content), one.xml or None, _hash(one.xml) if one.xml else None, key)
        for key, one in made.items()
    ]
    # As bytes, all in one trip: Django would write them into the words of the statement, twice as long, to be read again.
    psycopg.Cursor(connection.connection).executemany(_MAKE, rows)


def _hash(content: bytes) -> bytes:
    return sha256(content).digest()


_WANT = """
insert into invoicing_paper (invoice_id, vendor_id, language, format)
select i.id, i.vendor_id, '', c.invoice_format from invoicing_invoice i join parties_customer c on c.id = i.customer_id
where i.vendor_id = %s::uuid and i.id = any(%s::uuid[])
"""
_MAKE = """
update invoicing_paper set made_at = %s, language = %s, content = %b, sha256 = %b, xml = %b, xml_sha256 = %b
where invoice_id = %s
"""
