"""Decides on which document of the vendor words are tried: a real one, or an invented one where there is none."""

from datetime import date, timedelta
from typing import NamedTuple

from goodterms.invoicing.models import Invoice
from goodterms.invoicing.wording import BEFORE
from goodterms.invoicing.writing import Recipient, recipient_of
from goodterms.parties.models import Contact, Customer, Vendor
from goodterms.values.days import NEVER
from goodterms.values.money import Money

LOOKED_AT = 200  # drafts


class Example(NamedTuple):
    """A document and who gets it. Of a welcome only the customer is looked at."""

    invoice: Invoice
    customer: str
    recipient: Recipient
    is_real: bool

    @property
    def label(self) -> str:
        """What the preview is called after."""
        return self.invoice.number or self.invoice.work or self.customer

    @property
    def open(self) -> Money:
        return Money(self.invoice.open_minor, self.invoice.currency)

    @property
    def due_on(self) -> date:
        assert self.invoice.due_on is not None, "an example is due on a day"
        return self.invoice.due_on


def open_one(vendor: Vendor, today: date) -> Example:
    """The invoice that has been due for longest."""
    # The oldest few are found in the index of open invoices, and only these are read.
    oldest = Invoice.objects.filter(vendor=vendor, open_minor__gt=0).exclude(due_on=None).order_by("due_on").values("id")[:20]
    rows = Invoice.objects.filter(id__in=oldest, kind="invoice").select_related("customer").order_by("due_on", "number")
    return _example(vendor, rows.first(), today)


def document(vendor: Vendor, kind: str, today: date) -> Example:
    """What a letter of this kind would bring: the last credit note, the last draft without an order, the last one that was
    asked about, the newest customer, or an open invoice."""
    if kind == "welcome":
        return _newest(vendor, today)
    mine = Invoice.objects.filter(vendor=vendor).select_related("customer")
    if kind == "credit_note":
        notes = mine.filter(kind="credit_note", corrects__isnull=False).exclude(issued_on=None)
        row = notes.order_by("-issued_on", "-id").first()
        return _example(vendor, row, today, kind)
    if kind == "order":
        # Drafts are found in the index of what stands open: by their keys alone, all that was ever issued is looked through.
        drafts = Invoice.objects.filter(vendor=vendor, settled_on=NEVER, issued_on=None, voided_at=None).values("id")[
            :LOOKED_AT
        ]
        row = mine.filter(id__in=drafts, order_number="").order_by("-id").first()
        return _example(vendor, row, today) if row else open_one(vendor, today)
    if kind in BEFORE:
        row = mine.filter(forewarnings__isnull=False).order_by("-forewarnings__at").first()
        return _example(vendor, row, today) if row else open_one(vendor, today)
    return open_one(vendor, today)


def _example(vendor: Vendor, row: Invoice | None, today: date, kind: str = "invoice") -> Example:
    if row is None:
        return _invented(vendor, today, kind)
    return Example(row, row.customer.name, _recipient(vendor, row.customer), is_real=True)


def _newest(vendor: Vendor, today: date) -> Example:
    customer = Customer.objects.filter(vendor=vendor).order_by("-id").first()
    made = _invented(vendor, today, "invoice")
    if customer is None:
        return made
    nothing = Invoice(currency=vendor.currency, due_on=today)
    return Example(nothing, customer.name, _recipient(vendor, customer), is_real=True)


def _recipient(vendor: Vendor, customer: Customer) -> Recipient:
    who = Contact.objects.current().filter(vendor=vendor, customer=customer, pays=True).select_related("payer").first()
    return recipient_of(who, customer, vendor)


def _invented(vendor: Vendor, today: date, kind: str) -> Example:
    one = Invoice(
        kind=kind, number="PP-4471", work="Labels, second run", currency=vendor.currency, total_minor=194_280,
        open_minor=194_280, due_on=today + timedelta(days=7),
    )  # fmt: skip
    recipient = recipient_of(None, Customer(name="Bellwether Foods"), vendor)._replace(name="Sandra Whitlock", title="Ms")
    return Example(one, "Bellwether Foods", recipient, is_real=False)
