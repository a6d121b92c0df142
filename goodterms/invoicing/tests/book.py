"""A vendor, its customer and invoices already issued, for tests that are about what happens afterwards."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.invoicing.models import Instalment, Invoice
from goodterms.ledger import rules as booking
from goodterms.ledger.actions import post
from goodterms.ledger.rules import EntryDraft, Kind
from goodterms.parties.models import Customer, Vendor
from goodterms.rates.actions import give_rate
from goodterms.rates.rules import Given
from goodterms.terms.rules import Terms
from goodterms.values.days import NEVER
from goodterms.values.keys import new_key
from goodterms.values.money import Money

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
TODAY = date(2026, 11, 16)
ISSUED, DUE = date(2026, 10, 1), date(2026, 10, 31)
_numbers = count(1)


def a_vendor(slug: str = "halden", **more: Any) -> Vendor:
    vendor = Vendor(
        id=new_key(NOW), slug=f"{slug}-{next(_numbers)}", name="Halden Print", email=f"{slug}@vendor.example", country="GB",
        currency="GBP", timezone="Europe/London", created_at=NOW, **more,
    )  # fmt: skip
    with acting_for([vendor.id]):
        vendor.save(force_insert=True)
    return vendor


def a_customer(vendor: UUID, **more: Any) -> Customer:
    given: dict[str, Any] = {"name": "Customer", "folded": "customer", "currency": "GBP"} | more
    return Customer.objects.create(id=new_key(NOW), vendor_id=vendor, number=str(next(_numbers)), created_at=NOW, **given)


def a_rate(vendor: UUID, currency: str, value: str, base: str = "GBP") -> None:
    """For every day of these tests, so that something in a foreign currency can be issued."""
    days = {"from_on": date(2020, 1, 1), "until_on": date(2030, 12, 31)}
    one = Given(currency, base, Decimal(value), source="the bank", **days)
    give_rate(vendor_id=vendor, given=one, by="Tom", now=NOW)


def an_invoice(
    customer: Customer,
    total: int,
    *,
    currency: str = "GBP",
    tax: int = 0,
    due_on: date = DUE,
    terms: Terms | None = None,
    parts: Sequence[tuple[date, int]] = (),
) -> Invoice:
    """An invoice issued on 1 October 2026 and booked."""
    kept = terms.withholding.of(Money(total - tax, currency)).minor if terms and terms.withholding else 0
    invoice = Invoice.objects.create(
        id=new_key(NOW), vendor_id=customer.vendor_id, customer=customer, number=f"N-{next(_numbers)}", currency=currency,
        issued_on=ISSUED, due_on=due_on, net_minor=total - tax, tax_minor=tax, total_minor=total, open_minor=total,
        terms=(terms or Terms()).to_json(), created_at=NOW, chase_on=parts[0][0] if parts else due_on, settled_on=NEVER,
        to_withhold_minor=kept,
    )  # fmt: skip
    for position, (on, minor) in enumerate(parts, 1):
        Instalment.objects.create(
            id=new_key(NOW), vendor_id=customer.vendor_id, invoice=invoice, position=position, due_on=on, minor=minor
        )
    Invoice.objects.filter(id=invoice.id).update(issued_at=NOW)
    net, gross = Money(total - tax, currency), Money(tax, currency)
    sides = booking.invoice(customer_id=customer.id, invoice_id=invoice.id, net=net, tax=gross)
    post(vendor_id=customer.vendor_id, entries=[EntryDraft(Kind.INVOICE, ISSUED, invoice.id, sides)], now=NOW)
    return invoice


def must_be_true(vendor: UUID) -> None:
    """The caches of every invoice and payment say what the ledger says (I2, I4, I6, I7, I11)."""
    with connection.cursor() as cursor:
        for name, query in _FALSE.items():
            cursor.execute(query, [vendor])
            assert cursor.fetchall() == [], name


_FALSE = {
    "what is to be kept back is what the terms make of what was not credited, less what was kept back": """
        select i.number, i.to_withhold_minor from invoicing_invoice i, lateral (
          select coalesce(sum(n.net_minor), 0) as net from invoicing_invoice n
          where n.corrects_id = i.id and n.kind = 'credit_note' and n.voided_at is null) c, lateral (
          select coalesce(sum(w.minor), 0) as minor from payments_withheld w
          where w.invoice_id = i.id and w.reversed_at is null) w
        where i.vendor_id = %s and i.kind = 'invoice' and i.to_withhold_minor <> greatest(0, least(i.open_minor,
          round((i.net_minor - c.net) * coalesce((i.terms -> 'withholding' ->> 'percent')::numeric, 0) / 100) - w.minor))""",
    "what was kept back is on its account": """
        select v.id from parties_vendor v where v.id = %s and
          (select coalesce(sum(w.minor), 0) from payments_withheld w where w.vendor_id = v.id and w.reversed_at is null) <>
          (select coalesce(sum(p.minor), 0) from ledger_posting p where p.vendor_id = v.id and p.account = 'withheld')""",
    "the open amount is the balance of the receivable": """
        select i.number, i.open_minor, sum(p.minor) from invoicing_invoice i
        left join ledger_posting p on p.invoice_id = i.id and p.account = 'receivable'
        where i.vendor_id = %s and i.kind = 'invoice' group by i.id having i.open_minor <> coalesce(sum(p.minor), 0)""",
    "an invoice is settled from the last day on which something was booked on it": """
        select i.number, i.settled_on from invoicing_invoice i
        where i.vendor_id = %s and i.kind = 'invoice' and i.issued_on is not null and i.total_minor <> 0
          and i.settled_on is distinct from case when i.open_minor = 0
            then (select max(effective_on) from ledger_posting p where p.invoice_id = i.id and p.account = 'receivable')
            else date '9999-12-31' end""",
    "where nothing was settled in parts, it was settled at once or not at all": """
        select i.number from invoicing_invoice i join ledger_posting p on p.invoice_id = i.id and p.account = 'receivable'
        where i.vendor_id = %s and not i.in_parts group by i.id
        having (i.open_minor > 0 and i.open_minor <> i.total_minor)
            or count(distinct p.effective_on) filter (where p.minor < 0) > 1""",
    "no invoice was ever overpaid, and the caches tell every past day": """
        select i.number, d.day, d.open_then from invoicing_invoice i, lateral (
          select p.effective_on as day, sum(sum(p.minor)) over (order by p.effective_on) as open_then
          from ledger_posting p where p.invoice_id = i.id and p.account = 'receivable' group by p.effective_on) d
        where i.vendor_id = %s and (d.open_then < 0 or d.open_then <>
          case when d.day >= i.settled_on then 0 when not i.in_parts then i.total_minor else d.open_then end)""",
    "what is unapplied of a payment is what the ledger has": """
        select y.id, y.unapplied_minor from payments_payment y where y.vendor_id = %s
          and y.unapplied_minor <> y.minor - y.refunded_minor
            - (select coalesce(sum(coalesce(a.spent_minor, a.minor)), 0) from payments_allocation a
               where a.payment_id = y.id and a.reversed_at is null)""",
    "the unapplied account holds the unapplied money of each customer": """
        select y.customer_id, y.currency from payments_payment y where y.vendor_id = %s group by 1, 2, y.vendor_id
        having sum(y.unapplied_minor) <> (
          select coalesce(-sum(p.minor), 0) from ledger_posting p where p.vendor_id = y.vendor_id
            and p.account = 'unapplied' and p.customer_id = y.customer_id and p.currency = y.currency
            and p.invoice_id is null)""",
    "all accounts of a currency add up to nothing": """
        select currency from ledger_posting where vendor_id = %s group by currency having sum(minor) <> 0""",
}
