"""Decides what one line of a document, and one allowance or charge on the whole of it, may say."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from goodterms.values.refusal import Refused

QUANTITY_MAX = Decimal(10) ** 9
PRICE_MAX = Decimal(10) ** 12
PLACES_MAX = {"quantity": 6, "price": 8}  # digits after the point that a column holds; others 6

# UNCL5305 as EN 16931 uses it. S needs a rate above zero (BR-S-05), L and M any, the others have none.
CATEGORIES = {
    "S": "standard rate",
    "Z": "zero rate",
    "E": "exempt",
    "AE": "reverse charge",
    "K": "within the Community, exempt",
    "G": "export, free",
    "O": "outside the scope of tax",
    "L": "Canary Islands",
    "M": "Ceuta and Melilla",
}
_WITH_REASON = frozenset({"E", "AE", "K", "G", "O"})


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax category and its rate in per cent. Zero tax says why: by its category, and where EN 16931 asks for it by a
    `reason` (BR-E-10, BR-AE-10, BR-IC-10, BR-G-10, BR-O-10); the zero rate has none (BR-Z-10)."""

    category: str
    rate: Decimal
    reason: str = ""

    def __post_init__(self) -> None:
        if self.category not in CATEGORIES:
            raise Refused(f"{self.category!r} is not a tax category; choose {', '.join(CATEGORIES)}.", code="tax")
        if not (self.rate.is_finite() and 0 <= self.rate <= 100):
            raise Refused(f"A tax rate is between 0 and 100 per cent, not {self.rate}.", code="tax")
        if self.category == "S" and self.rate == 0:
            raise Refused("No tax needs a reason: choose zero rate, exempt, reverse charge or export.", code="tax")
        if self.category not in ("S", "L", "M") and self.rate != 0:
            raise Refused(f"{CATEGORIES[self.category].capitalize()} has no tax, so its rate is 0.", code="tax")
        if self.category in _WITH_REASON and not self.reason.strip():
            raise Refused(f"{CATEGORIES[self.category].capitalize()}: say why there is no tax.", code="tax_reason")
        if self.category not in _WITH_REASON and self.reason:
            raise Refused(f"{CATEGORIES[self.category].capitalize()} takes no reason; leave it out.", code="tax_reason")

    @property
    def group(self) -> tuple[str, Decimal]:
        return self.category, self.rate


@dataclass(frozen=True, slots=True)
class Line:
    """What was done: `quantity` of `unit` at `unit_price` in major units, less a discount in per cent or as an amount.

    `includes_tax`: the price, and so the discount, holds the tax already. The quantity may be negative, for what is taken
    back on an invoice that charges more than that; the price may not (BR-27), nor may the discount be more than the line.
    `tax_amount`: its tax in major units where it is not worked out here: what an earlier invoice charged and this one takes
    off again, or the last of the tax of an agreed price.
    """

    description: str
    quantity: Decimal
    unit_price: Decimal
    tax: Tax
    unit: str = ""
    discount_percent: Decimal = Decimal(0)
    discount_amount: Decimal = Decimal(0)
    includes_tax: bool = False
    project: str = ""
    tax_amount: Decimal | None = None

    def __post_init__(self) -> None:
        _sized(self.quantity, QUANTITY_MAX, "quantity")
        _sized(self.unit_price, PRICE_MAX, "price")
        _sized(self.discount_amount, PRICE_MAX, "discount")
        if not self.description.strip():
            raise Refused("A line says what was done; its description is empty.", code="line", field="description")
        if self.quantity == 0:
            raise Refused("A line of quantity 0 bills nothing. Leave it out.", code="line", field="quantity")
        if self.unit_price < 0:
            raise Refused(
                "A price is not negative. Use a negative quantity, a discount, or a credit note.", code="line", field="price"
            )
        if self.tax_amount is not None:
            _sized(self.tax_amount, PRICE_MAX, "tax")
            if self.includes_tax:
                raise Refused("A price that holds its tax takes no other tax.", code="line", field="tax")
        self._check_discount()

    def _check_discount(self) -> None:
        percent, amount = self.discount_percent, self.discount_amount
        if not (percent.is_finite() and 0 <= percent <= 100):
            raise Refused(f"A discount is 0 to 100 per cent, not {percent}.", code="line", field="discount")
        if percent and amount:
            raise Refused("Give the discount in per cent or as an amount, not both.", code="line", field="discount")
        if amount < 0 or (amount and amount > self.quantity * self.unit_price):
            raise Refused("A discount is not negative and not more than its line.", code="line", field="discount")


def of_columns(said: Mapping[str, Any]) -> Line:
    """A line by the names of its columns, in whatever table it stands; those that a table does not have are as nothing."""
    return Line(
        said["description"], said["quantity"], said["unit_price"],
        _tax(said["tax_category"], said["tax_percent"], said["tax_reason"]), said["unit"], said["discount_percent"],
        said.get("discount_amount", _NOTHING), said["includes_tax"], said.get("project", ""),
    )  # fmt: skip


def columns(line: Line) -> dict[str, Any]:
    """The inverse."""
    return {
        "project": line.project, "description": line.description, "quantity": line.quantity, "unit": line.unit,
        "unit_price": line.unit_price, "discount_percent": line.discount_percent, "discount_amount": line.discount_amount,
        "includes_tax": line.includes_tax, "tax_category": line.tax.category, "tax_percent": line.tax.rate,
        "tax_reason": line.tax.reason,
    }  # fmt: skip


_NOTHING = Decimal(0)
_tax = lru_cache(maxsize=256)(Tax)  # few, and each checks itself


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An allowance (BG-20) or a charge (BG-21) on the whole document, `amount` in major units, under its own tax."""

    kind: Literal["allowance", "charge"]
    amount: Decimal
    tax: Tax
    reason: str

    def __post_init__(self) -> None:
        if self.kind not in ("allowance", "charge"):
            raise Refused(f"{self.kind!r} is neither an allowance nor a charge.", code="adjustment")
        _sized(self.amount, PRICE_MAX, "amount")
        if self.amount <= 0:
            raise Refused("An allowance or a charge is above zero.", code="adjustment", field="amount")
        if not self.reason.strip():
            raise Refused("Say what the allowance or charge is for (BR-33, BR-38).", code="adjustment", field="reason")


def _sized(number: Decimal, limit: Decimal, of: str) -> None:
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or abs(number) > limit:
        raise Refused(f"{number} is not a {of} that an invoice can hold.", code="line", field=of)
    places = PLACES_MAX.get(of, 6)
    if -exponent > places and number != round(number, places):
        raise Refused(f"A {of} has at most {places} digits after the point.", code="line", field=of)
