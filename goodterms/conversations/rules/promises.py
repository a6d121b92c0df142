"""Decides what a word about paying is worth: how long it rests the reminders, and whether it was kept."""

from datetime import date, timedelta
from typing import Literal, NamedTuple

from goodterms.values.days import is_working_day
from goodterms.values.refusal import Refused

Judgement = Literal["running", "kept", "part", "broken"]

CLEARING_DAYS = 1  # what is sent on the promised day may be in the bank on the next
PROMISE_DAYS_MAX = 31  # who needs longer asks for more time, which the vendor decides
CHANGES_MAX = 1  # a payer's second thoughts about one promise; then a person is to be asked
BROKEN_MAX = 2  # after so many broken ones about one invoice a promise no longer rests the reminders
TRANSFER_DAYS = 2  # working days until money that was sent is in the bank


class Word(NamedTuple):
    """A promise: to pay `minor` by `promised_on`, made when `open_then_minor` was open."""

    minor: int
    open_then_minor: int
    promised_on: date


def check_promise(word: Word, today: date) -> None:
    """Refuses what nobody can promise: nothing, more than is open, or a day that has passed or is too far away."""
    if word.open_then_minor <= 0:
        raise Refused("Nothing is open on this invoice, so there is nothing left to promise. Thank you.", code="settled")
    if not 0 < word.minor <= word.open_then_minor:
        raise Refused("Promise an amount above nothing, and no more than is open.", code="amount", field="minor")
    if word.promised_on < today:
        raise Refused("That day has passed; name today or a later one.", code="date", field="promised_on")
    if word.promised_on > today + timedelta(days=PROMISE_DAYS_MAX):
        latest = today + timedelta(days=PROMISE_DAYS_MAX)
        raise Refused(
            "A promise can name a day up to {latest}; for a later one, ask for more time.",
            code="date",
            field="promised_on",
            latest=latest,
        )


def check_changes(given: int) -> None:
    """Refuses a payer's further promise after `given` ones about one invoice that were changed or taken back."""
    if given > CHANGES_MAX:
        raise Refused("You changed this day once already. For another one, please ask for more time.", code="changed")


def judge(word: Word, open_minor_at_day_end: int, today: date) -> Judgement:
    """Whether the word was kept. `open_minor_at_day_end` is what the ledger shows as open at the end of `settles_by`,
    by effective date; it is not looked at while the promise runs. Part: something came, but not all of it."""
    if today <= settles_by(word.promised_on):
        return "running"
    if open_minor_at_day_end <= word.open_then_minor - word.minor:
        return "kept"
    return "part" if open_minor_at_day_end < word.open_then_minor else "broken"


def settles_by(promised_on: date) -> date:
    """The last day on which money that was promised for `promised_on` may come in."""
    return promised_on + timedelta(days=CLEARING_DAYS)


def held_until(promised_on: date) -> date:
    """The last day on which reminders rest: none goes out before the promise can be judged."""
    return settles_by(promised_on)


def pauses(broken_before: int) -> bool:
    """Whether a new promise rests the reminders, after so many broken ones about the same invoice."""
    return broken_before < BROKEN_MAX


def expected_on(paid_on: date, today: date, country: str) -> date:
    """When money that they say they sent on `paid_on` should be in the bank: two working days later, and not before the
    next working day, so that a person can look for it first. Refuses a day that has not come or is long gone."""
    if paid_on > today:
        raise Refused("That day is still to come; promise the payment instead.", code="date", field="paid_on")
    if paid_on < today - timedelta(days=365):
        raise Refused("That is more than a year ago; please ask us about it.", code="date", field="paid_on")
    return max(_working_days_after(paid_on, TRANSFER_DAYS, country), _working_days_after(today, 1, country))


def _working_days_after(on: date, count: int, country: str) -> date:
    while count:
        on += timedelta(days=1)
        count -= is_working_day(on, country)
    return on
