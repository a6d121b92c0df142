"""Decides what the settings do: each form is a page of its own, and leads back to its section."""

from datetime import time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from goodterms.delivery.actions import tell_owners
from goodterms.desk.door import EVERYBODY, STAFF, Visit, at, at_desk, deciding, shown
from goodterms.desk.schemes import offered
from goodterms.desk.settings.papers import letterhead_of
from goodterms.desk.settings.reading import MAY, people, sections
from goodterms.desk.settings.typed import a_sum, an_hour, approves_up_to, numbers, scopes_of
from goodterms.parties import actions
from goodterms.parties.models import Member
from goodterms.parties.rules import CONFIRM_BANK, FOR_PROGRAMS, spelled
from goodterms.parties.rules.viewer import NOUNS
from goodterms.stationery import looks
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

ALL = ("GET", "HEAD", "POST")
FIRM = ("name", "legal_name", "address", "tax_id", "email", "sender", "language", "tone", *FOR_PROGRAMS)
ASKS = ("forewarn_percent", "silence_days")  # empty: nobody is asked; silence is never a yes
NUMBERS = ("answer_hours", "extension_days_max", "plan_parts_max", "plan_days_max")
BANK = ("name", "iban", "bic", "sort_code", "account")


@at_desk()
def overview(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All sections, as they are."""
    return shown(request, visit, "desk/settings/page.html", "settings", **sections(visit), **letterhead_of(visit))


@at_desk("owner", "bookkeeper", methods=ALL)
def firm(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Who the vendor is, how it speaks, and when it is open."""
    typed: Any = request.POST if request.method == "POST" else _as_kept(visit)
    refusal = None
    if request.method == "POST":
        with deciding() as outcome:
            changes: dict[str, Any] = {column: typed.get(column, "").strip() for column in FIRM}
            changes |= numbers(typed, NUMBERS) | {column: an_hour(typed, column) for column in ("opens_at", "closes_at")}
            if visit.may("owner"):  # a bookkeeper would otherwise lift the rule that watches their own work
                changes["four_eyes"] = typed.get("four_eyes") == "on"
            changes["welcomes"] = typed.get("welcomes") == "on"
            changes["plan_minor_max"] = a_sum(typed, "plan_most", visit.vendor.currency)
            changes |= numbers(typed, (word for word in ASKS if typed.get(word, "").strip()))
            changes |= {word: None for word in ASKS if word not in changes}
            changes["forewarn_minor"] = a_sum(typed, "forewarn_sum", visit.vendor.currency) or 0
            actions.change_vendor(vendor_id=visit.vendor.id, changes=changes, now=visit.now, by=visit.by)
        if outcome:
            return _back(visit, "firm")
        refusal = outcome.refusal
    more = {
        "languages": settings.LANGUAGES,
        "tones": ("informal", "neutral", "formal"),
        "schemes": offered(typed.get("endpoint_scheme", "")),
    }
    return _form(request, visit, "firm", typed, refusal, **more)


@at_desk("owner", methods=ALL)
def bank(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Ask for other bank details; a second person and 48 hours stand between this and any document."""
    typed: Any = request.POST if request.method == "POST" else {}
    refusal = None
    if request.method == "POST":
        with deciding() as outcome:
            said = {part: typed.get(part, "") for part in BANK}
            actions.ask_bank_change(vendor_id=visit.vendor.id, bank=said, member=visit.member, now=visit.now, by=visit.by)
            tell_owners(vendor_id=visit.vendor.id, now=visit.now)
        if outcome:
            return _back(visit, "bank")
        refusal = outcome.refusal
    in_use = {"in_use": spelled(visit.vendor.bank), "bank_name": visit.vendor.bank.get("name", "")}
    return _form(request, visit, "bank", typed, refusal, **in_use)


@at_desk(*CONFIRM_BANK, methods=("POST",))
def confirm_bank(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponseBase:
    """A second person agrees."""
    actions.confirm_bank_change(vendor_id=visit.vendor.id, change_id=change_id, member=visit.member, now=visit.now, by=visit.by)
    tell_owners(vendor_id=visit.vendor.id, now=visit.now)
    return _back(visit, "bank")


@at_desk(*STAFF, "receivables manager", methods=("POST",))
def stop_bank(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponseBase:
    """The account in use stays; everybody who works here may stop it, and only a reader may not."""
    actions.stop_bank_change(vendor_id=visit.vendor.id, change_id=change_id, now=visit.now, by=visit.by)
    tell_owners(vendor_id=visit.vendor.id, now=visit.now)
    return _back(visit, "bank")


@at_desk("owner", methods=ALL)
def invite(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Somebody new, or somebody back; the link is shown once, to be handed over."""
    typed: Any = request.POST if request.method == "POST" else {"role": "bookkeeper"}
    if request.method != "POST":
        return _form(request, visit, "invite", typed, None, roles=MAY)
    with deciding() as outcome:
        member, secret = actions.invite(
            vendor_id=visit.vendor.id, email=typed.get("email", ""), name=typed.get("name", ""), role=typed.get("role", ""),
            approves_up_to_minor=approves_up_to(typed, visit.vendor.currency), now=visit.clock, by=visit.by,
        )  # fmt: skip
    if not outcome:
        return _form(request, visit, "invite", typed, outcome.refusal, roles=MAY)
    return _handed_over(request, visit, "invited", member, secret)


@at_desk("owner", methods=ALL)
def member(request: HttpRequest, visit: Visit, member_id: UUID) -> HttpResponseBase:
    """Another role, another sum, or the end."""
    one = next((one for one in people(visit) if one.id == member_id), None)
    if one is None:
        raise Http404
    kept = {"role": one.role, "approves": "" if one.approves is None else f"{one.approves.major}"}
    typed: Any = request.POST if request.method == "POST" else kept
    refusal = None
    if typed.get("reset"):
        return _reset(request, visit, one.id)
    if request.method == "POST":
        who: dict[str, Any] = {"vendor_id": visit.vendor.id, "member_id": member_id, "now": visit.clock, "by": visit.by}
        with deciding() as outcome:
            if typed.get("end"):
                actions.end_member(**who)
            else:
                limit = approves_up_to(typed, visit.vendor.currency)
                actions.change_member(**who, role=typed.get("role", ""), approves_up_to_minor=limit)
        if outcome:
            return _back(visit, "people")
        refusal = outcome.refusal
    return _form(request, visit, "member", typed, refusal, one=one, roles=MAY)


def _reset(request: HttpRequest, visit: Visit, member_id: UUID) -> HttpResponse:
    """Everything with which a colleague came in is taken away; the link for a new beginning is shown once."""
    if request.POST.get("sure") != "on":
        raise Refused("Speak with them first, and say that you did: a thief would ask for this too.", code="sure")
    member, secret = actions.reset_member(
        vendor_id=visit.vendor.id, member_id=member_id, asked_by=visit.person.id, now=visit.clock, by=visit.by
    )
    return _handed_over(request, visit, "reset", member, secret)


def _handed_over(request: HttpRequest, visit: Visit, page: str, member: Member, secret: str | None) -> HttpResponse:
    link = settings.BASE_URL + reverse("invitation", kwargs={"secret": secret}) if secret else ""
    return shown(request, visit, f"desk/settings/{page}.html", "settings", member=member, link=link)


@at_desk("owner", methods=ALL)
def key(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """A key for a program; its secret is shown on the answer, and never again."""
    typed: Any = request.POST if request.method == "POST" else {}
    key_id = typed.get("key") or str(new_key(visit.clock))
    if request.method != "POST":
        return _form(request, visit, "key", typed, None, nouns=NOUNS, key_id=key_id, scopes=[])
    scopes = scopes_of(typed)
    with deciding() as outcome:
        made, secret = actions.add_api_key(
            vendor_id=visit.vendor.id, name=typed.get("name", ""), scopes=scopes, key_id=_uuid(key_id),
            now=visit.clock, by=visit.by,
        )  # fmt: skip
    if not outcome:
        return _form(request, visit, "key", typed, outcome.refusal, nouns=NOUNS, key_id=key_id, scopes=scopes)
    return shown(request, visit, "desk/settings/key_made.html", "settings", made=made, secret=secret)


@at_desk("owner", methods=("POST",))
def withdraw(request: HttpRequest, visit: Visit, key_id: UUID) -> HttpResponseBase:
    """The key opens nothing from now on."""
    actions.revoke_api_key(vendor_id=visit.vendor.id, key_id=key_id, now=visit.clock, by=visit.by)
    return _back(visit, "keys")


@at_desk(*EVERYBODY, methods=("POST",))
def own_ways(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Single keys for this person, at every desk; light or dark for this browser."""
    actions.set_single_keys(person_id=visit.person.id, on=request.POST.get("single_keys") == "on")
    answer, theme = _back(visit, "you"), request.POST.get("theme")
    if theme in looks.THEMES:
        answer.set_cookie(looks.COOKIE, theme, max_age=365 * 86_400, httponly=True, samesite="Lax", secure=request.is_secure())
    else:
        answer.delete_cookie(looks.COOKIE, samesite="Lax")
    return answer


def _form(
    request: HttpRequest, visit: Visit, name: str, typed: QueryDict | dict[str, Any], refusal: Refused | None, **more: Any
) -> HttpResponse:
    """The form with what was typed and, when it was refused, why; nothing was changed then."""
    status = 200 if refusal is None else 409
    return shown(
        request, visit, f"desk/settings/{name}.html", "settings", status, typed=typed, refusal=refusal, **more
    )  # fmt: skip


def _back(visit: Visit, section: str) -> HttpResponse:
    return redirect(f"{at(visit, 'settings')}#{section}")


def _as_kept(visit: Visit) -> dict[str, Any]:
    kept = {column: getattr(visit.vendor, column) for column in (*FIRM, *NUMBERS, "four_eyes", "welcomes")}
    hours = {column: getattr(visit.vendor, column) for column in ("opens_at", "closes_at")}
    most = visit.vendor.plan_minor_max
    kept |= {word: "" if (said := getattr(visit.vendor, word)) is None else said for word in ASKS}
    kept["forewarn_sum"] = f"{Money(visit.vendor.forewarn_minor, visit.vendor.currency).major}"
    kept["plan_most"] = "" if most is None else f"{Money(most, visit.vendor.currency).major}"
    return kept | {column: at.strftime("%H:%M") if isinstance(at, time) else at for column, at in hours.items()}


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused("This form is out of date. Open it again, and type once more.", code="key") from None
