"""What plain arithmetic says of a book: who owes what, which money is kept, and who may be reminded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from uuid import UUID

FOREVER = date.max
Wish = Sequence[tuple[UUID, int | None]]


@dataclass
class Bill:
    """An invoice in minor units. `holds` maps the word of each hold to its last day."""

    key: UUID
    customer: str
    total: int
    issued: date
    parts: Sequence[tuple[date, int]]
    percent: int = 0
    discount_until: date = date.min
    net: int = 0  # before tax, of what credit notes left
    keeps_percent: int = 0  # of that, for the tax office
    kept: int = 0
    open: int = 0
    discount_taken: bool = False
    credited: int = 0
    chased_later: bool = False
    holds: dict[str, date] = field(default_factory=dict)

    def open_parts(self) -> list[tuple[date, int]]:
        covered, left = self.total - self.open, []
        for due, minor in self.parts:
            if covered < minor:
                left.append((due, minor - covered))
            covered = max(0, covered - minor)
        return left

    @property
    def keep(self) -> int:
        """What the payer still keeps back of what is open."""
        return min(max(0, (self.net * self.keeps_percent + 50) // 100 - self.kept), self.open)

    @property
    def to_pay(self) -> int:
        return self.open - self.keep

    def parts_to_pay(self) -> list[tuple[date, int]]:
        """What is kept back comes off the last."""
        keep, left = self.keep, []
        for due, minor in reversed(self.open_parts()):
            off = min(minor, keep)
            keep -= off
            left.append((due, minor - off))
        return [(due, minor) for due, minor in reversed(left) if minor]

    def offer(self, received: date, keep: int) -> int:
        less = ((self.total - self.credited) * self.percent + 50) // 100
        return less if not self.discount_taken and received <= self.discount_until and less < self.open - keep else 0

    def is_held(self, today: date) -> bool:
        return any(today <= until for until in self.holds.values())


@dataclass
class Purse:
    """What is left of a payment, or of a credit note."""

    customer: str
    received: date
    left: int
    amount: int
    is_credit: bool = False


@dataclass
class Settled:
    purse: UUID
    bill: UUID
    amount: int
    discount: int
    kept: int = 0


Share = tuple[int, int, int]  # paid, early discount, kept back


@dataclass
class Book:
    bills: dict[UUID, Bill] = field(default_factory=dict)
    purses: dict[UUID, Purse] = field(default_factory=dict)
    settled: dict[UUID, Settled] = field(default_factory=dict)

    def add(self, bill: Bill) -> None:
        bill.open = bill.total
        self.bills[bill.key] = bill

    def open_of(self, customer: str) -> list[Bill]:
        return [bill for bill in self.bills.values() if bill.customer == customer and bill.open]

    def spend(self, purse: Purse, money: int, wish: Wish = (), *, only: bool = False) -> dict[UUID, Share]:
        """So much on each bill, with the discount and what is kept back: as named, else to the one it matches, else the oldest
        first. A credit is no money: it earns no discount, and nothing is kept back of it."""
        keeps = {key: 0 if purse.is_credit else bill.keep for key, bill in self.bills.items()}
        offers = {key: 0 if purse.is_credit else bill.offer(purse.received, keeps[key]) for key, bill in self.bills.items()}
        given: dict[UUID, int] = {}
        rest = money
        for key, wanted in wish:
            if wanted is not None:
                given[key] = min(wanted, self.bills[key].open, rest)
                rest -= given[key]
        free = [self.bills[key] for key, wanted in wish if wanted is None]
        given |= _cover(rest, free, offers, keeps, [(bill.key, bill.open - keeps[bill.key]) for bill in free])
        rest = money - sum(given.values())
        if not only:
            others = [bill for bill in self.open_of(purse.customer) if bill.key not in dict(wish)]
            others.sort(key=lambda bill: (bill.open_parts()[0][0], bill.issued, bill.key))
            parts = {bill.key: bill.open_parts() if purse.is_credit else bill.parts_to_pay() for bill in others}
            slices = sorted((due, bill.issued, bill.key, minor) for bill in others for due, minor in parts[bill.key])
            given |= _cover(rest, others, offers, keeps, [(key, minor) for _, _, key, minor in slices])
        return {
            key: (amount, *_missing(self.bills[key].open - amount, offers[key], keeps[key]))
            for key, amount in given.items()
            if amount
        }

    def settle(self, purse_key: UUID, shares: dict[UUID, Share], keys: dict[UUID, UUID]) -> None:
        purse = self.purses[purse_key]
        for key, (amount, discount, kept) in shares.items():
            bill = self.bills[key]
            bill.open -= amount + discount + kept
            bill.kept += kept
            bill.discount_taken = bill.discount_taken or discount > 0
            purse.left -= amount
            self.settled[keys[key]] = Settled(purse_key, key, amount, discount, kept)

    def take_back(self, allocation: UUID) -> None:
        was = self.settled.pop(allocation)
        bill = self.bills[was.bill]
        bill.open += was.amount + was.discount + was.kept
        bill.kept -= was.kept
        bill.discount_taken = bill.discount_taken and not was.discount
        self.purses[was.purse].left += was.amount

    def may_be_reminded(self, today: date, holidays: Iterable[date]) -> set[UUID]:
        """Whom nothing speaks against, by the calendar and by what was said."""
        if today.isoweekday() > 5 or today in holidays:
            return set()
        return {bill.key for bill in self.bills.values() if bill.to_pay and not bill.is_held(today)}

    def must_be_reminded(self, today: date) -> set[UUID]:
        """Of those, the ones whose customer owes nothing else, within the days of the written steps."""
        alone = [
            bills[0] for customer in {b.customer for b in self.bills.values()} if len(bills := self.open_of(customer)) == 1
        ]
        return {
            bill.key
            for bill in alone
            if bill.to_pay and not bill.chased_later and timedelta(-5) <= today - bill.open_parts()[0][0] < timedelta(14)
        }


def _cover(
    money: int, bills: Sequence[Bill], offers: dict[UUID, int], keeps: dict[UUID, int], slices: Sequence[tuple[UUID, int]]
) -> dict[UUID, int]:  # fmt: skip
    if not money:
        return {}
    if found := _matched(money, bills, offers, keeps) or _together(money, bills, offers, keeps):
        return found
    given: dict[UUID, int] = {}
    for key, minor in slices:
        part = min(minor, money)
        given[key] = given.get(key, 0) + part
        money -= part
    for bill in bills:
        if keeps[bill.key] <= money:
            given[bill.key] = given.get(bill.key, 0) + keeps[bill.key]
            money -= keeps[bill.key]
    return given


def _matched(money: int, bills: Sequence[Bill], offers: dict[UUID, int], keeps: dict[UUID, int]) -> dict[UUID, int]:
    for less_offer, less_keep in product((False, True), repeat=2):
        for bill in bills:
            if bill.open - offers[bill.key] * less_offer - keeps[bill.key] * less_keep == money:
                return {bill.key: money}
    if len(bills) == 1 and bills[0].open - keeps[bills[0].key] < money < bills[0].open:
        return {bills[0].key: money}
    return {}


def _together(money: int, bills: Sequence[Bill], offers: dict[UUID, int], keeps: dict[UUID, int]) -> dict[UUID, int]:
    given: dict[UUID, int] = {}
    for bill in bills:
        given[bill.key] = bill.open - offers[bill.key] - keeps[bill.key]
        money -= given[bill.key]
        if money <= 0:
            return given if money == 0 else {}
    return {}


def _missing(missing: int, offer: int, keep: int) -> tuple[int, int]:
    """Of what is missing, the early discount and what was kept back: of that all, or less by under one whole unit."""
    if missing == keep:
        return 0, keep
    if missing <= offer:
        return missing, 0
    if missing < keep:
        return (0, missing) if keep - missing < 100 else (0, 0)
    return (missing - keep, keep) if missing - keep <= offer else (0, 0)
