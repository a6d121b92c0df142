"""Decides what a payer is told of a press: paid with receipts, on its way, not paid and that no money moved, or several."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from goodterms.conversations.models import Promise
from goodterms.payments.models import Allocation, Checkout, CheckoutItem
from goodterms.portal.door import Visit, at_portal, shown
from goodterms.portal.paying.selecting import query_of
from goodterms.portal.paying.words import failure
from goodterms.values.money import Money


class Row(NamedTuple):
    """One checkout and what it is for; of a paid one also what it settled and what is kept."""

    checkout: Checkout
    items: list[CheckoutItem]
    is_full: bool  # all that was chosen is settled for good
    discount: Money
    left: Money  # still open of the invoices that it paid in part
    kept: Money  # came in and settles nothing, since something else had paid meanwhile

    @property
    def amount(self) -> Money:
        return Money(self.checkout.minor, self.checkout.currency)

    @property
    def numbers(self) -> str:
        return ", ".join(item.invoice.number for item in self.items)

    @property
    def works(self) -> str:
        return ", ".join(item.invoice.work or item.invoice.number for item in self.items)


class StillOpen(NamedTuple):
    """What is left on the payer's page after this: by how soon it is due."""

    soon: list[Money]
    later: list[Money]
    later_count: int
    next_due_on: date | None


@at_portal()
def outcome(request: HttpRequest, visit: Visit, paying_id: UUID) -> HttpResponse:
    """How the press stands now, by the books and by what the provider told."""
    checkouts = checkouts_of(visit, paying_id)
    rows = _rows(checkouts)
    words = Counter(one.standing for one in checkouts)
    word = next(iter(words)) if len(words) == 1 else "several"
    items = [item for row in rows for item in row.items]
    unpaid = {
        i.invoice_id: Money(i.minor, r.checkout.currency) for r in rows if r.checkout.standing == "failed" for i in r.items
    }
    at = max(_last(one) for one in checkouts)
    why, happened = failure(next((one.failure for one in checkouts if one.failed_at), ""), len(checkouts))
    return shown(
        request,
        visit,
        f"portal/paying/{'paid' if word == 'paid' else 'not_paid' if word == 'failed' else 'under_way'}.html",
        rows=rows,
        word=word,
        at=at,
        is_waiting=words["pending"] > 0,
        address=next((one.address for one in checkouts if one.standing == "open"), ""),
        why=why,
        happened=happened,
        items=items,
        vendors=list({row.checkout.vendor_id: row.checkout.vendor for row in rows}.values()),
        sums=_sums(rows),
        still=_still_open(visit),
        kept_promise=_promise_kept(items, visit.today) if word == "paid" else None,
        again=query_of(_whole(rows, unpaid)),
        first=visit.called.split(maxsplit=1)[0],
    )


def checkouts_of(visit: Visit, paying_id: UUID) -> list[Checkout]:
    """Of this payer, and, where the browser came by a letter alone, only with what that letter showed; else not there."""
    found = list(
        Checkout.objects.filter(paying_id=paying_id, payer_id=visit.payer.id).select_related("vendor", "payment").order_by("id")
    )
    if not found:
        raise Http404
    if not visit.sees_all:
        keys = CheckoutItem.objects.filter(checkout__in=found).values_list("invoice_id", flat=True)
        if set(keys) - set(visit.shown_by_letter):
            raise Http404
    return found


def _rows(checkouts: Sequence[Checkout]) -> list[Row]:
    by: dict[UUID, list[CheckoutItem]] = {one.id: [] for one in checkouts}
    for item in CheckoutItem.objects.filter(checkout__in=by).select_related("invoice").order_by("position"):
        by[item.checkout_id].append(item)
    taken: Counter[UUID] = Counter()
    for payment_id, off in Allocation.objects.filter(
        payment_id__in=[one.payment_id for one in checkouts if one.payment_id], reversed_at=None
    ).values_list("payment_id", "discount_minor"):
        taken[payment_id] += off
    return [_row(one, by[one.id], taken) for one in checkouts]


def _row(checkout: Checkout, items: list[CheckoutItem], taken: Counter[UUID]) -> Row:
    currency = checkout.currency
    left = Money.total((item.invoice.to_pay for item in items), currency)
    kept = Money(checkout.payment.unapplied_minor, currency) if checkout.payment else Money(0, currency)
    off = Money(taken[checkout.payment_id], currency) if checkout.payment_id else Money(0, currency)
    return Row(checkout, items, not left, off, left, kept)


def _sums(rows: Sequence[Row]) -> list[Money]:
    currencies = dict.fromkeys(row.checkout.currency for row in rows)
    return [Money.total((row.amount for row in rows if row.checkout.currency == one), one) for one in currencies]


def _whole(rows: Sequence[Row], unpaid: dict[UUID, Money]) -> dict[UUID, Money | None]:
    """What was chosen and is not paid, to be chosen again: a part as a part, the rest as all of it."""
    parts = {i.invoice_id for r in rows for i in r.items if i.minor + i.discount_minor < i.invoice.to_pay.minor}
    return {key: amount if key in parts else None for key, amount in unpaid.items()}


def _last(one: Checkout) -> datetime:
    return one.succeeded_at or one.failed_at or one.doubted_at or one.pending_at or one.opened_at


def _still_open(visit: Visit) -> StillOpen:
    rows = list(
        visit.invoices()
        .filter(open_minor__gt=0, voided_at=None, kind="invoice")
        .values_list("chase_on", "currency", "open_minor")
    )
    week = visit.today + timedelta(days=6 - visit.today.weekday())
    soon = [row for row in rows if row[0] is not None and row[0] <= week]
    later = [row for row in rows if row not in soon]
    return StillOpen(
        _by_currency(soon), _by_currency(later), len(later), min((row[0] for row in later if row[0]), default=None)
    )


def _by_currency(rows: Sequence[tuple[date | None, str, int]]) -> list[Money]:
    sums: dict[str, Money] = {}
    for _, currency, minor in rows:
        sums[currency] = sums.get(currency, Money(0, currency)) + Money(minor, currency)
    return list(sums.values())


def _promise_kept(items: Sequence[CheckoutItem], today: date) -> tuple[date, int] | None:
    """A promise that this kept before its day: the day, and how many days early."""
    running = Promise.objects.filter(
        invoice_id__in=[item.invoice_id for item in items if not item.invoice.open_minor], ended_at=None, judged_at=None,
        promised_on__gt=today,
    )  # fmt: skip
    days = running.order_by("promised_on").values_list("promised_on", flat=True).first()
    return (days, (days - today).days) if days else None


urls: list[URLPattern] = [path("pay/now/<uuid:paying_id>/", outcome, name="portal-paid-page")]
