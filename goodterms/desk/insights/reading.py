"""Decides what the page of figures is made of: one period and one currency of a vendor, read once for the page and the CSV."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.http import QueryDict

from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Vendor
from goodterms.payments.differences import Summed, differences, summed
from goodterms.relationship.measures.accuracy import Week, accuracy_by_week
from goodterms.relationship.measures.aging import Owed, owed
from goodterms.relationship.measures.answers import AnswerTime, answer_times, first_answers
from goodterms.relationship.measures.cash import Unapplied, unapplied_cash, written_off
from goodterms.relationship.measures.in_one import InOne, in_one
from goodterms.relationship.measures.issued import Issued
from goodterms.relationship.measures.months import MonthEnd, month_ends
from goodterms.relationship.measures.prompt import TimeToIssue, time_to_issue
from goodterms.relationship.measures.satisfaction import Satisfaction, satisfaction
from goodterms.relationship.measures.words_kept import PromisesKept, Word, promises_kept, promises_made
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

PERIODS = (30, 90, 365)
MARKS = 120  # up to so many each mark is one thing; above that a curve or a bar (design: Charts)
MONTHS = 6  # of answers
RUNNING = timedelta(days=14)  # promises for days to come that are drawn as well


class Period(NamedTuple):
    """What is looked at: the last `days` up to today, and money of one currency."""

    days: int
    today: date
    currency: str

    @property
    def first_on(self) -> date:
        return self.today - timedelta(days=self.days - 1)


class Mark(NamedTuple):
    """One open invoice: whose, how many days past its due day (negative: to go), and how much."""

    customer: str
    number: str
    late_days: int
    minor: int


class Book(NamedTuple):
    """Everything the page shows. `marks` is None where there are more open invoices than MARKS."""

    period: Period
    currencies: list[str]
    aged: list[Owed]
    marks: list[Mark] | None
    months: list[MonthEnd]
    answers: list[AnswerTime]
    minutes: dict[str, list[int]]
    weeks: list[Week]
    kept: PromisesKept
    words: list[Word]
    content: Satisfaction
    unapplied: list[Unapplied]
    given_up: int
    reminders: Decimal | None
    prompt: TimeToIssue
    exchanged: Summed | None = None  # in the vendor's own currency alone
    all_open: tuple[Money, InOne] | None = None  # of every currency, where there are others and rates for them


def asked_for(vendor: Vendor, today: date, query: QueryDict, issued: Sequence[Issued]) -> tuple[Period, list[str]]:
    """The period and the currency that the address names, or the usual ones, and the currencies there are."""
    currencies = sorted({vendor.currency, *(day.currency for day in issued)})
    days, currency = query.get("days", "90"), query.get("currency", vendor.currency)
    if not days.isdecimal() or int(days) not in PERIODS:
        raise Refused(f"{days[:10]!r} is no period here; there are 30, 90 and 365 days.", code="period", field="days")
    if currency not in currencies:
        raise Refused(f"Nothing was billed in {currency[:10]!r}; there are {', '.join(currencies)}.", code="currency")
    return Period(int(days), today, currency), currencies


def read(vendor: Vendor, period: Period, currencies: list[str], issued: Sequence[Issued], now: datetime) -> Book:
    """A constant number of statements, whatever the size of the book."""
    who, today, first_on = vendor.id, period.today, period.first_on
    months_ago = (today.replace(day=1) - timedelta(days=31 * (MONTHS - 1))).replace(day=1)
    everything = owed(vendor_id=who, as_of=today, today=today, with_customers=False)
    aged = [row for row in everything if row.currency == period.currency]
    at_home = period.currency == vendor.currency
    few = sum(row.invoices for row in aged if not row.bucket) <= MARKS
    return Book(
        period,
        currencies,
        aged,
        _marks(vendor, period) if few else None,
        month_ends(vendor_id=who, currency=period.currency, today=today, issued=issued),
        answer_times(vendor_id=who, first_on=months_ago, last_on=today, now=now, by="month"),
        first_answers(vendor_id=who, first_on=months_ago, last_on=today),
        accuracy_by_week(vendor_id=who, first_on=first_on, last_on=today, issued=issued),
        promises_kept(vendor_id=who, first_on=first_on, last_on=today + RUNNING),
        promises_made(vendor_id=who, first_on=first_on, last_on=today + RUNNING, most=MARKS + 1),
        satisfaction(vendor_id=who, first_on=first_on, last_on=today),
        [row for row in unapplied_cash(vendor_id=who) if row.currency == period.currency],
        written_off(vendor_id=who, first_on=first_on, last_on=today).get(period.currency, 0),
        _reminders(vendor, period),
        time_to_issue(vendor_id=who, first_on=first_on, last_on=today),
        _exchanged(vendor, period, abroad=len(currencies) > 1) if at_home else None,
        _all_open(vendor, everything, today) if at_home else None,
    )


def _exchanged(vendor: Vendor, period: Period, *, abroad: bool) -> Summed:
    """What rates brought on settlement; `abroad`: something was billed in another currency."""
    first_on, last_on = period.first_on, period.today
    found = differences(vendor_id=vendor.id, first_on=first_on, last_on=last_on, is_billed_abroad=abroad)
    return summed(found, vendor.currency)


def _all_open(vendor: Vendor, everything: Sequence[Owed], today: date) -> tuple[Money, InOne] | None:
    """What is open in every currency, in the vendor's own; nothing where one of them has no rate today."""
    wholes = [row for row in everything if not row.bucket]
    try:
        one = in_one(vendor_id=vendor.id, currency=vendor.currency, currencies={row.currency for row in wholes}, on=today)
    except Refused:
        return None
    return (Money(sum(one.worth(row.minor, row.currency) for row in wholes), vendor.currency), one) if one.rates else None


def _marks(vendor: Vendor, period: Period) -> list[Mark]:
    rows = Invoice.objects.filter(vendor=vendor, currency=period.currency, open_minor__gt=0, issued_on__lte=period.today)
    found = rows.exclude(due_on=None).order_by("due_on", "number").values_list(
        "customer__name", "number", "due_on", "open_minor"
    )  # fmt: skip
    return [Mark(customer, number, (period.today - due_on).days, minor) for customer, number, due_on, minor in found if due_on]


def _reminders(vendor: Vendor, period: Period) -> Decimal | None:
    """After the due day, for each invoice that was settled in the period; heads-ups are not counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            _REMINDED,
            {"vendor": vendor.id, "currency": period.currency, "first": period.first_on, "last": period.today},
        )
        settled, reminders = cursor.fetchone()
    return Decimal(reminders) / settled if settled else None


# One look at what was settled: each invoice stands there once, or once for each of its reminders, of which one is the first.
_REMINDED = """
select count(*) filter (where n.place is null or n.place = 1), count(*) filter (where n."on" > s.due_on)
from invoicing_invoice s left join (
  select invoice_id, "on", row_number() over (partition by invoice_id) as place from reminders_nomination
  where vendor_id = %(vendor)s and withdrawn_at is null) n on n.invoice_id = s.id
where s.vendor_id = %(vendor)s and s.currency = %(currency)s and s.kind = 'invoice'
  and s.settled_on between %(first)s::date and %(last)s::date and s.total_minor > 0
"""
