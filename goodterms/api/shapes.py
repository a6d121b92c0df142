"""Decides how values are written in a request and read in an answer: days in ISO, decimals as strings, no unknown field."""

import base64
import binascii
import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
)

from goodterms.values.money import MINOR_MAX, exponent
from goodterms.values.refusal import Refused

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)  # outside of it no invoice is meant, and months overflow
_NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps no such character


class In(Schema):
    """What is sent. An unknown field is refused: it was meant to say something."""

    model_config = ConfigDict(extra="forbid")


class Out(Schema):
    """What is answered."""


def decoded(content: str) -> bytes:
    """A file as JSON carries it."""
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as odd:
        raise Refused("The content is not base64 (RFC 4648, section 4).", code="invalid", field="content") from odd


def _iso_day(said: Any) -> date:
    if isinstance(said, date):
        return said
    if not isinstance(said, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", said, re.ASCII):
        raise ValueError("write a day like 2026-11-16")
    try:
        on = date.fromisoformat(said)
    except ValueError as none:
        raise ValueError(f"there is no day {said}") from none
    if not FIRST_DAY <= on <= LAST_DAY:
        raise ValueError(f"a day is from {FIRST_DAY} to {LAST_DAY}")
    return on


def _decimal(said: Any) -> Decimal:
    if isinstance(said, Decimal):
        return said
    if not isinstance(said, str) or not re.fullmatch(_DECIMAL, said, re.ASCII):
        raise ValueError('write a number as a string like "12.5"')
    return Decimal(said)


def _known_currency(code: str) -> str:
    exponent(code)  # refuses, in words of its own, what is none
    return code


_DECIMAL = r"^-?[0-9]{1,12}(\.[0-9]{1,8})?$"
_DAY_SCHEMA = {"type": "string", "format": "date"}
_DECIMAL_SCHEMA = {"type": "string", "pattern": _DECIMAL, "examples": ["12.5"]}

Name = Annotated[str, StringConstraints(max_length=200, pattern=_NO_NUL)]
# A file of about 10 MB; `decoded` reads it.
Content = Annotated[str, StringConstraints(min_length=1, max_length=14_000_000), Field(description="In base64.")]
Text = Annotated[str, StringConstraints(max_length=10_000, pattern=_NO_NUL)]
Day = Annotated[date, BeforeValidator(_iso_day), WithJsonSchema(_DAY_SCHEMA)]
Number = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    PlainSerializer(lambda number: f"{number.normalize():f}", return_type=str),
    WithJsonSchema(_DECIMAL_SCHEMA),
]
Figure = Annotated[  # a measure, rounded for show to two places
    Decimal,
    PlainSerializer(lambda number: f"{number:.2f}", return_type=str),
    WithJsonSchema({"type": "string", "examples": ["41.25"]}),
]
Yes = StrictBool
Minor = Annotated[StrictInt, Field(ge=1, le=MINOR_MAX, description="Whole minor units of the currency.")]
Currency = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{3}$"),
    AfterValidator(_known_currency),
    Field(description="ISO 4217", examples=["GBP"]),
]
Position = Annotated[StrictInt, Field(ge=1, le=100_000, description="The position of a line.")]
Limit = Annotated[int, Field(ge=1, le=200)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$"), Field(examples=["en", "id"])]
Ids = Annotated[list[UUID], Field(min_length=1, max_length=100)]
