"""The cast of the stories: a vendor of Bristol, its customers, its clock, and what they do, in the trade's words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import count
from types import MappingProxyType
from typing import Any
from uuid import UUID

from goodterms.billing import actions as billing
from goodterms.billing.models import Project
from goodterms.billing.rules import Ask
from goodterms.clock.tick import Run, run_day
from goodterms.conversations import actions as talk
from goodterms.conversations.models import Conversation, Extension, Plan, Promise
from goodterms.database.isolation import acting_for
from goodterms.imports.actions import import_invoices
from goodterms.imports.profile import Profile
from goodterms.invoicing.actions.credit_note import Credited, credit
from goodterms.invoicing.actions.draft import approve, draft
from goodterms.invoicing.actions.enclosing import enclose
from goodterms.invoicing.actions.expect import expect
from goodterms.invoicing.actions.hold import hold, release
from goodterms.invoicing.actions.issue import issue, issue_many
from goodterms.invoicing.actions.loss import write_off
from goodterms.invoicing.actions.on_account import credit_on_account
from goodterms.invoicing.actions.papers import make_papers
from goodterms.invoicing.actions.void import void
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.parties.actions import add_contact, add_customer, add_vendor
from goodterms.parties.models import Contact, Customer, Vendor
from goodterms.payments import actions as payments
from goodterms.payments.withholding import Kept
from goodterms.terms.actions import agree
from goodterms.terms.rules import Withholding, parse
from goodterms.values.days import day_in, instant
from goodterms.values.files import File
from goodterms.values.money import Money

_slugs = count(1)
BEGIN = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
VAT = Tax("S", Decimal(20))
NO_TAX = Tax("Z", Decimal(0))
ANN = "Ann Penhale"


def a_line(price: str, quantity: str = "1", tax: Tax = VAT, description: str = "Brochure, design and artwork") -> Line:
    return Line(description, Decimal(quantity), Decimal(price), tax)


@dataclass
class World:
    """One vendor and whoever owes it money. `now` moves only when a story says so."""

    now: datetime = BEGIN
    slug: str = ""
    vendor: Vendor = field(init=False)

    def __post_init__(self) -> None:
        self.slug = self.slug or f"penhale-{next(_slugs)}"
        self.vendor = add_vendor(
            slug=self.slug, name="Penhale Print", currency="GBP", country="GB", timezone="Europe/London",
            email=f"hello@{self.slug}.example", now=self.now, by=ANN, sender=ANN, address="4 Quay Street, Bristol",
            bank={"name": "Severn Bank", "iban": "GB33BUKB20201555555555", "bic": "BUKBGB22"},
        )  # fmt: skip

    @property
    def today(self) -> date:
        return day_in("Europe/London", self.now)

    @property
    def _ours(self) -> dict[str, Any]:
        return {"by": ANN, "role": "owner", "now": self.now}

    def later(self, days: int = 0, minutes: int = 0) -> None:
        """Time passes; a day ends at the vendor's opening hour of another."""
        self.now += timedelta(minutes=minutes)
        if days:
            self.now = max(self.now, instant(self.today + timedelta(days=days), time(10), "Europe/London"))

    def a_customer(
        self, name: str, terms: str = "net 30", currency: str = "GBP", channel: str = "email",
        withholding: Withholding | None = None,
    ) -> Customer:  # fmt: skip
        """A customer with somebody who pays, and terms of its own."""
        number = name.split(maxsplit=1)[0].upper()
        with acting_for([self.vendor.id]):
            customer = add_customer(
                vendor_id=self.vendor.id, number=number, name=name, currency=currency, now=self.now, by=ANN,
                country="GB", address="1 High Street, Bath", channel=channel,
            )  # fmt: skip
            address = f"accounts@{number.lower()}-{self.slug}.example"
            add_contact(
                vendor_id=self.vendor.id, customer_id=customer.id, name="Sandra Whitlock", email=address, pays=True,
                now=self.now, by=ANN,
            )  # fmt: skip
            agree(
                vendor_id=self.vendor.id, customer_id=customer.id, terms=replace(parse(terms), withholding=withholding),
                from_on=date(2026, 1, 1), now=self.now, by=ANN, agreed_by="Sandra Whitlock",
            )  # fmt: skip
            return customer

    def payer_of(self, customer: Customer) -> UUID:
        with acting_for([self.vendor.id]):
            payer = Contact.objects.values_list("payer_id", flat=True).get(customer=customer, pays=True)
        assert payer is not None
        return payer

    def bill(
        self, customer: Customer, *lines: Line, work: str = "", files: Sequence[File] = (), has_paper: bool = True
    ) -> Invoice:
        """Drafted, with what goes along, approved and issued today; its paper is made at once, or left to `make_papers`."""
        with acting_for([self.vendor.id]):
            sheet = draft(vendor_id=self.vendor.id, customer_id=customer.id, lines=lines, **self._ours, work=work)
            enclose(invoice_id=sheet.id, files=files, **self._ours)
            approve(invoice_id=sheet.id, **self._ours)
            if has_paper:
                return issue(invoice_id=sheet.id, issued_on=self.today, **self._ours)
            issue_many(vendor_id=self.vendor.id, invoice_ids=[sheet.id], issued_on=self.today, **self._ours)
            return Invoice.objects.get(id=sheet.id)

    def make_papers(self) -> None:
        """All that are left to be made, one beside the other, which takes half as long as one after the other."""
        with acting_for([self.vendor.id]):
            make_papers(vendor_id=self.vendor.id, now=self.now, most=1_000)

    def read_rates(self, per_euro: Mapping[str, str]) -> None:
        """What the ECB published today."""
        file = f"Date,{','.join(per_euro)},\n{self.today},{','.join(per_euro.values())},\n".encode()
        with acting_for([self.vendor.id]):
            payments.read_rates(vendor_id=self.vendor.id, content=file, by=ANN, now=self.now)

    def bill_despite(self, customer: Customer, line: Line, why: str) -> Invoice:
        """Over the amount of an order, issued all the same, and not sent."""
        with acting_for([self.vendor.id]):
            amount = Money(50_00, customer.currency)
            expect(customer_id=customer.id, kind="order", name="PO-1", amount=amount, **self._ours)
            sheet = draft(vendor_id=self.vendor.id, customer_id=customer.id, lines=[line], order_number="PO-1", **self._ours)
            approve(invoice_id=sheet.id, **self._ours)
            return issue(invoice_id=sheet.id, issued_on=self.today, send=False, despite=why, **self._ours)

    def take_over(self, customer: Customer, number: str, issued_on: date, due_on: date, minor: int) -> Invoice:
        """One invoice out of a file that another program wrote."""
        amount = Money(minor, customer.currency).major
        file = BytesIO(
            f"number,customer,issued,due,amount\n{number},{customer.number},{issued_on},{due_on},{amount}\n".encode()
        )
        words = ("number", "customer", "issued", "due", "amount")
        profile = Profile(columns={word: word for word in words}, dates=("year-month-day",), currency=customer.currency)
        with acting_for([self.vendor.id]):
            import_invoices(vendor_id=self.vendor.id, file=file, name="old.csv", profile=profile, **self._ours)
            return Invoice.objects.get(vendor_id=self.vendor.id, number=number)

    def a_project(self, customer: Customer, *lines: Line, name: str = "New shop") -> Project:
        """Work at an agreed price."""
        with acting_for([self.vendor.id]):
            project = billing.open_project(vendor_id=self.vendor.id, customer_id=customer.id, name=name, **self._ours)
            billing.agree_price(project_id=project.id, lines=lines, **self._ours)
            return project

    def part_of(self, project: Project, kind: str, key: UUID | None = None, **ask: Any) -> Invoice:
        """A deposit, or a part as the work goes on; issued today."""
        with acting_for([self.vendor.id]):
            says = {"project_id": project.id, "on": self.today, "key": key, "way": billing.Way(issues=True), **self._ours}
            return billing.bill_part(kind=kind, ask=Ask(**ask), **says)

    def rest_of(self, project: Project) -> Invoice:
        """The final invoice, issued today."""
        with acting_for([self.vendor.id]):
            return billing.bill_rest(project_id=project.id, on=self.today, way=billing.Way(issues=True), **self._ours)

    def credit(self, invoice: UUID, minor: int | None = None, currency: str = "GBP") -> Credited:
        with acting_for([self.vendor.id]):
            amount = None if minor is None else Money(minor, currency)
            return credit(
                invoice_id=invoice,
                reason="Wrong paper",
                issued_on=self.today,
                by=ANN,
                role="owner",
                now=self.now,
                amount=amount,
            )

    def void(self, invoice: UUID) -> Invoice:
        with acting_for([self.vendor.id]):
            return void(invoice_id=invoice, on=self.today, reason="Made out to the wrong branch", **self._ours)

    def write_off(self, invoice: UUID, minor: int | None = None, currency: str = "GBP") -> Money:
        with acting_for([self.vendor.id]):
            amount = None if minor is None else Money(minor, currency)
            return write_off(
                invoice_id=invoice,
                reason="Not worth a letter",
                on=self.today,
                by=ANN,
                role="owner",
                now=self.now,
                amount=amount,
            )

    def pay(
        self,
        customer: Customer,
        minor: int,
        *,
        key: str,
        named: Mapping[UUID, Money | None] | Sequence[UUID] = (),
        on: date | None = None,
        kept: Mapping[UUID, Kept] = MappingProxyType({}),
    ) -> dict[str, Any]:
        with acting_for([self.vendor.id]):
            return payments.record(
                vendor_id=self.vendor.id, customer_id=customer.id, amount=Money(minor, customer.currency),
                received_on=on or self.today, method="bank_transfer", idempotency_key=key, **self._ours, named=named,
                kept=kept,
            )  # fmt: skip

    def allocate(self, payment: UUID, named: Sequence[UUID] = ()) -> dict[str, Any]:
        with acting_for([self.vendor.id]):
            return payments.allocate(payment_id=payment, **self._ours, named=named)

    def give_credit(self, customer: Customer, *lines: Line) -> Invoice:
        """One that corrects no invoice."""
        said: dict[str, Any] = {"reason": "The courier was late", "issued_on": self.today}
        with acting_for([self.vendor.id]):
            return credit_on_account(vendor_id=self.vendor.id, customer_id=customer.id, lines=lines, **said, **self._ours)

    def allocate_credit(self, note: UUID, named: Sequence[UUID] = ()) -> dict[str, Any]:
        with acting_for([self.vendor.id]):
            return payments.allocate_credit(credit_note_id=note, **self._ours, named=named)

    def take_back(self, allocation: UUID) -> None:
        with acting_for([self.vendor.id]):
            payments.deallocate(allocation_id=allocation, on=self.today, reason="Meant for another invoice", **self._ours)

    def refund(self, payment: UUID, minor: int, *, key: str, currency: str = "GBP") -> dict[str, Any]:
        with acting_for([self.vendor.id]):
            return payments.refund(
                payment_id=payment, amount=Money(minor, currency), reason="Paid twice", refunded_on=self.today,
                idempotency_key=key, **self._ours,
            )  # fmt: skip

    def refund_credit(self, note: UUID, minor: int, *, key: str, currency: str = "GBP") -> dict[str, Any]:
        with acting_for([self.vendor.id]):
            return payments.refund_credit(
                credit_note_id=note, amount=Money(minor, currency), reason="They would rather have money", idempotency_key=key,
                refunded_on=self.today, **self._ours,
            )  # fmt: skip

    def hold(self, invoice: UUID, until_on: date | None = None) -> UUID:
        with acting_for([self.vendor.id]):
            [key] = hold(
                invoice_ids=[invoice],
                reason="manual",
                from_on=self.today,
                until_on=until_on,
                by=ANN,
                role="owner",
                now=self.now,
            )
            return key

    def release(self, hold_id: UUID) -> None:
        with acting_for([self.vendor.id]):
            release(hold_id=hold_id, on=self.today, **self._ours)

    def ask(self, invoice: UUID) -> Conversation:
        with acting_for([self.vendor.id]):
            return talk.ask(invoice_ids=[invoice], words="Is the delivery in this?", by="customer", now=self.now)

    def answer(self, conversation: UUID) -> None:
        with acting_for([self.vendor.id]):
            talk.answer(conversation_id=conversation, words="Yes, it is.", **self._ours)

    def dispute(self, invoice: UUID) -> Conversation:
        with acting_for([self.vendor.id]):
            return talk.dispute(invoice_id=invoice, reason="QTY", words="We had fewer.", by="customer", now=self.now)

    def resolve(self, conversation: UUID) -> None:
        with acting_for([self.vendor.id]):
            talk.resolve(conversation_id=conversation, resolution="answered", words="We counted again.", **self._ours)

    def promise(self, invoice: UUID, promised_on: date) -> None:
        with acting_for([self.vendor.id]):
            talk.promise(invoice_id=invoice, promised_on=promised_on, by="customer", now=self.now)

    def promised(self, invoice: UUID) -> tuple[int, int]:
        """How many promises about it came after the last that was judged, and how many were broken."""
        with acting_for([self.vendor.id]):
            outcomes = list(Promise.objects.filter(invoice_id=invoice).order_by("made_at").values_list("outcome", "judged_at"))
        judged = max((place for place, (_, at) in enumerate(outcomes, 1) if at), default=0)
        return len(outcomes) - judged, sum(outcome == "broken" for outcome, _ in outcomes)

    def more_time(self, invoice: UUID, until_on: date) -> Extension:
        with acting_for([self.vendor.id]):
            return talk.request_extension(invoice_id=invoice, until_on=until_on, by="customer", now=self.now).extension

    def in_parts(self, invoice: UUID, first_on: date, parts: int = 2, every: str = "fortnightly") -> Plan:
        with acting_for([self.vendor.id]):
            wish = talk.Wish(parts, first_on, every)
            return talk.request_plan(invoice_ids=[invoice], wish=wish, by="customer", now=self.now).plan

    def run_day(self) -> Counter[str]:
        """The whole day of the clock, now: letters go to the outbox folder of the settings."""
        now = self.now
        return run_day(Run(self.vendor.id, [self.vendor.id], self.today, now, lambda: now))
