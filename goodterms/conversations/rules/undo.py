"""Decides how long a message of ours can be taken back, and when it is too late."""

from datetime import datetime, timedelta

from goodterms.values.refusal import Refused

TEN_SECONDS = timedelta(seconds=10)


def check_take_back(*, free_until_at: datetime | None, withdrawn_at: datetime | None, clock: datetime) -> None:
    """Refuses what was taken back already, what was never free to be, and what is free no longer.

    `clock` is the real clock, also in a sandbox, whose trade clock stands still: ten seconds are those of the person who
    presses the button, or nothing in a sandbox would ever be past them.
    """
    if withdrawn_at is not None:
        raise Refused("This was taken back already; it did not leave.", code="withdrawn")
    if free_until_at is None:
        raise Refused("This cannot be taken back; write again instead.", code="late")
    if clock >= free_until_at:
        raise Refused("The ten seconds are over and it is on its way; write again instead.", code="late")
