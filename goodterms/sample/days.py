"""Decides when the clock is run in the sample, and for whom: the steps of the day itself, in their order."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from django.conf import settings

from goodterms.clock.tick import (
    THE_DAY,
    Found,
    Run,
    give_thanks,
    make_papers,
    plan,
    send_documents,
    send_letters,
    take_back,
)
from goodterms.delivery.channels.carrier import into_folder, printer
from goodterms.delivery.due import send
from goodterms.papers.press import printed
from goodterms.reminders.actions import still_due
from goodterms.sample.stage import Stage
from goodterms.sample.tables import LINDQVIST
from goodterms.values.days import days_from, instant, is_working_day

FIRST_DAY = date(2026, 5, 18)  # half a year before the end
END = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
BRISTOL = "Europe/London"
MORNING, AFTERNOON, LAST_MORNING = time(11, 5), time(16, 10), time(9, 5)
LOOKS = (take_back, plan, give_thanks, send_letters)  # all that an afternoon is for: payers who rise later
AFTERNOON_OF, SMALL_FIRMS_DAY = 3, 2  # ISO weekdays; the other three see to their own payers once a week
FOR_ALL = (make_papers, send_documents)
POSTED = ("notices", "thanked", "asked", "withdrawn", "documents")


class Look(NamedTuple):
    """One look of the clock at one vendor's day."""

    run: Run
    steps: Sequence[Callable[[Run], Found]]

    def take(self) -> Found:
        """The steps in their order; what was issued goes out for all vendors, since the small firms look but once a week.
        Letters stay in the house, whatever mail server is set; where none was written, none is looked for."""
        found: Found = Counter()
        for step in self.steps:
            if step in FOR_ALL:
                for vendor in self.run.vendors:
                    found.update(step(self.run._replace(vendor=vendor)))
            elif step is not send_letters:
                found.update(step(self.run))
            elif any(found[word] for word in POSTED):
                found.update(_keep_letters(self.run))
        return found


def looks(stage: Stage) -> Iterator[Look]:
    """Each working day in order: the morning of Lindqvist Rowe, whose payers hear from all four, and now and then more."""
    for on in working_days():
        last = on == END.date()
        for slug in stage.vendors:
            if slug == LINDQVIST or on.isoweekday() == SMALL_FIRMS_DAY:
                yield Look(_run(stage, slug, on, LAST_MORNING if last else MORNING), THE_DAY)
        if on.isoweekday() == AFTERNOON_OF:
            yield Look(_run(stage, LINDQVIST, on, AFTERNOON), LOOKS)


def working_days() -> Iterator[date]:
    """The days on which the clock runs, by the calendar of Bristol."""
    return (on for on in days_from(FIRST_DAY, (END.date() - FIRST_DAY).days + 1) if is_working_day(on, "GB"))


def _run(stage: Stage, slug: str, on: date, at: time) -> Run:
    now = instant(on, at, BRISTOL)
    return Run(stage.vendors[slug].id, stage.ids, on, now, clock=lambda: now)


def _keep_letters(run: Run) -> Found:
    kept: Found = Counter()
    for word, carrier in (("sent", into_folder("email", settings.HOME / "outbox", ".eml")), ("printed", printer(printed))):
        kept[word] += send(vendors=run.vendors, carrier=carrier, clock=run.clock, recheck=still_due)["accepted"]
    return kept
