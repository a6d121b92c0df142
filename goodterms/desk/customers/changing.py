"""Decides what the forms about a customer answer: a new one, its wishes, its terms, the people there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect

from goodterms.desk.customers import forms
from goodterms.desk.customers.forms import Field
from goodterms.desk.customers.page import found
from goodterms.desk.door import BOOKS, CARE, Visit, at, at_desk, deciding, shown
from goodterms.parties.actions import add_contact, add_customer, change_contact, change_preferences, end_contact
from goodterms.parties.models import Contact, Customer
from goodterms.parties.rules import fold
from goodterms.reminders.models import Cadence
from goodterms.terms.actions import agree, in_effect
from goodterms.terms.models import AgreedTerms
from goodterms.terms.rules import Clause, LateFee, Terms, Withholding, in_words, parse, written
from goodterms.values.refusal import Refused

BOTH = ("GET", "HEAD", "POST")


@at_desk(*CARE, methods=BOTH)
def new_customer(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Somebody new to bill, with the person who pays there where one is known."""
    fields = forms.of_customer(visit.vendor.currency, welcomes=visit.vendor.welcomes)
    if request.method != "POST":
        return _form(request, visit, fields, "New customer", "customers", **_NEW)
    given = {name: request.POST.get(name, "").strip() for name in (field.name for field in fields)}
    with deciding() as outcome:
        customer = _add(visit, given)
    if outcome.refusal:
        return _form(request, visit, forms.typed(fields, request.POST), "New customer", "customers", outcome.refusal, **_NEW)
    messages.success(request, f"{customer.name} is a customer now, on your usual terms.")
    return redirect(at(visit, "customer", customer_id=customer.id))


@at_desk(*CARE, methods=BOTH)
def preferences(request: HttpRequest, visit: Visit, customer_id: UUID) -> HttpResponseBase:
    """How they like it; the rehearsal follows at once."""
    customer = found(visit, customer_id)
    names = list(Cadence.objects.filter(vendor=visit.vendor).order_by("name").values_list("name", flat=True))
    fields = forms.of_preferences(customer, names)
    if request.method != "POST":
        return _of(request, visit, customer, fields, "How they like it", **_LIKING)
    with deciding() as outcome:
        change_preferences(
            vendor_id=visit.vendor.id, customer_id=customer.id, now=visit.now, by=visit.by,
            changes=forms.read_preferences(request.POST),
        )  # fmt: skip
    if outcome.refusal:
        fields = forms.typed(fields, request.POST)
        return _of(request, visit, customer, fields, "How they like it", outcome.refusal, **_LIKING)
    messages.success(request, "Kept. What goes out next follows it.")
    return redirect(at(visit, "customer", customer_id=customer.id))


@at_desk(*CARE, methods=BOTH)
def contact(request: HttpRequest, visit: Visit, customer_id: UUID, contact_id: UUID | None = None) -> HttpResponseBase:
    """A person there: added, changed, or no longer to be written to."""
    customer = found(visit, customer_id)
    person = _person(customer, contact_id)
    fields = forms.of_contact(person)
    title = person.name if person else "Somebody new there"
    if request.method != "POST":
        return _of(request, visit, customer, fields, title, person=person, **_PEOPLE)
    with deciding() as outcome:
        _keep(visit, customer, person, request.POST)
    if outcome.refusal:
        fields = forms.typed(fields, request.POST)
        return _of(request, visit, customer, fields, title, outcome.refusal, person=person, **_PEOPLE)
    messages.success(request, "The people of this customer are up to date.")
    return redirect(at(visit, "customer", customer_id=customer.id))


@at_desk(*BOOKS, methods=BOTH)
def terms(request: HttpRequest, visit: Visit, customer_id: UUID) -> HttpResponseBase:
    """Other terms from a day on: as the trade writes them, with the sentence that it means before anyone agrees."""
    customer = found(visit, customer_id)
    now_in_effect = in_effect(visit.vendor.id, customer.id, visit.today)
    given = request.POST if request.method == "POST" else request.GET
    last = AgreedTerms.objects.filter(customer=customer, vendor=visit.vendor).order_by("-version").first()
    words: list[Clause] = []
    is_agreed = request.method == "POST" and given.get("deed") != "read"
    with deciding() as outcome:
        if given.get("notation"):
            wanted = _wanted(given, now_in_effect.terms)
            words = in_words(wanted, "en", issued_on=forms.a_day(given, "from_on") or visit.today)
        if is_agreed:
            _agree(visit, customer, given, now_in_effect.terms)
    if is_agreed and not outcome.refusal:
        messages.success(request, "Agreed. Invoices issued from that day on use these terms; older ones keep theirs.")
        return redirect(at(visit, "customer", customer_id=customer.id))
    more: dict[str, Any] = {
        "given": given if "notation" in given else _as_it_is(now_in_effect.terms),
        "meaning": words,
        "current": in_words(now_in_effect.terms, "en"),
        "after": given.get("after") or (last.version if last else 0),
        "from_on": given.get("from_on") or (visit.today + timedelta(days=1)).isoformat(),
        "refusal": outcome.refusal,
        "customer": customer,
    }
    return shown(request, visit, "desk/customers/terms.html", "customers", 409 if outcome.refusal else 200, **more)


