"""Decides how an issued document is on its way: once for each recipient, taken back within ten seconds, posted by the clock."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from goodterms.database.arrays import arrays
from goodterms.delivery.actions import Draft, post
from goodterms.delivery.mime import Attachment
from goodterms.delivery.own_words import Voice, own_words
from goodterms.delivery.words import Wording
from goodterms.interactions.actions import Deed, record, record_all
from goodterms.invoicing import paper, writing
from goodterms.invoicing.carrying import Papers
from goodterms.invoicing.models import Dispatch, Invoice, Paper
from goodterms.invoicing.rules import welcome_from
from goodterms.invoicing.saying import enclosed
from goodterms.parties.models import Contact
from goodterms.values.keys import new_keys
from goodterms.values.refusal import Refused

AT_ONCE = 200  # letters in one transaction
ENCLOSED_AT_ONCE = 16 * 1024 * 1024  # bytes of what they enclose, which each letter holds several times


def send_out(*, invoices: Sequence[Invoice], by: str, now: datetime, free_until_at: datetime | None = None) -> None:
    """From here on these documents are on their way to whoever pays; the clock posts them."""
    keys = zip(new_keys(now, len(invoices)), invoices, strict=True)
    columns = arrays((key, one.vendor_id, one.customer_id, one.id) for key, one in keys)
    with connection.cursor() as cursor:
        cursor.execute(_ON_THEIR_WAY, [by, now, free_until_at, *columns])


def send_copy(
    *, invoice_id: UUID, contact_id: UUID, by: str, now: datetime, free_until_at: datetime | None = None
) -> Dispatch:  # fmt: skip
    """The document goes to one person of the customer by e-mail: as itself where it went to nobody yet, else as a copy."""
    invoice = Invoice.objects.filter(id=invoice_id).exclude(issued_on=None).first()
    if invoice is None:
        raise Refused("A draft is not sent. Issue it first.", code="draft")
    if invoice.voided_at is not None:
        raise Refused("This invoice is void, so it is not sent any more.", code="void")
    people = Contact.objects.current().filter(customer_id=invoice.customer_id)
    contact = people.select_related("payer").filter(id=contact_id).first()
    if contact is None:
        raise Refused("There is nobody like that at this customer. Add the person first.", code="contact", field="contact")
    if contact.payer is None:
        raise Refused(f"No e-mail address is known of {contact.name}. Add it to the person first.", code="no_address")
    running = Dispatch.objects.filter(invoice=invoice, withdrawn_at=None)
    if running.filter(posted_at=None, contact_id=contact_id).exists():
        raise Refused(f"It is on its way to {contact.name} already.", code="on_its_way")
    (key,) = new_keys(now, 1)
    return Dispatch.objects.create(
        id=key, vendor_id=invoice.vendor_id, customer_id=invoice.customer_id, invoice=invoice, contact=contact, by=by,
        is_copy=running.exists(), created_at=now, free_until_at=free_until_at,
    )  # fmt: skip


def take_back(*, dispatch_id: UUID, by: str, now: datetime, clock: datetime) -> Dispatch:
    """Within its ten seconds a sending is stopped before it leaves. The invoice stays issued. `clock` is the real one."""
    row = Dispatch.objects.select_for_update().filter(id=dispatch_id).first()
    if row is None or row.withdrawn_at is not None:
        raise Refused("This was taken back already; it did not leave.", code="withdrawn")
    if row.posted_at is not None or row.free_until_at is None or clock >= row.free_until_at:
        raise Refused("The ten seconds are over and it is on its way; write to them instead.", code="late")
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    record(at=now, deed=Deed(row.vendor_id, "invoice.withheld", by, row.customer_id, row.invoice_id, subject_id=row.id))
    return row


def post_documents(*, vendor_id: UUID, now: datetime) -> int:
    """Post the letters of documents that are on their way and whose paper is made, at most AT_ONCE; returns how many were
    settled. Copies go along to the people who get copies. Each is claimed once for good."""
    rows = _claimed(vendor_id)
    if not rows:
        return 0
    people = _People.of(rows)
    rows += _copies(rows, people, now)
    papers = _papers(vendor_id, rows)
    own = own_words()
    ways = [_way(row, people, papers[row.invoice_id], own, now) for row in rows]
    ids = post(letters=[way.draft for way in ways if way.draft], now=now)
    for row, way in zip(rows, ways, strict=True):
        row.posted_at, row.channel, row.payer_id = now, way.channel, way.recipient.payer_id
        row.letter_id = ids.get(way.draft.dedupe_key) if way.draft else None
    Dispatch.objects.bulk_update(rows, ["posted_at", "channel", "payer_id", "letter_id"])
    record_all(at=now, deeds=[_deed(row, way) for row, way in zip(rows, ways, strict=True)])
    return len(rows)


def viewed(*, invoice_id: UUID, payer_id: UUID, now: datetime) -> None:
    """Somebody opened the page of a document by the link of its letter: the first time is kept, by the vendor's clock."""
    rows = Dispatch.objects.select_for_update(of=("self",)).filter(invoice_id=invoice_id, payer_id=payer_id, viewed_at=None)
    row = rows.exclude(posted_at=None).select_related("vendor").order_by("id").first()
    if row is None:
        return
    row.viewed_at = row.vendor.sandbox_now or now
    row.save(update_fields=["viewed_at"])
    people = Contact.objects.current().filter(customer_id=row.customer_id, payer_id=payer_id).order_by("-pays", "id")
    by = people.values_list("name", flat=True).first() or "customer"
    deed = Deed(row.vendor_id, "invoice.viewed", by, row.customer_id, row.invoice_id, payer_id, row.id, "portal", inbound=True)
    record(at=row.viewed_at, deed=deed)


