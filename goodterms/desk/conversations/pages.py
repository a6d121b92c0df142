"""Decides what happens at the pages of conversations: the list, one thread with its ways out, its files, and taking back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path

from goodterms.conversations import actions
from goodterms.conversations.models import Attachment, Conversation
from goodterms.conversations.rules import REASONS
from goodterms.conversations.rules.undo import check_take_back
from goodterms.desk.conversations.deeds import Typed, done, typed
from goodterms.desk.conversations.listing import HEADS, KINDS, RESULTS, VIEWS, csv_rows, listed, wanted
from goodterms.desk.conversations.reading import Sheet, sheet
from goodterms.desk.conversations.ways import chosen
from goodterms.desk.door import CARE, Visit, at, at_desk, deciding, shown
from goodterms.desk.undo import Undo, undo_of
from goodterms.stationery.downloads import download, table
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

BOTH = ("GET", "HEAD", "POST")


@at_desk()
def conversations(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What waits for us, what waits for them, what was settled."""
    asked = wanted(request.GET.dict())
    found = listed(visit, asked)
    views = [(name, asked.address(view="" if view == "open" else view), found.counts[view], view == asked.view)
             for view, name in VIEWS.items()]  # fmt: skip
    return shown(
        request, visit, "desk/conversations/list.html", "conversations", listed=found, views=views, kinds=KINDS.items(),
        asked=asked, everybody=asked.address(customer=""), csv=asked.address(),
    )  # fmt: skip


