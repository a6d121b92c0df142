"""Decides what programs are told of an invoice that waits for its customer's word."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from goodterms.api.shapes import In, Out, Text
from goodterms.invoicing.models import Invoice


class ForewarnIn(In):
    note: Text = ""


class ForewarningOut(Out):
    """What an invoice departs from, before tax, who was asked, and what came of it: `fine`, `objected`, or overruled."""

    id: UUID
    basis: Literal["estimate", "order", "usual"]
    about: str
    expected_minor: int
    before_minor: int
    comes_to_minor: int
    note: str
    at: AwareDatetime
    asked: str
    reminded_at: AwareDatetime | None
    lapses_on: date | None
    answer: str
    answered_at: AwareDatetime | None
    answered_by: str
    words: str
    overruled_at: AwareDatetime | None
    overruled_by: str
    overruled_why: str


def waits(one: Invoice) -> bool:
    """Not yes, and not decided by a person."""
    return any(row.ended_at is None and row.overruled_at is None and row.answer != "fine" for row in one.forewarnings.all())
