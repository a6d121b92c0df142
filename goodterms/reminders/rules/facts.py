"""Decides what must be known of an invoice, its payer and its vendor before anything is decided about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from goodterms.reminders.rules.own_words import Foreword
from goodterms.values.days import NEVER, holidays_in, instant, opened_day, zone

if TYPE_CHECKING:
    from goodterms.reminders.rules.cadence import Cadence

Channel = Literal["email", "post", "call", "person"]


class Facts(NamedTuple):
    """One open invoice: in this order what a gathering query gives, what its customer shares, and what was looked up for it."""

    invoice_id: str
    number: str
    currency: str
    open_minor: int  # that is still to be paid to us: without what they keep back for the tax office
    total_minor: int
    issued_on: date
    due_on: date  # the day reminders count from: the agreed one, or the later one that was granted
    vendor_id: str
    customer_id: str
    payer_id: str
    cadence: str = ""  # the name of another than the vendor's usual one
    paperless_on: date = date.min  # on paper before this day; NEVER: always
    holds: Sequence[str] | None = None  # the words of the holds that stand, and with them, in the same order,
    held_until: Sequence[date | None] | None = None  # the last day of each; None and NEVER: until somebody ends it
    promised_on: date | None = None  # the last day they named for paying
    done: int | None = None  # days of the last step that was done since the present due day
    done_on: date | None = None


class PayerFacts(NamedTuple):
    """A person we write to, and how that person wants to be treated. Weekdays are ISO: Monday is 1."""

    payer_id: str
    address: str = ""  # e-mail; empty when there is none, or the payer stopped e-mail
    language: str = "en"
    tone: str = "neutral"
    timezone: str = "UTC"
    country: str = ""
    channel: Channel = "email"
    quiet_weekdays: frozenset[int] = frozenset({6, 7})
    quiet_ranges: tuple[tuple[date, date], ...] = ()  # both days included
    rhythm: frozenset[int] = frozenset()  # the only weekdays for letters; empty: any
    hours: tuple[time, time] | None = None  # from, to (excluded), by the payer's clock; None: HOURS
    limits: tuple[tuple[int, int], ...] = ()  # (contacts, days) beside CONTACT_LIMITS, such as (2, 14)
    held_from: tuple[tuple[str, date], ...] = ()  # (vendor, day): its part of the message waits from that day on
    forewords: tuple[Foreword, ...] = ()  # sentences of vendors' own that wait for their message


class VendorFacts(NamedTuple):
    vendor_id: str
    cadences: Mapping[str, Cadence]  # by name; the usual one under ""
    feed_seen_on: date | None = None  # when payments were last read
    feed_days_max: int | None = None  # and how many days ago that may be; None: never asked
    timezone: str = "UTC"
    opens_at: time = time(9)  # its day begins then, and lasts until the next

    def cadence_of(self, facts: Facts) -> Cadence:
        return self.cadences.get(facts.cadence) or self.cadences[""]


class Moment:
    """The day that is run and the instant it runs at, with the calendars of each place looked up once."""

    __slots__ = ("_days", "_later", "_local", "now", "on", "until", "vendor")

    def __init__(self, on: date, now: datetime, until: datetime | None = None, vendor: str = "") -> None:
        """`on` is the day steps are counted to; `now` (aware) is when letters would leave. With `until` the day goes on to
        then: who cannot be reached now is reached when their own hours begin, be it tomorrow there. With `vendor` it is that
        vendor's day, and each other has the day it is with them; without, all of them have this one."""
        self.on = on
        self.now = now
        self.until = until
        self.vendor = vendor
        self._days: dict[str, date] | None = None
        self._later: dict[datetime, Moment] = {}
        self._local: dict[str, tuple[date, time]] = {}

    def local(self, timezone: str) -> tuple[date, time]:
        """The calendar date and the wall clock in `timezone`."""
        try:
            return self._local[timezone]
        except KeyError:
            there = self.now.astimezone(zone(timezone))
            return self._local.setdefault(timezone, (there.date(), there.time()))

    def days(self, vendors: Mapping[str, VendorFacts]) -> Mapping[str, date]:
        """Which day it is with each of these vendors: two on two sides of the date line count from two days."""
        if self._days is None:
            own = vendors.get(self.vendor)
            # Run by hand before the opening hour it is this day already, here and wherever it opens no later.
            begun = own and max(self.now, instant(self.on, own.opens_at, own.timezone))
            days = {id: opened_day(one.timezone, one.opens_at, begun) if begun else self.on for id, one in vendors.items()}
            self._days = {**days, self.vendor: self.on}
        return self._days

    def when_open(self, start: time, end: time, timezone: str) -> Moment:
        """This moment, or the later one of this day at which hours from `start` to `end` by the clock there begin next."""
        if self.until is None:
            return self
        today, clock = self.local(timezone)
        if start <= clock < end:
            return self
        begins = instant(today + timedelta(days=clock >= end), start, timezone)
        if begins >= self.until:
            return self
        return self._later.setdefault(begins, Moment(self.on, begins))


def is_holiday(country: str, on: date) -> bool:
    return bool(country) and on in holidays_in(country, on.year)


def is_running(until: date | None, on: date) -> bool:
    """Whether a hold whose last day is `until` still stands on the day `on`."""
    return until is None or until == NEVER or on <= until
