"""Decides how a payer reads the account with one vendor: a page, a file for a spreadsheet, and a sheet to print."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from goodterms.parties.models import Customer, CustomerQuerySet, Vendor
from goodterms.payments.keeping import kept_for
from goodterms.portal.door import Visit, at_portal, shown
from goodterms.relationship.measures.statement import Statement, statements
from goodterms.stationery.account import COLUMNS, account_pdf, account_rows, line_words
from goodterms.stationery.downloads import printed, table


@at_portal(proven=True)
def statement(request: HttpRequest, visit: Visit, slug: str) -> HttpResponse:
    """From the first of January, or from the year that the address asks for, until today."""
    vendor = _vendor(visit, slug)
    first_on, found = _read(request, visit, vendor)
    told = [(one, [(move, line_words(move)) for move in one.moves]) for one in found]
    return shown(
        request, visit, "portal/statement.html", vendor=vendor, first_on=first_on, statements=told,
        credits=kept_for(customer_ids=list(_customers(visit, vendor).values_list("id", flat=True))),
        years=sorted({year.year for one in found for year in one.years}, reverse=True),
    )  # fmt: skip


@at_portal(proven=True)
def statement_csv(request: HttpRequest, visit: Visit, slug: str) -> HttpResponse:
    """The same lines, with plain figures and ISO days. No cell is a formula, whatever an invoice was called."""
    vendor = _vendor(visit, slug)
    first_on, found = _read(request, visit, vendor)
    return table(f"statement-{vendor.slug}-{visit.today}.csv", COLUMNS, account_rows(found, first_on))


@at_portal(proven=True)
def statement_pdf(request: HttpRequest, visit: Visit, slug: str) -> HttpResponse:
    """The same as a sheet to print and to file."""
    vendor = _vendor(visit, slug)
    customers = list(_customers(visit, vendor).order_by("name", "id"))
    sheet = account_pdf(vendor=vendor, customers=customers, first_on=_first_on(request, visit), last_on=visit.today)
    return printed(f"statement-{vendor.slug}-{visit.today}.pdf", sheet)


def _read(request: HttpRequest, visit: Visit, vendor: Vendor) -> tuple[date, list[Statement]]:
    first_on = _first_on(request, visit)
    customers = list(_customers(visit, vendor).values_list("id", flat=True))
    return first_on, statements(vendor_id=vendor.id, customer_ids=customers, first_on=first_on, last_on=visit.today)


def _first_on(request: HttpRequest, visit: Visit) -> date:
    wanted = request.GET.get("year", "")
    is_year = len(wanted) == 4 and wanted.isascii() and wanted.isdigit() and wanted > "0000"
    return date(int(wanted) if is_year else visit.today.year, 1, 1)


def _customers(visit: Visit, vendor: Vendor) -> CustomerQuerySet:
    return Customer.objects.seen_by(visit.viewer).filter(vendor=vendor)


def _vendor(visit: Visit, slug: str) -> Vendor:
    found = next((one for one in visit.vendors.values() if one.slug == slug), None)
    if found is None:
        raise Http404
    return found


urls: list[URLPattern] = [
    path("pay/statements/<slug:slug>/", statement, name="portal-statement"),
    path("pay/statements/<slug:slug>/statement.csv", statement_csv, name="portal-statement-csv"),
    path("pay/statements/<slug:slug>/statement.pdf", statement_pdf, name="portal-statement-pdf"),
]
