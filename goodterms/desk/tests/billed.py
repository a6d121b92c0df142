"""Invoices on the stage of the desk's tests: booked as they would be, in every standing."""

from datetime import date, timedelta
from typing import Any

from lxml.html import fromstring

from goodterms.database.isolation import acting_for
from goodterms.desk.tests.cast import NOW
from goodterms.invoicing.actions import approve, draft, issue_many
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.parties.actions import add_customer
from goodterms.parties.models import Customer, Vendor
from goodterms.payments.actions import record
from goodterms.terms.actions import agree
from goodterms.terms.rules import parse
from goodterms.values.days import day_in
from goodterms.values.keys import new_key
from goodterms.values.money import Money

TODAY = day_in("Europe/London", NOW)
BY: dict[str, Any] = {"by": "Elin", "role": "owner", "now": NOW}


def a_customer(vendor: Vendor, name: str = "Bellwether Foods", **more: Any) -> Customer:
    changes = {key: more.pop(key) for key in ("order_required",) if key in more}
    with acting_for([vendor.id]):
        given = {"currency": "GBP", "number": name[:12], **more}
        customer = add_customer(vendor_id=vendor.id, name=name, now=NOW, by="Elin", **given)
        for column, value in changes.items():
            setattr(customer, column, value)
        customer.save()
        return customer


def a_line(pounds: str = "100", what: str = "Design", rate: str = "20") -> Line:
    from decimal import Decimal

    return Line(what, Decimal(1), Decimal(pounds), Tax("S", Decimal(rate)))


def a_draft(customer: Customer, pounds: str = "100", work: str = "Autumn range", **more: Any) -> Invoice:
    with acting_for([customer.vendor_id]):
        lines = more.pop("lines", [a_line(pounds)])
        return draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=lines, work=work, **more, **BY)


def an_invoice(customer: Customer, pounds: str = "100", *, issued_on: date = TODAY, days: int = 30, **more: Any) -> Invoice:
    """Issued on a day, due so many days later; 20% tax on top. As where many are issued its paper is left to the clock, which
    takes half as long; who opens it sees it all the same."""
    one = a_draft(customer, pounds, **more)
    with acting_for([customer.vendor_id]):
        whose: dict[str, Any] = {"vendor_id": customer.vendor_id, "customer_id": customer.id}
        agree(**whose, terms=parse(f"net {days}"), from_on=date(2020, 1, 1), now=NOW, by="Elin")
        approve(invoice_id=one.id, **BY)
        issue_many(vendor_id=customer.vendor_id, invoice_ids=[one.id], issued_on=issued_on, **BY)
        return Invoice.objects.get(id=one.id)


def late(customer: Customer, pounds: str = "100", by: int = 10, **more: Any) -> Invoice:
    return an_invoice(customer, pounds, issued_on=TODAY - timedelta(days=30 + by), days=30, **more)


def paid(invoice: Invoice, minor: int | None = None, on: date = TODAY) -> None:
    with acting_for([invoice.vendor_id]):
        record(
            vendor_id=invoice.vendor_id, customer_id=invoice.customer_id, named=[invoice.id], received_on=on,
            amount=Money(minor or invoice.total_minor, invoice.currency), method="bank_transfer",
            idempotency_key=str(new_key(NOW)), **BY,
        )  # fmt: skip


def as_shown(page: str) -> dict[str, Any]:
    """What a browser would send of the form with lines that a page shows, with nothing typed into it and no button named."""
    (shown,) = fromstring(page).xpath("//form[.//input[@name='description']]")
    said: dict[str, list[str]] = {}
    for name, value in shown.form_values():
        said.setdefault(name, []).append(value)
    return said
