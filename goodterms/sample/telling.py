"""Decides how the sample's half a year goes by: what happens by its verbs in the order of time, and between them the clock."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.parties.actions import move_clock
from goodterms.parties.directory import everyone
from goodterms.relationship.models import Feedback
from goodterms.sample import deeds, tables
from goodterms.sample.days import END, looks
from goodterms.sample.opening import open_stage
from goodterms.sample.stage import Stage
from goodterms.sample.story import Beat, beats
from goodterms.values.keys import seeded
from goodterms.values.refusal import Refused

SEED = 20_261_116
BEGIN = datetime(2025, 11, 17, 9, 0, tzinfo=UTC)  # the books begin here, so that twelve months can be counted
LATER = timedelta(hours=2)  # after the question, its answer


class Told(NamedTuple):
    """What there is when the story stops."""

    vendors: int
    customers: int
    payers: int
    invoices: int
    conversations: int
    found: Counter[str]  # what the days found, as the clock reports it


def tell(progress: Callable[[date], None] = lambda on: None) -> Told:
    """Build the sample, once. Refuses where a vendor of it is there already."""
    world, told = tables.world(), tables.told()
    _must_be_new({row["slug"] for row in world["vendor"]})
    with seeded(SEED), _written_lazily():
        stage = open_stage(world, BEGIN)
        found = _go_by(stage, beats(stage, told), told["feedback"], progress)
        with acting_for(stage.ids):
            for vendor in stage.vendors.values():
                move_clock(vendor_id=vendor.id, to=END, now=END, by="the sample")
    payers = {row["email"] for row in world["contact"]}
    return Told(len(stage.vendors), len(stage.customers), len(payers), len(stage.invoices), len(tables.said()), found)


def _must_be_new(slugs: set[str]) -> None:
    here = [one for one in everyone() if one.slug in slugs]
    if not here:
        return
    if len(here) == len(slugs) and all(one.sandbox_now == END for one in here):
        names = ", ".join(one.name for one in here)
        raise Refused(f"The sample business is here already: {names}. Nothing was done.", code="sample")
    raise Refused(
        "A part of the sample business is here, or a vendor of the same short name. Nothing was done. To begin anew, start"
        " with an empty data folder.",
        code="sample",
    )


@contextmanager
def _written_lazily() -> Iterator[None]:
    """Thousands of small commits need not each wait for the disk: the story can be told again. The last one waits for all."""
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit to off")
        yield
        cursor.execute("set synchronous_commit to on")


def _go_by(stage: Stage, story: list[Beat], answers: dict[str, list[str]], progress: Callable[[date], None]) -> Counter[str]:
    """What happens between two looks of the clock is one transaction."""
    found: Counter[str] = Counter()
    for look in looks(stage):
        now = look.run.now
        _happen(stage, [beat for beat in story if beat.at <= now])
        story = [beat for beat in story if beat.at > now]
        some = look.take()
        if some["asked"]:
            story = sorted([*story, *_answers(stage, answers, now)], key=lambda beat: beat.at)
        found.update(some)
        progress(look.run.on)
    _happen(stage, story)
    return found


def _answers(stage: Stage, answers: dict[str, list[str]], now: datetime) -> list[Beat]:
    """Those who were asked just now answer later that day, or never."""
    with acting_for(stage.ids):
        asked = list(Feedback.objects.filter(asked_at=now).order_by("id"))
    return [Beat(now + LATER, partial(deeds.say_how_it_was, stage, one, answers)) for one in asked]


def _happen(stage: Stage, story: list[Beat]) -> None:
    if story:
        with acting_for(stage.ids):
            for beat in story:
                beat.tell(beat.at)