class _People(NamedTuple):
    """Who is written to: by customer, who pays and who gets copies."""

    paying: Mapping[UUID, Contact]
    copied: Mapping[UUID, list[Contact]]

    @staticmethod
    def of(rows: Sequence[Dispatch]) -> "_People":
        customers = {row.customer_id for row in rows}
        known = Contact.objects.current().filter(Q(pays=True) | Q(receives_copies=True), customer_id__in=customers)
        paying: dict[UUID, Contact] = {}
        copied: dict[UUID, list[Contact]] = {}
        for one in known.select_related("payer").order_by("id"):
            if one.pays:
                paying[one.customer_id] = one
            elif one.payer is not None:
                copied.setdefault(one.customer_id, []).append(one)
        return _People(paying, copied)


class _Way(NamedTuple):
    """By which way one of them goes to whom; without a draft there is no letter, and `why` says why where one was wanted."""

    channel: str
    recipient: writing.Recipient
    draft: Draft | None
    why: str = ""


def _claimed(vendor_id: UUID) -> list[Dispatch]:
    """Those whose ten seconds are over by the database's own clock, since a sandbox's stands still."""
    due = Dispatch.objects.filter(vendor_id=vendor_id, posted_at=None, withdrawn_at=None)
    free = due.filter(Q(free_until_at=None) | Q(free_until_at__lte=Now()))
    ready = free.exclude(invoice__paper__made_at=None, invoice__paper__isnull=False)
    keys = ready.order_by("id").select_for_update(skip_locked=True, of=("self",)).values_list("id", flat=True)[:AT_ONCE]
    whole = Dispatch.objects.filter(id__in=list(keys)).select_related("vendor", "invoice", "contact__payer")
    return _light(list(whole.select_related("invoice__customer").order_by("id")))


def _light(rows: list[Dispatch]) -> list[Dispatch]:
    """As many as fit into memory with what is enclosed, one at least; the others are claimed the next time."""
    weight, found = 0, list[Dispatch]()
    for row in rows:
        weight += sum(one["size"] for one in row.invoice.document.get("enclosures", ()))
        if found and weight > ENCLOSED_AT_ONCE:
            break
        found.append(row)
    return found


