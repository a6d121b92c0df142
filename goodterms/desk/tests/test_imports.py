"""A file comes into the books by the desk: shown, asked about, mended, then all of it or nothing."""

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from goodterms import imports
from goodterms.database.isolation import acting_for
from goodterms.desk.tests.cast import a_member, a_vendor, as_member, told
from goodterms.imports.models import SavedProfile, Upload
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor

EXPORTS = Path(imports.__file__).parent / "tests" / "exports"
HEAD = "Inv no,Client,Email,Raised,Due,O/S\n"
GOOD = (
    "CL-611,Tobacco Factory,box@tft.example,02/10/2026,01/11/2026,640.00\n"
    "CL-613,Clifton,hi@clifton.example,15/10/2026,14/11/2026,98.00\n"
)
BAD = "CL-618,Tobacco Factory,box@tft.example,30/10/2026,31/11/2026,385.00\n"


@pytest.fixture
def vendor(db: None) -> Vendor:
    return a_vendor()


@pytest.fixture
def keeper(vendor: Vendor) -> Client:
    return as_member(a_member(vendor, "Tom", "bookkeeper"))


def send(client: Client, vendor: Vendor, text: str, name: str = "open-oct.csv") -> HttpResponse:
    return client.post(f"/at/{vendor.slug}/import/", {"file": SimpleUploadedFile(name, text.encode())})  # type: ignore[return-value]


def uploaded(client: Client, vendor: Vendor, text: str) -> str:
    answer = send(client, vendor, text)
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def shown(client: Client, place: str) -> str:
    return re.sub(r"\s+", " ", client.get(place).content.decode())


def in_the_books(vendor: Vendor) -> list[str]:
    with acting_for([vendor.id]):
        return sorted(Invoice.objects.values_list("number", flat=True))


def test_a_good_file_is_shown_then_taken_over_once(vendor: Vendor, keeper: Client) -> None:
    place = uploaded(keeper, vendor, HEAD + GOOD)
    page = shown(keeper, place)
    assert "Two lines, all good" in page
    assert "day first, because of 15/10/2026" in page
    assert in_the_books(vendor) == []
    assert keeper.post(f"{place}take-over/").status_code == 302
    assert in_the_books(vendor) == ["CL-611", "CL-613"]
    assert keeper.post(f"{place}take-over/").status_code == 302
    assert in_the_books(vendor) == ["CL-611", "CL-613"]
    assert len(told(vendor, "invoices.imported")) == 1
    with acting_for([vendor.id]):
        assert bytes(Upload.objects.get().content) == b""


def test_a_line_that_cannot_be_stops_the_whole_file_until_it_is_mended(vendor: Vendor, keeper: Client) -> None:
    place = uploaded(keeper, vendor, HEAD + GOOD + BAD)
    page = shown(keeper, place)
    assert "Three lines, one of them stops us" in page
    assert "Line 4: &#x27;31/11/2026&#x27; does not exist: November 2026 has 30 days." in page
    refused = keeper.post(f"{place}take-over/")
    assert refused.status_code == 422
    assert "nothing was imported. Mend them or leave them out." in refused.content.decode()
    assert in_the_books(vendor) == []
    keeper.post(f"{place}line/", {"line": "4", "place": "4", "said": "29/11/2026"})
    assert "Three lines, all good" in shown(keeper, place)
    keeper.post(f"{place}take-over/")
    assert in_the_books(vendor) == ["CL-611", "CL-613", "CL-618"]


def test_a_line_that_is_left_out_stays_out_and_can_be_taken_up_again(vendor: Vendor, keeper: Client) -> None:
    place = uploaded(keeper, vendor, HEAD + GOOD + BAD)
    keeper.post(f"{place}line/", {"line": "4", "out": "1"})
    assert "left out" in shown(keeper, place)
    keeper.post(f"{place}line/", {"line": "4", "out": "1"})
    assert "one of them stops us" in shown(keeper, place)
    keeper.post(f"{place}line/", {"line": "4", "out": "1"})
    keeper.post(f"{place}take-over/")
    assert in_the_books(vendor) == ["CL-611", "CL-613"]


def test_days_that_could_be_read_two_ways_are_asked_about(vendor: Vendor, keeper: Client) -> None:
    place = uploaded(keeper, vendor, HEAD + "CL-1,A,a@a.example,02/10/2026,03/11/2026,640.00\n")
    assert "Say how dates are written" in shown(keeper, place)
    assert keeper.post(f"{place}take-over/").status_code == 422
    columns = {f"column-{at}": word for at, word in enumerate(("number", "customer", "email", "issued", "due", "amount"))}
    keeper.post(f"{place}columns/", {**columns, "dates": "month/day/year", "amounts": ".|,", "name": "Till"})
    keeper.post(f"{place}take-over/")
    with acting_for([vendor.id]):
        assert Invoice.objects.get().issued_on.isoformat() == "2026-02-10"  # type: ignore[union-attr]
        assert SavedProfile.objects.get().name == "Till"


