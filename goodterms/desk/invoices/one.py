"""Decides what the page of one invoice answers, and which deed a pressed button does to it."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect

from goodterms.delivery import spoken
from goodterms.desk.door import STAFF, Visit, at, at_desk, deciding, shown
from goodterms.desk.invoices import enclosing, withholding
from goodterms.desk.invoices.abroad import asks_rate, keep_rate
from goodterms.desk.invoices.drafting import later_for
from goodterms.desk.invoices.foretold import foretold_of
from goodterms.desk.invoices.one_reading import seen_of, whole
from goodterms.desk.invoices.sending import free_until, sending_of
from goodterms.desk.invoices.sums import money_typed
from goodterms.invoicing.actions import (
    approve,
    ask_first,
    ask_for_order,
    correct,
    credit,
    discard,
    given_up_of,
    hold,
    issue,
    issue_later,
    recover,
    release,
    send_back,
    void,
    waive_fee,
    write_off,
)
from goodterms.invoicing.actions.facts import known_of
from goodterms.invoicing.models import Hold, Invoice
from goodterms.invoicing.paper import has_xml
from goodterms.payments.actions import deallocate
from goodterms.payments.models import Allocation
from goodterms.relationship.timeline import timeline
from goodterms.stationery.templatetags.stationery import long_day
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

TOUCH = (*STAFF, "receivables manager")
WAITS = "It is more than they expect, so it waits for the customer’s word and is not issued yet."


@at_desk()
def invoice(request: HttpRequest, visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """The document, how it stands, and both sides of its story."""
    return _page(request, visit, invoice_id)


@at_desk(*TOUCH, methods=("POST",))
def deed(request: HttpRequest, visit: Visit, invoice_id: UUID, verb: str) -> HttpResponseBase:
    """One deed, as its small form says. A refusal shows the page again with what was typed."""
    do = DEEDS.get(verb)
    if do is None or not Invoice.objects.filter(id=invoice_id, vendor=visit.vendor).exists():
        raise Http404
    said = ""
    with deciding() as outcome:
        said = do(visit, invoice_id, request.POST)
    if outcome.refusal:
        return _page(request, visit, invoice_id, outcome.refusal, verb, request.POST)
    messages.success(request, said)
    return redirect(at(visit, "invoice", invoice_id=invoice_id))


def _page(
    request: HttpRequest, visit: Visit, invoice_id: UUID, refusal: Refused | None = None, verb: str = "",
    given: QueryDict | None = None,
) -> HttpResponseBase:  # fmt: skip
    found = whole(visit, invoice_id)
    if found is None:
        raise Http404
    before = request.GET.get("before", "")
    story = timeline(viewer=visit.viewer, today=visit.today, invoice_id=invoice_id, before=before)
    more: dict[str, Any] = {
        "one": found, "timeline": story, "timezone": visit.vendor.timezone, "them": found.invoice.customer.name,
        "times": True, "of_invoice": True, "earlier_page": bool(before), "earlier_url": f"?before={story.earlier}",
        "refusal": refusal, "verb": verb, "given": given or {},
        "may_pay": visit.may("owner", "bookkeeper") and found.stage in ("open", "overdue"),
        "sending": (ways := sending_of(visit, found.invoice)), "undo": ways.undo, "may_send": visit.may(*TOUCH),
        **enclosing.beside(visit, found.invoice, request.GET.get("check", "")), "has_xml": has_xml(invoice_id),
        "asks_rate": asks_rate(visit, found.invoice.currency) if found.stage == "approved" else "",
        "rate_from": found.invoice.currency, "given_rate": given or {},
        "later": later_for(found.invoice.customer, visit.today), "new_key": new_key(visit.clock),
        "foretold": foretold_of(visit, found.invoice),
        "may_take_back": visit.may("owner", "bookkeeper"), "may_draft": visit.may(*STAFF) and found.stage == "draft",
    }  # fmt: skip
    return shown(request, visit, "desk/invoices/one.html", "invoices", 409 if refusal else 200, **more)


def _who(visit: Visit) -> dict[str, Any]:
    return {"by": visit.by, "role": visit.role, "now": visit.now}


def _approve(visit: Visit, key: UUID, given: QueryDict) -> str:
    approve(invoice_id=key, up_to=visit.approves_up_to, **_who(visit))
    return "Approved. It can be issued now."


def _issue(visit: Visit, key: UUID, given: QueryDict) -> str:
    send = "unsent" not in given
    until = free_until(visit) if send else None
    keep_rate(visit, key, given)
    despite = " ".join(given.get("despite", "").split())[:500]
    done = issue(
        invoice_id=key, issued_on=visit.today, send=send, free_until_at=until, despite=despite, **_who(visit)
    )  # fmt: skip
    if not done.number:
        return WAITS
    said = f"Issued as {done.number}. It stays as it is from now on, and is on their page."
    return said if send else f"{said} It was not sent."


def _issue_later(visit: Visit, key: UUID, given: QueryDict) -> str:
    on = None if given.get("day") == "none" else _day(given.get("issues_on", ""), "issues_on")
    if on is None and given.get("day") != "none":
        raise Refused("Say on which day.", code="date", field="issues_on")
    issue_later(invoice_id=key, on=on, today=visit.today, **_who(visit))
    return f"It is issued by itself on {long_day(on)}, and sent." if on else "It has no day any more. Issue it by hand."


def _ask_for_order(visit: Visit, key: UUID, given: QueryDict) -> str:
    done = ask_for_order(invoice_id=key, **_who(visit))
    return f"{done.contact.name} is asked by e-mail, at their hours. The number lands in the draft when they give it."


def _ask_first(visit: Visit, key: UUID, given: QueryDict) -> str:
    row = ask_first(invoice_id=key, note=given.get("note", ""), **_who(visit))
    if not row.asked:
        return "Nobody there can be written to. Call them, or issue it with a reason."
    return f"{row.asked} is asked by e-mail, at their hours. It waits for their word."


def _send_back(visit: Visit, key: UUID, given: QueryDict) -> str:
    send_back(invoice_id=key, reason=_reason(given), **_who(visit))
    return "It is a draft again, to be changed."


def _discard(visit: Visit, key: UUID, given: QueryDict) -> str:
    discard(invoice_id=key, reason=_reason(given), **_who(visit))
    return "Discarded. It has no number, and stays readable."


def _hold(visit: Visit, key: UUID, given: QueryDict) -> str:
    until = _day(given.get("until", ""), "until")
    _must_not_be_held(key)
    hold(
        invoice_ids=[key], reason="manual", from_on=visit.today, until_on=until, note=given.get("note", "").strip()[:500],
        **_who(visit),
    )  # fmt: skip
    return "Held. No reminder goes out for it meanwhile."


def _release(visit: Visit, key: UUID, given: QueryDict) -> str:
    running = list(Hold.objects.filter(invoice_id=key, reason="manual", ended_at=None))
    if not running:
        raise Refused("This invoice is not held by hand. A promise or more time ends by itself.", code="ended")
    for one in running:
        release(hold_id=one.id, on=visit.today, **_who(visit))
    return "Released. Its cadence goes on with the next step that is due."


def _credit(visit: Visit, key: UUID, given: QueryDict) -> str:
    currency = _as_seen(visit, key, given)
    chosen = [int(at) for at in given.getlist("line") if at.isdecimal()]
    lines = {at: _money(given.get(f"net{at}", ""), currency) for at in chosen}
    rates: dict[tuple[str, Decimal], Money | None] = dict.fromkeys(_rate(one) for one in given.getlist("rate"))
    done = credit(
        invoice_id=key, reason=_reason(given), issued_on=visit.today, amount=_money(given.get("amount", ""), currency),
        lines=lines or None, rates=rates or None, **_who(visit),
    )  # fmt: skip
    kept = f" {spoken.amount(done.unapplied, 'en')} is kept as their credit." if done.unapplied else ""
    return f"Credit note {done.note.number} is written.{kept}"


def _correct(visit: Visit, key: UUID, given: QueryDict) -> str:
    _as_seen(visit, key, given)
    done = correct(invoice_id=key, reason=_reason(given), issued_on=visit.today, **_who(visit))
    return f"Credit note {done.credited.note.number} is written, and a new draft with the same lines waits to be put right."


def _recover(visit: Visit, key: UUID, given: QueryDict) -> str:
    currency = _as_seen(visit, key, given)
    amount = _money(given.get("amount", ""), currency) or Money(given_up_of(key), currency)
    recover(invoice_id=key, amount=amount, on=visit.today, **_who(visit))
    return f"{spoken.amount(amount, 'en')} is owed again. Record the payment that came in for it."


def _write_off(visit: Visit, key: UUID, given: QueryDict) -> str:
    amount = _money(given.get("amount", ""), _as_seen(visit, key, given))
    done = write_off(invoice_id=key, reason=_reason(given), on=visit.today, amount=amount, **_who(visit))
    return f"{spoken.amount(done, 'en')} is given up. When it comes in after all, it is booked again."


def _void(visit: Visit, key: UUID, given: QueryDict) -> str:
    void(invoice_id=key, on=visit.today, reason=_reason(given), **_who(visit))
    return "Void. It keeps its number and its reason."


def _waive(visit: Visit, key: UUID, given: QueryDict) -> str:
    _as_seen(visit, key, given)
    done = waive_fee(invoice_id=key, on=visit.today, reason=_reason(given), **_who(visit))
    return f"The late fee of {spoken.amount(done, 'en')} is waived, as a gesture."


def _take_back(visit: Visit, key: UUID, given: QueryDict) -> str:
    """Only what settles this very invoice."""
    try:
        allocation = Allocation.objects.filter(id=UUID(given.get("allocation", "")), invoice_id=key).first()
    except ValueError:
        allocation = None
    if allocation is None:
        raise Refused("There is no settlement like that on this invoice.", code="allocation")
    on = max(visit.today, allocation.effective_on)
    deallocate(allocation_id=allocation.id, on=on, reason=_reason(given), **_who(visit))
    return "Taken back. The invoice is open again, and the money is kept as their credit."


DEEDS: Mapping[str, Callable[[Visit, UUID, QueryDict], str]] = {
    "approve": _approve, "issue": _issue, "issue-later": _issue_later,
    "send-back": _send_back, "discard": _discard, "hold": _hold, "release": _release,
    "credit": _credit, "write-off": _write_off, "void": _void, "waive": _waive, "take-back": _take_back,
    "correct": _correct, "recover": _recover, "ask-order": _ask_for_order,
    "ask-first": _ask_first, "tax-kept": withholding.keep_back, "certificate": withholding.give_certificate,
    "return-kept": withholding.return_it, "what-they-keep": withholding.choose,
}  # fmt: skip


def _as_seen(visit: Visit, key: UUID, given: QueryDict) -> str:
    """Refuses a form that speaks of another balance than there is: somebody else moved it, or it was sent twice. The rows
    are locked from here on. Returns the currency."""
    known = known_of(invoice_ids=[key], today=visit.today)
    if key not in known or given.get("seen") != seen_of(known[key].facts.open_minor, known[key].facts.credited_minor):
        raise Refused("Something changed on this invoice meanwhile. Look at it again, then press once more.", code="changed")
    return str(Invoice.objects.values_list("currency", flat=True).get(id=key))


def _must_not_be_held(key: UUID) -> None:
    if Hold.objects.filter(invoice_id=key, reason="manual", ended_at=None).exists():
        raise Refused("This invoice is held already. Release it first, to hold it otherwise.", code="held")


def _reason(given: QueryDict) -> str:
    reason = " ".join(given.get("reason", "").split())[:500]
    if not reason:
        raise Refused("Say why, in a few words: it stays in the log.", code="reason", field="reason")
    return reason


def _rate(written: str) -> tuple[str, Decimal]:
    """`S|20`"""
    category, _, rate = written.partition("|")
    try:
        return category, Decimal(rate)
    except InvalidOperation as odd:
        raise Refused("There is no tax rate like that on this invoice.", code="rate", field="rate") from odd


def _money(written: str, currency: str) -> Money | None:
    return money_typed(written, currency, "amount") if written.strip() else None


def _day(written: str, field: str) -> date | None:
    try:
        return date.fromisoformat(written) if written.strip() else None
    except ValueError as odd:
        raise Refused(f"“{written[:40]}” is not a day like 2026-12-01.", code="form", field=field) from odd
