"""Decides what programs are told of the notices that went out: to whom, about what, in which words, and how they fared."""

from datetime import date
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID

from django.conf import settings
from ninja import Query, Router
from pydantic import AwareDatetime

from goodterms.api.door import Request, operation
from goodterms.api.pages import Page, Paging, page
from goodterms.api.shapes import Day, Out
from goodterms.delivery.actions import bytes_of
from goodterms.papers.press import content
from goodterms.reminders.models import Notice
from goodterms.reminders.token import link_token
from goodterms.values.refusal import Refused

router = Router()
HIDDEN = "..."  # in place of what opens the payer's page (T6)


class LetterOut(Out):
    """Where the letter stands. `ambiguous`: nobody can know whether it was sent; it is not sent again."""

    id: UUID
    channel: str
    recipient: str
    message_id: str
    state: str
    attempts: int
    not_before: AwareDatetime
    settled_at: AwareDatetime | None
    answer: str


class NoticeOut(Out):
    """The one message a payer got on a day, over all vendors that had something to say."""

    id: UUID
    on: date
    channel: str
    step: str
    tone: str
    language: str
    payer_id: UUID | None
    shared: bool
    withdrawn_at: AwareDatetime | None
    created_at: AwareDatetime
    letter: LetterOut | None

    @staticmethod
    def resolve_shared(one: Notice) -> bool:
        return len(one.vendors) > 1


class NominationOut(Out):
    """What it said about one invoice of ours: the step, and what was open then."""

    invoice_id: UUID
    customer_id: UUID
    step: str
    step_days: int
    chase_on: date
    open_minor: int
    currency: str
    withdrawn_at: AwareDatetime | None

    @staticmethod
    def resolve_currency(one: Any) -> str:
        return str(one.invoice.currency)


class LetterWords(Out):
    subject: str
    text: str
    html: str


class NoticeInFull(NoticeOut):
    """`words` is null where no letter was made, and in a notice that other vendors share: their words are not ours to read.
    The links in them are the payer's own, so their secret part is left out."""

    nominations: list[NominationOut]
    words: LetterWords | None

    @staticmethod
    def resolve_nominations(one: Notice) -> Any:
        return one.nominations.select_related("invoice").order_by("id")

    @staticmethod
    def resolve_words(one: Notice) -> dict[str, str] | None:
        if one.letter is None or len(one.vendors) > 1:
            return None
        raw = bytes_of(letter_id=one.letter.id)
        link = link_token(settings.SECRET_KEY, one.id)
        if one.letter.channel == "post":
            said = content(raw)
            text = "\n\n".join([said["greeting"], *said["paragraphs"], *said["after"], said["closing"], said["signature"]])
            return {"subject": said["subject"], "text": text.replace(link, HIDDEN), "html": ""}
        message = message_from_bytes(raw, policy=policy.default)
        plain, page = message.get_body(("plain",)), message.get_body(("html",))
        return {
            "subject": str(message["subject"]),
            "text": plain.get_content().replace(link, HIDDEN) if plain else "",
            "html": page.get_content().replace(link, HIDDEN) if page else "",
        }


class NoticeFilter(Paging):
    customer_id: UUID | None = None
    invoice_id: UUID | None = None
    payer_id: UUID | None = None
    on_from: Day | None = None
    on_until: Day | None = None


@operation(router, "GET", "/", "notices:read", Page[NoticeOut])
def list_notices(request: Request, asked: Query[NoticeFilter]) -> Any:
    """Notices by day."""
    wanted = {
        "nominations__customer": asked.customer_id, "nominations__invoice": asked.invoice_id, "payer_id": asked.payer_id,
        "on__gte": asked.on_from, "on__lte": asked.on_until,
    }  # fmt: skip
    rows = Notice.objects.seen_by(request.auth.viewer).select_related("letter")
    return page(rows.filter(**{name: value for name, value in wanted.items() if value is not None}).distinct(), "on", asked)


@operation(router, "GET", "/{notice_id}/", "notices:read", NoticeInFull)
def get_notice(request: Request, notice_id: UUID) -> Any:
    """One notice: what it said about our invoices, and how its letter fared."""
    found = Notice.objects.seen_by(request.auth.viewer).select_related("letter").filter(id=notice_id).first()
    if found is None:
        raise Refused("There is no such notice.", code="not_found")
    return found
