"""Decides when the clock looks: every quarter of an hour for each vendor that is open, every hour while it is not, since
its payers elsewhere wake then; news of payments every minute; and the queue's own housekeeping.

Jobs are only nudges: what is due is found from the facts, so a lost or doubled nudge has no effect.
"""

from datetime import UTC, date, datetime
from uuid import UUID

from django.db import transaction
from procrastinate import exceptions
from procrastinate.contrib.django import app

from goodterms.clock.tick import Run, run_day
from goodterms.conversations.models import Message
from goodterms.conversations.rules.undo import TEN_SECONDS
from goodterms.database.isolation import acting_for
from goodterms.delivery.channels.carrier import mail
from goodterms.delivery.due import send
from goodterms.invoicing.due import make_wanted_papers, post_waiting
from goodterms.parties.directory import Listed, companions, everyone
from goodterms.payments.due import listen
from goodterms.relationship.due import thank
from goodterms.reminders.actions import still_due
from goodterms.values.days import day_in, instant, opened_day

QUARTER_MINUTES = 15
STALLED_SECONDS = 60  # several heartbeats: a living worker must not count as stalled
KEEP_HOURS = 24 * 14
WAITED_FOR = ("answer", "receipt", "bank")


@app.periodic(cron="*/15 * * * *")
@app.task(queueing_lock="look", pass_context=False)
def look(timestamp: int) -> None:
    """Nudge the day of each vendor that lives by the real clock."""
    now = datetime.now(UTC)
    for vendor in everyone():
        if vendor.sandbox_now is None and is_time(vendor, now):
            try:
                with transaction.atomic():
                    day_of.configure(queueing_lock=f"day:{vendor.slug}", lock=f"day:{vendor.slug}").defer(slug=vendor.slug)
            except exceptions.AlreadyEnqueued:
                continue


@app.task(pass_context=False)
def day_of(slug: str) -> None:
    """The day of one vendor, now."""
    vendor = next(vendor for vendor in everyone() if vendor.slug == slug)
    now = datetime.now(UTC)
    vendors = [one.id for one in companions(vendor)]
    run_day(Run(vendor.id, vendors, day_of_vendor(vendor, now), now, lambda: datetime.now(UTC)))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="listen", pass_context=False)
def hear_of_payments(timestamp: int) -> None:
    """What providers told of payments and was not worked, of every vendor, sandboxes as well: a payer waits to hear of it."""
    now = datetime.now(UTC)
    for vendor in everyone():
        listen(vendor_id=vendor.id, at=now, now=vendor.sandbox_now or now)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="waiting", pass_context=False)
def write_to_the_waiting(timestamp: int) -> None:
    """Thanks for payments, answers that can no longer be taken back, and words to owners of other bank details: none of them
    waits for the quarter of an hour. Nothing else leaves here."""
    now = datetime.now(UTC)
    for vendor in everyone():
        waited_for(vendor, [one.id for one in companions(vendor)], now)


@app.periodic(cron="*/2 * * * *")
@app.task(queueing_lock="revive", pass_context=False)
async def revive(timestamp: int) -> None:
    """Jobs of workers that died are tried again."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        await app.job_manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="forget", pass_context=False)
async def forget(timestamp: int) -> None:
    """Old jobs are cleared away."""
    await app.job_manager.delete_old_jobs(nb_hours=KEEP_HOURS, include_failed=True)


def waited_for(vendor: Listed, vendors: list[UUID], now: datetime) -> int:
    """Write the thanks, send them with the answers; returns how many left. `now` is real. The clock of a sandbox stands, so
    its letters that wait ten seconds are looked at as ten seconds later, and only when none can be taken back any more."""
    at = vendor.sandbox_now or now
    thank(vendor_id=vendor.id, vendors=vendors, now=at)
    make_wanted_papers(vendor_id=vendor.id, now=at)
    post_waiting(vendor_id=vendor.id, now=at)
    if vendor.sandbox_now is not None:
        with acting_for(vendors):
            if Message.objects.filter(free_until_at__gt=now, withdrawn_at=None).exists():
                return 0
        at += TEN_SECONDS
    carrier = mail(vendor.sandbox_now is not None)
    return int(send(vendors=vendors, carrier=carrier, clock=lambda: at, recheck=still_due, kinds=WAITED_FOR)["accepted"])


def is_time(vendor: Listed, now: datetime) -> bool:
    """Whether the clock looks at this quarter of an hour. A vendor in London reaches a payer in Los Angeles after closing."""
    today = day_in(vendor.timezone, now)
    opens, closes = (instant(today, at, vendor.timezone) for at in (vendor.opens_at, vendor.closes_at))
    return opens <= now < closes or now.minute < QUARTER_MINUTES


def day_of_vendor(vendor: Listed, now: datetime) -> date:
    """The vendor's day, which begins with its opening hour and lasts until the next one."""
    return opened_day(vendor.timezone, vendor.opens_at, now)
