"""Decides which invoices a sum of money settles: as the payer named them, else the one it matches, else the oldest due."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from goodterms.invoicing.standing import Standing
from goodterms.terms.rules import Instalment, Terms, discount_at, is_within_tolerance
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


class OpenItem(NamedTuple):
    """An invoice with something to pay. `parts` are what is still open of it, each with its due day, oldest first; `total`
    and `net` are what credit notes left of it, since a discount is for paying, and what was credited is not paid."""

    invoice_id: UUID
    parts: tuple[Instalment, ...]
    total: Money
    net: Money
    issued_on: date
    terms: Terms
    discount_taken: bool = False

    @property
    def open(self) -> Money:
        return Money.total((part.amount for part in self.parts), self.total.currency)


def open_item(one: Standing, terms: Terms) -> OpenItem:
    """An invoice as the rules see it: what was credited of it is not part of its total any more."""
    total = Money(one.total_minor - one.credited_minor, one.currency)
    net = Money(one.net_minor - one.credited_net_minor, one.currency)
    return OpenItem(one.invoice_id, one.open_parts, total, net, one.issued_on, terms, one.discounted_minor > 0)


@lru_cache(maxsize=1_000)
def terms_of(text: str) -> Terms:
    """The terms copied into an invoice; many invoices share the same words."""
    return Terms.from_json(json.loads(text))


class Share(NamedTuple):
    """So much of the money settles so much of an invoice: `amount` paid, `discount` for paying early, `let_go` because so
    little was missing."""

    invoice_id: UUID
    amount: Money
    discount: Money
    let_go: Money

    @property
    def settles(self) -> Money:
        return self.amount + self.discount + self.let_go


class Outcome(NamedTuple):
    """Where the money went; `unapplied` is kept for the customer as it is."""

    shares: tuple[Share, ...]
    unapplied: Money


Named = Mapping[UUID, Money | None]  # the payer's own words: which invoices, in order, and how much of each where said


def allocate(
    payment: Money, open_items: Iterable[OpenItem], *, named: Named | None = None, received_on: date, only_named: bool = False
) -> Outcome:
    """Spend `payment` on what is open in its currency.

    The payer's designation wins; what is left (unless `only_named`) goes to the invoice that it matches to the cent, with
    or without its early discount, else to the oldest due, part by part; what then remains is unapplied, never guessed.
    A discount counts by the day the money was received (I9), is taken once, and only where it settles the invoice; a
    shortage within the tolerance of the terms is let go. Refuses a payment of nothing and an invoice that is not there.
    """
    if payment.minor <= 0:
        raise Refused("A payment is more than nothing.", code="amount", field="amount")
    items = {item.invoice_id: item for item in open_items}
    offers = {key: offer(item, received_on) for key, item in items.items()}
    given = _as_named(payment, named or {}, items, offers)
    rest = payment - Money.total(given.values(), payment.currency)
    if rest and not only_named:
        others = sorted((item for key, item in items.items() if key not in (named or {})), key=_age)
        given |= _spend(rest, others, _by_due_day(others), offers)
    shares = tuple(_closed(items[key], amount, offers[key]) for key, amount in given.items() if amount)
    return Outcome(shares, payment - Money.total((share.amount for share in shares), payment.currency))


def offer(item: OpenItem, received_on: date) -> Money:
    """The early discount on offer that day: nothing when it was taken, or would leave nothing to pay."""
    none = Money(0, item.total.currency)
    if item.discount_taken or not item.terms.discounts:
        return none
    found = discount_at(item.terms, item.issued_on, received_on, item.total, item.net)
    return found if found < item.open else none


_Given = dict[UUID, Money]
_Offers = Mapping[UUID, Money]
_Slices = Iterable[tuple[UUID, Money]]


def _as_named(payment: Money, named: Named, items: Mapping[UUID, OpenItem], offers: _Offers) -> _Given:
    """First what was named with a sum, then the invoices that were named without one, in the order of naming."""
    if missing := set(named) - set(items):
        raise Refused(f"There is no open invoice {min(missing)} here to pay.", code="invoice", field="named")
    given: _Given = {}
    rest = payment
    for key, amount in named.items():
        if amount is not None:
            if amount.minor <= 0:
                raise Refused("Name a sum above zero for an invoice, or none.", code="amount", field="named")
            given[key] = min(amount, items[key].open, rest)
            rest -= given[key]
    free = [items[key] for key, amount in named.items() if amount is None]
    return given | _spend(rest, free, [(item.invoice_id, item.open) for item in free], offers)


def _spend(money: Money, items: Sequence[OpenItem], slices: _Slices, offers: _Offers) -> _Given:
    """To the one that it matches, else to several less their discounts, else slice by slice until it is used up."""
    if not money:
        return {}
    return _match(money, items, offers) or _together(money, items, offers) or _walk(money, slices)


def _match(money: Money, items: Sequence[OpenItem], offers: _Offers) -> _Given:
    full = (item for item in items if item.open == money)
    early = (item for item in items if item.open - offers[item.invoice_id] == money)
    found = next(full, None) or next(early, None)
    return {found.invoice_id: money} if found else {}


def _together(money: Money, items: Sequence[OpenItem], offers: _Offers) -> _Given:
    """The first so many of `items`, each less its discount, when together they come to this sum to the cent."""
    given: _Given = {}
    rest = money
    for item in items:
        given[item.invoice_id] = price = item.open - offers[item.invoice_id]
        rest -= price
        if not rest:
            return given
        if rest.minor < 0:
            break
    return {}


def _walk(money: Money, slices: _Slices) -> _Given:
    given: _Given = {}
    for key, amount in slices:
        if not money:
            break
        part = min(amount, money)
        given[key] = given.get(key, Money(0, money.currency)) + part
        money -= part
    return given


def _by_due_day(items: Sequence[OpenItem]) -> _Slices:
    parts = [(part.due_on, item.issued_on, item.invoice_id, part.amount) for item in items for part in item.parts]
    return [(key, amount) for _, _, key, amount in sorted(parts, key=lambda part: part[:3])]


def _age(item: OpenItem) -> tuple[date, date, UUID]:
    return (item.parts[0].due_on if item.parts else date.max, item.issued_on, item.invoice_id)


def _closed(item: OpenItem, amount: Money, offer: Money) -> Share:
    """What is missing after `amount` is the discount, or so little that it is let go, or stays open."""
    missing, none = item.open - amount, Money(0, amount.currency)
    if missing <= offer:
        return Share(item.invoice_id, amount, missing, none)
    if is_within_tolerance(item.terms, missing - offer, item.total):
        return Share(item.invoice_id, amount, offer, missing - offer)
    return Share(item.invoice_id, amount, none, none)
