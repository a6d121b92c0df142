"""Decides who is at the door in these stories: Sandra, whom two vendors list, with a letter that named one invoice of each."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from goodterms.access.due import write
from goodterms.access.letters import Errand
from goodterms.conversations.tests.cast import a_customer, an_invoice, unsaved_vendor
from goodterms.database.isolation import acting_for
from goodterms.invoicing.models import Invoice
from goodterms.parties.actions import add_contact
from goodterms.parties.models import Customer, Vendor
from goodterms.parties.rules import payer_key
from goodterms.reminders.models import Nomination, Notice
from goodterms.reminders.token import hash_of, link_token
from goodterms.values.keys import new_key

SANDRA, PAUL = "sandra@bellwether.example", "paul@bellwether.example"
PAYER = payer_key(SANDRA)
SENT = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
NOW = SENT + timedelta(hours=2)


class World(NamedTuple):
    """`shown` are the invoices of the letter, `other` is one that it did not name; `token` is in its links."""

    vendors: list[Vendor]
    customers: list[Customer]
    shown: list[Invoice]
    other: Invoice
    notice: UUID
    token: str


def make_world(at: datetime = SENT) -> World:
    vendors = [unsaved_vendor(), unsaved_vendor("penhale-print", name="Penhale Print", sender="Jory Penhale")]
    customers, shown = [], []
    for vendor in vendors:
        with acting_for([vendor.id]):
            vendor.save(force_insert=True)
            customer = a_customer(vendor)
            add_contact(
                vendor_id=vendor.id, customer_id=customer.id, name="Sandra Whitlock", email=SANDRA, pays=True, now=at, by="Tom"
            )
            customers.append(customer)
            shown.append(an_invoice(customer, number=f"{vendor.slug}-1", work="Labels", due_on=date(2026, 11, 9)))
    with acting_for([vendors[0].id]):
        other = an_invoice(customers[0], 216_000, number="lindqvist-rowe-2", work="Retainer", due_on=date(2026, 12, 2))
    notice, token = a_notice(vendors, shown, at)
    return World(vendors, customers, shown, other, notice, token)


def a_notice(vendors: list[Vendor], shown: list[Invoice], at: datetime) -> tuple[UUID, str]:
    """The letter's rows, as the day leaves them."""
    id = new_key(at)
    token = link_token(settings.SECRET_KEY, id)
    with acting_for([one.id for one in vendors]):
        Notice.objects.create(
            id=id,
            vendors=[one.id for one in vendors],
            payer_id=PAYER,
            on=at.date(),
            channel="email",
            step="first",
            tone="neutral",
            language="en",
            dedupe_key=str(id),
            link_sha256=hash_of(token),
            created_at=at,
        )
        Nomination.objects.bulk_create(
            Nomination(
                id=new_key(at),
                vendor_id=one.vendor_id,
                customer_id=one.customer_id,
                invoice=one,
                notice_id=id,
                on=at.date(),
                step_days=3,
                step="first",
                chase_on=one.due_on or at.date(),
                open_minor=one.open_minor,
                created_at=at,
            )
            for one in shown
        )
    return id, token


class Post:
    """Letters as they would be written once a request is committed, one after the other."""

    def __init__(self) -> None:
        self.errands: list[Errand] = []

    def soon(self, errand: Errand | None, clock: Callable[[], datetime] | None = None) -> None:
        if errand is not None and errand.vendors:
            with transaction.atomic():
                write(errand)
            self.errands.append(errand)

    @property
    def words(self) -> str:
        """The figures or the token of the last letter."""
        return self.errands[-1].words


def rows() -> dict[str, int]:
    """What was written in each table, counted by the changes that PostgreSQL itself saw in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_xact_user_tables where schemaname = 'public'"
        )
        return {name: count for name, count in cursor.fetchall() if count}
