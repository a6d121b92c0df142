"""Decides how electronic invoices are taken over: all files read first, then all of them in one transaction or nothing."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from goodterms.einvoices import documents
from goodterms.imports.models import Import
from goodterms.imports.rules import electronic as rules
from goodterms.imports.rules.electronic import Fault, Known, Taken
from goodterms.interactions.actions import Deed, record
from goodterms.invoicing import document
from goodterms.invoicing.life import Role
from goodterms.invoicing.line import columns
from goodterms.invoicing.models import Instalment, Invoice
from goodterms.invoicing.models import Line as LineRow
from goodterms.ledger import rules as booking
from goodterms.ledger.actions import post
from goodterms.ledger.rules import EntryDraft, Kind
from goodterms.parties.actions import add_contact, add_customer
from goodterms.parties.models import Customer, Vendor
from goodterms.parties.rules import fold
from goodterms.payments.actions import fix_what_waits
from goodterms.payments.actions import record as record_payment
from goodterms.terms.actions import in_effect_for
from goodterms.terms.rules import Terms, due_on, instalments
from goodterms.values.days import NEVER, zone
from goodterms.values.keys import new_key, new_keys
from goodterms.values.refusal import Refused

FILES_MAX = 1_000


class _File(NamedTuple):
    name: str
    digest: bytes
    one: Taken
    lost: int


def import_electronic(
    *, vendor_id: UUID, files: Sequence[tuple[str, bytes]], by: str, role: Role, now: datetime, dry_run: bool = False
) -> dict[str, Any]:
    """Take over invoices of the vendor from UBL, CII or PDFs with one inside; the answer says what they hold.

    With a fault in any file nothing is written: `imported` is false, and `bad` names each by file, term and reason. What is in
    the books already and the same is left as it is. Their customers are known by number, tax number or name, else added."""
    if role not in ("owner", "bookkeeper"):
        raise Refused("A book is taken over by the owner or a bookkeeper. Ask one of them.", code="role")
    if not 0 < len(files) <= FILES_MAX:
        raise Refused(f"Name the files, {FILES_MAX:,} at most.", code="files")
    with transaction.atomic():
        vendor = Vendor.objects.select_for_update().get(id=vendor_id)
        found, bad = _read(files, vendor)
        fresh, known_bad = _fresh(found, vendor)
        bad += known_bad
        answer: dict[str, Any] = {
            "files": len(files), "new": len(fresh), "unchanged": len(found) - len(fresh) - len(known_bad), "bad": bad,
            "bad_count": len(bad), "totals": rules.billed([each.one for each in fresh]),
            "without_lines": sum(not each.one.lines for each in fresh), "not_carried": sum(each.lost for each in found),
            "dry_run": dry_run, "imported": False,
        }  # fmt: skip
        if bad or dry_run:
            return answer
        for each in fresh:
            _take_over(vendor, each, by, role, now)
        fix_what_waits(vendor_id=vendor.id, now=now)
        return {**answer, "imported": True}


def _read(files: Sequence[tuple[str, bytes]], vendor: Vendor) -> tuple[list[_File], list[dict[str, str]]]:
    known = Known(frozenset(fold(name) for name in (vendor.name, vendor.legal_name) if name), vendor.tax_id)
    found: list[_File] = []
    bad: list[dict[str, str]] = []
    for name, content in files:
        try:
            read = documents.read(content)
            one: Taken | list[Fault] = rules.taken(read.invoice, known)
        except Refused as no:
            one, read = [Fault("", no.sentence)], None
        if isinstance(one, list):
            bad += [{"file": name, **fault._asdict()} for fault in one]
            continue
        twice = next((each.name for each in found if each.one.number == one.number), None)
        if twice:
            bad.append({"file": name, "term": "BT-1", "reason": f"Invoice {one.number} is in {twice} as well."})
            continue
        found.append(_File(name, sha256(content).digest(), one, len(read.lost) if read else 0))
    return found, bad


def _fresh(found: list[_File], vendor: Vendor) -> tuple[list[_File], list[dict[str, str]]]:
    """What is not in the books yet; what is there under the same number has to be the same."""
    numbers = [each.one.number for each in found]
    there = {one.number: one for one in Invoice.objects.filter(vendor=vendor, number__in=numbers)}
    bad = [
        {"file": each.name, "term": "BT-1", "reason": f"Invoice {each.one.number} is in the books already, and differs."}
        for each in found
        if each.one.number in there and not _is_same(each.one, there[each.one.number])
    ]
    return [each for each in found if each.one.number not in there], bad


def _is_same(one: Taken, there: Invoice) -> bool:
    said = (one.currency, one.total.minor, one.tax.minor, one.issued_on)
    return said == (there.currency, there.total_minor, there.tax_minor, there.issued_on) and there.kind == "invoice"


def _take_over(vendor: Vendor, file: _File, by: str, role: Role, now: datetime) -> None:
    one = file.one
    customer = _customer(vendor, one, by, now)
    terms = _terms(vendor, customer, one)
    due = one.due_on or due_on(terms, one.issued_on, customer.country or vendor.country)
    invoice = _written(vendor, customer, one, terms, due, by, now)
    sides = booking.invoice(customer_id=customer.id, invoice_id=invoice.id, net=one.net, tax=one.tax)
    post(vendor_id=vendor.id, entries=[EntryDraft(Kind.INVOICE, one.issued_on, invoice.id, sides)], now=now)
    data = {"number": one.number, "total_minor": one.total.minor, "currency": one.currency, "due_on": due.isoformat()}
    record(at=now, deed=Deed(vendor.id, "invoice.imported", by, customer.id, invoice.id, channel="import", data=data))
    for at, (on, amount) in enumerate(one.received):
        key = f"import:{one.number}:{at + 1}" if at else f"import:{one.number}"
        record_payment(
            vendor_id=vendor.id, customer_id=customer.id, amount=amount, received_on=on, method="other", idempotency_key=key,
            by=by, role=role, now=now, named=[invoice.id], only_named=True,
        )  # fmt: skip
    Import(
        id=new_key(now), vendor=vendor, kind="electronic", name=file.name[-200:], sha256=file.digest, rows=1, added=1, by=by,
        at=now,
    ).save(force_insert=True)  # fmt: skip


def _customer(vendor: Vendor, one: Taken, by: str, now: datetime) -> Customer:
    """Known by its number, else its tax number, else its name; else a new one, with whoever the file names as paying."""
    said = one.customer
    ours = Customer.objects.filter(vendor=vendor)
    wanted: list[dict[str, str]] = [{"number": said["number"]}]
    wanted += [{"tax_id": said["tax_id"]}] if said["tax_id"] else []
    wanted += [{"folded": fold(said["name"])}, {"folded": fold(said["legal_name"])}]
    for by_what in wanted:
        if known := ours.filter(**by_what).order_by("id").first():
            return known
    half = bool(said["endpoint_id"]) != bool(said["endpoint_scheme"])
    facts = {name: value for name, value in said.items() if not (half and name.startswith("endpoint"))}
    customer = add_customer(vendor_id=vendor.id, by=by, now=now, via="import", **facts)
    if one.email:
        add_contact(
            vendor_id=vendor.id, customer_id=customer.id, name=one.contact or customer.name, email=one.email, pays=True, by=by,
            now=now,
        )  # fmt: skip
    return customer


def _terms(vendor: Vendor, customer: Customer, one: Taken) -> Terms:
    """As the file says, where it says a due day; else what is agreed."""
    if one.terms:
        return one.terms
    return in_effect_for(vendor.id, {customer.id}, one.issued_on)[customer.id].terms


def _before(one: Taken) -> dict[str, Any]:
    """What was received before the invoice, as its document says it again."""
    said = {"prepaid_minor": one.prepaid.minor, "advances": [document.advance_out(each) for each in one.advances]}
    return {name: value for name, value in said.items() if value}


def _written(
    vendor: Vendor, customer: Customer, one: Taken, terms: Terms, due: Any, by: str, now: datetime
) -> Invoice:  # fmt: skip
    held = document.snapshot(
        vendor, customer, one.groups,
        {"adjustments": [document.adjustment_out(each) for each in one.adjustments], "method": one.method, **_before(one)},
    )  # fmt: skip
    rows = [
        {"position": at, **columns(line), "net_minor": net.minor}
        for at, (line, net) in enumerate(zip(one.lines, one.nets, strict=True), 1)
    ]  # fmt: skip
    in_parts = one.terms is not None and one.terms.instalments
    parts = instalments(terms, one.issued_on, one.total, "") if in_parts else []
    invoice = Invoice(
        id=new_key(now), vendor=vendor, customer=customer, number=one.number, work=one.work, order_number=one.order_number,
        currency=one.currency, issued_on=one.issued_on, due_on=due, net_minor=one.net.minor, tax_minor=one.tax.minor,
        total_minor=one.total.minor, terms=terms.to_json(), document=held, on_paper=customer.channel == "post", created_by=by,
        created_at=now, issued_at=datetime.combine(one.issued_on, vendor.opens_at, zone(vendor.timezone)),
        open_minor=one.total.minor, settled_on=NEVER if one.total else one.issued_on,
        chase_on=parts[0].due_on if parts else due,
    )  # fmt: skip
    facts = {name: getattr(invoice, name) for name in document.OF_INVOICE}
    invoice.document_sha256 = document.digest(facts, rows, [(each.due_on, each.amount.minor) for each in parts])
    invoice.save(force_insert=True)
    Instalment.objects.bulk_create(
        Instalment(id=key, vendor=vendor, invoice=invoice, position=at, due_on=each.due_on, minor=each.amount.minor)
        for at, (key, each) in enumerate(zip(new_keys(now, len(parts)), parts, strict=True), 1)
    )
    LineRow.objects.bulk_create(
        LineRow(id=key, vendor=vendor, invoice=invoice, **row) for key, row in zip(new_keys(now, len(rows)), rows, strict=True)
    )
    return invoice
