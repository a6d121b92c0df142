"""Decides how programs bring in what customers ask, dispute, promise and wish, and how they answer."""

from datetime import date
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from ninja import Query, Router
from pydantic import AwareDatetime, Field, StringConstraints

from goodterms.api.door import ROLE, Request, operation
from goodterms.api.invoices import found_invoice
from goodterms.api.pages import Page, Paging, page
from goodterms.api.shapes import Day, Ids, In, Minor, Name, Out, Position, Text, Yes
from goodterms.conversations import actions
from goodterms.conversations.models import Conversation, Extension
from goodterms.conversations.rules import ACTIONS, REASONS
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

router = Router()
of_invoice = Router()
wishes = Router()
Reason = Literal["NON", "REF", "LEG", "REC", "QUA", "DEL", "PRI", "QTY", "ITM", "PAY", "UNR", "FIN", "PPD", "OTH"]
Wish = Literal["", "NOA", "PIN", "NIN", "CNF", "CNP", "CNA", "OTH"]
assert set(get_args(Reason)) == set(REASONS)
assert set(get_args(Wish)) == {"", *ACTIONS}
Who = Annotated[Name, StringConstraints(min_length=1)]
CUSTOMER = "customer"


class AskIn(In):
    """A question of the customer's about invoices, or about one line of one."""

    invoice_ids: Ids
    words: Text
    line: Position | None = None
    by: Who = CUSTOMER


class DisputeIn(In):
    """`reason` and `wants` are codes of Peppol Invoice Response. `disputed_minor` null: the whole invoice."""

    reason: Reason
    words: Text = ""
    wants: Wish = ""
    disputed_minor: Minor | None = None
    line: Position | None = None
    by: Who = CUSTOMER


class AnswerIn(In):
    words: Text
    settles: Annotated[Yes, Field(description="False: we are looking into it; the invoices stay held.")] = True
    reason: Annotated[Reason | None, Field(description="Sorts a question by its cause.")] = None
    by: Annotated[Who | None, Field(description="Who answered; else the name of the key.")] = None


class WordsIn(In):
    words: Text
    by: Who = CUSTOMER


class ResolveIn(In):
    """How a conversation ends. `minor` or nothing for `credited`; `until_on` for `granted`."""

    resolution: Literal["answered", "credited", "corrected", "withdrawn", "granted", "refused"]
    words: Text = ""
    minor: Minor | None = None
    until_on: Day | None = None


class PromiseIn(In):
    promised_on: Day
    minor: Annotated[Minor | None, Field(description="Null: all that is open.")] = None
    words: Text = ""
    by: Who = CUSTOMER


class ExtensionIn(In):
    until_on: Day
    words: Text = ""
    by: Who = CUSTOMER


class DecisionIn(In):
    words: Text = ""


class ConversationOut(Out):
    """A question, dispute or request. `waiting_since_at`: we owe an answer since; null: we do not."""

    id: UUID
    kind: str
    customer_id: UUID
    reason: str
    wants: str
    subject: str
    disputed_minor: int | None
    currency: str | None
    opened_by: str
    opened_at: AwareDatetime
    answer_due_at: AwareDatetime
    waiting_since_at: AwareDatetime | None
    first_answered_at: AwareDatetime | None
    first_answered_by: str
    answered_in_minutes: int | None
    closed_at: AwareDatetime | None
    resolution: str

    @staticmethod
    def resolve_currency(one: Conversation) -> str | None:
        """Of the disputed amount; only a dispute has one, and it is about one invoice."""
        if one.disputed_minor is None:
            return None
        return one.about.values_list("invoice__currency", flat=True).first()


class AboutOut(Out):
    invoice_id: UUID
    line_position: int | None


class MessageOut(Out):
    """What somebody said. An internal note was never shown to the customer."""

    id: UUID
    at: AwareDatetime
    by: str
    inbound: bool
    internal: bool
    words: str


class ConversationInFull(ConversationOut):
    about: list[AboutOut]
    messages: list[MessageOut]

    @staticmethod
    def resolve_about(one: Conversation) -> Any:
        return one.about.order_by("id")

    @staticmethod
    def resolve_messages(one: Conversation) -> Any:
        return one.messages.filter(withdrawn_at=None).order_by("at", "position", "id")


class PromiseOut(Out):
    id: UUID
    invoice_id: UUID
    minor: int
    currency: str = Field(alias="invoice.currency")
    promised_on: date
    by: str
    words: str
    made_at: AwareDatetime


class ExtensionOut(Out):
    id: UUID
    invoice_id: UUID
    until_on: date
    conversation_id: UUID | None
    granted_by: str
    granted_at: AwareDatetime | None
    refused_at: AwareDatetime | None


class AskedOut(Out):
    """What became of the wish, and the sentence for whoever asked."""

    answer: Literal["granted", "person"]
    sentence: str
    extension: ExtensionOut


class ConversationFilter(Paging):
    kind: Literal["question", "dispute", "request"] | None = None
    customer_id: UUID | None = None
    invoice_id: UUID | None = None
    open: bool | None = None
    waiting: Annotated[bool | None, Field(description="Whether we owe an answer.")] = None


@operation(router, "GET", "/", "conversations:read", Page[ConversationOut])
def list_conversations(request: Request, asked: Query[ConversationFilter]) -> Any:
    """Conversations in the order in which they were opened."""
    rows = Conversation.objects.seen_by(request.auth.viewer)
    wanted = {
        "kind": asked.kind, "customer_id": asked.customer_id, "about__invoice": asked.invoice_id,
        "closed_at__isnull": asked.open,
        "waiting_since_at__isnull": None if asked.waiting is None else not asked.waiting,
    }  # fmt: skip
    return page(rows.filter(**{name: value for name, value in wanted.items() if value is not None}), "opened_at", asked)


