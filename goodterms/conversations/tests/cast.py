"""A vendor of Bristol with one customer, and what was billed and paid between them."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions.balance import lock_one, move
from goodterms.invoicing.models import Hold, Invoice
from goodterms.ledger import rules as ledger
from goodterms.ledger.actions import post
from goodterms.ledger.rules import EntryDraft, Kind
from goodterms.parties.models import Contact, Customer, Payer, Vendor
from goodterms.values.days import instant
from goodterms.values.keys import new_key
from goodterms.values.money import Money

MONDAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """An instant of 2026 by the clock of Bristol."""
    return instant(date(2026, month, day), time(hour, minute), "Europe/London")


def unsaved_vendor(slug: str = "lindqvist-rowe", **other: object) -> Vendor:
    known: dict[str, object] = {
        "name": "Lindqvist Rowe", "email": "tom@lindqvist.example", "country": "GB", "currency": "GBP",
        "timezone": "Europe/London", "opens_at": time(9), "closes_at": time(17, 30), "sender": "Tom Okafor",
    }  # fmt: skip
    return Vendor(id=new_key(NOW), slug=slug, created_at=NOW, **{**known, **other})


def a_customer(vendor: Vendor, name: str = "Bellwether Foods", **other: object) -> Customer:
    return Customer.objects.create(
        id=new_key(NOW), vendor=vendor, number=name, name=name, folded=name.lower(), currency="GBP", created_at=NOW, **other
    )


def a_payer(customer: Customer, address: str = "sandra@bellwether.example", **other: object) -> Payer:
    payer = Payer.objects.filter(address=address).first() or _new_payer(address, **other)
    Contact.objects.create(
        id=new_key(NOW), vendor_id=customer.vendor_id, customer=customer, payer=payer, name="Sandra Whitlock", title="Ms",
        email=address, pays=True, created_at=NOW,
    )  # fmt: skip
    return payer


def _new_payer(address: str, **other: object) -> Payer:
    payer = Payer(id=new_key(NOW), address=address, name="Sandra Whitlock", created_at=NOW, **other)
    Payer.objects.bulk_create([payer])
    return payer


def an_invoice(
    customer: Customer,
    minor: int = 425_520,
    *,
    number: str = "LR-2026-0187",
    due_on: date = date(2026, 10, 31),
    **other: object,
) -> Invoice:
    """Issued thirty days before `due_on` (unless `issued_on` says otherwise), and booked."""
    currency = str(other.setdefault("currency", "GBP"))
    issued_on = other.setdefault("issued_on", due_on - timedelta(days=30))
    assert isinstance(issued_on, date)
    invoice = Invoice.objects.create(
        id=new_key(NOW), vendor_id=customer.vendor_id, customer=customer, number=number, due_on=due_on, chase_on=due_on,
        net_minor=minor, total_minor=minor, open_minor=minor, created_at=NOW, issued_at=NOW, **other,
    )  # fmt: skip
    postings = ledger.invoice(
        customer_id=customer.id, invoice_id=invoice.id, net=Money(minor, currency), tax=Money(0, currency)
    )
    post(vendor_id=customer.vendor_id, entries=[EntryDraft(Kind.INVOICE, issued_on, invoice.id, postings)], now=NOW)
    return invoice


def settle(invoice: Invoice, minor: int, on: date) -> UUID:
    """Money came in on a day and went to the invoice; returns the entry, which can be reversed."""
    amount = Money(minor, invoice.currency)
    postings = ledger.allocation(customer_id=invoice.customer_id, invoice_id=invoice.id, amount=amount)
    draft = EntryDraft(Kind.ALLOCATION, on, new_key(NOW), postings)
    [entry] = post(vendor_id=invoice.vendor_id, entries=[draft], now=NOW)
    move(changes=[(lock_one(invoice_id=invoice.id), -minor, on)])
    return entry


def holds(invoice: Invoice) -> list[tuple[str, date | None]]:
    """The words of the holds that were not ended, each with its last day."""
    return sorted(Hold.objects.filter(invoice=invoice, ended_at=None).values_list("reason", "until_on"))


def deeds() -> list[tuple[str, str, bool]]:
    """What the log says happened beside holding and letting go, by whom, and whether from them."""
    told = Interaction.objects.exclude(kind__startswith="invoice.").order_by("at", "id")
    return list(told.values_list("kind", "by", "inbound"))
