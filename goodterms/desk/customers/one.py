"""Decides what the page of one customer shows: what was agreed, how they like it, their people, balance and figures."""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q

from goodterms.conversations.models import Conversation
from goodterms.conversations.plans import Known, standing_of_customer
from goodterms.desk.customers.liking import Liked, liked
from goodterms.desk.customers.listing import YEAR, place_of
from goodterms.desk.customers.saying import hours, span
from goodterms.interactions.models import Interaction, Outreach
from goodterms.parties.models import Contact, Customer, Introduction, Vendor
from goodterms.relationship.measures.sides import Sides, sides
from goodterms.relationship.measures.words_kept import PromisesKept, promises_kept
from goodterms.relationship.rules import BUCKETS
from goodterms.stationery.drawings import spark
from goodterms.terms.actions import InEffect, in_effect
from goodterms.terms.models import AgreedTerms
from goodterms.terms.rules import Clause, Terms, in_words
from goodterms.values.money import Money

MOST_OPEN = 30
MOST_NOTES = 5
MOST_THREADS = 5
MOST_BELOW = 12
AGES = {
    "current": "Not yet due",
    "1_30": "1 to 30 days late",
    "31_60": "31 to 60",
    "61_90": "61 to 90",
    "over_90": "91 and more",
}


class Part(NamedTuple):
    """What is open of one age, and where its bar lies on a drawing 100 wide."""

    words: str
    shade: str
    amount: Money
    x: float
    width: float


class Balance(NamedTuple):
    """What is open in one currency, by age."""

    amount: Money
    invoices: int
    parts: list[Part]


class OpenInvoice(NamedTuple):
    id: UUID
    number: str
    work: str
    issued_on: date
    due_on: date
    chase_on: date
    amount: Money
    promised_on: date | None
    hold: str
    hold_until: date | None


class Version(NamedTuple):
    """One version of the terms, in words."""

    number: int
    from_on: date
    agreed_by: str
    agreed_at: datetime
    words: list[Clause]
    is_in_effect: bool


class Group(NamedTuple):
    """To whom a customer belongs, and who belongs to it: by key and name, some of them."""

    above: tuple[UUID, str] | None
    below: list[tuple[UUID, str]]


class One(NamedTuple):
    """Everything on the page but the timeline."""

    customer: Customer
    place: str
    terms: InEffect
    words: list[Clause]
    versions: list[Version]
    liked: list[Liked]
    people: list[Contact]
    introductions: list[Introduction]
    balances: list[Balance]
    invoices: list[OpenInvoice]
    held: int
    sides: Sides
    promises: PromisesKept
    conversations: list[Conversation]
    notes: list[Interaction]
    plans: list[Known]  # that run, or wait to be decided
    group: Group

    @property
    def answer(self) -> str:
        return hours(self.sides.answer_minutes)

    @property
    def days(self) -> int:
        return round(self.sides.paying.days) if self.sides.paying else 0

    @property
    def agreed(self) -> str:
        return span(self.sides.paying.agreed) if self.sides.paying else ""

    @property
    def spark(self) -> str:
        months = [days for _, days in self.sides.paying.months] if self.sides.paying else []
        return spark(months, 140, 26) if len(months) > 1 else ""

    @property
    def judged(self) -> int:
        return self.promises.kept + self.promises.part + self.promises.broken


def read(vendor: Vendor, customer: Customer, today: date, now: datetime) -> One:
    """As many statements whatever the customer's history."""
    terms = in_effect(vendor.id, customer.id, today)
    people = list(Contact.objects.filter(customer=customer).current().select_related("payer").order_by("-pays", "name"))
    year = today - YEAR
    return One(
        customer,
        place_of(customer),
        terms,
        in_words(terms.terms, "en"),
        _versions(vendor.id, customer.id, terms),
        liked(customer, _used(customer, people, now)),
        people,
        list(Introduction.objects.filter(customer=customer, decided_at=None).order_by("asked_at", "id")),
        _balances(vendor.id, customer.id, today),
        _open(vendor.id, customer.id),
        _held(customer.id),
        sides(vendor_id=vendor.id, customer_ids=[customer.id], first_on=year, today=today)[customer.id],
        promises_kept(vendor_id=vendor.id, first_on=year, last_on=today, customer_id=customer.id),
        list(Conversation.objects.filter(customer=customer).order_by("-opened_at")[:MOST_THREADS]),
        notes_of(vendor.id, customer.id),
        standing_of_customer(customer.id),
        _group(customer),
    )


def welcomed(customer: Customer) -> Interaction | None:
    """When the welcome packet went out last, and to whom."""
    told = Interaction.objects.filter(vendor_id=customer.vendor_id, customer_id=customer.id, kind="customer.welcomed")
    return told.order_by("-at", "-id").first()


