"""Decides what the printed receipt of a payment shows, from the books: what it settled, what is kept, what was given back."""

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from goodterms.delivery.spoken import listed
from goodterms.delivery.words import spoken_language
from goodterms.invoicing.heading import firm_of, in_lines
from goodterms.invoicing.models import Letterhead
from goodterms.papers import receipt
from goodterms.papers.letterhead import To, abroad, figures
from goodterms.papers.press import pdf
from goodterms.papers.words import words
from goodterms.parties.models import Contact
from goodterms.payments.models import Allocation, Payment
from goodterms.values.money import Money


def receipts(languages: Mapping[UUID, str], greetings: Mapping[UUID, str] = MappingProxyType({})) -> dict[UUID, bytes]:
    """The receipts of these payments as PDF, each in its language and with the greeting of its letter: four queries, and the
    press."""
    payments = list(Payment.objects.filter(id__in=languages).select_related("customer", "vendor").order_by("id"))
    standing = Allocation.objects.filter(payment_id__in=languages, reversed_at=None, payment__isnull=False)
    by: dict[UUID, list[Allocation]] = {one.id: [] for one in payments}
    for row in standing.select_related("invoice").order_by("invoice__due_on", "invoice__number"):
        if row.payment_id is not None:
            by[row.payment_id].append(row)
    heads = {one.vendor_id: one for one in Letterhead.objects.filter(ended_at=None)}
    paying = Contact.objects.current().filter(customer_id__in={one.customer_id for one in payments}, pays=True)
    names = dict(paying.values_list("customer_id", "name"))
    made = {}
    for one in payments:
        head, contact, greeting = heads.get(one.vendor_id), names.get(one.customer_id, ""), greetings.get(one.id, "")
        made[one.id] = _receipt(one, by[one.id], head, contact, languages[one.id], greeting)
    return made


def method_words(method: str, language: str) -> str:
    """How it was paid, in words."""
    return str(words(language)["methods"].get(method, method.replace("_", " ")))


def _receipt(
    payment: Payment, rows: list[Allocation], letterhead: Letterhead | None, contact: str, language: str, greeting: str
) -> bytes:  # fmt: skip
    customer, vendor = payment.customer, payment.vendor
    left_then = {one["allocation_id"]: one["open_minor"] for one in payment.answer.get("allocations", [])}
    works = list(dict.fromkeys(row.invoice.work or row.invoice.number for row in rows))
    name = customer.legal_name or customer.name
    address = abroad(in_lines(customer.address), customer.country, vendor.country, language)
    data = receipt.data(
        firm=firm_of(vendor, letterhead), to=To(name, "" if contact == name else contact, address),
        received_on=payment.received_on, method=method_words(payment.method, language), reference=payment.reference,
        paid=Money(payment.minor, payment.currency), works=listed(works, spoken_language(language)[1]),
        settled=[_settled(row, left_then.get(str(row.id), row.invoice.open_minor), language) for row in rows],
        kept=Money(payment.unapplied_minor, payment.currency), back=Money(payment.refunded_minor, payment.currency),
        sender=vendor.sender or vendor.name, language=language, greeting=greeting,
    )  # fmt: skip
    return pdf("receipt", data)


def _settled(row: Allocation, left_minor: int, language: str) -> receipt.Settled:
    invoice = row.invoice
    total, paid, off, left, kept = (
        figures(Money(minor, invoice.currency), language)
        for minor in (invoice.total_minor, row.minor, row.discount_minor, left_minor, row.withheld_minor)
    )
    return receipt.Settled(
        invoice.number, invoice.work, invoice.issued_on, invoice.order_number, total, paid, off if row.discount_minor else "",
        left, kept if row.withheld_minor else "",
    )  # fmt: skip
