"""Decides how files come to go with an invoice: to a draft, checked by their bytes, each once, and frozen with it at issue."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from goodterms.einvoices.supporting import check_pdf
from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.actions.facts import must
from goodterms.invoicing.life import Role
from goodterms.invoicing.models import Enclosure, Invoice
from goodterms.values.files import ENDINGS, NAME_MAX, Checked, File, check_file
from goodterms.values.keys import new_keys
from goodterms.values.refusal import Refused, to_say

AT_MOST = 10  # of one invoice
# Of all files of an invoice: within its XML they are a third larger, and programs read no text of more than 10 million signs.
TOGETHER_MAX = 7 * 1024 * 1024
TOO_MANY = to_say("An invoice takes {most} files at most. Put several into one PDF.")
TOO_LARGE = to_say(
    "The files of an invoice may have {most} MB together, so that they fit into its PDF, its XML and a letter. Make them"
    " smaller."
)


@transaction.atomic
def enclose(*, invoice_id: UUID, files: Sequence[File], by: str, role: Role, now: datetime) -> list[Enclosure]:
    """Files that go with a draft from now on; all of them or none. One that is there already, byte for byte, stays once."""
    if not files:
        return []
    must(verb="edit", invoice_ids=[invoice_id], role=role, today=now.date())
    invoice = Invoice.objects.get(id=invoice_id)
    kept = keep(invoice, files, by=by, now=now, kind="document")
    if kept:
        record(at=now, deed=Deed(invoice.vendor_id, "invoice.enclosed", by, invoice.customer_id, invoice_id, data=told(kept)))
    return kept


@transaction.atomic
def take_out(*, invoice_id: UUID, enclosure_id: UUID, by: str, role: Role, now: datetime) -> None:
    """A file goes with the draft no more; the log keeps its name and hash."""
    must(verb="edit", invoice_ids=[invoice_id], role=role, today=now.date())
    row = Enclosure.objects.filter(id=enclosure_id, invoice_id=invoice_id).light().select_related("invoice").first()
    if row is None:
        raise Refused("There is no such file with this invoice.", code="not_found")
    data = told([row])
    row.delete()
    invoice = row.invoice
    record(at=now, deed=Deed(invoice.vendor_id, "invoice.taken_out", by, invoice.customer_id, invoice_id, data=data))


def carry_over(*, earlier: Invoice, to: Invoice, by: str, now: datetime) -> list[Enclosure]:
    """The files of an invoice go with the draft that stands in for it as well, from where they can be taken out."""
    rows = list(Enclosure.objects.filter(invoice=earlier).order_by("position", "id"))
    kept = [
        one
        for kind in dict.fromkeys(row.kind for row in rows)
        for one in keep(to, [File(row.name, bytes(row.content)) for row in rows if row.kind == kind], by=by, now=now, kind=kind)
    ]
    if kept:
        record(at=now, deed=Deed(to.vendor_id, "invoice.enclosed", by, to.customer_id, to.id, data=told(kept)))
    return kept


def keep(invoice: Invoice, files: Sequence[File], *, by: str, now: datetime, kind: str) -> list[Enclosure]:
    """Write them, where the locked invoice takes them."""
    there = list(Enclosure.objects.filter(invoice=invoice).light())
    hashes, new = {bytes(one.sha256) for one in there}, list[tuple[File, Checked, bytes]]()
    for file in files:
        known, seal = checked(file), hashlib.sha256(file.content).digest()
        if seal not in hashes:
            hashes.add(seal)
            new.append((file, known, seal))
    check_files(len(there) + len(new))
    if sum(one.size for one in there) + sum(len(file.content) for file, _, _ in new) > TOGETHER_MAX:
        raise Refused(TOO_LARGE, code="file", field="files", most=TOGETHER_MAX // 1024 // 1024)
    names, last = {one.name.casefold() for one in there}, max((one.position for one in there), default=0)
    rows = [
        Enclosure(
            id=key, vendor_id=invoice.vendor_id, invoice=invoice, position=at, kind=kind, name=_once(known.name, names),
            media_type=known.media_type, size=len(file.content), sha256=seal, content=file.content, by=by, at=now,
        )
        for at, (key, (file, known, seal)) in enumerate(zip(new_keys(now, len(new)), new, strict=True), last + 1)
    ]  # fmt: skip
    return Enclosure.objects.bulk_create(rows)


def check_files(count: int) -> None:
    """A door asks before it reads the bytes."""
    if count > AT_MOST:
        raise Refused(TOO_MANY, code="file", field="files", most=AT_MOST)


def checked(file: File) -> Checked:
    """Like what comes with a message, and spreadsheets besides; but no PDF that runs something."""
    known = check_file(file, ENDINGS)
    if known.media_type == "application/pdf":
        check_pdf(known.name, file.content)
    return known


def told(rows: Sequence[Enclosure]) -> dict[str, list[str]]:
    return {"files": [one.name for one in rows], "sha256": [bytes(one.sha256).hex() for one in rows]}


def _once(name: str, taken: set[str]) -> str:
    """The name, or with a number where another file has it: within a PDF each has its own."""
    stem, dot, ending = name.rpartition(".")
    found, at = name, 2
    while found.casefold() in taken:
        found, at = f"{stem[: NAME_MAX - 12]}-{at}{dot}{ending}", at + 1
    taken.add(found.casefold())
    return found