def test_a_kept_way_of_reading_is_used_for_the_next_file(vendor: Vendor, keeper: Client) -> None:
    first = uploaded(keeper, vendor, HEAD + GOOD)
    columns = {"column-0": "number", "column-1": "customer", "column-3": "issued", "column-5": "amount"}
    signs = {"dates": "day/month/year", "amounts": ".|,", "terms": "net 14", "name": "Till"}
    keeper.post(f"{first}columns/", columns | signs)
    second = uploaded(keeper, vendor, HEAD + GOOD)
    with acting_for([vendor.id]):
        kept = SavedProfile.objects.get()
    keeper.post(f"{second}columns/", {"profile": str(kept.id)})
    keeper.post(f"{second}take-over/")
    with acting_for([vendor.id]):
        assert {str(invoice.due_on) for invoice in Invoice.objects.all()} == {"2026-10-16", "2026-10-29"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("%PDF-1.7", "This file is a PDF. Save it as CSV (UTF-8), and import that."),
        ("", "The file is empty."),
        ("<?xml version='1.0'?><Invoice/>", "Electronic invoices are taken over with: goodterms import ubl, or by the API."),
    ],
)
def test_what_is_no_table_is_refused_where_it_was_chosen(vendor: Vendor, keeper: Client, text: str, sentence: str) -> None:
    refused = send(keeper, vendor, text)
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    with acting_for([vendor.id]):
        assert not Upload.objects.exists()


def test_a_file_that_was_let_go_is_gone(vendor: Vendor, keeper: Client) -> None:
    place = uploaded(keeper, vendor, HEAD + GOOD)
    keeper.post(f"{place}take-over/", {"let_go": "1"})
    assert keeper.get(place).status_code == 409
    assert in_the_books(vendor) == []


def test_a_reader_looks_and_may_not_import_and_a_stranger_finds_nothing(vendor: Vendor, keeper: Client) -> None:
    place = uploaded(keeper, vendor, HEAD + GOOD)
    reader = as_member(a_member(vendor, "Hazel", "reader"))
    assert reader.get(place).status_code == 200
    for rest in ("", "columns/", "line/", "take-over/"):
        assert reader.post(f"{place}{rest}" if rest else f"/at/{vendor.slug}/import/").status_code == 403
    other = as_member(a_member(a_vendor("penhale"), "Jory", "owner"))
    assert other.get(place).status_code == 404
    assert other.get(place.replace(vendor.slug, "penhale")).status_code == 404
    assert other.post(f"{place.replace(vendor.slug, 'penhale')}take-over/").status_code == 404
    assert in_the_books(vendor) == []


def test_an_export_of_a_system_is_recognised_and_says_what_it_leaves_out(vendor: Vendor, keeper: Client) -> None:
    place = uploaded(keeper, vendor, (EXPORTS / "xero-sales-invoices.csv").read_text())
    page = shown(keeper, place)
    assert "Recognised as Xero, sales invoices." in page
    assert "1 left out: Draft." in page
    assert "1 paid in part; what is paid counts as received today." in page
    assert "Import 3 invoices" in page
    keeper.post(f"{place}take-over/")
    assert in_the_books(vendor) == ["CN-0001", "INV-0101", "INV-0102", "INV-0103"]


def test_customers_and_payments_come_in_by_the_same_page(vendor: Vendor, keeper: Client) -> None:
    def brought(holds: str, text: str) -> str:
        file = SimpleUploadedFile("x.csv", text.encode())
        place = str(keeper.post(f"/at/{vendor.slug}/import/", {"file": file, "holds": holds})["Location"])
        page = shown(keeper, place)
        assert keeper.post(f"{place}take-over/").status_code == 302
        return page

    known = "Number,Name,Email,Billing days\nTobacco Factory,The Theatre,b@t.example,15\n"
    assert "Import 1 customer<" in brought("customers", known)
    brought("invoices", HEAD + GOOD)
    page = brought("payments", "Date,Amount,Method,Invoices\n16/10/2026,640.00,cheque,CL-611\n")
    assert "One line, all good" in page
    assert "what came" in page
    with acting_for([vendor.id]):
        assert Customer.objects.get(number="Tobacco Factory").bill_days == [15]
        assert dict(Invoice.objects.values_list("number", "open_minor")) == {"CL-611": 0, "CL-613": 9800}


def test_a_payment_on_an_unknown_invoice_stops_the_file_and_can_be_left_out(vendor: Vendor, keeper: Client) -> None:
    file = SimpleUploadedFile("x.csv", b"Date,Amount,Invoices\n16/10/2026,640.00,X\n")
    place = str(keeper.post(f"/at/{vendor.slug}/import/", {"file": file, "holds": "payments"})["Location"])
    assert "Line 2: There is no invoice X in the books; take over invoices first." in shown(keeper, place)
    assert keeper.post(f"{place}take-over/").status_code == 422


def test_credit_notes_of_an_export_are_told_and_each_line_that_stays_out_is_named(vendor: Vendor, keeper: Client) -> None:
    place = uploaded(keeper, vendor, (EXPORTS / "xero-sales-invoices.csv").read_text())
    page = shown(keeper, place)
    assert "<b>1 credit note</b> that names no invoice: " in page
    assert "is kept for its customer until somebody says what it settles." in page
    assert "Import 3 invoices and 1 credit note" in page
    assert "Nothing stops this file; three lines stay out" in page
    assert page.count('<span class="state">Stays out</span>') == 3, "a draft, one without effect, and one that was paid"
    assert '<td class="no">6</td><td class="no">INV-0104</td><td>Status: Draft</td>' in page
    done = keeper.post(f"{place}take-over/", follow=True).content.decode()
    assert "3 invoices and 1 credit note of " in done
    assert "CN-0001" in in_the_books(vendor)
    with acting_for([vendor.id]):
        assert Invoice.objects.get(number="CN-0001").corrects is None
