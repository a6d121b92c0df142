"""Decides what the paper of an issued document shows: what was frozen in it at issue, under the vendor's letterhead."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from goodterms.delivery.spoken import listed
from goodterms.delivery.words import spoken_language
from goodterms.einvoices import documents
from goodterms.einvoices.check import check
from goodterms.einvoices.hybrid import Enclosed, hybrid, is_archivable, with_enclosed
from goodterms.invoicing.document import exchange_in, kept_back
from goodterms.invoicing.electronic import electronic
from goodterms.invoicing.forms import Form, form_of
from goodterms.invoicing.heading import firm_of, in_lines
from goodterms.invoicing.models import Invoice, Letterhead, Paper
from goodterms.invoicing.models import Line as LineRow
from goodterms.invoicing.saying import enclosed, issued
from goodterms.invoicing.sheet import Sheet
from goodterms.papers import invoice as sheets
from goodterms.papers.enclosed import behind
from goodterms.papers.letterhead import To, abroad, in_words
from goodterms.papers.press import pdfs
from goodterms.papers.slip import slip
from goodterms.papers.swiss import place_of, swiss_bill
from goodterms.papers.words import words
from goodterms.parties.models import Contact, Vendor
from goodterms.terms.rules import Terms
from goodterms.terms.rules import in_words as terms_in_words
from goodterms.values.money import Money


class Made(NamedTuple):
    """A paper: its bytes, the language that it speaks, and the XML that goes beside it; empty where none does."""

    content: bytes
    language: str
    xml: bytes = b""


class Around(NamedTuple):
    """What is on a paper beside the document itself: the vendor as it is now, its letterhead, and who pays there."""

    vendor: Vendor
    letterhead: Letterhead | None
    contacts: Mapping[UUID, str]  # by customer


def around(vendor_id: UUID, customer_ids: Sequence[UUID]) -> Around:
    """Three queries for any number of documents."""
    paying = Contact.objects.current().filter(customer_id__in=set(customer_ids), pays=True)
    return Around(
        Vendor.objects.get(id=vendor_id),
        Letterhead.objects.filter(vendor_id=vendor_id, ended_at=None).first(),
        dict(paying.values_list("customer_id", "name")),
    )


def made(invoices: Sequence[Invoice], beside: Around, formats: Mapping[UUID, str] = MappingProxyType({})) -> dict[UUID, Made]:
    """The papers of these documents of one vendor, whose customers were selected with them: one query, and the press. What has
    a format by its id, or something enclosed, asks for more."""
    lines: dict[UUID, list[LineRow]] = {one.id: [] for one in invoices}
    for row in LineRow.objects.filter(invoice_id__in=lines).order_by("invoice_id", "position"):
        lines[row.invoice_id].append(row)
    spoken = [one.customer.language or beside.vendor.language for one in invoices]
    said = (sheet_of(one, lines[one.id], beside, language) for one, language in zip(invoices, spoken, strict=True))
    contents = pdfs("invoice", (sheets.data(sheet, language) for sheet, language in zip(said, spoken, strict=True)))
    return {
        one.id: _whole(one, Made(content, language), beside, formats.get(one.id, ""))
        for one, content, language in zip(invoices, contents, spoken, strict=True)
    }


def proof(about: Sheet, beside: Around) -> bytes:
    """How a draft will look on paper. It says that it is one, and has nothing to be paid by."""
    one = about.invoice
    one.document, one.terms, one.due_on = about.document, about.terms.to_json(), about.due_on
    language = one.customer.language or beside.vendor.language
    rows = list(LineRow.objects.filter(invoice=one).order_by("position"))
    said = sheet_of(one, rows, beside, language)
    draft = said._replace(number=words(language)["invoice"]["draft"], slip=None, swiss=None)
    [content] = pdfs("invoice", [sheets.data(draft, language)])
    return content


def sheet_of(invoice: Invoice, lines: Sequence[LineRow], beside: Around, language: str) -> sheets.Sheet:
    """A document in plain values."""
    of, currency = invoice.document, invoice.currency
    vendor, customer = of.get("vendor", {}), of.get("customer", {})
    firm, to = firm_of(beside.vendor, beside.letterhead, vendor), _to(invoice, customer, beside)
    countries = vendor.get("country", "") or beside.vendor.country, customer.get("country", "")
    total, issued_on = Money(invoice.total_minor, currency), invoice.issued_on or invoice.created_at.date()
    is_bill = invoice.kind == "invoice"
    bank, legal = vendor.get("bank", {}), firm.legal_name or firm.name
    kept = kept_back(invoice.terms, Money(invoice.net_minor, currency), total) if is_bill else None
    before = Money(of.get("prepaid_minor", 0), currency)
    asked = (total - kept.amount if kept else total) - before
    place, giver = (_place(one, lines_) for one, lines_ in ((vendor, firm.address), (customer, to.address)))
    iban = bank.get("iban", "")
    return sheets.Sheet(
        firm=firm._replace(address=abroad(firm.address, countries[0], countries[1], language)), country=countries[0],
        to=to._replace(address=abroad(to.address, countries[1], countries[0], language)), number=invoice.number,
        order_number=invoice.order_number, issued_on=issued_on, due_on=invoice.due_on if is_bill else None,
        lines=[_line(row, currency) for row in lines], with_tax=any(row.includes_tax for row in lines),
        adjustments=[_adjustment(one, currency) for one in of.get("adjustments", [])],
        net=Money(invoice.net_minor, currency), taxes=[_tax(one, currency) for one in _groups(invoice)], total=total,
        tax_ids=(firm.tax_id, customer.get("tax_id", "")),
        agreed=_agreed(invoice, issued_on, total, beside, language) if is_bill else (),
        slip=slip(to=legal, bank=bank, number=invoice.number, amount=asked, due_on=invoice.due_on, language=language,
                  page=page_of(invoice.id), in_parts=bool(invoice.terms.get("instalments"))) if is_bill and asked else None,
        swiss=swiss_bill(iban=iban, to=place, from_=giver, amount=asked, number=invoice.number) if is_bill else None,
        corrects=_corrects(of) if not is_bill else None, replaces=of.get("corrects", {}).get("number", "") if is_bill else "",
        exchange=_exchange(of, currency),
        withheld=sheets.Withheld(*kept) if kept else None, part=of.get("part", ""),
        customer_country=countries[1], before=before or None,
    )  # fmt: skip


def has_xml(invoice_id: UUID) -> bool:
    """Whether its paper was made with XML beside it."""
    return Paper.objects.filter(invoice_id=invoice_id).exclude(xml=None).exists()


def on_paper(invoice: Invoice, content: bytes, files: Sequence[Enclosed]) -> bytes:
    """What goes into the envelope: the stored paper, and behind it what is enclosed."""
    language = spoken_language(invoice.customer.language or invoice.vendor.language)[0]
    return behind(content, files, number=invoice.number, page=page_of(invoice.id), language=language)


def page_of(invoice_id: UUID) -> str:
    """Where a payer finds the document; who is not let in yet is asked for the address that the vendor knows."""
    return f"{settings.BASE_URL}/pay/invoices/{invoice_id}/"


def file_name(invoice: Invoice, ending: str = "pdf") -> str:
    """`LR-2026-0187.pdf`, without what a folder cannot hold."""
    stem = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in invoice.number or "invoice")
    return f"{stem}.{ending}"


def _whole(invoice: Invoice, page: Made, beside: Around, format: str) -> Made:
    """The page with what is enclosed inside; for programs also the invoice itself, within it or beside it. A page that no
    archive would take (it holds a letter that no font has) carries nothing for programs, so that goes beside it."""
    form, files = form_of(format), enclosed(invoice)
    if form is None:
        return page._replace(content=with_enclosed(page.content, files))
    invoice.vendor = beside.vendor
    xml = _xml(invoice, form, files)
    if xml and form.inside and is_archivable(page.content):
        return page._replace(content=hybrid(page.content, xml, form.profile, files))
    return page._replace(content=with_enclosed(page.content, files), xml=xml)


def _xml(invoice: Invoice, form: Form, files: Sequence[Enclosed]) -> bytes:
    """An invoice was held against the rules before it was issued. A credit note waits for nothing, since it puts right what
    they have already: where something is lacking for the rules, it is for people alone."""
    xml = documents.write(electronic(issued(invoice, files), form.profile).invoice, form.syntax)
    return b"" if invoice.kind == "credit_note" and check(xml, form.profile).fatal else xml


def _to(invoice: Invoice, of: Mapping[str, Any], beside: Around) -> To:
    name = of.get("legal_name") or of.get("name") or invoice.customer.name
    contact = beside.contacts.get(invoice.customer_id, "")
    return To(name, "" if contact == name else contact, in_lines(of.get("address", "")))


def _place(of: Mapping[str, Any], address: Sequence[str]) -> Any:
    return place_of(of.get("legal_name") or of.get("name", ""), address, of.get("country", ""))


def _line(row: LineRow, currency: str) -> sheets.Line:
    what, _, small = row.description.partition("\n")
    off = f"{row.discount_percent.normalize():f}%" if row.discount_percent else ""
    if row.discount_amount:
        off = f"{row.discount_amount.normalize():f} {currency}"
    net = Money(row.net_minor, currency)
    return sheets.Line(what, small.strip(), row.project, row.quantity, row.unit, row.unit_price, off, net)


def _adjustment(of: Mapping[str, Any], currency: str) -> sheets.Adjustment:
    amount = Money.of(Decimal(of["amount"]), currency)
    return sheets.Adjustment(of["reason"], -amount if of["kind"] == "allowance" else amount)


def _exchange(of: Mapping[str, Any], currency: str) -> sheets.Exchange | None:
    said = exchange_in(of, currency)
    return said and sheets.Exchange(said.rate.value, said.rate.on, said.rate.source, said.tax)


def _groups(invoice: Invoice) -> list[Mapping[str, Any]]:
    """As frozen in the document; one that was taken over from elsewhere has only its sums."""
    if stored := invoice.document.get("tax_groups"):
        return list(stored)
    if not invoice.tax_minor:
        return []
    rate = (Decimal(invoice.tax_minor) * 100 / invoice.net_minor).quantize(Decimal("0.01")) if invoice.net_minor else Decimal(0)
    sums = {"taxable_minor": invoice.net_minor, "tax_minor": invoice.tax_minor}
    return [{"category": "S", "rate": str(rate), "reason": "", **sums}]


def _tax(of: Mapping[str, Any], currency: str) -> sheets.Tax:
    taxable, tax = Money(of["taxable_minor"], currency), Money(of["tax_minor"], currency)
    return sheets.Tax(of["category"], Decimal(of["rate"]), taxable, tax, of.get("reason", ""))


def _agreed(
    invoice: Invoice, issued_on: date, total: Money, beside: Around, language: str
) -> list[tuple[str, str]]:  # fmt: skip
    """The terms that were copied in, with their days and sums worked out, and how soon we answer."""
    spoken, net = spoken_language(language)[1], Money(invoice.net_minor, invoice.currency)
    told: list[tuple[str, str]] = []
    if invoice.terms:
        country = invoice.document.get("customer", {}).get("country") or beside.vendor.country
        clauses = terms_in_words(
            Terms.from_json(invoice.terms), spoken, issued_on=issued_on, total=total, net=net, country=country
        )
        told = [(clause.label, clause.sentence) for clause in clauses]
    return [*told, (words(language)["invoice"]["questions"], our_word(beside, language))]


def our_word(beside: Around, language: str) -> str:
    """How soon we answer, and where one asks."""
    said, hours = words(language)["invoice"], beside.vendor.answer_hours
    phone = beside.letterhead.phone if beside.letterhead else ""
    ways = listed([phone or beside.vendor.email, said["on_page"]], spoken_language(language)[0])
    return in_words(said["answer_one" if hours == 1 else "answer"], {"hours": str(hours), "ways": ways})


def _corrects(of: Mapping[str, Any]) -> sheets.Corrected:
    refers = of.get("corrects", {})
    day = date.fromisoformat(refers["issued_on"]) if refers else None
    return sheets.Corrected(refers.get("number", ""), day, of.get("reason", ""))
