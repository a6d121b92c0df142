"""Decides how soon we answer, as measured: for our own eyes by person, customer and month, and as we publish it."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.database.asked import Later, asked
from goodterms.parties.models import Vendor
from goodterms.relationship.rules import median, share
from goodterms.values.days import instant

DEFINITION = (
    "From a question, dispute or request to our first answer, in the hours in which we are open: weekends and public holidays "
    "do not count. Typical is the median. Within our word is the share answered within the hours that we promise; what is "
    "unanswered and over time counts as not kept. Published: all first answers of the last 90 days."
)
PUBLISHED_DAYS = 90
By = Literal["all", "person", "customer", "month"]


class AnswerTime(NamedTuple):
    """How soon we answered `of` whom or when; minutes of business hours, `within_word` in per cent."""

    of: str
    asked: int
    answered: int
    median_minutes: int | None
    within_word: Decimal | None


class Published(NamedTuple):
    """What may be said to customers: the typical first answer, measured over so many."""

    minutes: int
    answers: int


def answer_times(
    *, vendor_id: UUID, first_on: date, last_on: date, now: datetime, by: By = "all"
) -> list[AnswerTime]:  # fmt: skip
    """What was opened on the days `first_on` to `last_on`, and how soon we answered it; in order of `of`: nothing, the name
    of who answered first (empty: nobody yet), the customer's key, or the month (2026-11)."""
    vendor = Vendor.objects.get(id=vendor_id)
    start = instant(first_on, time(0), vendor.timezone)
    end = instant(last_on + timedelta(days=1), time(0), vendor.timezone)
    given: dict[str, UUID | datetime | str] = {"vendor": vendor_id, "start": start, "end": end, "now": now}
    given["timezone"] = vendor.timezone
    with connection.cursor() as cursor:
        cursor.execute(_OPENED.format(of=_OF[by]), given)
        groups = sorted(_Opened(*row) for row in cursor.fetchall())
    return [_measured(one, vendor.answer_hours * 60) for one in groups]


def first_answers(*, vendor_id: UUID, first_on: date, last_on: date) -> dict[str, list[int]]:
    """Minutes of business hours to each first answer, by the month (2026-11) in which it was asked; months in order."""
    timezone = Vendor.objects.values_list("timezone", flat=True).get(id=vendor_id)
    start, end = instant(first_on, time(0), timezone), instant(last_on + timedelta(days=1), time(0), timezone)
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_ANSWERS, [timezone, vendor_id, start, end])
        return dict(cursor.fetchall())


def published_answer_times(*, vendor_ids: Sequence[UUID], now: datetime) -> dict[UUID, Published]:
    """For the foot of letters: the median of the first answers of the last 90 days, of each vendor that gave any."""
    return published_asked(vendor_ids=vendor_ids, now=now)()


def published_asked(*, vendor_ids: Sequence[UUID], now: datetime) -> Later[dict[UUID, Published]]:
    """The same, asked for and to be read later."""
    found = asked(_PUBLISHED, [list(vendor_ids), now - timedelta(days=PUBLISHED_DAYS), now])
    return lambda: {
        vendor: Published(typical, len(minutes))
        for vendor, minutes in found.fetchall()
        if (typical := median(minutes)) is not None
    }


def published_answer_time(*, vendor_id: UUID, now: datetime) -> Published | None:
    """The same for one vendor; None while nothing was measured, for we promise only what is."""
    return published_answer_times(vendor_ids=[vendor_id], now=now).get(vendor_id)


class _Opened(NamedTuple):
    of: str
    opened: int
    over: int  # whose answer was due and did not come
    minutes: list[int]  # of those that were answered


def _measured(group: _Opened, target: int) -> AnswerTime:
    answered = len(group.minutes)
    kept = sum(minute <= target for minute in group.minutes)
    return AnswerTime(group.of, group.opened, answered, median(group.minutes), share(kept, answered + group.over))


_OF: dict[By, str] = {
    "all": "''", "person": "first_answered_by", "customer": "customer_id::text",
    "month": "to_char(opened_at at time zone %(timezone)s, 'YYYY-MM')",
}  # fmt: skip
# Disputes that came in with an old book ran no clock: nobody waits since a known instant, and nothing was measured.
_OPENED = """
select {of}, count(*), count(*) filter (where answered_in_minutes is null and answer_due_at < %(now)s),
       coalesce(array_agg(answered_in_minutes) filter (where answered_in_minutes is not null), '{{}}')
from conversations_conversation
where vendor_id = %(vendor)s and opened_at >= %(start)s and opened_at < %(end)s
  and (answered_in_minutes is not null or waiting_since_at is not null)
group by 1
"""
_FIRST_ANSWERS = """
select to_char(opened_at at time zone %s, 'YYYY-MM'), array_agg(answered_in_minutes order by answered_in_minutes)
from conversations_conversation
where vendor_id = %s and opened_at >= %s and opened_at < %s and answered_in_minutes is not null
group by 1 order by 1
"""
_PUBLISHED = """
select vendor_id, array_agg(answered_in_minutes) from conversations_conversation
where vendor_id = any(%s::uuid[]) and first_answered_at > %s and first_answered_at <= %s and answered_in_minutes is not null
group by vendor_id
"""
