"""Decides how programs agree terms, and how they read those in effect, as data and in words."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router
from pydantic import AwareDatetime, Field, StrictInt, StringConstraints

from goodterms.api.customers import found_customer
from goodterms.api.door import Request, operation
from goodterms.api.pages import Page, Paging, page
from goodterms.api.shapes import Currency, Day, In, Language, Minor, Name, Number, Out, Yes
from goodterms.terms import actions
from goodterms.terms.models import AgreedTerms
from goodterms.terms.rules import Terms, in_words, parse
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

router = Router()
of_customer = Router()
Days = tuple[Literal["days"], Annotated[StrictInt, Field(ge=-31, le=730)]]
DayOfMonth = tuple[Literal["day_of_month"], Annotated[StrictInt, Field(ge=1, le=31)]]
MonthEnd = tuple[Literal["month_end"]]
Steps = Annotated[
    list[Days | DayOfMonth | MonthEnd],
    Field(max_length=6, description="Steps from the invoice date, one after the other."),
]
Notation = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$"), Field(examples=["2/10 net 30", "EOM + 15"])]


class Sum(In):
    minor: Minor
    currency: Currency


class Part(In):
    percent: Number
    due: Steps


class Discount(In):
    percent: Number
    until: Steps


class LateFee(In):
    kind: Literal["monthly", "fixed", "eu", "uk"]
    agreed: Yes
    percent: Number | None = None
    amount: Sum | None = None
    part_months: Literal["pro_rata", "whole"] = "pro_rata"
    points: Number | None = None
    rates: Literal["by_law", "fixed_at_start", "split"] = "by_law"
    year: Literal["365", "360", "actual"] = "365"
    between_businesses: Yes = False
    cap_percent: Number | None = None


class Tolerance(In):
    percent: Number | None = None
    amount: Sum | None = None


class Withholding(In):
    """What the payer keeps back of the sum before tax for the tax office, such as IRPF, TDS or PPh 23."""

    name: Name
    percent: Number


class TermsData(In):
    """Terms in full: due rule, instalments, early-payment discounts, grace, late fee, tolerance, deposit, withholding."""

    due: Steps = [("days", 30)]
    supply: Literal["before", "with", "after"] = "after"
    non_working: Literal["keep", "next_working_day"] = "keep"
    instalments: Annotated[list[Part], Field(max_length=24)] = []
    discounts: Annotated[list[Discount], Field(max_length=6)] = []
    discount_tax: Literal["if_taken", "always", "never"] = "if_taken"
    grace_days: Annotated[StrictInt, Field(ge=0, le=365)] = 0
    late_fee: LateFee | None = None
    tolerance: Tolerance = Tolerance()
    deposit_percent: Number | None = None
    withholding: Withholding | None = None


class TermsIn(In):
    """What is agreed: in the notation of the trade, or in full. Without a customer: the vendor's usual terms."""

    notation: Notation | None = None
    terms: TermsData | None = None
    customer_id: UUID | None = None
    from_on: Day | None = None
    agreed_by: Name = ""


class AgreedOut(Out):
    """One version; the newest that has begun is in effect."""

    id: UUID
    customer_id: UUID | None
    version: int
    from_on: date
    terms: dict[str, Any] = Field(alias="data")
    agreed_by: str
    agreed_at: AwareDatetime


class ClauseOut(Out):
    about: str
    label: str
    sentence: str


class InEffectOut(Out):
    """What an invoice of that day uses. Version 0: nothing was agreed yet. `own`: the customer's, not the vendor's usual."""

    version: int
    own: bool
    terms: dict[str, Any]
    words: list[ClauseOut]


class ReadOut(Out):
    terms: dict[str, Any]
    words: list[ClauseOut]


class TermsFilter(Paging):
    customer_id: UUID | None = None


class InEffectOn(In):
    on: Day | None = None
    language: Language = "en"


class Reading(In):
    notation: Notation
    issued_on: Day | None = None
    language: Language = "en"
    total_minor: Annotated[int, Field(ge=1, le=10**15)] | None = None
    currency: Currency | None = None


@operation(router, "GET", "/", "terms:read", Page[AgreedOut])
def list_terms(request: Request, asked: Query[TermsFilter]) -> Any:
    """Every version that was agreed, of the vendor and of each customer."""
    rows = AgreedTerms.objects.seen_by(request.auth.viewer)
    return page(rows if asked.customer_id is None else rows.filter(customer_id=asked.customer_id), "id", asked)


@operation(router, "POST", "/", "terms:write", AgreedOut, 201)
def agree_terms(request: Request, asked: TermsIn) -> Any:
    """Agree on a new version, for invoices issued from `from_on` on (else from today)."""
    who = request.auth
    return actions.agree(
        vendor_id=who.vendor.id, terms=_terms_of(asked), from_on=asked.from_on or who.today, now=who.now, by=who.name,
        customer_id=asked.customer_id, agreed_by=asked.agreed_by,
    )  # fmt: skip


@operation(router, "GET", "/reading/", "terms:read", ReadOut)
def read_notation(request: Request, asked: Query[Reading]) -> Any:
    """What a notation of the trade means, before anybody agrees on it; with an invoice date each day is worked out."""
    terms = parse(asked.notation)
    if (asked.total_minor is None) != (asked.currency is None):
        raise Refused("A total has a sum and a currency.", code="amount", field="total_minor")
    total = Money(asked.total_minor, asked.currency) if asked.total_minor and asked.currency else None
    words = in_words(terms, asked.language, issued_on=asked.issued_on, total=total, country=request.auth.vendor.country)
    return {"terms": terms.to_json(), "words": _said(words)}


@operation(router, "GET", "/{terms_id}/", "terms:read", AgreedOut)
def get_terms(request: Request, terms_id: UUID) -> Any:
    """One version."""
    found = AgreedTerms.objects.seen_by(request.auth.viewer).filter(id=terms_id).first()
    if found is None:
        raise Refused("There are no such terms.", code="not_found")
    return found


@operation(of_customer, "GET", "/{customer_id}/terms/", "terms:read", InEffectOut)
def terms_in_effect(request: Request, customer_id: UUID, asked: Query[InEffectOn]) -> Any:
    """What an invoice issued to the customer on a day uses, in words as well."""
    customer, on = found_customer(request, customer_id), asked.on or request.auth.today
    found = actions.in_effect(request.auth.vendor.id, customer.id, on)
    words = in_words(found.terms, asked.language, issued_on=on, country=customer.country or request.auth.vendor.country)
    return {"version": found.version, "own": found.own, "terms": found.terms.to_json(), "words": _said(words)}


def _terms_of(asked: TermsIn) -> Terms:
    if (asked.notation is None) == (asked.terms is None):
        raise Refused("Give the notation, or the terms in full.", code="terms", field="terms")
    if asked.terms is None:
        return parse(asked.notation or "")
    return Terms.from_json(_without_none(asked.terms.dict()))


def _without_none(value: Any) -> Any:
    """As the rules read them: what is not said has their default."""
    if isinstance(value, dict):
        return {key: _without_none(one) for key, one in value.items() if one is not None}
    return [_without_none(one) for one in value] if isinstance(value, list | tuple) else value


def _said(words: Any) -> list[dict[str, str]]:
    return [clause._asdict() for clause in words]
