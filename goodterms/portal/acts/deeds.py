"""Decides which verb a filled-in form calls, and the page after it. Each is all or nothing, and once however often pressed."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from goodterms.conversations.actions import ask as ask_about
from goodterms.conversations.actions import attach, declare_paid, dispute, promise, request_extension
from goodterms.conversations.actions.handing_on import hand_on
from goodterms.conversations.models import Conversation, Extension
from goodterms.conversations.rules import File
from goodterms.conversations.rules.reasons import NEED_WORDS
from goodterms.delivery.spoken import listed
from goodterms.portal.acts.reading import Choice, Subject
from goodterms.portal.acts.typed import amount_of, day_of, key_of, line_of
from goodterms.portal.acts.words import REASONS
from goodterms.portal.door import Visit
from goodterms.stationery.downloads import uploaded
from goodterms.stationery.templatetags.stationery import day_month, full_day, tongue
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

Deed = Callable[[HttpRequest, Visit, Subject], str]


def asked(request: HttpRequest, visit: Visit, subject: Subject) -> str:
    """A question about the whole of it or one line."""
    said = request.POST
    line = line_of(said.get("line", ""), [one.position for one in subject.lines])
    thread = ask_about(invoice_ids=[subject.id], words=said.get("words", ""), line=line, **_who(request, visit))
    return _kept(visit, subject, thread, uploaded(request))


def disputed(request: HttpRequest, visit: Visit, subject: Subject) -> str:
    """What is wrong: some lines or all of it, why, and how much; the rest can be paid at once."""
    said, files = request.POST, uploaded(request)
    lines = [one for one in subject.lines if str(one.position) in said.getlist("line")]
    amount = _objected(said, lines, Money(subject.invoice.total_minor, subject.invoice.currency))
    thread = dispute(
        invoice_id=subject.id, reason=said.get("reason", ""), wants=said.get("wants", ""),
        words=_with_lines(_said_or_named(said), lines), line=lines[0].position if len(lines) == 1 else None,
        disputed_minor=amount.minor, **_who(request, visit),
    )  # fmt: skip
    after = _kept(visit, subject, thread, files)
    rest = subject.open - amount
    return _paying(subject, rest) if said.get("pay_rest") and rest.minor > 0 else after


def more_time(request: HttpRequest, visit: Visit, subject: Subject) -> str:
    """Another day, or words to a person."""
    said = request.POST
    choice = said.get("choice", "day")
    if choice == "else":
        thread = ask_about(invoice_ids=[subject.id], words=said.get("words", ""), **_who(request, visit))
        return _noted(subject, "question", thread)
    until_on = day_of(said.get("until_on", ""), "until_on")
    if _asked_already(visit, subject, until_on):
        return _noted(subject, "time")
    if until_on <= subject.time.since:
        words = _("Name a day after %s: until then there is time already.") % day_month(subject.time.since)
        raise Refused(words, code="date", field="until_on")
    request_extension(
        invoice_id=subject.id, until_on=until_on, words=said.get("words", ""), by=visit.called, now=visit.now,
        payer_id=visit.payer.id, asking=_("More time, until %s, please.") % full_day(until_on),
    )  # fmt: skip
    return _noted(subject, "time")


def promised(request: HttpRequest, visit: Visit, subject: Subject) -> str:
    """All that is open, on a day."""
    promised_on = day_of(request.POST.get("promised_on", ""), "promised_on")
    _check_day(promised_on, subject, "promised_on")
    promise(invoice_id=subject.id, promised_on=promised_on, words=request.POST.get("words", ""), **_who(request, visit))
    return _noted(subject, "promise")


def paid(request: HttpRequest, visit: Visit, subject: Subject) -> str:
    """Paid already: nobody reminds while we look for it."""
    said = request.POST
    amount = amount_of(said.get("amount", ""), subject.open.currency, "amount")
    if amount is not None and amount.minor <= 0:
        raise Refused(_("Name an amount above nothing."), code="amount", field="amount")
    kept, certificate = _kept_back(subject, said)
    how = " · ".join(filter(None, (said.get("how", "").strip()[:200], said.get("reference", "").strip()[:200])))
    declare_paid(
        invoice_ids=[subject.id], paid_on=day_of(said.get("paid_on", ""), "paid_on"), minor=amount.minor if amount else None,
        reference=how.replace("\0", ""), withheld=kept, certificate=certificate, **_who(request, visit),
    )  # fmt: skip
    return _noted(subject, "paid")


def _kept_back(subject: Subject, said: QueryDict) -> tuple[Money | None, tuple[str, date] | None]:
    """What they kept back for the tax office, and the number and day of their certificate where it is there."""
    kept = amount_of(said.get("withheld", ""), subject.open.currency, "withheld")
    number = said.get("certificate", "").replace("\0", "").strip()[:80]
    if kept is not None and not 0 < kept.minor < subject.open.minor + subject.withheld.minor:
        raise Refused(_("What was kept back is above nothing, and less than the invoice."), code="amount", field="withheld")
    if kept is None and number:
        raise Refused(_("Say how much you kept back as well."), code="amount", field="withheld")
    if not number:
        return kept, None
    return kept, (number, day_of(said.get("certificate_on", ""), "certificate_on"))


def part(request: HttpRequest, visit: Visit, subject: Subject) -> str:
    """A part now; the day that is named for the rest counts as a promise."""
    said = request.POST
    amount = amount_of(said.get("amount", ""), subject.open.currency, "amount")
    if amount is None or not 0 < amount.minor <= subject.open.minor:
        raise Refused(_("Name an amount above nothing, and no more than is open."), code="amount", field="amount")
    if said.get("rest_on"):
        rest_on = day_of(said["rest_on"], "rest_on")
        _check_day(rest_on, subject, "rest_on")
        promise(invoice_id=subject.id, promised_on=rest_on, **_who(request, visit))
    return _paying(subject, amount)


def handed_on(request: HttpRequest, visit: Visit, subject: Subject) -> str:
    """Somebody else deals with it: one whom the customer lists, or a name and an address."""
    said = request.POST
    known = next((one for one in subject.colleagues if str(one.id) == said.get("who")), None)
    name, address = (known.name, known.email) if known else (said.get("name", ""), said.get("address", ""))
    thread = hand_on(
        invoice_id=subject.id, name=name, address=address, words=said.get("words", ""),
        asking=_("Please ask {name} <{address}> about this invoice."), **_who(request, visit),
    )  # fmt: skip
    return _noted(subject, "handed", thread)


DEEDS: dict[str, Deed] = {
    "ask": asked, "wrong": disputed, "part": part, "time": more_time, "promise": promised, "paid": paid, "refer": handed_on,
}  # fmt: skip


def _objected(said: QueryDict, lines: Sequence[Choice], total: Money) -> Money:
    """How much is not agreed: what was typed, else all of the lines that were chosen, else all of it."""
    most = min(Money.total((one.gross for one in lines), total.currency), total) if lines else total
    typed = amount_of(said.get("amount", ""), most.currency, "amount")
    if typed is not None and not 0 < typed.minor <= most.minor:
        raise Refused(_("Name an amount above nothing, and no more than was billed for it."), code="amount", field="amount")
    return typed or most


def _with_lines(words: str, lines: Sequence[Choice]) -> str:
    """Where several are meant, which: a conversation is about one line or all of them."""
    if len(lines) < 2 or not words.strip():
        return words
    return _("Lines %s:") % listed([str(one.position) for one in lines], tongue()) + f" {words}"


def _said_or_named(said: QueryDict) -> str:
    """The payer's words; else the reason by its name, where that says enough."""
    words, reason = said.get("words", ""), said.get("reason", "")
    needs_words = reason in NEED_WORDS or said.get("wants") == "OTH"
    return words if words.strip() or needs_words else str(dict(REASONS).get(reason, ""))


