"""Decides what the page of one conversation shows: the thread, what was billed, the clocks, the ways out; one query a table."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, Sum

from goodterms.conversations.actions.answers import stays
from goodterms.conversations.actions.threads import hours_of
from goodterms.conversations.models import About, Attachment, Conversation, Extension, Message, Plan
from goodterms.conversations.plans import Known, known
from goodterms.conversations.rules import REASONS, say, settle_due_at
from goodterms.conversations.wording import beginning, listed_parts
from goodterms.conversations.writing import Reader, greeting, reader_of
from goodterms.delivery.spoken import amount as spoken_amount
from goodterms.delivery.words import spoken_language
from goodterms.desk.conversations.ways import Case, Way, accuracy, credit_of, ways
from goodterms.desk.door import BOOKS, Visit
from goodterms.invoicing.models import Hold, Invoice
from goodterms.invoicing.models import Line as LineRow
from goodterms.papers.invoice import tax_name
from goodterms.parties.models import Member
from goodterms.stationery.clocks import Left, day_and_time, left_until, spell
from goodterms.stationery.templatetags.stationery import day
from goodterms.values.days import day_in
from goodterms.values.money import Money

SETTLE_DAYS = 5
PLANS = {"granted": "plan_agreed", "refused": "plan_declined"}  # an offer is worded once its parts are known
WHY = {
    "manual": "held by hand", "disputed": "in dispute", "question_open": "a question was open", "promised": "payment promised",
    "extended": "more time granted", "on_plan": "on a plan", "paid": "said to be paid",
}  # fmt: skip


class Said(NamedTuple):
    """One message, with what came with it."""

    message: Message
    files: list[Attachment]
    at: str


class Cited(NamedTuple):
    """One line as it was billed: `4 days at 720.00`."""

    position: int
    description: str
    how: str
    net: str


class Rested(NamedTuple):
    """Why one of its invoices rested, from when to when (nothing: it still does), and by whom."""

    from_on: date
    to_on: date | None
    why: str
    number: str
    by: str
    ended_by: str
    note: str


class Billed(NamedTuple):
    """An invoice that it is about, and the line that is meant; lines where it is about one invoice only."""

    invoice: Invoice
    line: int | None
    lines: list[Cited]
    credited: Money

    @property
    def total(self) -> Money:
        return Money(self.invoice.total_minor, self.invoice.currency)

    @property
    def net(self) -> str:
        return f"{Money(self.invoice.net_minor, self.invoice.currency).major:,f}"

    @property
    def tax(self) -> str:
        """What tax is called where the vendor is, as on the paper: VAT, GST, BTW."""
        return tax_name(self.invoice.document.get("vendor", {}).get("country", ""), "en")

    @property
    def taxes(self) -> list[tuple[str, str]]:
        """`VAT 20%` and its sum, by rate, as frozen in the document; one sum where the document came from elsewhere."""
        groups = self.invoice.document.get("tax_groups") or []
        found = [(f"{self.tax} {Decimal(one['rate']).normalize():f}%", one["tax_minor"]) for one in groups]
        sums = found or [(self.tax, self.invoice.tax_minor)]
        return [(name, f"{Money(minor, self.invoice.currency).major:,f}") for name, minor in sums]

    @property
    def open(self) -> Money:
        return Money(self.invoice.open_minor, self.invoice.currency)


class Clocks(NamedTuple):
    """Ours: the first answer as measured, the running one, and until when it is to be settled."""

    first: str  # "45 min"
    first_is_late: bool
    left: Left | None
    settle: str  # day and time
    settle_by: str
    closed: str  # the day it was settled


class Sheet(NamedTuple):
    """All that the page shows."""

    thread: Conversation
    title: str
    reason: str
    disputed: Money | None
    said: list[Said]
    billed: list[Billed]
    clocks: Clocks
    reader: Reader
    greeting: str
    ways: list[Way]
    starts: dict[str, str]  # the first words, by way
    credit: Money | None
    accuracy: str
    holds: list[Rested]
    wish: Extension | None
    plan: Known | None  # the last that was asked for or offered here
    members: list[Member]
    last: Message | None  # of ours, which may still be taken back

    @property
    def offered(self) -> list[tuple[Way, str]]:
        """Each way with the words to begin with."""
        return [(way, self.starts.get(way.word, "")) for way in self.ways]

    @property
    def first(self) -> Billed | None:
        return self.billed[0] if self.billed else None


def sheet(visit: Visit, conversation_id: UUID) -> Sheet | None:
    """The page of a conversation; nothing where this desk has no such one."""
    threads = Conversation.objects.seen_by(visit.viewer).select_related("vendor", "customer", "assigned_to__person")
    thread = threads.filter(id=conversation_id).first()
    if thread is None:
        return None
    messages = list(thread.messages.order_by("at", "position", "id"))
    billed = _billed(thread)
    reader = reader_of(thread, thread.customer)
    wish = Extension.objects.filter(conversation=thread, granted_at=None, refused_at=None).first()
    disputed = _disputed(thread, billed)
    plan = _plan(thread)
    case = _case(visit, thread, billed, disputed, reader, wish, plan)
    ours = [one for one in messages if not one.inbound and not one.internal and one.withdrawn_at is None]
    cause = say(REASONS, thread.reason, "en") if thread.reason else ""
    return Sheet(
        thread=thread,
        title=_title(thread, billed),
        reason=cause,
        disputed=disputed,
        said=_said(messages, _files(messages), visit),
        billed=billed,
        clocks=_clocks(thread, visit.now, case.who),
        reader=reader,
        greeting=greeting(reader),
        ways=[] if thread.closed_at else ways(case),
        starts=_starts(thread, billed, reader, case),
        credit=credit_of(case),
        accuracy=accuracy(thread.kind, thread.reason, cause),
        holds=_holds(billed, thread.vendor.timezone),
        wish=wish,
        plan=plan,
        members=list(Member.objects.filter(vendor=visit.vendor, ended_at=None).select_related("person").order_by("since_at")),
        last=ours[-1] if ours else None,
    )


def _plan(thread: Conversation) -> Known | None:
    if thread.kind != "request":
        return None
    return next(iter(known(Plan.objects.filter(conversation=thread).order_by("ended_at").reverse()[:1])), None)


def _said(messages: Sequence[Message], files: dict[UUID, list[Attachment]], visit: Visit) -> list[Said]:
    return [Said(one, files[one.id], day_and_time(one.at, visit.vendor.timezone)) for one in messages]


def _files(messages: Sequence[Message]) -> dict[UUID, list[Attachment]]:
    found: dict[UUID, list[Attachment]] = defaultdict(list)
    for one in Attachment.objects.light().filter(message__in=messages).order_by("at", "id"):
        found[one.message_id].append(one)
    return found


def _holds(billed: Sequence[Billed], timezone: str) -> list[Rested]:
    """Why its invoices rested, and rest: all of it, since one reason ends and another stays."""
    held = Hold.objects.filter(invoice__in=[one.invoice.id for one in billed]).select_related("invoice")
    return [
        Rested(
            one.from_on, day_in(timezone, one.ended_at) if one.ended_at else one.until_on, WHY.get(one.reason, one.reason),
            one.invoice.number, one.by, one.ended_by, one.note,
        )
        for one in held.order_by("created_at", "id")
    ]  # fmt: skip


def _billed(thread: Conversation) -> list[Billed]:
    about = list(About.objects.filter(conversation=thread).select_related("invoice").order_by("invoice__number"))
    rows = LineRow.objects.filter(invoice=about[0].invoice).order_by("position") if len(about) == 1 else []
    lines = [_cited(row, about[0].invoice.currency) for row in rows]
    notes = Q(kind="credit_note", voided_at=None, corrects__in=[one.invoice_id for one in about])
    given = dict(Invoice.objects.filter(notes).values_list("corrects").annotate(Sum("total_minor")).order_by())
    return [
        Billed(one.invoice, one.line_position, lines, Money(given.get(one.invoice_id, 0), one.invoice.currency))
        for one in about
    ]


def _cited(row: LineRow, currency: str) -> Cited:
    quantity = f"{row.quantity.normalize():f}"
    price = max(row.unit_price.normalize(), row.unit_price.quantize(Decimal("0.01")), key=lambda one: -one.as_tuple().exponent)  # type: ignore[operator]
    how = f"{quantity} {row.unit}".strip() + f" at {price:,f}"
    return Cited(row.position, row.description, how, f"{Money(row.net_minor, currency).major:,f}")


def _disputed(thread: Conversation, billed: Sequence[Billed]) -> Money | None:
    if thread.disputed_minor is None or not billed:
        return None
    return Money(thread.disputed_minor, billed[0].invoice.currency)


def _title(thread: Conversation, billed: Sequence[Billed]) -> str:
    """The work before the number: the line that is meant, else what was done, else the subject as it was kept."""
    if len(billed) == 1:
        meant = next((one.description for one in billed[0].lines if one.position == billed[0].line), "")
        return meant or billed[0].invoice.work or thread.subject
    return thread.subject or "Conversation"


def _case(
    visit: Visit, thread: Conversation, billed: Sequence[Billed], disputed: Money | None, reader: Reader,
    wish: Extension | None, plan: Known | None,
) -> Case:  # fmt: skip
    one = billed[0] if len(billed) == 1 else None
    return Case(
        kind=thread.kind,
        wants=thread.wants,
        who=reader.called.first_name or thread.opened_by.split(" ")[0] or "The customer",
        keeps_books=visit.may(*BOOKS),
        settle_on=settle_on(thread, visit.now),
        open=one.open if one else None,
        creditable=one.total - one.credited if one else None,
        disputed=disputed,
        due_on=(one.invoice.chase_on or one.invoice.due_on) if one else None,
        today=visit.today,
        is_void=one is not None and one.invoice.voided_at is not None,
        written=tuple(stays(thread)),
        until_on=wish.until_on if wish else None,
        plan=plan if plan and plan.plan.agreed_at is None and plan.plan.ended_at is None else None,
    )


def settle_on(thread: Conversation, now: datetime) -> date:
    """Five working days after it was opened, or the day of `now` where that is past."""
    due = settle_due_at(thread.opened_at, hours_of(thread.vendor), SETTLE_DAYS)
    return day_in(thread.vendor.timezone, max(due, now))


def _starts(thread: Conversation, billed: Sequence[Billed], reader: Reader, case: Case) -> dict[str, str]:
    """In the customer's tone and language: before the first answer of a dispute, that we are looking."""
    language, tag = spoken_language(reader.wanted.language)
    credit = credit_of(case)
    rest = case.open - credit if case.open and credit and credit <= case.open else None
    work = billed[0].invoice.work if len(billed) == 1 else ""
    values = {
        "work": work or (billed[0].invoice.number if billed else thread.subject),
        "amount": spoken_amount(credit, tag) if credit else "",
        "rest": spoken_amount(rest or Money(0, credit.currency), tag) if credit else "",
    }
    if case.plan:
        values["parts"] = listed_parts(case.plan.parts, case.plan.plan.currency, language)
    kinds = {"keep": "looking" if thread.first_answered_at is None else "", "withdrawn": ""} | (PLANS if case.plan else {})
    words = ("answered", "keep", "credited", "corrected", "granted", "refused", "withdrawn")
    return {word: beginning(kinds.get(word, word), reader.wanted.tone, language, values) for word in words}


def _clocks(thread: Conversation, now: datetime, who: str) -> Clocks:
    hours, vendor = hours_of(thread.vendor), thread.vendor
    due = settle_due_at(thread.opened_at, hours, SETTLE_DAYS)
    waits = thread.waiting_since_at is not None and thread.closed_at is None
    minutes = thread.answered_in_minutes
    left = left_until(thread.answer_due_at, now, hours, vendor.answer_hours) if waits else None
    if left and not left.is_over:
        left = left._replace(by=f"for {who}’s last letter, {left.by}")
    on, at = day_and_time(due, vendor.timezone).split(", ")
    return Clocks(
        first="" if minutes is None else spell(minutes),
        first_is_late=minutes is not None and minutes > vendor.answer_hours * 60,
        left=left,
        settle=on,
        settle_by=at,
        closed=day(day_in(vendor.timezone, thread.closed_at)) if thread.closed_at else "",
    )
