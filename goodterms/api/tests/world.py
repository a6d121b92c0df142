"""Two vendors who know nothing of each other, each with one of everything that the API can name by its id."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.test import Client

from goodterms.billing import actions as to_bill
from goodterms.conversations.actions import Wish, ask, request_extension, request_plan
from goodterms.database.isolation import acting_for
from goodterms.invoicing import actions as billing
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.parties import actions as parties
from goodterms.parties.models import Contact, Customer, Vendor
from goodterms.parties.rules.viewer import NOUNS
from goodterms.payments.actions import give_rate, record, withhold
from goodterms.rates.rules import Given
from goodterms.reminders.models import Nomination, Notice
from goodterms.terms.actions import agree
from goodterms.terms.rules import parse
from goodterms.values.files import File
from goodterms.values.keys import new_key
from goodterms.values.money import Money

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
TODAY = date(2026, 11, 16)
EVERYTHING = [f"{noun}:write" for noun in NOUNS]


class World(NamedTuple):
    """A vendor whose clock stands still, its key, and one of everything. `ids` are by the name of the path parameter."""

    vendor: Vendor
    secret: str
    customer: Customer
    contact: Contact
    draft: Invoice
    invoice: Invoice  # issued on 1 October, 1,200.00 GBP, due on 31 October
    ids: dict[str, UUID]


def a_world(slug: str) -> World:
    vendor = parties.add_vendor(
        slug=slug, name=f"Vendor {slug}", currency="GBP", country="GB", timezone="Europe/London",
        email=f"{slug}@vendor.example", now=NOW, by="Tom", sandbox_now=NOW,
    )  # fmt: skip
    with acting_for([vendor.id]):
        _, secret = parties.add_api_key(vendor_id=vendor.id, name="Till", scopes=EVERYTHING, now=NOW, by="Tom")
        customer = parties.add_customer(
            vendor_id=vendor.id, number="7", name=f"Canary {slug}", currency="GBP", now=NOW, by="Tom"
        )
        contact = parties.add_contact(
            vendor_id=vendor.id, customer_id=customer.id, name="Sandra", email=f"sandra@{slug}.example", pays=True, now=NOW,
            by="Tom",
        )  # fmt: skip
        agreed = agree(vendor_id=vendor.id, terms=parse("net 30"), from_on=date(2026, 1, 1), now=NOW, by="Tom")
        draft, billed = a_draft(customer), a_draft(customer)
        says: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}
        [file] = billing.enclose(invoice_id=billed.id, files=[File("hours.csv", f"day;{slug}\n1;8\n".encode())], **says)
        invoice = issued(billed)
        paid = record(
            vendor_id=vendor.id, customer_id=customer.id, amount=Money(200_00, "GBP"), received_on=date(2026, 11, 2),
            method="card", idempotency_key="first", by="Tom", role="owner", now=NOW, named=[invoice.id],
        )  # fmt: skip
        asked = ask(invoice_ids=[issued(a_draft(customer)).id], words=f"Canary {slug}?", by="Sandra", now=NOW)
        far = request_extension(
            invoice_id=issued(a_draft(customer)).id, until_on=TODAY + timedelta(days=90), by="Sandra", now=NOW
        )
        parts = request_plan(invoice_ids=[far.extension.invoice_id], wish=Wish(6, TODAY), by="Sandra", now=NOW).plan
        kept = withhold(invoice_id=asked.about.get().invoice_id, amount=Money(1, "GBP"), on=TODAY, **says)
        note = billing.credit_on_account(
            vendor_id=vendor.id, customer_id=customer.id, lines=[Line("Late", Decimal(1), Decimal(50), Tax("Z", Decimal(0)))],
            reason="Late", issued_on=TODAY, number=f"CM-{slug}", **says,
        )  # fmt: skip
        notice = _notice(vendor, contact, invoice)
        of_billing = _to_bill(customer) | {"rate_id": _a_rate(vendor)}
    ids = {
        "customer_id": customer.id, "contact_id": contact.id, "terms_id": agreed.id, "invoice_id": invoice.id,
        "payment_id": UUID(paid["payment_id"]), "conversation_id": asked.id, "extension_id": far.extension.id,
        "notice_id": notice.id, "plan_id": parts.id, "enclosure_id": file.id,
        "withheld_id": kept.id, "credit_note_id": note.id, **of_billing,
    }  # fmt: skip
    return World(vendor, secret, customer, contact, draft, invoice, ids)


def _to_bill(customer: Customer) -> dict[str, UUID]:
    """A project with a finished item, and a schedule that has not begun."""
    says: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}
    line = Line("Retouching", Decimal(2), Decimal(50), Tax("S", Decimal(20)))
    project = to_bill.open_project(vendor_id=customer.vendor_id, customer_id=customer.id, name="Range", **says)
    [item] = to_bill.add_items(project_id=project.id, work=[to_bill.Work(line, "time", date(2026, 11, 10))], **says)
    schedule = to_bill.start_schedule(
        vendor_id=customer.vendor_id, customer_id=customer.id, work="Retainer", rule="FREQ=MONTHLY", lines=[line],
        starts_on=date(2026, 12, 1), **says,
    )  # fmt: skip
    retainer = to_bill.begin_retainer(
        vendor_id=customer.vendor_id, customer_id=customer.id, name="Care", unit="hours", unit_price=Decimal(90), tax=line.tax,
        **says,
    )  # fmt: skip
    to_bill.agree_price(project_id=project.id, lines=[line], **says)
    return {"project_id": project.id, "item_id": item.id, "schedule_id": schedule.id, "retainer_id": retainer.id}


def _a_rate(vendor: Vendor) -> UUID:
    """Of a day long ago, which nothing here asks for."""
    given = Given("CHF", "GBP", Decimal("0.8"), date(2019, 6, 3), date(2019, 6, 3), "our bank")
    return give_rate(vendor_id=vendor.id, given=given, by="Tom", now=NOW).id


def a_draft(customer: Customer) -> Invoice:
    line = Line("Labels", Decimal(1), Decimal(1000), Tax("S", Decimal(20)))
    return billing.draft(
        vendor_id=customer.vendor_id, customer_id=customer.id, lines=[line], work="Labels", by="Tom", role="owner", now=NOW
    )


def issued(draft: Invoice) -> Invoice:
    billing.approve(invoice_id=draft.id, by="Tom", role="owner", now=NOW)
    return billing.issue(invoice_id=draft.id, issued_on=date(2026, 10, 1), by="Tom", role="owner", now=NOW)


def _notice(vendor: Vendor, contact: Contact, invoice: Invoice) -> Notice:
    notice = Notice.objects.create(
        id=new_key(NOW), vendors=[vendor.id], payer_id=contact.payer_id, on=TODAY, channel="person", step="reminder",
        tone="neutral", language="en", dedupe_key=f"{vendor.slug} {TODAY}", created_at=NOW,
    )  # fmt: skip
    Nomination.objects.create(
        id=new_key(NOW), vendor=vendor, customer_id=invoice.customer_id, invoice=invoice, notice=notice, on=TODAY, step_days=14,
        step="reminder", chase_on=TODAY, open_minor=invoice.open_minor, created_at=NOW,
    )  # fmt: skip
    return notice


class Program:
    """A program with a key, which sends a fresh idempotency key unless it is told one."""

    def __init__(self, secret: str, client: Client | None = None) -> None:
        self.secret, self.client = secret, client or Client(raise_request_exception=False)

    def __call__(self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> HttpResponse:
        given = {"Authorization": f"Bearer {self.secret}", **headers}
        if method != "GET":
            given.setdefault("Idempotency-Key", key or uuid4().hex)
        sent = "" if body is None else json.dumps(body, default=str)
        kind = "application/json" if sent else "application/octet-stream"
        return self.client.generic(method, f"/api/v1{path}", sent, kind, headers=given)  # type: ignore[return-value]


def told(response: Any) -> Any:
    return json.loads(response.content)
