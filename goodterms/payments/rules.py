"""Decides which invoices a sum of money settles: as the payer named them, else the one it matches, else the oldest due."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from goodterms.invoicing.standing import Standing
from goodterms.payments.withholding import Kept
from goodterms.terms.rules import Instalment, Terms, discount_at, is_within_tolerance
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


class OpenItem(NamedTuple):
    """An invoice with something to pay. `parts` are what is still open of it, each with its due day, oldest first; `total`
    and `net` are what credit notes left of it, since a discount is for paying, and what was credited is not paid.
    `to_withhold` is what the payer keeps back of it for the tax office: as agreed, or, where `withheld`, as they said."""

    invoice_id: UUID
    parts: tuple[Instalment, ...]
    total: Money
    net: Money
    issued_on: date
    terms: Terms
    discount_taken: bool = False
    to_withhold: Money | None = None
    withheld: bool = False

    @property
    def open(self) -> Money:
        return Money.total((part.amount for part in self.parts), self.total.currency)

    @property
    def kept(self) -> Money:
        """What they keep back; nothing where nothing is."""
        return self.to_withhold or Money(0, self.total.currency)

    @property
    def to_pay(self) -> Money:
        return self.open - self.kept

    @property
    def slices(self) -> tuple[Instalment, ...]:
        """What is to be paid of each part: what they keep back comes off the last."""
        kept, found = self.kept, list[Instalment]()
        for part in reversed(self.parts):
            off = min(part.amount, kept)
            found.append(Instalment(part.due_on, part.amount - off))
            kept -= off
        return tuple(part for part in reversed(found) if part.amount)


def open_item(one: Standing, terms: Terms) -> OpenItem:
    """An invoice as the rules see it: what was credited of it is not part of its total any more."""
    total = Money(one.total_minor - one.credited_minor, one.currency)
    net = Money(one.net_minor - one.credited_net_minor, one.currency)
    kept = one.to_withhold if terms.withholding else None
    return OpenItem(one.invoice_id, one.open_parts, total, net, one.issued_on, terms, one.discounted_minor > 0, kept)


def as_said(item: OpenItem, amount: Money) -> OpenItem:
    """With what the payer says that they kept back of it, instead of what was agreed."""
    if amount.currency != item.total.currency or amount.minor < 0 or not amount < item.open:
        raise Refused(
            "What was kept back is a part of what is open, in its currency. If all of it was, book that by itself.",
            code="withheld",
            field="withheld",
        )
    return item._replace(to_withhold=amount, withheld=True)


@lru_cache(maxsize=1_000)
def terms_of(text: str) -> Terms:
    """The terms copied into an invoice; many invoices share the same words."""
    return Terms.from_json(json.loads(text))


def as_kept(item: OpenItem, kept: Mapping[UUID, Kept]) -> OpenItem:
    """The same, where they said anything of this one."""
    said = kept.get(item.invoice_id)
    return item if said is None or said.amount is None else as_said(item, said.amount)


class Share(NamedTuple):
    """So much of the money settles so much of an invoice: `amount` paid, `discount` for paying early, `let_go` because so
    little was missing, `withheld` kept back for the tax office."""

    invoice_id: UUID
    amount: Money
    discount: Money
    let_go: Money
    withheld: Money

    @property
    def settles(self) -> Money:
        return self.amount + self.discount + self.let_go + self.withheld


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
    or without its early discount and what is kept back for the tax office, else to the oldest due, part by part; what then
    remains is unapplied, never guessed. What was to be kept back is, once all the rest is paid.
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
    return found if found < item.to_pay else none


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
            most = items[key].to_pay if items[key].withheld else items[key].open
            given[key] = min(amount, most, rest)
            rest -= given[key]
    free = [items[key] for key, amount in named.items() if amount is None]
    return given | _spend(rest, free, [(item.invoice_id, item.to_pay) for item in free], offers)


def _spend(money: Money, items: Sequence[OpenItem], slices: _Slices, offers: _Offers) -> _Given:
    """To the one that it matches, else to several less their discounts, else slice by slice until it is used up. What is left
    then pays what was to be kept back, where it is enough for all of that."""
    if not money:
        return {}
    if found := _match(money, items, offers) or _together(money, items, offers):
        return found
    given = _walk(money, slices)
    rest = money - Money.total(given.values(), money.currency)
    for item in items if rest else ():
        if item.kept and not item.withheld and item.kept <= rest:
            given[item.invoice_id] = given.get(item.invoice_id, Money(0, money.currency)) + item.kept
            rest -= item.kept
    return given


def _match(money: Money, items: Sequence[OpenItem], offers: _Offers) -> _Given:
    for price in (_whole, _less_kept, _less_offer, _least):
        for item in items:
            if price(item, offers[item.invoice_id]) == money:
                return {item.invoice_id: money}
    if len(items) == 1 and items[0].to_pay < money < _whole(items[0], offers[items[0].invoice_id]):
        return {items[0].invoice_id: money}  # they kept back less than was agreed
    return {}


def _whole(item: OpenItem, offer: Money) -> Money:
    return item.to_pay if item.withheld else item.open


def _less_kept(item: OpenItem, offer: Money) -> Money:
    return item.to_pay


def _less_offer(item: OpenItem, offer: Money) -> Money:
    return _whole(item, offer) - offer


def _least(item: OpenItem, offer: Money) -> Money:
    return item.to_pay - offer


def _together(money: Money, items: Sequence[OpenItem], offers: _Offers) -> _Given:
    """The first so many of `items`, each less its discount, when together they come to this sum to the cent."""
    given: _Given = {}
    rest = money
    for item in items:
        given[item.invoice_id] = price = _least(item, offers[item.invoice_id])
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
    parts = [(part.due_on, item.issued_on, item.invoice_id, part.amount) for item in items for part in item.slices]
    return [(key, amount) for _, _, key, amount in sorted(parts, key=lambda part: part[:3])]


def _age(item: OpenItem) -> tuple[date, date, UUID]:
    return (item.parts[0].due_on if item.parts else date.max, item.issued_on, item.invoice_id)


def _closed(item: OpenItem, amount: Money, offer: Money) -> Share:
    """What is missing after `amount` was kept back, is the discount, or so little that it is let go, or stays open."""
    none = Money(0, amount.currency)
    kept = _kept_back(item, item.open - amount, offer)
    missing = item.open - amount - kept
    if missing <= offer:
        return Share(item.invoice_id, amount, missing, none, kept)
    if is_within_tolerance(item.terms, missing - offer, item.total):
        return Share(item.invoice_id, amount, offer, missing - offer, kept)
    return Share(item.invoice_id, amount, none, none, kept if item.withheld else none)


def _kept_back(item: OpenItem, missing: Money, offer: Money) -> Money:
    """Of what is missing, so much as was kept back for the tax office: what they said, or else what was agreed, once nothing
    else is missing. Tax offices round to whole units, so less by under one of them is all of it too."""
    if item.withheld or missing == item.kept:
        return item.kept
    if missing <= offer:
        return Money(0, missing.currency)
    short = item.kept - missing
    if short.minor > 0:
        return missing if short < Money.of(Decimal(1), missing.currency) else Money(0, missing.currency)
    return item.kept