def _add(visit: Visit, given: Mapping[str, str]) -> Customer:
    whose: dict[str, Any] = {"vendor_id": visit.vendor.id, "now": visit.now, "by": visit.by}
    facts: dict[str, Any] = {name: given[name] for name in ("number", "name", "address", "tax_id", "language")}
    facts["number"] = facts["number"] or "-".join(fold(given["name"]).split())[:30]
    customer = add_customer(
        currency=given["currency"].upper(), country=given["country"].upper(), welcome=bool(given["welcome"]), **whose, **facts
    )
    if given["contact"] or given["email"]:
        name = given["contact"] or given["email"]
        add_contact(customer_id=customer.id, name=name, email=given["email"], pays=True, **whose)
    return customer


def _agree(visit: Visit, customer: Customer, given: QueryDict, before: Terms) -> None:
    from_on, after = forms.a_day(given, "from_on"), given.get("after", "")
    if not given.get("notation"):
        raise Refused("Write what was agreed, like net 30.", code="notation", field="notation")
    if from_on is None:
        raise Refused("Say from which day on.", code="date", field="from_on")
    agree(
        vendor_id=visit.vendor.id, customer_id=customer.id, terms=_wanted(given, before), from_on=from_on, now=visit.now,
        by=visit.by, agreed_by=given.get("agreed_by", "").strip()[:200], after=int(after) if after.isdecimal() else None,
    )  # fmt: skip


def _wanted(given: QueryDict, before: Terms) -> Terms:
    """What the notation says, with the late fee of the form. A fee of another kind than a monthly one stays as it was."""
    try:
        said = parse(given.get("notation", ""))
    except Refused as no:
        raise Refused(no.sentence, code=no.code, field="notation") from no
    fee, grace, kept = _fee(given), before.grace_days, _withholding(given)
    if fee is None and before.late_fee is not None and before.late_fee.kind != "monthly":
        fee = before.late_fee
    elif grace_written := given.get("grace", "").strip():
        grace = int(grace_written) if grace_written.isdecimal() else -1
    return replace(
        before, due=said.due, supply=said.supply, instalments=said.instalments, discounts=said.discounts, late_fee=fee,
        grace_days=grace, withholding=kept,
    )  # fmt: skip


def _as_it_is(terms: Terms) -> dict[str, str]:
    """What the form begins with: all that is in effect, so that whoever changes one of it does not lose the others."""
    fee, kept = terms.late_fee, terms.withholding
    begun = {"notation": written(terms)}
    if kept:
        begun |= {"withheld": f"{kept.percent.normalize():f}", "withheld_name": kept.name}
    if fee is None or fee.kind != "monthly":
        return begun
    return {"fee": f"{fee.percent.normalize():f}", "grace": str(terms.grace_days), **begun}


def _fee(given: QueryDict) -> LateFee | None:
    percent = _percent(given, "fee", "1.5", "fee")
    return LateFee("monthly", agreed=True, percent=percent) if percent else None


def _withholding(given: QueryDict) -> Withholding | None:
    """What the law has them keep back; nothing where nothing is written."""
    percent = _percent(given, "withheld", "15", "withholding")
    return Withholding(given.get("withheld_name", "").strip(), percent) if percent else None


def _percent(given: QueryDict, name: str, like: str, field: str) -> Decimal:
    written = given.get(name, "").strip().removesuffix("%").strip()
    try:
        return Decimal(written or "0")
    except InvalidOperation as odd:
        raise Refused(f"“{written[:20]}” is not a number like {like}.", code="terms", field=field) from odd


def _person(customer: Customer, contact_id: UUID | None) -> Contact | None:
    if contact_id is None:
        return None
    person = Contact.objects.current().filter(customer=customer, id=contact_id).first()
    if person is None:
        raise Http404
    return person


def _keep(visit: Visit, customer: Customer, person: Contact | None, given: QueryDict) -> None:
    whose: dict[str, Any] = {"vendor_id": visit.vendor.id, "now": visit.now, "by": visit.by}
    if person is None:
        add_contact(customer_id=customer.id, **whose, **forms.read_contact(given))
    elif given.get("deed") == "end":
        end_contact(contact_id=person.id, **whose)
    else:
        change_contact(contact_id=person.id, changes=forms.read_contact(given), **whose)


def _of(
    request: HttpRequest, visit: Visit, customer: Customer, fields: Sequence[Field], title: str,
    refusal: Refused | None = None, **more: Any,
) -> HttpResponseBase:  # fmt: skip
    return _form(request, visit, fields, title, "customer", refusal, customer=customer, **more)


def _form(
    request: HttpRequest, visit: Visit, fields: Sequence[Field], title: str, back: str, refusal: Refused | None = None,
    **more: Any,
) -> HttpResponseBase:  # fmt: skip
    customer: Customer | None = more.get("customer")
    way_back = at(visit, back, customer_id=customer.id) if customer else at(visit, back)
    context = {"fields": fields, "title": title, "refusal": refusal, "back": way_back, **more}
    return shown(request, visit, "desk/customers/form.html", "customers", 409 if refusal else 200, **context)


_NEW: dict[str, Any] = {
    "submit": "Add the customer",
    "then": "They begin on your usual terms and neutral tone. Before an invoice nothing goes out but the packet, if ticked.",
}
_LIKING: dict[str, Any] = {
    "submit": "Keep this",
    "then": "The next reminders follow it at once, and the log keeps what was. What a payer said about themselves goes first.",
}
_PEOPLE: dict[str, Any] = {
    "submit": "Keep this",
    "then": "Whoever pays gets invoices and reminders. Nobody is written to because of this form.",
}
