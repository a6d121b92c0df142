"""Decides what the pages of unbilled work show: projects by what they ask of us, and each item with what stands in its way."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from goodterms.billing.gathering import line_of
from goodterms.billing.models import Item, Project
from goodterms.billing.unbilled import Unbilled, count_unbilled, unbilled
from goodterms.delivery.spoken import listed
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.totals import line_net
from goodterms.values.money import Money

MOST = 2_000  # unbilled items that are looked at for one page; the oldest
MOST_OPEN = 200  # projects still open
MOST_ITEMS = 500  # of one project
AT_ONCE = 100  # items of a project on a page, each with its forms


class Done(NamedTuple):
    """One item as a row: what it costs before tax, and whether it can be billed now."""

    item: Item
    net: Money
    is_ready: bool
    is_unbilled: bool

    @property
    def text_id(self) -> str:
        return str(self.item.id)

    @property
    def quantity(self) -> str:
        return f"{self.item.quantity.normalize():f} {self.item.unit}".strip()

    @property
    def rate(self) -> str:
        return f"{self.item.unit_price:,.2f}"


class Row(NamedTuple):
    """A project in the list, with whose word is missing."""

    customer_id: UUID
    found: Unbilled
    age: int
    whose: str


class Group(NamedTuple):
    """Projects that ask the same of us; one sum for each currency."""

    key: str
    title: str
    rows: list[Row]
    sums: list[Money]


class Waiting(NamedTuple):
    """The page: what to bill, what waits, and the projects that are still open."""

    groups: list[Group]
    oldest: int
    sums: list[Money]
    items: int
    is_cut: bool


def waiting(vendor_id: UUID, today: date, currency: str) -> Waiting:
    """Three statements, whatever the number of projects."""
    is_cut = count_unbilled(vendor_id=vendor_id, most=MOST + 1) > MOST
    rows = [Row(one.customer_id, one, one.age_days(today), listed(one.whose[:3], "en"))
            for one in unbilled(vendor_id=vendor_id, most=MOST)]  # fmt: skip
    seen = [one.found.project_id for one in rows]
    bare = Project.objects.filter(vendor_id=vendor_id, finished_on=None).exclude(id__in=seen).select_related("customer")
    rows += [_bare(one) for one in bare.order_by("created_at", "id")[:MOST_OPEN]]
    groups = [
        Group(key, title, of, _sums(of, currency)) for key, title in _TITLES if (of := [one for one in rows if _of(one) == key])
    ]
    ready = [one for one in rows if one.found.items]
    return Waiting(
        groups, max((one.age for one in ready), default=0), _sums(ready, currency),
        sum(one.found.items for one in ready), is_cut,
    )  # fmt: skip


def count(vendor_id: UUID) -> int:
    """How many items are on no invoice, up to MOST."""
    return count_unbilled(vendor_id=vendor_id, most=MOST)


def of_customer(customer_id: UUID) -> list[Item]:
    """Unbilled items of one customer, in the order in which an invoice has them: three statements."""
    rows = list(
        Item.objects.filter(project__customer_id=customer_id).unbilled().order_by("project__name", "done_on", "id")[:MOST_ITEMS]
    )
    projects = Project.objects.select_related("customer").in_bulk({one.project_id for one in rows})
    for one in rows:
        one.project = projects[one.project_id]
    _with_invoices(rows)
    return rows


def _with_invoices(items: Sequence[Item]) -> None:
    """The invoices that they stand on, which are few: joined, each item would bring the whole of its own along."""
    keys = {one.invoice_id for one in items if one.invoice_id}
    known = Invoice.objects.only("number", "voided_at").in_bulk(keys)
    for one in items:
        if one.invoice_id:
            one.invoice = known[one.invoice_id]


def billed_before(projects: Iterable[Project]) -> dict[UUID, Money]:
    """What of these projects stands on an invoice already, before tax: one statement."""
    currencies = {one.id: one.currency for one in projects}
    found = {key: Money(0, currency) for key, currency in currencies.items()}
    for item in Item.objects.filter(project_id__in=currencies, invoice__voided_at=None, dropped_at=None).exclude(invoice=None):
        found[item.project_id] += line_net(currencies[item.project_id], line_of(item))
    return found


def of_project(project: Project) -> tuple[list[Done], list[Done]]:
    """Its items that are not billed, and those that were or never will be: two statements."""
    rows = list(Item.objects.filter(project=project).order_by("-done_on", "-id")[:MOST_ITEMS])
    _with_invoices(rows)
    seen = [done(item, project.currency) for item in reversed(rows)]
    return [one for one in seen if one.is_unbilled], [one for one in seen if not one.is_unbilled]


def paged(rows: list[Done], after: str) -> tuple[list[Done], str]:
    """Those of a page, which begins after the item with this key, and the key after which the next one begins; empty: this is
    the last. An item that was billed meanwhile begins the list anew."""
    begins = next((place for place, row in enumerate(rows, 1) if row.text_id == after), 0)
    shown = rows[begins : begins + AT_ONCE]
    return shown, shown[-1].text_id if len(rows) > begins + AT_ONCE else ""


def done(item: Item, currency: str) -> Done:
    """The item with what it costs. Its invoice is looked at only where it has one."""
    on_one = item.invoice_id is not None and item.invoice is not None and item.invoice.voided_at is None
    is_unbilled = not on_one and item.dropped_at is None
    is_ready = is_unbilled and item.finished_on is not None and not item.waits_for
    return Done(item, line_net(currency, line_of(item)), is_ready, is_unbilled)


def sum_of(rows: Iterable[Done], currency: str) -> Money:
    """What these cost together before tax."""
    return Money.total((one.net for one in rows), currency)


def _bare(project: Project) -> Row:
    nothing = Money(0, project.currency)
    found = Unbilled(
        project.id, project.name, project.customer_id, project.customer.name, 0, nothing, None, 0, [], is_finished=False
    )
    return Row(project.customer_id, found, 0, "")


def _of(row: Row) -> str:
    if row.found.items:
        return "bill"
    return "word" if row.whose else "open"


def _sums(rows: Iterable[Row], own: str) -> list[Money]:
    """One for each currency, the vendor's own first."""
    found: dict[str, Money] = {}
    for row in rows:
        net = row.found.net
        if net:
            found[net.currency] = found.get(net.currency, Money(0, net.currency)) + net
    return sorted(found.values(), key=lambda one: (one.currency != own, one.currency))


_TITLES = (("bill", "Can be billed now"), ("word", "Waits for somebody’s word"), ("open", "Still being worked on"))
