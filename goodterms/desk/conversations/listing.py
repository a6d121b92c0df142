"""Decides which conversations a list shows and in which order: what waits for us first, by our word; and the page after it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.utils.http import urlencode

from goodterms.conversations.actions.threads import hours_of
from goodterms.conversations.models import About, Conversation, Message, Plan
from goodterms.desk.door import Visit
from goodterms.invoicing.models import Word
from goodterms.invoicing.seeking import as_word
from goodterms.parties.models import Customer, Vendor
from goodterms.parties.rules import fold
from goodterms.stationery.clocks import Left, left_until, spell
from goodterms.stationery.templatetags.stationery import day
from goodterms.values.days import day_in
from goodterms.values.money import Money

PAGE = 50
VIEWS = {"open": "Open", "us": "Waiting for us", "them": "Waiting for them", "mine": "Mine", "closed": "Settled"}
KINDS = {
    "": "questions, disputes and requests",
    "question": "questions",
    "dispute": "disputes",
    "request": "requests for time or parts",
}
RESULTS = {
    "answered": "answered", "credited": "credited", "corrected": "corrected", "withdrawn": "taken back by them",
    "granted": "granted", "refused": "refused",
}  # fmt: skip
GROUPS = {0: "Waiting for us", 1: "Waiting for them", 2: "Settled"}


class Wanted(NamedTuple):
    """What the address asks for: a saved view, a kind, a customer, words, and the last row of the page before."""

    view: str
    kind: str
    customer: UUID | None
    words: str
    after: tuple[int, datetime, UUID] | None

    def address(self, **changes: str) -> str:
        """The same list with another view, kind or page."""
        said = {
            "view": self.view if self.view != "open" else "", "kind": self.kind, "customer": str(self.customer or ""),
            "q": self.words, **changes,
        }  # fmt: skip
        return f"?{urlencode({name: value for name, value in said.items() if value})}"


class Row(NamedTuple):
    """One conversation in the list, with the last word that was said to or by them."""

    thread: Conversation
    place: int
    left: Left | None
    when: str
    below: str
    said: str
    said_by: str
    inbound: bool
    about: str  # numbers
    disputed: Money | None
    total: Money | None
    first: str  # how long our first answer took
    result: str
    key: str


class Group(NamedTuple):
    name: str
    rows: list[Row]


class Listed(NamedTuple):
    groups: list[Group]
    counts: Mapping[str, int]  # by view
    next: str  # the address of the page after; empty: this is the last
    customer: Customer | None


def wanted(given: Mapping[str, str]) -> Wanted:
    """From the address; what it does not know is left out."""
    view, kind = given.get("view", ""), given.get("kind", "")
    return Wanted(
        view=view if view in VIEWS else "open",
        kind=kind if kind in KINDS else "",
        customer=_key(given.get("customer", "")),
        words=given.get("q", "").strip()[:100],
        after=_after(given.get("after", "")),
    )


def listed(visit: Visit, asked: Wanted) -> Listed:
    """One page, with the counts of all views; a constant number of queries."""
    threads = list(_ordered(_page(visit, asked), asked)[: PAGE + 1])
    rows = [_row(one, visit.vendor, visit.now) for one in threads[:PAGE]]
    groups = [Group(name, [row for row in rows if row.place == place]) for place, name in GROUPS.items()]
    counts = _filtered(visit, asked._replace(view="", after=None)).aggregate(
        **{view: Count("id", filter=_of_view(view, visit)) for view in VIEWS}
    )
    customer = Customer.objects.seen_by(visit.viewer).filter(id=asked.customer).first() if asked.customer else None
    more = asked.address(after=rows[-1].key) if len(threads) > PAGE else ""
    return Listed([group for group in groups if group.rows], counts, more, customer)


def csv_rows(visit: Visit, asked: Wanted) -> Iterator[list[object]]:
    """Every conversation of the view, without pages."""
    for one in _ordered(_page(visit, asked._replace(after=None)), asked).iterator(chunk_size=1_000):
        row = _row(one, visit.vendor, visit.now)
        disputed = row.disputed or None
        yield [
            one.kind, one.customer.name, row.about, one.subject, one.reason, disputed.major if disputed else "",
            disputed.currency if disputed else "", one.opened_by, one.opened_at.isoformat(),
            one.answer_due_at.isoformat() if one.waiting_since_at and not one.closed_at else "", one.answered_in_minutes,
            one.closed_at.isoformat() if one.closed_at else "", one.resolution,
        ]  # fmt: skip


HEADS = [
    "kind", "customer", "invoices", "subject", "reason", "disputed", "currency", "asked by", "asked at", "answer due at",
    "answered in minutes", "settled at", "resolution",
]  # fmt: skip


def _filtered(visit: Visit, asked: Wanted) -> QuerySet[Conversation]:
    found = Conversation.objects.seen_by(visit.viewer)
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.customer:
        found = found.filter(customer_id=asked.customer)
    return found.filter(_words(asked.words, visit)) if asked.words else found


def _words(words: str, visit: Visit) -> Q:
    """A customer's name from its beginning, a number, or a part of the subject."""
    folded = fold(words)
    named = Customer.objects.filter(folded__gte=folded, folded__lt=f"{folded}\U0010ffff")
    # A number is one of the words that an invoice is found by, so that not all that was ever talked about is compared.
    called = Word.objects.filter(vendor_id=visit.vendor.id, word=as_word(words)).values("invoice_id")
    numbered = About.objects.filter(invoice__in=called, invoice__number__iexact=words)
    return Q(customer__in=named.values("id")) | Q(id__in=numbered.values("conversation_id")) | Q(subject__icontains=words)


