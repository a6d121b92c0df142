"""Decides which ways there are to settle a conversation, which of them fits what was asked, and what happens next in each."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from goodterms.conversations.plans import Known
from goodterms.conversations.rules import is_about_content
from goodterms.stationery.templatetags.stationery import day, plain_amount
from goodterms.values.money import Money

BOOKS_DECIDE = "An owner or a bookkeeper decides this."
FITS = {"CNF": "credited", "CNP": "credited", "CNA": "credited", "NIN": "corrected", "PIN": "keep"}


class Case(NamedTuple):
    """What the ways depend on. `creditable` is what a credit note may still give back, of the one invoice it is about."""

    kind: str
    wants: str
    who: str  # the first name of whoever asked
    keeps_books: bool
    settle_on: date
    open: Money | None = None  # of the one invoice; None: there are several
    creditable: Money | None = None
    disputed: Money | None = None
    due_on: date | None = None
    today: date = date.min
    is_void: bool = False
    written: tuple[str, ...] = ()  # credit notes that words left behind which were taken back
    until_on: date | None = None  # the day that was asked for
    plan: Known | None = None  # the parts that were asked for, or that we offered


class Way(NamedTuple):
    """`next` says what happens; `refusal` why somebody else must do it, in which case it cannot be chosen."""

    word: str
    title: str
    next: str
    send: str  # on the button
    fits: bool = False
    refusal: str = ""


def ways(case: Case) -> list[Way]:
    """In the order in which they are offered; the first that fits and can be chosen is chosen."""
    offered = _OFFERED["plan" if case.plan else case.kind]
    return [way for make in offered if (way := make(case)) is not None]


def chosen(offered: list[Way], wanted: str = "") -> str:
    """The way that is marked: as asked for, else what fits, else the first that can be chosen."""
    free = [way for way in offered if not way.refusal]
    for way in free:
        if way.word == wanted:
            return wanted
    return next((way.word for way in free if way.fits), free[0].word if free else "")


def credit_of(case: Case) -> Money | None:
    """What a credit note would give back unless somebody says another sum: what is in dispute, or all that is left."""
    if case.creditable is None or not case.creditable:
        return None
    return case.creditable if case.disputed is None else min(case.disputed, case.creditable, key=lambda sum: sum.minor)


def accuracy(kind: str, reason: str, cause: str) -> str:
    """How it counts, said beside the ways."""
    if kind != "dispute" or not is_about_content(kind=kind, reason=reason, resolution=""):
        return ""
    counts = f"In each case the dispute counts as ours in invoice accuracy, with the cause “{cause.lower()}”"
    return f"{counts}; taken back by them it does not."


def _credited(case: Case) -> Way | None:
    amount = credit_of(case)
    if case.written:
        notes = ", ".join(case.written)
        said = f"{notes} was written already and stays; {case.who} gets this answer. {_stands(case, Money(0, _currency(case)))}"
    elif amount is None:
        return None
    else:
        said = f"{case.who} gets a credit note for {plain_amount(amount)} and this answer. {_stands(case, amount)}"
    return Way("credited", "Credit note", said, "Send with credit note", _fits(case, "credited"), _books(case))


def _corrected(case: Case) -> Way | None:
    """Only once the wrong one is gone: the new one is written with New invoice."""
    if not case.is_void and (case.creditable is None or case.creditable):
        return None
    said = f"The invoice is credited in full, and a new one takes its place; {case.who} gets this answer."
    return Way("corrected", "Corrected invoice", said, "Send and close", _fits(case, "corrected"), _books(case))


def _granted(case: Case) -> Way | None:
    if case.open is not None and not case.open:
        return None
    until = f"until {day(case.until_on)}" if case.until_on else "until the day you name"
    said = f"{case.who} has time {until}, without a fee; reminders count from then. The agreed day stays for our figures."
    return Way("granted", "More time", said, "Send and grant", case.kind == "request", _books(case))


def _agreed(case: Case) -> Way | None:
    """What they asked for; what we offered is theirs to agree to."""
    if case.plan is None or case.plan.plan.by_us or not case.plan.open:
        return None
    parts, left = len(case.plan.parts), plain_amount(case.plan.left)
    said = (
        f"{case.who} pays {left} in {parts} parts, the last on {day(case.plan.last_on)}; no reminder goes out while each comes."
    )
    return Way("granted", "Agree to these parts", said, "Send and agree", True, _books(case))


def _countered(case: Case) -> Way | None:
    if case.plan is None or not case.plan.open:
        return None
    said = f"{case.who} gets your offer, and agrees to it on their page or writes again. No reminder goes out meanwhile."
    return Way("countered", "Offer other parts", said, "Send the offer", False, _books(case))


def _refused(case: Case) -> Way:
    if case.kind == "request":
        said = f"{case.who} gets your reason; the agreed day stays, and reminders go on."
    else:
        said = f"{case.who} gets your reason. The invoice stays as it was billed, and reminders go on."
    return Way("refused", "No, with a reason", said, "Send and close", False, _books(case))


def _answered(case: Case) -> Way:
    """A question is anybody's who cares for customers; a dispute ends by those who keep the books."""
    said = f"{case.who} gets this answer and it is settled. {_reminders(case)}"
    refusal = _books(case) if case.kind == "dispute" else ""
    return Way("answered", "Answer, and close", said, "Send and close", case.kind == "question" and not case.wants, refusal)


def _keep(case: Case) -> Way:
    said = f"{case.who} gets this answer. It stays open, to be settled by {day(case.settle_on)}, and no reminder goes out."
    return Way("keep", "Answer, and keep it open", said, "Send", _fits(case, "keep"))


def _withdrawn(case: Case) -> Way:
    said = f"{case.who} said that it is settled. A letter goes out only if you write one. {_reminders(case)}"
    return Way("withdrawn", "Taken back by them", said, "Close it", False, _books(case) if case.kind == "dispute" else "")


def _stands(case: Case, credit: Money) -> str:
    if case.open is None:
        return ""
    left = max(case.open.minor - credit.minor, 0)
    if not left:
        return "Nothing stays open on it."
    said = f"{plain_amount(Money(left, case.open.currency))} stays open"
    if case.due_on is None or case.due_on < case.today:
        return f"{said}, and reminders go on."
    return f"{said}, due {day(case.due_on)}; reminders count from then."


def _reminders(case: Case) -> str:
    if case.open is not None and not case.open:
        return "Nothing is open on it."
    if case.due_on is not None and case.due_on >= case.today:
        return f"Its reminders count from {day(case.due_on)} again."
    return "Reminders go on."


def _fits(case: Case, word: str) -> bool:
    return FITS.get(case.wants) == word or (word == "credited" and not case.wants and case.disputed is not None)


def _books(case: Case) -> str:
    return "" if case.keeps_books else BOOKS_DECIDE


def _currency(case: Case) -> str:
    return case.open.currency if case.open else "XXX"


_OFFERED: dict[str, tuple[Callable[[Case], Way | None], ...]] = {
    "question": (_answered, _keep, _withdrawn),
    "dispute": (_credited, _corrected, _granted, _keep, _answered, _refused, _withdrawn),
    "request": (_granted, _refused, _keep, _withdrawn),
    "plan": (_agreed, _countered, _refused, _keep, _withdrawn),
}
