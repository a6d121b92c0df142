"""Decides when the clock looks: every quarter of an hour for each vendor that is open, and the queue's own housekeeping.

Jobs are only nudges: what is due is found from the facts, so a lost or doubled nudge has no effect.
"""

from datetime import UTC, datetime, time

from django.db import transaction
from procrastinate import exceptions
from procrastinate.contrib.django import app

from goodterms.clock.tick import Run, run_day
from goodterms.parties.directory import companions, everyone
from goodterms.values.days import day_in, instant

STALLED_SECONDS = 60  # several heartbeats: a living worker must not count as stalled
KEEP_HOURS = 24 * 14


@app.periodic(cron="*/15 * * * *")
@app.task(queueing_lock="look", pass_context=False)
def look(timestamp: int) -> None:
    """Nudge the day of each vendor whose opening hour has come, until it closes: payers elsewhere wake later."""
    now = datetime.now(UTC)
    for vendor in everyone():
        if vendor.sandbox_now is None and _is_time(vendor.timezone, vendor.opens_at, vendor.closes_at, now):
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
    run_day(Run(vendor.id, vendors, day_in(vendor.timezone, now), now, lambda: datetime.now(UTC)))


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


def _is_time(timezone: str, opens_at: time, closes_at: time, now: datetime) -> bool:
    today = day_in(timezone, now)
    return instant(today, opens_at, timezone) <= now < instant(today, closes_at, timezone)
