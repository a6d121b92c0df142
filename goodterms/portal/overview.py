"""Decides what a payer's page shows: open invoices by vendor, how each stands, what is chosen, and what was paid last."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Subquery, Window

from goodterms.conversations.models import Promise
from goodterms.invoicing.actions import balance
from goodterms.invoicing.models import Hold
from goodterms.parties.models import Vendor
from goodterms.payments.models import Allocation, Payment
from goodterms.payments.rules import offer, open_item, terms_of
from goodterms.portal.door import Visit
from goodterms.portal.standing import Standing, standing_of
from goodterms.relationship.measures.answers import published_answer_times
from goodterms.terms.rules import discounts
from goodterms.values.money import Money


class Bill(NamedTuple):
    """One open invoice, as its line says it. `price` is what paying all of it today costs."""

    id: UUID
    vendor_id: UUID
    number: str
    work: str
    issued_on: date
    due_on: date
    open: Money
    total: Money
    price: Money
    percent: str  # of the early discount, such as "2"; empty without one
    until: date | None  # the last day of the discount
    promised_on: date | None
    standing: Standing
    is_chosen: bool

    @property
    def is_rest(self) -> bool:
        return self.open < self.total

    @property
    def is_pressing(self) -> bool:
        return self.standing.word in ("late", "today", "this_week")


class Group(NamedTuple):
    """The open invoices of one vendor, oldest due day first."""

    vendor: Vendor
    answers_in: int | None  # minutes, measured; None: nothing is said
    bills: Sequence[Bill]

    @property
    def chosen(self) -> int:
        return sum(bill.is_chosen for bill in self.bills)

    @property
    def sums(self) -> list[Money]:
        return sums_of(bill.open for bill in self.bills)

    @property
    def is_open(self) -> bool:
        """Unfolded on a phone: something in it is late or due this week."""
        return any(bill.is_pressing for bill in self.bills)


class Receipt(NamedTuple):
    """A payment, and the numbers that it settled."""

    id: UUID
    received_on: date
    vendor: str
    amount: Money
    numbers: str
    is_part: bool


def bills_of(visit: Visit, chosen: Collection[str] | None = None) -> list[Bill]:
    """What is open of what this browser may see; `chosen` are ids as an address carries them, None: what we suggest."""
    rows = _open(visit)
    offers = _offers([row for row in rows if row["terms"].get("discounts")], visit.today)
    found = []
    for row in rows:
        off, percent, until = offers.get(row["id"], (0, "", None))
        standing = standing_of(row["chase_on"] or row["due_on"], row["held"], row["promised_on"], visit.today)
        suggested = standing.is_late or bool(off) or (standing.word == "promised" and standing.is_this_week)
        found.append(
            Bill(
                row["id"],
                row["vendor_id"],
                row["number"],
                row["work"],
                row["issued_on"],
                row["due_on"],
                Money(row["open_minor"], row["currency"]),
                Money(row["total_minor"], row["currency"]),
                Money(row["open_minor"] - off, row["currency"]),
                percent,
                until,
                row["promised_on"],
                standing,
                suggested if chosen is None else str(row["id"]) in chosen,
            )
        )
    return found


def groups_of(visit: Visit, bills: Iterable[Bill]) -> list[Group]:
    """By vendor: where something is late first, then where something is due this week, each in order of its day."""
    of: dict[UUID, list[Bill]] = defaultdict(list)
    for bill in bills:
        of[bill.vendor_id].append(bill)
    answers = published_answer_times(vendor_ids=list(of), now=visit.now)
    groups = [Group(visit.vendors[vendor], answers[vendor].minutes if vendor in answers else None, of[vendor]) for vendor in of]
    return sorted(groups, key=lambda group: (min(map(_rank, group.bills)), group.vendor.name))


def sums_of(amounts: Iterable[Money]) -> list[Money]:
    """One sum for each currency, in the order in which they come."""
    sums: dict[str, Money] = {}
    for amount in amounts:
        sums[amount.currency] = sums[amount.currency] + amount if amount.currency in sums else amount
    return list(sums.values())


def paid_last(visit: Visit, most: int) -> tuple[list[Receipt], int]:
    """The last payments of the customers that list the payer, and how many there are; a letter alone shows none."""
    if not visit.sees_all:
        return [], 0
    rows = list(Payment.objects.seen_by(visit.viewer).annotate(of=Window(Count("id"))).order_by("-received_on", "-id")[:most])
    return receipts_of(visit, rows), rows[0].of if rows else 0  # type: ignore[attr-defined]


def receipts_of(visit: Visit, payments: Sequence[Payment]) -> list[Receipt]:
    """The lines of these payments, with one query for what they settled."""
    settled: dict[UUID, list[tuple[str, bool]]] = defaultdict(list)
    allocations = Allocation.objects.filter(payment__in=[one.id for one in payments], reversed_at=None)
    named = allocations.annotate(whole=F("invoice__total_minor") - F("minor") - F("discount_minor") - F("let_go_minor"))
    for payment, number, rest in named.order_by("id").values_list("payment_id", "invoice__number", "whole"):
        settled[payment].append((number, rest > 0))
    return [
        Receipt(
            one.id,
            one.received_on,
            visit.vendors[one.vendor_id].name,
            Money(one.minor, one.currency),
            ", ".join(number for number, _ in settled[one.id]),
            any(is_part for _, is_part in settled[one.id]),
        )
        for one in payments
    ]


def _rank(bill: Bill) -> tuple[int, date]:
    standing = bill.standing
    ahead = 0 if standing.is_late else 1 if bill.is_pressing else 2
    return ahead, standing.promised_on or standing.counts_from


def _open(visit: Visit) -> list[Any]:
    promise = Promise.objects.filter(invoice=OuterRef("pk"), ended_at=None, judged_at=None).order_by("-promised_on")
    holds = Hold.objects.filter(invoice=OuterRef("pk"), ended_at=None).order_by("created_at")
    rows = visit.invoices().filter(kind="invoice", voided_at=None, open_minor__gt=0)
    return list(
        rows.annotate(promised_on=Subquery(promise.values("promised_on")[:1]), held=ArraySubquery(holds.values("reason")))
        .order_by("chase_on", "due_on", "number")
        .values(
            "id",
            "vendor_id",
            "number",
            "work",
            "currency",
            "issued_on",
            "due_on",
            "chase_on",
            "open_minor",
            "total_minor",
            "terms",
            "promised_on",
            "held",
        )
    )


def _offers(rows: Sequence[Any], today: date) -> dict[UUID, tuple[int, str, date]]:
    """What paying today takes off, by how much per cent, and until when: of those whose terms speak of it."""
    found = {}
    for one in balance.look(invoice_ids=[row["id"] for row in rows]) if rows else []:
        item = open_item(one, terms_of(one.terms))
        off = offer(item, today)
        tiers = discounts(item.terms, item.issued_on, item.total, item.net) if off else []
        for tier in tiers:
            if tier.amount == off and today <= tier.until:
                found[one.invoice_id] = (off.minor, f"{tier.percent.normalize():f}", tier.until)
    return found
