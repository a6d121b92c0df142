"""What plain arithmetic says of a book: who owes what, which money is kept, and who may be reminded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
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

    def offer(self, received: date) -> int:
        less = ((self.total - self.credited) * self.percent + 50) // 100
        return less if not self.discount_taken and received <= self.discount_until and less < self.open else 0

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

    def spend(self, purse: Purse, money: int, wish: Wish = (), *, only: bool = False) -> dict[UUID, tuple[int, int]]:
        """So much on each bill, and the discount taken with it: as named, else to the one it matches, else the oldest first."""
        offers = {key: 0 if purse.is_credit else bill.offer(purse.received) for key, bill in self.bills.items()}
        given: dict[UUID, int] = {}
        rest = money
        for key, wanted in wish:
            if wanted is not None:
                given[key] = min(wanted, self.bills[key].open, rest)
                rest -= given[key]
        free = [self.bills[key] for key, wanted in wish if wanted is None]
        given |= _cover(rest, free, offers, [(bill.key, bill.open) for bill in free])
        rest = money - sum(given.values())
        if not only:
            others = [bill for bill in self.open_of(purse.customer) if bill.key not in dict(wish)]
            others.sort(key=lambda bill: (bill.open_parts()[0][0], bill.issued, bill.key))
            slices = sorted((due, bill.issued, bill.key, minor) for bill in others for due, minor in bill.open_parts())
            given |= _cover(rest, others, offers, [(key, minor) for _, _, key, minor in slices])
        return {key: (amount, _missing(self.bills[key], amount, offers[key])) for key, amount in given.items() if amount}

    def settle(self, purse_key: UUID, shares: dict[UUID, tuple[int, int]], keys: dict[UUID, UUID]) -> None:
        purse = self.purses[purse_key]
        for key, (amount, discount) in shares.items():
            bill = self.bills[key]
            bill.open -= amount + discount
            bill.discount_taken = bill.discount_taken or discount > 0
            purse.left -= amount
            self.settled[keys[key]] = Settled(purse_key, key, amount, discount)

    def take_back(self, allocation: UUID) -> None:
        was = self.settled.pop(allocation)
        bill = self.bills[was.bill]
        bill.open += was.amount + was.discount
        bill.discount_taken = bill.discount_taken and not was.discount
        self.purses[was.purse].left += was.amount

    def may_be_reminded(self, today: date, holidays: Iterable[date]) -> set[UUID]:
        """Whom nothing speaks against, by the calendar and by what was said."""
        if today.isoweekday() > 5 or today in holidays:
            return set()
        return {bill.key for bill in self.bills.values() if bill.open and not bill.is_held(today)}

    def must_be_reminded(self, today: date) -> set[UUID]:
        """Of those, the ones whose customer owes nothing else, within the days of the written steps."""
        alone = [
            bills[0] for customer in {b.customer for b in self.bills.values()} if len(bills := self.open_of(customer)) == 1
        ]
        return {
            bill.key
            for bill in alone
            if not bill.chased_later and timedelta(-5) <= today - bill.open_parts()[0][0] < timedelta(14)
        }


def _cover(money: int, bills: Sequence[Bill], offers: dict[UUID, int], slices: Sequence[tuple[UUID, int]]) -> dict[UUID, int]:
    if not money:
        return {}
    for less in (False, True):
        for bill in bills:
            if bill.open - (offers[bill.key] if less else 0) == money:
                return {bill.key: money}
    together, rest = {}, money
    for bill in bills:
        together[bill.key] = bill.open - offers[bill.key]
        rest -= together[bill.key]
        if rest == 0:
            return together
        if rest < 0:
            break
    given: dict[UUID, int] = {}
    for key, minor in slices:
        part = min(minor, money)
        given[key] = given.get(key, 0) + part
        money -= part
    return given


def _missing(bill: Bill, amount: int, offer: int) -> int:
    missing = bill.open - amount
    return missing if missing <= offer else 0
