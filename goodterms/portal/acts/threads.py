"""Decides what a payer sees of a conversation: what was said by both sides, its files, until when we answer; notes never."""

from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from goodterms.conversations.actions import attach, reply
from goodterms.conversations.models import About, Attachment, Conversation, Message
from goodterms.conversations.rules import REASONS
from goodterms.portal.acts.seeing import threads_of
from goodterms.portal.acts.typed import key_of
from goodterms.portal.acts.words import REASONS as CALLED
from goodterms.portal.door import Visit, at_portal, deciding, shown
from goodterms.portal.talks import talk_of
from goodterms.stationery.downloads import download, uploaded
from goodterms.stationery.refusals import told
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

PAGE = 30


@at_portal()
def conversations(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Open ones and settled ones, the newest first; pages by key."""
    found = threads_of(visit).order_by("-opened_at", "-id")
    if after := _after(request.GET.get("after", "")):
        at, key = after
        found = found.filter(Q(opened_at__lt=at) | Q(opened_at=at, id__lt=key))
    threads = list(found[: PAGE + 1])
    rows = [talk_of(visit, one) for one in threads[:PAGE]]
    last = threads[PAGE - 1] if len(threads) > PAGE else None
    more = f"{last.opened_at.isoformat()}|{last.id}" if last else ""
    return shown(request, visit, "portal/acts/conversations.html", rows=rows, more=more)


@at_portal("GET", "POST")
def conversation(request: HttpRequest, visit: Visit, conversation_id: UUID) -> HttpResponse:
    """The thread; POST writes once more, which opens what was settled."""
    thread = threads_of(visit).filter(id=conversation_id).first()
    if thread is None:
        raise Http404
    if request.method != "POST":
        return _thread(request, visit, thread)
    with deciding() as outcome:
        _say(request, visit, thread)
    if outcome.refusal:
        return _thread(request, visit, thread, outcome.refusal)
    return redirect(reverse("portal-conversation", kwargs={"conversation_id": thread.id}))


@at_portal()
def attachment(request: HttpRequest, visit: Visit, attachment_id: UUID) -> HttpResponse:
    """A file that came with what was said to them or by them, as a download."""
    seen = Attachment.objects.seen_by(visit.viewer).filter(conversation__in=threads_of(visit))
    found = seen.filter(id=attachment_id).first()
    if found is None:
        raise Http404
    return download(found)


def _say(request: HttpRequest, visit: Visit, thread: Conversation) -> None:
    files, key = uploaded(request), key_of(request.POST.get("key", ""), visit.clock)
    by = visit.called
    if thread.messages.filter(id=key).exists():
        return
    reply(
        conversation_id=thread.id, words=request.POST.get("words", ""), by=by, now=visit.now, payer_id=visit.payer.id,
        key=key,
    )  # fmt: skip
    if files:
        attach(conversation_id=thread.id, files=files, by=by, now=visit.now, message_id=key)


def _thread(request: HttpRequest, visit: Visit, thread: Conversation, refusal: Refused | None = None) -> HttpResponse:
    said = Message.objects.filter(conversation=thread).heard(visit.clock)
    files = Prefetch("attachments", Attachment.objects.light().order_by("id"))
    about = list(About.objects.filter(conversation=thread).select_related("invoice").order_by("invoice__number"))
    disputed = Money(thread.disputed_minor, about[0].invoice.currency) if thread.disputed_minor and about else None
    return shown(
        request,
        visit,
        "portal/acts/conversation.html",
        400 if refusal else 200,
        row=talk_of(visit, thread),
        thread=thread,
        vendor=visit.vendors[thread.vendor_id],
        said=list(said.order_by("at", "position", "id").prefetch_related(files)),
        about=about,
        reason=dict(CALLED).get(thread.reason, "") if thread.reason in REASONS else "",
        disputed=disputed,
        key=new_key(visit.clock),
        typed=request.POST if refusal else {},
        sentence=told(refusal) if refusal else "",
    )


def _after(words: str) -> tuple[datetime, UUID] | None:
    """Where the page before ended, as its link says it; nonsense begins anew."""
    at, _bar, key = words.partition("|")
    try:
        return datetime.fromisoformat(at), UUID(key)
    except ValueError:
        return None


urls: list[URLPattern] = [
    path("pay/conversations/", conversations, name="portal-conversations"),
    path("pay/conversations/<uuid:conversation_id>/", conversation, name="portal-conversation"),
    path("pay/attachments/<uuid:attachment_id>/", attachment, name="portal-attachment"),
]
