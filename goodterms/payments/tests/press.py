"""A payer of several vendors who presses Pay, and what the pretend bank is told: for tests of checkouts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from uuid import UUID

from goodterms.database.isolation import acting_for
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import NOW, a_customer, a_vendor, an_invoice
from goodterms.parties.actions import add_contact
from goodterms.parties.models import Customer, Vendor
from goodterms.parties.rules import Viewer
from goodterms.payments import due
from goodterms.payments.actions import Paying, hear, open_checkouts, work
from goodterms.payments.models import Checkout, SandboxPayment
from goodterms.payments.providers.sandbox import call_about
from goodterms.payments.providers.sandbox_bank import actions as bank
from goodterms.terms.rules import Terms
from goodterms.values.money import Money

_names = count(1)


@dataclass
class Press:
    """Sandra pays four vendors."""

    address: str = field(default_factory=lambda: f"sandra-{next(_names)}@bellwether.example")
    vendors: list[Vendor] = field(default_factory=list)
    customers: dict[UUID, Customer] = field(default_factory=dict)
    payer_id: UUID | None = None

    def vendor(self, name: str = "Penhale Print", **more: object) -> Vendor:
        vendor = a_vendor(**{"sandbox_now": NOW, **more})  # type: ignore[arg-type]
        with acting_for([vendor.id]):
            Vendor.objects.filter(id=vendor.id).update(name=name)
            vendor.name = name
            customer = a_customer(vendor.id, name="Bellwether Foods")
            contact = add_contact(
                vendor_id=vendor.id, customer_id=customer.id, name="Sandra Whitlock", email=self.address, pays=True, now=NOW,
                by="Tom",
            )  # fmt: skip
        self.vendors.append(vendor)
        self.customers[vendor.id] = customer
        self.payer_id = contact.payer_id
        return vendor

    @property
    def ids(self) -> list[UUID]:
        return [vendor.id for vendor in self.vendors]

    @property
    def viewer(self) -> Viewer:
        return Viewer("Sandra Whitlock", frozenset(self.ids), role="payer", payer_id=self.payer_id)

    def bill(self, vendor: Vendor, minor: int, currency: str = "GBP", terms: Terms | None = None) -> Invoice:
        with acting_for([vendor.id]):
            return an_invoice(self.customers[vendor.id], minor, currency=currency, terms=terms)

    def pay(self, wanted: Mapping[UUID, Money | None] | Sequence[Invoice], key: str = "press", now: datetime = NOW) -> Paying:
        given = wanted if isinstance(wanted, Mapping) else {invoice.id: None for invoice in wanted}
        with acting_for(self.ids):
            return open_checkouts(viewer=self.viewer, wanted=given, provider="sandbox", key=key, now=now)

    def say(self, paying: Paying, decision: str) -> None:
        with acting_for(self.ids):
            bank.decide(together_id=paying.paying_id, vendor_ids=self.ids, decision=decision, at=NOW)

    def listen(self, at: datetime = NOW, now: datetime = NOW) -> dict[str, int]:
        found: dict[str, int] = {}
        for vendor in self.ids:
            for word, number in due.listen(vendor_id=vendor, at=at, now=now).items():
                found[word] = found.get(word, 0) + number
        return found

    def call(self, checkout: Checkout) -> list[UUID]:
        """The bank calls about how it stands there now; returns the events that are to be worked."""
        with acting_for(self.ids):
            body, headers = call_about(SandboxPayment.objects.get(order_id=checkout.id), NOW)
            return hear(
                vendor_id=checkout.vendor_id, provider="sandbox", body=body, headers=headers, at=NOW, now=NOW
            )  # fmt: skip

    def work(self, events: Sequence[UUID], now: datetime = NOW) -> list[str]:
        with acting_for(self.ids):
            return [work(event_id=event, now=now) for event in events]

    def again(self, checkout: Checkout) -> Checkout:
        with acting_for(self.ids):
            return Checkout.objects.select_related("payment").get(id=checkout.id)

    def open_minor(self, invoice: Invoice) -> int:
        with acting_for(self.ids):
            return Invoice.objects.get(id=invoice.id).open_minor