def _who(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    key = key_of(request.POST.get("key", ""), visit.clock)
    return {"by": visit.called, "now": visit.now, "payer_id": visit.payer.id, "key": key}


def _kept(visit: Visit, subject: Subject, thread: Conversation, files: list[File]) -> str:
    """The files with the words; a form that is sent twice brings them once."""
    if files and not thread.attachments.exists():
        attach(conversation_id=thread.id, files=files, by=visit.called, now=visit.now)
    return _noted(subject, thread.kind, thread)


def _asked_already(visit: Visit, subject: Subject, until_on: date) -> bool:
    """The same wish, pressed twice."""
    wishes = Extension.objects.filter(invoice_id=subject.id, until_on=until_on, asked_by=visit.called, refused_at=None)
    return wishes.exists()


def _check_day(on: date, subject: Subject, field: str) -> None:
    if on < subject.today:
        raise Refused(_("That day has passed; name today or a later one."), code="date", field=field)
    if on > subject.time.promise_until:
        latest = day_month(subject.time.promise_until)
        words = _("A promise can name a day up to %s; for a later one, ask for more time.") % latest
        raise Refused(words, code="date", field=field)


def _noted(subject: Subject, what: str, thread: Conversation | None = None) -> str:
    more = {"thread": str(thread.id)} if thread else {}
    return f"{reverse('portal-noted', kwargs={'invoice_id': subject.id})}?{urlencode({'of': what, **more})}"


def _paying(subject: Subject, amount: Money) -> str:
    return f"{reverse('portal-pay')}?{urlencode({'invoice': str(subject.id), 'amount': str(amount.major)})}"