@operation(router, "POST", "/", "conversations:write", ConversationInFull, 201)
def ask_question(request: Request, asked: AskIn) -> Any:
    """A customer asked something. Our clock runs, and no reminder of these invoices goes out until it is answered."""
    who = request.auth
    return actions.ask(
        invoice_ids=asked.invoice_ids, words=asked.words, line=asked.line, by=asked.by, now=who.now, role=ROLE, channel="api"
    )


@operation(router, "GET", "/{conversation_id}/", "conversations:read", ConversationInFull)
def get_conversation(request: Request, conversation_id: UUID) -> Any:
    """One conversation with all that was said."""
    return _found(request, conversation_id)


@operation(router, "POST", "/{conversation_id}/answer/", "conversations:write", ConversationInFull, 201)
def answer_conversation(request: Request, conversation_id: UUID, asked: AnswerIn) -> Any:
    """Answer the customer. A question is closed by it unless it does not settle the matter yet."""
    return actions.answer(
        conversation_id=_found(request, conversation_id).id, words=asked.words, by=asked.by or request.auth.name, role=ROLE,
        now=request.auth.now, settles=asked.settles, reason=asked.reason, channel="api",
    )  # fmt: skip


@operation(router, "POST", "/{conversation_id}/reply/", "conversations:write", ConversationInFull, 201)
def reply_to_conversation(request: Request, conversation_id: UUID, asked: WordsIn) -> Any:
    """The customer wrote again: we owe an answer anew."""
    found = _found(request, conversation_id)
    return actions.reply(
        conversation_id=found.id, words=asked.words, by=asked.by, now=request.auth.now, role=ROLE, channel="api"
    )


@operation(router, "POST", "/{conversation_id}/resolution/", "conversations:write", ConversationInFull, 201)
def resolve_conversation(request: Request, conversation_id: UUID, asked: ResolveIn) -> Any:
    """Settle a conversation and let its invoices go."""
    found = _found(request, conversation_id)
    amount = None
    if asked.minor is not None:
        currency = found.about.values_list("invoice__currency", flat=True).first()
        amount = Money(asked.minor, str(currency))
    return actions.resolve(
        conversation_id=found.id, resolution=asked.resolution, by=request.auth.name, role=ROLE, now=request.auth.now,
        words=asked.words, amount=amount, until_on=asked.until_on,
    )  # fmt: skip


@operation(of_invoice, "POST", "/{invoice_id}/dispute/", "conversations:write", ConversationInFull, 201)
def dispute_invoice(request: Request, invoice_id: UUID, asked: DisputeIn) -> Any:
    """A customer disputes an invoice, or a part of it. It is held until the dispute is resolved."""
    found = found_invoice(request, invoice_id)
    return actions.dispute(invoice_id=found.id, now=request.auth.now, role=ROLE, channel="api", **asked.dict())


@operation(of_invoice, "POST", "/{invoice_id}/promise/", "conversations:write", PromiseOut, 201)
def promise_payment(request: Request, invoice_id: UUID, asked: PromiseIn) -> Any:
    """A customer promises to pay by a day; one that runs already is replaced."""
    found = found_invoice(request, invoice_id)
    return actions.promise(invoice_id=found.id, now=request.auth.now, role=ROLE, channel="api", **asked.dict())


@operation(of_invoice, "DELETE", "/{invoice_id}/promise/", "conversations:write", None, 204)
def withdraw_promise(request: Request, invoice_id: UUID) -> Any:
    """They take the promise back; reminders go on."""
    found = found_invoice(request, invoice_id)
    actions.withdraw_promise(invoice_id=found.id, by=CUSTOMER, now=request.auth.now, role=ROLE, channel="api")


@operation(of_invoice, "POST", "/{invoice_id}/extension/", "conversations:write", AskedOut, 201)
def request_extension(request: Request, invoice_id: UUID, asked: ExtensionIn) -> Any:
    """A customer wants more time: granted at once within the vendor's rule, else put before a person."""
    found = found_invoice(request, invoice_id)
    told = actions.request_extension(invoice_id=found.id, now=request.auth.now, role=ROLE, channel="api", **asked.dict())
    return {"answer": told.verdict.answer, "sentence": told.verdict.sentence, "extension": told.extension}


@operation(wishes, "POST", "/{extension_id}/grant/", "conversations:write", ExtensionOut)
def grant_extension(request: Request, extension_id: UUID, asked: DecisionIn) -> Any:
    """A person says yes: reminders count from the new day."""
    return actions.grant_extension(extension_id=_wished(request, extension_id).id, words=asked.words, **_said_by(request))


@operation(wishes, "POST", "/{extension_id}/refusal/", "conversations:write", ExtensionOut)
def refuse_extension(request: Request, extension_id: UUID, asked: DecisionIn) -> Any:
    """A person says no, and why: the agreed day stays."""
    return actions.refuse_extension(extension_id=_wished(request, extension_id).id, words=asked.words, **_said_by(request))


def _found(request: Request, conversation_id: UUID) -> Conversation:
    found = Conversation.objects.seen_by(request.auth.viewer).filter(id=conversation_id).first()
    if found is None:
        raise Refused("There is no such conversation.", code="not_found")
    return found


def _wished(request: Request, extension_id: UUID) -> Extension:
    """A wish that a person decides."""
    threads = Conversation.objects.seen_by(request.auth.viewer)
    found = Extension.objects.filter(id=extension_id, conversation__in=threads).first()
    if found is None:
        raise Refused("There is no such request.", code="not_found")
    return found


def _said_by(request: Request) -> dict[str, Any]:
    return {"by": request.auth.name, "role": ROLE, "now": request.auth.now}