def notes_of(vendor_id: UUID, customer_id: UUID) -> list[Interaction]:
    """What colleagues wrote down, the newest first."""
    told = Interaction.objects.filter(vendor_id=vendor_id, customer_id=customer_id, kind="customer.noted")
    return list(told.order_by("-at", "-id")[:MOST_NOTES])


def _group(customer: Customer) -> Group:
    """One statement."""
    kin = Q(id=customer.parent_id) if customer.parent_id else Q()
    rows = Customer.objects.filter(Q(parent=customer) | kin if kin else Q(parent=customer), vendor_id=customer.vendor_id)
    known = list(rows.order_by("folded", "id").values_list("id", "name")[: MOST_BELOW + 1])
    above = next((row for row in known if row[0] == customer.parent_id), None)
    return Group(above, [row for row in known if row[0] != customer.parent_id][:MOST_BELOW])


def _versions(vendor_id: UUID, customer_id: UUID, current: InEffect) -> list[Version]:
    """Theirs, the newest first."""
    rows = AgreedTerms.objects.filter(vendor_id=vendor_id, customer_id=customer_id).order_by("-version")[:20]
    return [
        Version(
            row.version, row.from_on, row.agreed_by, row.agreed_at, in_words(Terms.from_json(row.data), "en"),
            current.own and row.version == current.version,
        )
        for row in rows
    ]  # fmt: skip


def _used(customer: Customer, people: list[Contact], now: datetime) -> int | None:
    """How many contacts of whoever pays count in the limit just now, over all vendors; None where no limit was said."""
    payer = next((one.payer_id for one in people if one.pays), None)
    if payer is None or not customer.contacts_days:
        return None
    since = now - timedelta(days=customer.contacts_days)
    return Outreach.objects.filter(payer_id=payer, at__gt=since, at__lte=now).count()


def _balances(vendor_id: UUID, customer_id: UUID, today: date) -> list[Balance]:
    given: dict[str, UUID | date] = {"vendor": vendor_id, "customer": customer_id, "today": today}
    by_currency: dict[str, dict[str, tuple[int, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_BY_AGE, given)
        for currency, bucket, minor, count in cursor.fetchall():
            by_currency.setdefault(currency, {})[bucket] = (minor, count)
    return [_balance(currency, ages) for currency, ages in sorted(by_currency.items())]


def _balance(currency: str, ages: dict[str, tuple[int, int]]) -> Balance:
    whole = sum(minor for minor, _ in ages.values())
    parts, x = [], 0.0
    for shade, bucket in zip(("a0", "a1", "a2", "a3", "a3"), BUCKETS, strict=True):
        minor = ages.get(bucket, (0, 0))[0]
        width = round(100 * minor / whole, 2)
        parts.append(Part(AGES[bucket], shade, Money(minor, currency), round(x, 2), width))
        x += width
    return Balance(Money(whole, currency), sum(count for _, count in ages.values()), parts)


def _open(vendor_id: UUID, customer_id: UUID) -> list[OpenInvoice]:
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"vendor": vendor_id, "customer": customer_id, "most": MOST_OPEN})
        return [
            OpenInvoice(id, number, work, issued, due, chase, Money(minor, currency), promised, hold or "", until)
            for id, number, work, issued, due, chase, minor, currency, promised, hold, until in cursor.fetchall()
        ]


def _held(customer_id: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [customer_id])
        return int(cursor.fetchone()[0])


_BY_AGE = """
select currency, case when due_on >= %(today)s::date then 'current' when due_on >= %(today)s::date - 30 then '1_30'
                      when due_on >= %(today)s::date - 60 then '31_60' when due_on >= %(today)s::date - 90 then '61_90'
                      else 'over_90' end as bucket, sum(open_minor)::bigint, count(*)
from invoicing_invoice where vendor_id = %(vendor)s and customer_id = %(customer)s and open_minor > 0
group by 1, 2
"""
_OPEN = """
select i.id, i.number, i.work, i.issued_on, i.due_on, coalesce(i.chase_on, i.due_on), i.open_minor, i.currency,
       p.promised_on, h.reason, h.until_on
from (select * from invoicing_invoice
      where vendor_id = %(vendor)s and customer_id = %(customer)s and open_minor > 0 order by due_on, number limit %(most)s) i
left join lateral (select q.promised_on from conversations_promise q
                   where q.invoice_id = i.id and q.ended_at is null and q.judged_at is null limit 1) p on true
left join lateral (select o.reason, o.until_on from invoicing_hold o
                   where o.invoice_id = i.id and o.ended_at is null order by o.created_at desc limit 1) h on true
order by i.due_on, i.number
"""
_HELD = """
select count(*) from invoicing_hold h join invoicing_invoice i on i.id = h.invoice_id
where i.customer_id = %s and i.open_minor > 0 and h.reason = 'manual' and h.ended_at is null
"""
