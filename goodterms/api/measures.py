"""Decides which measures programs read, over which days; each with the sentence that says what it counts."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router
from pydantic import Field

from goodterms.api.door import Request, operation
from goodterms.api.rates import RateOut
from goodterms.api.shapes import Currency, Day, Figure, In, Out
from goodterms.relationship import measures
from goodterms.relationship.measures.accuracy import accuracy
from goodterms.relationship.measures.aging import aging
from goodterms.relationship.measures.answers import answer_times, published_answer_time
from goodterms.relationship.measures.cash import unapplied_cash, written_off
from goodterms.relationship.measures.collection import collection, collection_in
from goodterms.relationship.measures.prompt import time_to_issue
from goodterms.relationship.measures.satisfaction import satisfaction
from goodterms.relationship.measures.words_kept import promises_kept
from goodterms.values.refusal import Refused

router = Router()
USUAL_DAYS = 90
LONGEST_DAYS = 3_660


class Period(In):
    """First and last day; else the 90 days up to today."""

    first_on: Day | None = None
    last_on: Day | None = None


class PeriodOfCustomer(Period):
    customer_id: UUID | None = None


class AnswersAsked(Period):
    by: Literal["all", "person", "customer", "month"] = "all"


class AsOf(In):
    as_of: Annotated[Day | None, Field(description="Else today.")] = None
    currency: Annotated[
        Currency | None,
        Field(alias="in", description="All of it in this currency, at the rates of the day; else each by itself."),
    ] = None


class CollectionAsked(AsOf):
    days: Annotated[int, Field(ge=1, le=730)] = USUAL_DAYS


class OfCustomer(In):
    customer_id: UUID | None = None


class BucketOut(Out):
    invoices: int
    open_minor: int


class AgingOfCurrency(Out):
    currency: str
    invoices: int
    customers: int
    total_minor: int
    unapplied_minor: Annotated[int, Field(description="What customers have to their credit, and is not taken off.")]
    buckets: dict[str, BucketOut]


class AgingOut(Out):
    as_of: date
    vendor: str
    currencies: list[AgingOfCurrency]
    rates: list[RateOut] = []


class CollectionOut(Out):
    """Days, and per cent for effectiveness; null where there is nothing to divide by."""

    currency: str
    owed_minor: int
    billed_minor: int
    dso: Figure | None
    best_possible_dso: Figure | None
    average_days_delinquent: Figure | None
    countback_dso: Figure | None
    collection_effectiveness: Figure | None


class AnswerTimeOut(Out):
    of: str
    asked: int
    answered: int
    median_minutes: int | None
    within_word: Figure | None


class PublishedOut(Out):
    minutes: int
    answers: int


class AnswersOut(Out):
    """`published` is what customers are told; null while nothing was measured."""

    times: list[AnswerTimeOut]
    published: PublishedOut | None


class AccuracyOut(Out):
    issued: int
    right: int
    share: Figure | None
    causes: dict[str, int]


class TimeToIssueOut(Out):
    """Median days of each step; null where there are none."""

    invoices: int
    to_approved: int | None
    to_issued: int | None
    to_sent: int | None
    whole: int | None


class SatisfactionOut(Out):
    asked: int
    good: int
    mixed: int
    poor: int
    share: Figure | None


class PromisesOut(Out):
    kept: int
    part: int
    broken: int
    running: int
    share: Figure | None


class UnappliedOut(Out):
    currency: str
    payments: int
    minor: int
    oldest_on: date


class WrittenOffOut(Out):
    currency: str
    minor: int


@operation(router, "GET", "/", "measures:read", dict[str, str])
def list_measures(request: Request) -> Any:
    """What each measure counts, in a sentence or two."""
    return measures.DEFINITIONS


@operation(router, "GET", "/aging/", "measures:read", AgingOut)
def measure_aging(request: Request, asked: Query[AsOf]) -> Any:
    """What is open at the end of a day, by age."""
    who = request.auth
    return aging(
        vendor_id=who.vendor.id,
        slug=who.vendor.slug,
        as_of=asked.as_of or who.today,
        today=who.today,
        currency=asked.currency or "",
    )


@operation(router, "GET", "/collection/", "measures:read", list[CollectionOut])
def measure_collection(request: Request, asked: Query[CollectionAsked]) -> Any:
    """Days sales outstanding in its forms, and collection effectiveness."""
    who = request.auth
    of: dict[str, Any] = {"as_of": asked.as_of or who.today, "today": who.today, "days": asked.days}
    if asked.currency:
        return _told([collection_in(vendor_id=who.vendor.id, currency=asked.currency, **of)[0]])
    return _told(collection(vendor_id=who.vendor.id, **of))


@operation(router, "GET", "/answers/", "measures:read", AnswersOut)
def measure_answers(request: Request, asked: Query[AnswersAsked]) -> Any:
    """How soon we answer, in business minutes."""
    who = request.auth
    times = answer_times(vendor_id=who.vendor.id, now=who.now, by=asked.by, **_days(request, asked))
    published = published_answer_time(vendor_id=who.vendor.id, now=who.now)
    return {"times": _told(times), "published": published and published._asdict()}


@operation(router, "GET", "/accuracy/", "measures:read", AccuracyOut)
def measure_accuracy(request: Request, asked: Query[PeriodOfCustomer]) -> Any:
    """How often our invoices were right first time."""
    return _of_period(accuracy, request, asked)


@operation(router, "GET", "/time-to-issue/", "measures:read", TimeToIssueOut)
def measure_time_to_issue(request: Request, asked: Query[Period]) -> Any:
    """How soon finished work becomes an invoice that was sent."""
    return time_to_issue(vendor_id=request.auth.vendor.id, **_days(request, asked))._asdict()


@operation(router, "GET", "/satisfaction/", "measures:read", SatisfactionOut)
def measure_satisfaction(request: Request, asked: Query[PeriodOfCustomer]) -> Any:
    """How content they are once they have paid."""
    return _of_period(satisfaction, request, asked)


@operation(router, "GET", "/promises/", "measures:read", PromisesOut)
def measure_promises(request: Request, asked: Query[PeriodOfCustomer]) -> Any:
    """How many of the promises to pay were kept."""
    return _of_period(promises_kept, request, asked)


@operation(router, "GET", "/unapplied/", "measures:read", list[UnappliedOut])
def measure_unapplied(request: Request, asked: Query[OfCustomer]) -> Any:
    """What came in and settles nothing yet."""
    return _told(unapplied_cash(vendor_id=request.auth.vendor.id, customer_id=asked.customer_id))


@operation(router, "GET", "/written-off/", "measures:read", list[WrittenOffOut])
def measure_written_off(request: Request, asked: Query[Period]) -> Any:
    """What was given up."""
    found = written_off(vendor_id=request.auth.vendor.id, **_days(request, asked))
    return [{"currency": currency, "minor": minor} for currency, minor in found.items()]


def _of_period(measure: Callable[..., Any], request: Request, asked: PeriodOfCustomer) -> dict[str, Any]:
    days = _days(request, asked)
    told: dict[str, Any] = measure(vendor_id=request.auth.vendor.id, customer_id=asked.customer_id, **days)._asdict()
    return told


def _days(request: Request, asked: Period) -> dict[str, date]:
    last = asked.last_on or request.auth.today
    first = asked.first_on or last - timedelta(days=USUAL_DAYS - 1)
    if first > last:
        raise Refused("The first day is after the last.", code="date", field="first_on")
    if (last - first).days > LONGEST_DAYS:
        raise Refused("Ask for ten years at most.", code="date", field="first_on")
    return {"first_on": first, "last_on": last}


def _told(rows: Any) -> list[dict[str, Any]]:
    return [row._asdict() for row in rows]