def _copies(rows: Sequence[Dispatch], people: _People, now: datetime) -> list[Dispatch]:
    """Whoever gets copies gets one of each document that goes out, each in a letter of their own."""
    wanted = [(row, one) for row in rows if row.contact_id is None for one in people.copied.get(row.customer_id, ())]
    made = [
        Dispatch(
            id=key, vendor=row.vendor, customer_id=row.customer_id, invoice=row.invoice, contact=one, is_copy=True, by=row.by,
            created_at=now,
        )
        for key, (row, one) in zip(new_keys(now, len(wanted)), wanted, strict=True)
    ]  # fmt: skip
    return Dispatch.objects.bulk_create(made)


def _papers(vendor_id: UUID, rows: Sequence[Dispatch]) -> dict[UUID, Papers]:
    """What is stored of each; one that came from elsewhere has nothing, so its paper is made for its letter."""
    invoices = {row.invoice_id: row.invoice for row in rows}
    there = Paper.objects.filter(invoice_id__in=invoices).exclude(made_at=None).values_list("invoice_id", "content", "xml")
    stored = {key: (bytes(content or b""), bytes(xml or b"")) for key, content, xml in there}
    missing = [one for key, one in invoices.items() if key not in stored]
    if missing:
        made = paper.made(missing, paper.around(vendor_id, [one.customer_id for one in missing]))
        stored |= {key: (one.content, one.xml) for key, one in made.items()}
    return {key: _of(invoices[key], *files) for key, files in stored.items()}


def _of(invoice: Invoice, pdf: bytes, xml: bytes) -> Papers:
    beside = Attachment(paper.file_name(invoice, "xml"), "application/xml", xml) if xml else None
    return Papers(Attachment(paper.file_name(invoice), "application/pdf", pdf), beside, enclosed(invoice))


def _way(row: Dispatch, people: _People, papers: Papers, own: Mapping[Voice, Wording], now: datetime) -> _Way:
    invoice, customer = row.invoice, row.invoice.customer
    contact = row.contact if row.contact_id else people.paying.get(row.customer_id)
    recipient = writing.recipient_of(contact, customer, row.vendor)
    if invoice.voided_at is not None:
        return _Way("", recipient, None, "void")
    channel = writing.channel_of(invoice, customer, recipient, is_copy=row.is_copy or row.contact_id is not None)
    if channel == "post":
        content = paper.on_paper(invoice, papers.pdf.content, papers.enclosed)
        return _Way(channel, recipient, writing.on_paper(row, customer, recipient, content, now))
    if channel != "email":
        return _Way(channel, recipient, None, "" if channel else "no_address")
    welcome = welcome_from(recipient.wanted, now)
    if welcome is None:
        return _Way("", recipient, None, "no_hours")
    return _Way(channel, recipient, writing.by_email(row, recipient, papers, welcome, now, own))


def _deed(row: Dispatch, way: _Way) -> Deed:
    kind = "invoice.not_sent" if way.why else "invoice.copied" if row.is_copy else "invoice.sent"
    data = {"number": row.invoice.number} | ({"to": way.recipient.name} if way.recipient.name else {})
    data |= {"reason": way.why} if way.why else {}
    data |= {"document": "credit_note"} if row.invoice.kind == "credit_note" else {}
    return Deed(
        row.vendor_id, kind, row.by, row.customer_id, _told_of(row.invoice), way.recipient.payer_id, row.id, way.channel,
        data=data,
    )  # fmt: skip


def _told_of(invoice: Invoice) -> UUID:
    """A credit note is told of on the page of what it corrects."""
    return invoice.corrects_id or invoice.id


_ON_THEIR_WAY = """
insert into invoicing_dispatch (by, created_at, free_until_at, is_copy, channel, id, vendor_id, customer_id, invoice_id)
select %s, %s::timestamptz, %s::timestamptz, false, '', * from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[])
"""
