"""Decides what a version of terms may say: the due rule, instalments, discounts, grace, late fee and tolerance, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from goodterms.terms.rules.limits import must_be_one_of, must_be_percent, must_be_whole
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

DAYS_MAX = 730
NAME_MAX = 60

Supply = Literal["before", "with", "after"]  # money before the work or goods, on delivery, or on the invoice
NonWorking = Literal["keep", "next_working_day"]
DiscountTax = Literal["if_taken", "always", "never"]
FeeKind = Literal["monthly", "fixed", "eu", "uk"]
PartMonths = Literal["pro_rata", "whole"]
RatePolicy = Literal["by_law", "fixed_at_start", "split"]
YearBasis = Literal["365", "360", "actual"]


@dataclass(frozen=True, slots=True)
class Days:
    """So many days later; earlier when negative (before a month end)."""

    count: int

    def __post_init__(self) -> None:
        must_be_whole(self.count, -31, DAYS_MAX, "days")


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """The last day of the month reached so far."""


@dataclass(frozen=True, slots=True)
class DayOfMonth:
    """The next date, later than the one reached so far, with this day of the month; the last day of a shorter month."""

    day: int

    def __post_init__(self) -> None:
        must_be_whole(self.day, 1, 31, "day of the month")


Op = Days | MonthEnd | DayOfMonth
Ops = tuple[Op, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """An instalment: `percent` of the total, due by its own ops from the invoice date."""

    percent: Decimal
    due: Ops

    def __post_init__(self) -> None:
        must_be_percent(self.percent, "instalment")


@dataclass(frozen=True, slots=True)
class Discount:
    """`percent` off when paid on or before the day that `until` leads to from the invoice date."""

    percent: Decimal
    until: Ops

    def __post_init__(self) -> None:
        must_be_percent(self.percent, "discount")


@dataclass(frozen=True, slots=True)
class LateFee:
    """What paying late costs.

    monthly: simple interest of `percent` a month on what is overdue, by whole months from the end of grace; the days of
        the month not yet complete count in proportion (`part_months="pro_rata"`) or not at all (`"whole"`).
    fixed: `amount`, once.
    eu, uk: the reference rate plus `points` a year, by days, and a fixed compensation once. `amount` replaces the EUR 40
        of the directive where national law names a sum in another currency. `rates` says whether the rate of the day on
        which interest begins stays ("fixed_at_start", what the UK order says) or changes each half-year ("split", what
        the directive says); `year` is the day-count. Only between businesses.

    `agreed`: stated to the customer before the work. `cap_percent`: fee at most this share of the amount first overdue.
    """

    kind: FeeKind
    agreed: bool
    percent: Decimal = Decimal(0)
    amount: Money | None = None
    part_months: PartMonths = "pro_rata"
    points: Decimal = Decimal(8)
    rates: RatePolicy = "by_law"
    year: YearBasis = "365"
    between_businesses: bool = False
    cap_percent: Decimal | None = None

    def __post_init__(self) -> None:
        for value, choices in ((self.kind, FeeKind), (self.part_months, PartMonths), (self.rates, RatePolicy)):
            must_be_one_of(value, choices, "late fee")
        must_be_one_of(self.year, YearBasis, "late fee")
        if self.kind == "monthly":
            must_be_percent(self.percent, "late fee")
        if self.kind == "fixed" and (self.amount is None or self.amount.minor <= 0):
            raise Refused("A fixed late fee needs an amount above zero.", code="terms", field="late fee")
        if not (self.points.is_finite() and 8 <= self.points <= 25):
            raise Refused("Statutory interest is 8 to 25 points above the reference rate.", code="terms", field="late fee")
        if self.cap_percent is not None:
            must_be_percent(self.cap_percent, "cap of the late fee")


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A short payment is let go when what is missing is within each limit that is given."""

    percent: Decimal | None = None
    amount: Money | None = None

    def __post_init__(self) -> None:
        if self.percent is not None:
            must_be_percent(self.percent, "tolerance")
        if self.amount is not None and self.amount.minor < 0:
            raise Refused("A tolerance is not negative.", code="terms", field="tolerance")


