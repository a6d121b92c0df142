"""Decides how a payer reads the account with one vendor: a page, a file for a spreadsheet, and a sheet to print."""

import csv
from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from goodterms.parties.models import Customer, Vendor
from goodterms.portal.door import Visit, at_portal, shown
from goodterms.relationship.measures.statement import Move, Statement, statements

FORMULA = ("=", "+", "-", "@", "\t", "\r")


@at_portal(proven=True)
def statement(request: HttpRequest, visit: Visit, slug: str) -> HttpResponse:
    """From the first of January, or from the year that the address asks for, until today."""
    vendor = _vendor(visit, slug)
    first_on, found = _read(request, visit, vendor)
    told = [(one, [(move, words_of(move)) for move in one.moves]) for one in found]
    return shown(
        request, visit, "portal/statement.html", vendor=vendor, first_on=first_on, statements=told,
        years=sorted({year.year for one in found for year in one.years}, reverse=True),
    )  # fmt: skip


@at_portal(proven=True)
def statement_csv(request: HttpRequest, visit: Visit, slug: str) -> HttpResponse:
    """The same lines, with plain figures and ISO days. No cell is a formula, whatever an invoice was called."""
    vendor = _vendor(visit, slug)
    first_on, found = _read(request, visit, vendor)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="statement-{vendor.slug}-{visit.today}.csv"'
    file = csv.writer(answer)
    file.writerow(["day", "what", "number", "currency", "billed", "paid", "balance"])
    for one in found:
        file.writerow([first_on, "Brought forward", "", one.currency, "", "", one.before.major])
        for move in one.moves:
            billed, paid = (side.major if side else "" for side in (move.billed, move.paid))
            named = [plain_cell(words_of(move)), plain_cell(move.number)]
            file.writerow([move.on, *named, one.currency, billed, paid, move.balance.major])
    return answer


def words_of(move: Move) -> str:
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


def plain_cell(text: str) -> str:
    """A text that a spreadsheet reads as text (T10)."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _read(request: HttpRequest, visit: Visit, vendor: Vendor) -> tuple[date, list[Statement]]:
    wanted = request.GET.get("year", "")
    year = int(wanted) if len(wanted) == 4 and wanted.isascii() and wanted.isdigit() and wanted > "0000" else visit.today.year
    first_on = date(year, 1, 1)
    customers: list[UUID] = list(Customer.objects.seen_by(visit.viewer).filter(vendor=vendor).values_list("id", flat=True))
    return first_on, statements(vendor_id=vendor.id, customer_ids=customers, first_on=first_on, last_on=visit.today)


def _vendor(visit: Visit, slug: str) -> Vendor:
    found = next((one for one in visit.vendors.values() if one.slug == slug), None)
    if found is None:
        raise Http404
    return found


urls: list[URLPattern] = [
    path("pay/statements/<slug:slug>/", statement, name="portal-statement"),
    path("pay/statements/<slug:slug>/statement.csv", statement_csv, name="portal-statement-csv"),
]
