"""Decides which verb a filled-in answer calls: by the way that was chosen, with what was typed, once."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest

from goodterms.conversations import actions
from goodterms.conversations.models import Conversation, Extension, Plan
from goodterms.conversations.rules import File
from goodterms.desk.door import Visit
from goodterms.stationery.downloads import uploaded
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused
from goodterms.values.typed import without_commas


class Typed(NamedTuple):
    """What stands in the form, as it was typed; it is shown again when it is refused."""

    key: UUID
    to: str  # them, note
    way: str
    words: str
    amount: str = ""
    until: str = ""
    reason: str = ""
    parts: str = ""
    every: str = ""
    first_on: str = ""


def typed(request: HttpRequest, visit: Visit) -> Typed:
    """From the form; a key that is none is made anew."""
    given = request.POST
    try:
        key = UUID(given.get("key", ""))
    except ValueError:
        key = new_key(visit.clock)
    names = ("way", "words", "amount", "until", "reason", "parts", "every", "first_on")
    return Typed(key, "note" if given.get("to") == "note" else "them", *(given.get(name, "").strip() for name in names))


def done(request: HttpRequest, visit: Visit, thread: Conversation, form: Typed, currency: str) -> None:
    """Do what the form says: a note, an answer, or a way to settle it; then keep the files with it. Sent twice, it is done
    once."""
    if thread.messages.filter(id=form.key).exists():
        return
    files = uploaded(request)
    if files and not form.words:
        raise Refused("Write a word with the files.", code="words", field="words")
    if form.to == "note":
        actions.note(conversation_id=thread.id, words=form.words, by=visit.by, now=visit.now, key=form.key)
    else:
        _answer(visit, thread, form, currency)
    _attach(visit, thread, form, files)


def _answer(visit: Visit, thread: Conversation, form: Typed, currency: str) -> None:
    who: dict[str, Any] = {"by": visit.by, "role": visit.role, "now": visit.now, "words": form.words, "key": form.key}
    if form.way == "keep" or (form.way == "answered" and thread.kind == "question"):
        actions.answer(
            conversation_id=thread.id, settles=form.way == "answered", reason=form.reason or None, clock=visit.clock, **who
        )
    elif thread.kind == "request" and (plan := Plan.objects.waiting().filter(conversation=thread).first()) and _about(form):
        _decide_plan(plan, form, who)
    elif thread.kind == "request" and form.way in ("granted", "refused"):
        verb = actions.grant_extension if form.way == "granted" else actions.refuse_extension
        verb(extension_id=_wish(thread), **who)
    elif form.way:
        amount = _money(form.amount, currency) if form.way == "credited" and form.amount else None
        until = _day(form.until) if form.way == "granted" else None
        actions.resolve(
            conversation_id=thread.id, resolution=form.way, amount=amount, until_on=until, clock=visit.clock, **who
        )  # fmt: skip
    else:
        raise Refused("Choose what happens with this answer.", code="way", field="way")


def _about(form: Typed) -> bool:
    return form.way in ("granted", "countered", "refused")


def _decide_plan(plan: Plan, form: Typed, who: dict[str, Any]) -> None:
    if form.way == "granted":
        actions.agree_plan(plan_id=plan.id, **who)
    elif form.way == "refused":
        actions.decline_plan(plan_id=plan.id, **who)
    else:
        if not (form.parts.isascii() and form.parts.isdigit() and len(form.parts) < 4):
            raise Refused("Write how many parts, like 4.", code="parts", field="parts")
        wish = actions.Wish(int(form.parts), _day(form.first_on, "first_on"), form.every or "monthly")
        actions.counter_plan(plan_id=plan.id, wish=wish, **who)


def _attach(visit: Visit, thread: Conversation, form: Typed, files: list[File]) -> None:
    if files:
        actions.attach(conversation_id=thread.id, message_id=form.key, files=files, by=visit.by, now=visit.now)


def _wish(thread: Conversation) -> UUID:
    wish = Extension.objects.filter(conversation=thread, granted_at=None, refused_at=None).first()
    if wish is None:
        raise Refused("This request was decided already.", code="closed")
    return wish.id


def _money(text: str, currency: str) -> Money:
    """`624.00`, `1,080.00` or with its sign."""
    plain = without_commas(text).lstrip("£$€")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0:
        raise Refused("Write the sum like 624.00, above nothing.", code="amount", field="amount")
    if amount != Money.of(amount, currency).major:
        raise Refused(f"{currency} has no smaller part than a cent; write the sum like 624.00.", code="amount", field="amount")
    return Money.of(amount, currency)


def _day(text: str, field: str = "until_on") -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("Name the new day.", code="date", field=field) from None
