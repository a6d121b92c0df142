"""Decides what a wish for more time gets: a yes at once within the vendor's rule, a person's look, or a no with its reason."""

from datetime import date
from typing import Literal, NamedTuple

from goodterms.values.refusal import to_say

ASKED_DAYS_MAX = 366
TOO_LONG = to_say("Name a day within a year; for longer, let us agree on instalments.")


class Verdict(NamedTuple):
    """`answer`: granted at once, for a person to decide, or refused; `sentence` says so to the one who asked."""

    answer: Literal["granted", "person", "refused"]
    sentence: str


def grant(*, asked_until: date, due_on: date, today: date, days_max: int, already_granted: int) -> Verdict:
    """What the vendor's rule says to `asked_until` for an invoice due on `due_on` that had `already_granted` extensions.

    `days_max` (the vendor's `extension_days_max`) counts calendar days from the due day, or from today where that is
    later. Once for an invoice the rule says yes by itself; a second time a person looks.
    """
    begin = max(due_on, today)
    days = (asked_until - begin).days
    if days <= 0:
        return Verdict("refused", f"Name a day after {begin.day} {begin:%B %Y}: until then there is time already.")
    if days > ASKED_DAYS_MAX:
        return Verdict("refused", TOO_LONG)
    if already_granted == 0 and days <= days_max:
        return Verdict("granted", f"Agreed: the new date is {asked_until.day} {asked_until:%B %Y}, without a fee.")
    return Verdict("person", "Thank you for telling us. A person decides and answers you; no reminder goes out meanwhile.")
