"""Decides how an account with a vendor is told outside a page: printed, as a table, and what each of its lines is called."""

from collections.abc import Iterator, Sequence
from datetime import date

from django.utils.translation import gettext as _

from goodterms.delivery.spoken import listed
from goodterms.invoicing import heading
from goodterms.invoicing.models import Letterhead
from goodterms.papers import statement
from goodterms.papers.letterhead import Firm, To, abroad
from goodterms.papers.press import pdf
from goodterms.parties.models import Contact, Customer, Vendor
from goodterms.relationship.measures.statement import Move, Statement, ages, statements
from goodterms.stationery.templatetags.stationery import tongue
from goodterms.values.money import Money

COLUMNS = ("day", "what", "number", "currency", "billed", "paid", "balance")


def line_words(move: Move) -> str:
    """What a line is called: the work itself, or what was done."""
    if move.kind == "invoice":
        return move.work or _("Invoice")
    said = {
        "payment": _("Payment"),
        "refund": _("Given back"),
        "credit": _("Credit note"),
        "discount": _("Early discount"),
        "fee": _("Late fee"),
        "write_off": _("Given up"),
        "recovery": _("Owed again"),
        "exchange": _("Exchange"),
        "reversal": _("Taken back"),
    }
    words = said.get(move.kind, _("Change"))
    return f"{words}, {METHODS[move.method]()}" if move.method in METHODS and move.kind == "payment" else words


METHODS = {
    "bank_transfer": lambda: _("bank transfer"),
    "card": lambda: _("card"),
    "cheque": lambda: _("cheque"),
    "cash": lambda: _("cash"),
    "direct_debit": lambda: _("direct debit"),
}


def account_rows(found: Sequence[Statement], first_on: date) -> Iterator[list[object]]:
    """The lines of `COLUMNS`, with plain figures and ISO days."""
    for one in found:
        yield [first_on, _("Brought forward"), "", one.currency, "", "", one.before.major]
        for move in one.moves:
            billed, paid = (side.major if side else "" for side in (move.billed, move.paid))
            yield [move.on, line_words(move), move.number, one.currency, billed, paid, move.balance.major]


def account_pdf(*, vendor: Vendor, customers: Sequence[Customer], first_on: date, last_on: date) -> bytes:
    """The account of these customers in the language of the page. `last_on` is today: it says how old is what is open now."""
    ids = [one.id for one in customers]
    found = statements(vendor_id=vendor.id, customer_ids=ids, first_on=first_on, last_on=last_on)
    aged = ages(vendor_id=vendor.id, customer_ids=ids, on=last_on)
    told = [_account(one, aged.get(one.currency, (Money(0, one.currency),) * 4)) for one in found]
    to, days = _to(customers, vendor.country), {"first_on": first_on, "last_on": last_on}
    data = statement.data(firm=firm_of(vendor), to=to, accounts=told, language=tongue(), **days)
    return pdf("statement", data)


def firm_of(vendor: Vendor) -> Firm:
    """Who writes, under the letterhead in use."""
    return heading.firm_of(vendor, Letterhead.objects.filter(vendor=vendor, ended_at=None).first())


def _to(customers: Sequence[Customer], home: str) -> To:
    """One customer with who pays there; of several their names, since one window shows one address."""
    if len(customers) != 1:
        return To(listed([one.legal_name or one.name for one in customers], tongue()), "", [])
    (one,) = customers
    address = abroad(heading.in_lines(one.address), one.country, home, tongue())
    who = Contact.objects.current().filter(customer=one, pays=True).order_by("id").values_list("name", flat=True).first()
    return To(one.legal_name or one.name, who or "", address)


def _account(one: Statement, aged: Sequence[Money]) -> statement.Account:
    lines = [statement.Line(move.on, line_words(move), move.number, move.billed, move.paid, move.balance) for move in one.moves]
    years = [statement.Year(*year) for year in one.years]
    kept = Money(sum(age.minor for age in aged), one.currency) - one.balance
    return statement.Account(one.currency, one.before, lines, one.balance, aged, kept, years)