def _of_view(view: str, visit: Visit) -> Q:
    open_ = Q(closed_at=None)
    return {
        "open": open_,
        "us": open_ & ~Q(waiting_since_at=None),
        "them": open_ & Q(waiting_since_at=None),
        "mine": open_ & Q(assigned_to=visit.member),
        "closed": ~open_,
    }[view]


def _page(visit: Visit, asked: Wanted) -> QuerySet[Any]:
    """With the last word, what it is about, and its place: ours to answer, theirs, settled."""
    spoken = Message.objects.filter(conversation=OuterRef("id"), internal=False, withdrawn_at=None).order_by("-at", "-position")
    return (
        _filtered(visit, asked)
        .filter(_of_view(asked.view, visit))
        .select_related("customer", "assigned_to__person")
        .prefetch_related(Prefetch("about", About.objects.select_related("invoice").order_by("invoice__number")))
        .annotate(
            place=Case(
                When(closed_at__isnull=False, then=Value(2)), When(waiting_since_at=None, then=Value(1)), default=Value(0),
                output_field=IntegerField(),
            ),
            in_parts=Exists(Plan.objects.filter(conversation=OuterRef("id"))),
            said=Subquery(spoken.values("words")[:1]),
            said_by=Subquery(spoken.values("by")[:1]),
            said_by_them=Subquery(spoken.values("inbound")[:1]),
        )
    )  # fmt: skip


def _ordered(found: QuerySet[Any], asked: Wanted) -> QuerySet[Any]:
    """Settled ones by the day they were settled, the latest first; others by place and by our word, which is nearest."""
    if asked.view == "closed":
        if asked.after:
            _, at, id = asked.after
            found = found.filter(Q(closed_at__lt=at) | Q(closed_at=at, id__lt=id))
        return found.order_by("-closed_at", "-id")
    if asked.after:
        place, at, id = asked.after
        later = Q(answer_due_at__gt=at) | Q(answer_due_at=at, id__gt=id)
        found = found.filter(Q(place__gt=place) | Q(place=place) & later)
    return found.order_by("place", F("answer_due_at"), "id")


def _row(one: Any, vendor: Vendor, now: datetime) -> Row:
    invoices = [about.invoice for about in one.about.all()]
    waits = one.waiting_since_at is not None and one.closed_at is None
    hours = hours_of(vendor)
    currency = invoices[0].currency if invoices else vendor.currency
    same = invoices and {invoice.currency for invoice in invoices} == {currency}
    at = one.closed_at or one.answer_due_at
    return Row(
        thread=one,
        place=one.place,
        left=left_until(one.answer_due_at, now, hours, vendor.answer_hours) if waits else None,
        when="" if waits else day(day_in(vendor.timezone, at)),
        below="settled" if one.closed_at else "to settle it",
        said=_short(one.said or ""),
        said_by=one.said_by or one.opened_by,
        inbound=bool(one.said_by_them),
        about=", ".join(invoice.number for invoice in invoices),
        disputed=Money(one.disputed_minor, currency) if one.disputed_minor is not None else None,
        total=Money(sum(invoice.total_minor for invoice in invoices), currency) if same else None,
        first="" if one.answered_in_minutes is None else spell(one.answered_in_minutes),
        result=RESULTS.get(one.resolution, ""),
        key=f"{one.place}.{at.isoformat()}.{one.id}",
    )


def _short(words: str) -> str:
    """So much of it as says what it is about."""
    plain = " ".join(words.split())
    return plain if len(plain) <= 160 else f"{plain[:157].rsplit(' ', 1)[0]} …"


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _after(text: str) -> tuple[int, datetime, UUID] | None:
    place, _, rest = text.partition(".")
    at, _, id = rest.rpartition(".")
    try:
        when = datetime.fromisoformat(at)
        return (int(place), when, UUID(id)) if when.tzinfo else None
    except ValueError:
        return None
