"""Decides what Factur-X EXTENDED can say beside EN 16931: terms by day and sum, a rate, money that came before."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from goodterms.einvoices.terms import bt, groups


@dataclass(frozen=True, slots=True)
class Condition:
    """What is taken off for paying within a period from a day, or comes on top for not having paid by its end."""

    from_on: date | None = None
    period: Decimal | None = None
    unit: str = ""
    base: Decimal | None = None
    percent: Decimal | None = None
    amount: Decimal | None = None


def condition(first: int) -> dict[str, str]:
    names = ("from_on", "period", "unit", "base", "percent", "amount")
    return {name: f"BT-X-{first + place}" for place, name in enumerate(names)}


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of what is due, with a day of its own."""

    text: str = bt("BT-20")
    due_on: date | None = bt("BT-9", None)
    amount: Decimal | None = bt("BT-X-275", None)


@dataclass(frozen=True, slots=True)
class Exchange:
    """BG-X-41: the rate at which the tax is told in another currency."""

    source: str = bt("BT-X-258")
    target: str = bt("BT-X-259")
    rate: Decimal | None = bt("BT-X-260", None)
    on: date | None = bt("BT-X-261", None)


@dataclass(frozen=True, slots=True)
class AdvanceTax:
    """BG-X-46: the tax that was in an advance payment."""

    amount: Decimal | None = bt("BT-X-293", None)
    reason: str = bt("BT-X-295")
    category: str = bt("BT-X-296")
    reason_code: str = bt("BT-X-297")
    rate: Decimal | None = bt("BT-X-298", None)


@dataclass(frozen=True, slots=True)
class Advance:
    """BG-X-45: money that was received before the invoice, and the tax in it."""

    amount: Decimal | None = bt("BT-X-291", None)
    received_on: date | None = bt("BT-X-292", None)
    taxes: tuple[AdvanceTax, ...] = groups("BG-X-46", AdvanceTax)