@at_desk()
def conversations_csv(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The same list as a table, whole."""
    asked = wanted(request.GET.dict())
    return table(f"conversations-{asked.view}-{visit.today.isoformat()}.csv", HEADS, csv_rows(visit, asked))


@at_desk(*CARE, methods=BOTH)
def conversation(request: HttpRequest, visit: Visit, conversation_id: UUID) -> HttpResponseBase:
    """The thread; and by POST an answer, a note, or a way to settle it."""
    if request.method != "POST":
        return _shown(request, visit, conversation_id)
    form = typed(request, visit)
    with deciding() as outcome:
        thread = _thread(visit, conversation_id)
        currency = thread.about.values_list("invoice__currency", flat=True).first() or visit.vendor.currency
        done(request, visit, thread, form, currency)
    if outcome:
        return redirect(f"{at(visit, 'conversation', conversation_id=conversation_id)}#last")
    return _shown(request, visit, conversation_id, form, outcome.refusal)


@at_desk(*CARE, methods=("POST",))
def take_back(request: HttpRequest, visit: Visit, conversation_id: UUID) -> HttpResponseBase:
    """Within ten seconds: what was sent stays here, and the thread stands as before."""
    with deciding() as outcome:
        _thread(visit, conversation_id)
        actions.take_back(
            message_id=_key(request.POST.get("message", "")), by=visit.by, role=visit.role, now=visit.now, clock=visit.clock,  # type: ignore[arg-type]
        )  # fmt: skip
    if outcome:
        messages.success(request, "Taken back. It did not leave, and our clock runs as before.")
    else:
        messages.error(request, str(outcome.refusal))
    return redirect(at(visit, "conversation", conversation_id=conversation_id))


@at_desk(*CARE, methods=("POST",))
def assign(request: HttpRequest, visit: Visit, conversation_id: UUID) -> HttpResponseBase:
    """Somebody looks after it, or whoever comes first."""
    given = request.POST.get("member", "")
    _thread(visit, conversation_id)
    actions.assign(
        conversation_id=conversation_id, member_id=_key(given) if given else None, by=visit.by, now=visit.now
    )  # fmt: skip
    return redirect(at(visit, "conversation", conversation_id=conversation_id))


@at_desk()
def attachment(request: HttpRequest, visit: Visit, attachment_id: UUID) -> HttpResponse:
    """A file, as a download."""
    found = Attachment.objects.seen_by(visit.viewer).filter(id=attachment_id).first()
    if found is None:
        raise Http404
    return download(found)


def _shown(
    request: HttpRequest, visit: Visit, conversation_id: UUID, form: Typed | None = None, refusal: Refused | None = None
) -> HttpResponse:
    page = sheet(visit, conversation_id)
    if page is None:
        raise Http404
    asked = form or _empty(request, visit, page)
    context: dict[str, Any] = {
        "sheet": page, "form": asked, "refusal": refusal, "undo": _undo(visit, page),
        "result": RESULTS.get(page.thread.resolution), "refused_beside": _beside(page, refusal),
        "causes": [(code, words["en"]) for code, words in REASONS.items()], "may_answer": visit.may(*CARE),
    }  # fmt: skip
    status = 200 if refusal is None else 409
    return shown(request, visit, "desk/conversations/conversation.html", "conversations", status, **context)


def _beside(page: Sheet, refusal: Refused | None) -> str:
    """The field beside the thread that was refused, where it is there; else the sentence stands under the words."""
    other = any(way.word == "countered" for way in page.ways)
    fields = {
        "amount": any(way.word == "credited" for way in page.ways), "until_on": page.thread.kind == "dispute",
        "parts": other, "first_on": other,
    }  # fmt: skip
    return refusal.field if refusal and refusal.field and fields.get(refusal.field) and page.ways else ""


def _empty(request: HttpRequest, visit: Visit, page: Sheet) -> Typed:
    """A new form: its key, the way that fits, the first words in their tone, the sum in dispute, the day they asked for."""
    way = chosen(page.ways, request.GET.get("way", ""))
    to = "note" if request.GET.get("to") == "note" or page.thread.closed_at else "them"
    return Typed(
        key=new_key(visit.clock),
        to=to,
        way=way,
        words=page.starts.get(way, "") if to == "them" else "",
        amount=str(page.credit.major) if page.credit else "",
        until=page.wish.until_on.isoformat() if page.wish else "",
        reason=page.thread.reason,
        **_parts(page),
    )


def _parts(page: Sheet) -> dict[str, str]:
    """To offer other parts one begins from those that were asked for."""
    if page.plan is None:
        return {}
    days = [part.on for part in page.plan.parts]
    every = "fortnightly" if (days[1] - days[0]).days == 14 else "monthly"
    return {"parts": str(len(days)), "every": every, "first_on": days[0].isoformat()}


def _undo(visit: Visit, page: Sheet) -> Undo | None:
    """The bar, while our last message can be taken back by the real clock."""
    last = page.last
    if last is None or not visit.may(*CARE):
        return None
    try:
        check_take_back(free_until_at=last.free_until_at, withdrawn_at=last.withdrawn_at, clock=visit.clock)
    except Refused:
        return None
    stays = (last.before or {}).get("stays", [])
    words = f"Sent to {page.reader.name or page.thread.opened_by}" if last.letter_id else "Kept: nobody there can be written to"
    words += f"; {', '.join(stays)} stays" if stays else ""
    action = at(visit, "take-back", conversation_id=page.thread.id)
    return undo_of(words, free_until_at=last.free_until_at, clock=visit.clock, action=action, message=str(last.id))


def _thread(visit: Visit, conversation_id: UUID) -> Conversation:
    found = Conversation.objects.seen_by(visit.viewer).filter(id=conversation_id).first()
    if found is None:
        raise Http404
    return found


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused("That is not there any more; open the page again.", code="not_found") from None


urls: list[URLPattern] = [
    path("conversations/", conversations, name="conversations"),
    path("conversations.csv", conversations_csv, name="conversations-csv"),
    path("conversations/<uuid:conversation_id>/", conversation, name="conversation"),
    path("conversations/<uuid:conversation_id>/take-back/", take_back, name="take-back"),
    path("conversations/<uuid:conversation_id>/assign/", assign, name="assign"),
    path("attachments/<uuid:attachment_id>/", attachment, name="attachment"),
]