@dataclass(frozen=True, slots=True)
class Withholding:
    """What the law of the payer's country has them keep back for the tax office: `percent` of the sum before tax, under the
    `name` that it has there (IRPF, ritenuta d'acconto, PPh 23, TDS). It is paid too, but not to us."""

    name: str
    percent: Decimal

    def __post_init__(self) -> None:
        if not 0 < len(self.name.strip()) <= NAME_MAX:
            raise Refused(
                "Say what the tax that they keep back is called there, such as IRPF.", code="terms", field="withholding"
            )
        if not (self.percent.is_finite() and 0 < self.percent < 100):
            raise Refused(
                f"What is kept back is a percentage above 0 and below 100, not {self.percent}.",
                code="terms",
                field="withholding",
            )

    def of(self, net: Money) -> Money:
        """Of a sum before tax; of less than nothing, nothing."""
        return max(net.percent(self.percent), Money(0, net.currency))


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of what was agreed about paying. `discount_tax` says what an early discount does to the tax: it follows
    the discount when taken, the discount always lowers the tax base, or never (trade practice by country)."""

    due: Ops = (Days(30),)
    supply: Supply = "after"
    non_working: NonWorking = "keep"
    instalments: tuple[Part, ...] = ()
    discounts: tuple[Discount, ...] = ()
    discount_tax: DiscountTax = "if_taken"
    grace_days: int = 0
    late_fee: LateFee | None = None
    tolerance: Tolerance = Tolerance()
    deposit_percent: Decimal = Decimal(0)
    withholding: Withholding | None = None

    def __post_init__(self) -> None:
        must_be_one_of(self.supply, Supply, "terms")
        must_be_one_of(self.non_working, NonWorking, "terms")
        must_be_one_of(self.discount_tax, DiscountTax, "discount")
        must_be_whole(self.grace_days, 0, 365, "days of grace")
        if self.deposit_percent != 0:
            must_be_percent(self.deposit_percent, "deposit")
        if self.instalments and sum(part.percent for part in self.instalments) != 100:
            shares = " + ".join(f"{part.percent.normalize():f}" for part in self.instalments)
            raise Refused(f"Instalments add up to 100%; these are {shares}.", code="terms", field="instalments")

    def to_json(self) -> dict[str, Any]:
        """Plain strings, integers and lists, for a jsonb column and for the copy inside an issued invoice."""
        return {
            "due": _ops_out(self.due),
            "supply": self.supply,
            "non_working": self.non_working,
            "instalments": [{"percent": str(p.percent), "due": _ops_out(p.due)} for p in self.instalments],
            "discounts": [{"percent": str(d.percent), "until": _ops_out(d.until)} for d in self.discounts],
            "discount_tax": self.discount_tax,
            "grace_days": self.grace_days,
            "late_fee": None if self.late_fee is None else _fee_out(self.late_fee),
            "tolerance": {"percent": _text(self.tolerance.percent), "amount": _money_out(self.tolerance.amount)},
            "deposit_percent": str(self.deposit_percent),
            **_withholding_out(self.withholding),
        }

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> Terms:
        """The inverse of `to_json`; what is left out has its default. Refuses what terms cannot say."""
        try:
            return _terms_in(stored)
        except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as odd:
            raise Refused(f"These terms cannot be read: {odd!r}.", code="terms") from odd


def _withholding_out(one: Withholding | None) -> dict[str, Any]:
    """Only where something is kept back, so that what was sealed before there was such a term reads as it was written."""
    return {} if one is None else {"withholding": {"name": one.name, "percent": str(one.percent)}}


def _fee_out(fee: LateFee) -> dict[str, Any]:
    return {
        "kind": fee.kind,
        "agreed": fee.agreed,
        "percent": str(fee.percent),
        "amount": _money_out(fee.amount),
        "part_months": fee.part_months,
        "points": str(fee.points),
        "rates": fee.rates,
        "year": fee.year,
        "between_businesses": fee.between_businesses,
        "cap_percent": _text(fee.cap_percent),
    }


def _terms_in(stored: Mapping[str, Any]) -> Terms:
    _known(stored, Terms)
    readers: dict[str, Callable[[Any], Any]] = {
        "due": _ops_in,
        "instalments": lambda rows: tuple(Part(Decimal(r["percent"]), _ops_in(r["due"])) for r in rows),
        "discounts": lambda rows: tuple(Discount(Decimal(r["percent"]), _ops_in(r["until"])) for r in rows),
        "late_fee": lambda row: None if row is None else _fee_in(row),
        "tolerance": lambda row: Tolerance(_decimal(row.get("percent")), _money_in(row.get("amount"))),
        "deposit_percent": Decimal,
        "withholding": lambda row: None if row is None else Withholding(str(row["name"]), Decimal(row["percent"])),
    }
    return Terms(**{name: readers[name](value) if name in readers else value for name, value in stored.items()})


def _fee_in(stored: Mapping[str, Any]) -> LateFee:
    _known(stored, LateFee)
    readers: dict[str, Callable[[Any], Any]] = {
        "agreed": _truth,
        "between_businesses": _truth,
        "percent": Decimal,
        "points": Decimal,
        "amount": _money_in,
        "cap_percent": _decimal,
    }
    return LateFee(**{name: readers[name](value) if name in readers else value for name, value in stored.items()})


_OP_NAMES: dict[str, Callable[..., Op]] = {"days": Days, "month_end": MonthEnd, "day_of_month": DayOfMonth}


def _ops_out(ops: Ops) -> list[list[Any]]:
    return [_op_out(op) for op in ops]


def _op_out(op: Op) -> list[Any]:
    match op:
        case Days(count):
            return ["days", count]
        case DayOfMonth(day):
            return ["day_of_month", day]
        case MonthEnd():
            return ["month_end"]


def _ops_in(stored: list[list[Any]]) -> Ops:
    return tuple(_OP_NAMES[name](*rest) for name, *rest in stored)


def _money_out(amount: Money | None) -> dict[str, Any] | None:
    return None if amount is None else {"minor": amount.minor, "currency": amount.currency}


def _money_in(stored: Mapping[str, Any] | None) -> Money | None:
    return None if stored is None else Money(int(stored["minor"]), str(stored["currency"]))


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _known(stored: Mapping[str, Any], shape: type) -> None:
    odd = sorted(set(stored) - set(shape.__dataclass_fields__))  # type: ignore[attr-defined]
    if odd:
        raise Refused(f"Terms do not have {', '.join(odd)}.", code="terms", field=odd[0])
