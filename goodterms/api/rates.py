"""Decides how programs read and give exchange rates, and read what was gained and lost by them."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from goodterms.api.door import Request, operation
from goodterms.api.shapes import Content, Currency, Day, In, Name, Out, decoded
from goodterms.payments import actions
from goodterms.payments.differences import Difference, differences, summed
from goodterms.rates import actions as rates
from goodterms.rates.models import GivenRate
from goodterms.rates.reading import used_on
from goodterms.rates.rules import Given
from goodterms.values.refusal import Refused

router = Router()
_DIGITS = r"^[0-9]{1,9}(\.[0-9]{1,12})?$"


def _a_rate(said: Any) -> Decimal:
    if isinstance(said, Decimal):
        return said
    if not isinstance(said, str) or not re.fullmatch(_DIGITS, said, re.ASCII):
        raise ValueError('write a rate as a string like "0.8567"')
    return Decimal(said)


PerUnit = Annotated[
    Decimal,
    BeforeValidator(_a_rate),
    PlainSerializer(lambda rate: f"{rate.normalize():f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": _DIGITS, "examples": ["0.8567"]}),
]


class OnDay(In):
    on: Annotated[Day | None, Field(description="Else today.")] = None


class Days(In):
    """First and last day; else all of them up to today."""

    first_on: Day | None = None
    last_on: Day | None = None


class GivenIn(In):
    """What one unit of `currency` is worth in `base`, from a day to a day, and where that is from."""

    currency: Currency
    base: Currency
    rate: PerUnit
    from_on: Annotated[Day | None, Field(description="Else today.")] = None
    until_on: Annotated[Day | None, Field(description="Else the first day alone.")] = None
    source: Name


class FileIn(In):
    """eurofxref-hist.zip, or the CSV or XML in which the European Central Bank publishes its rates."""

    content: Content


class RatesReadOut(Out):
    """What a file brought. `other`: rates that say something else than what was read before, which stays."""

    rates: int
    days: int
    new: int
    other: int
    first_on: date
    last_on: date


class RateOut(Out):
    currency: str
    rate: PerUnit
    on: date
    source: str


class GivenOut(Out):
    id: UUID
    currency: str
    base: str
    rate: PerUnit
    from_on: date
    until_on: date
    source: str
    by: str


class RatesOut(Out):
    """The rates into the vendor's currency as they are used on a day, and those by hand that are in use then or later."""

    currency: str
    on: date
    rates: list[RateOut]
    by_hand: list[GivenOut]


class SettlementOut(Out):
    """What the money was worth when it came, and the receivable when it was billed; null where a rate is not known yet."""

    on: date
    invoice_id: UUID
    invoice: str
    customer: str
    source_id: Annotated[UUID, Field(description="The payment or the credit note.")]
    settled_minor: int
    settled_currency: str
    money_minor: int | None
    receivable_minor: int | None
    gained_minor: int | None


class DifferencesOut(Out):
    currency: str
    gains_minor: int
    losses_minor: int
    net_minor: int
    waiting: int
    settlements: list[SettlementOut]


class RateIn(In):
    """What one unit of the invoice's currency is worth in the vendor's, where none is known for the day of issue."""

    rate: PerUnit
    source: Name
    on: Annotated[Day | None, Field(description="The day of the rate; else that of the issue.")] = None

    @property
    def typed(self) -> actions.TypedRate:
        return actions.TypedRate(self.rate, self.source, self.on)


@operation(router, "GET", "/", "terms:read", RatesOut)
def list_rates(request: Request, asked: Query[OnDay]) -> Any:
    """Exchange rates into the vendor's currency, with their days and sources."""
    who = request.auth
    on = asked.on or who.today
    of_day, by_hand = used_on(vendor_id=who.vendor.id, base=who.vendor.currency, on=on)
    told = [{"currency": one.currency, "rate": one.value, "on": one.on, "source": one.source} for one in of_day]
    return {"currency": who.vendor.currency, "on": on, "rates": told, "by_hand": by_hand}


@operation(router, "POST", "/", "terms:write", GivenOut, 201)
def give_rate(request: Request, asked: GivenIn) -> Any:
    """Give a rate by hand; it comes before what was published. What was issued keeps its own."""
    who = request.auth
    first = asked.from_on or who.today
    one = Given(asked.currency, asked.base, asked.rate, first, asked.until_on or first, asked.source)
    return actions.give_rate(vendor_id=who.vendor.id, given=one, by=who.name, now=who.now)


@operation(router, "POST", "/files/", "terms:write", RatesReadOut, 201)
def read_file(request: Request, asked: FileIn) -> Any:
    """Take over the rates of a file of the European Central Bank. What was read before stays, and what waited for a rate
    counts from now on."""
    who = request.auth
    content = decoded(asked.content)
    return actions.read_rates(vendor_id=who.vendor.id, content=content, by=who.name, now=who.now)


@operation(router, "GET", "/differences/", "measures:read", DifferencesOut)
def list_differences(request: Request, asked: Query[Days]) -> Any:
    """What was gained and lost on settlement, in the vendor's currency; above zero is a gain."""
    who = request.auth
    found = differences(
        vendor_id=who.vendor.id, first_on=asked.first_on or date.min, last_on=asked.last_on or who.today
    )  # fmt: skip
    whole = summed(found, who.vendor.currency)
    return {
        "currency": who.vendor.currency, "gains_minor": whole.gains.minor, "losses_minor": whole.losses.minor,
        "net_minor": whole.net.minor, "waiting": whole.waiting, "settlements": [_settlement(one) for one in found],
    }  # fmt: skip


@operation(router, "DELETE", "/{rate_id}/", "terms:write", None, 204)
def end_rate(request: Request, rate_id: UUID) -> Any:
    """A rate by hand is used no more; what rests on it stays as it is."""
    who = request.auth
    if not GivenRate.objects.filter(id=rate_id, vendor_id=who.vendor.id, ended_at=None).exists():
        raise Refused("There is no rate like that in use.", code="not_found")
    rates.end_rate(vendor_id=who.vendor.id, rate_id=rate_id, by=who.name, now=who.now)


def _settlement(one: Difference) -> dict[str, Any]:
    money, receivable, gained = (each and each.minor for each in (one.money, one.receivable, one.gained))
    return {
        "on": one.on, "invoice_id": one.invoice_id, "invoice": one.number, "customer": one.customer, "source_id": one.source_id,
        "settled_minor": one.settled.minor, "settled_currency": one.settled.currency, "money_minor": money,
        "receivable_minor": receivable, "gained_minor": gained,
    }  # fmt: skip


def keep_rate(request: Request, rate: RateIn | None, currency: str, on: date, *, issues: bool) -> None:
    """A rate that came with the wish to bill in this currency and issue in one step."""
    if rate is None:
        return
    if not issues:
        raise Refused("A rate is fixed when it is issued: give it with `issue`.", code="rate", field="rate")
    vendor_id, by = request.auth.vendor.id, request.auth.name
    actions.give_rate_in(vendor_id=vendor_id, currency=currency, typed=rate.typed, on=on, by=by, now=request.auth.now)
