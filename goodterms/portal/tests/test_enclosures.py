"""What goes with an invoice is on its page for whoever may see it, as a download, and nobody else finds it."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from goodterms.access.tests.world import NOW, PAYER, World
from goodterms.database.isolation import acting_for
from goodterms.invoicing.actions import approve, draft, enclose, issue, paper_bytes
from goodterms.invoicing.models import Enclosure, Invoice
from goodterms.invoicing.tests.test_enclosures import NOTES, TIMESHEET
from goodterms.invoicing.tests.test_issue import LINES
from goodterms.parties.models import Customer
from goodterms.portal.tests.browser import by_link, proven, words
from goodterms.portal.tests.test_order import asked, waiting

pytestmark = pytest.mark.django_db
TOM: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}
__all__ = ["waiting"]


@pytest.fixture
def invoice(world: World) -> Invoice:
    """Of Sandra's customer, with two files, taken as Factur-X."""
    one = world.other
    with acting_for([one.vendor_id]):
        made = draft(vendor_id=one.vendor_id, customer_id=one.customer_id, lines=LINES, work="Labels", **TOM)
        enclose(invoice_id=made.id, files=[TIMESHEET, NOTES], **TOM)
        approve(invoice_id=made.id, **TOM)
        return issue(invoice_id=made.id, issued_on=NOW.date(), send=False, **TOM)


def files(invoice: Invoice) -> list[Enclosure]:
    with acting_for([invoice.vendor_id]):
        return list(Enclosure.objects.filter(invoice=invoice).light())


def of(invoice: Invoice, name: str, **more: Any) -> str:
    return reverse(name, kwargs={"invoice_id": invoice.id, **more})


def test_the_files_are_on_its_page_as_downloads(invoice: Invoice, world: World) -> None:
    browser = proven(world)
    page = words(browser.get(of(invoice, "portal-invoice")))
    assert "Comes with it" in page
    assert "timesheet.pdf" in page
    timesheet, notes = files(invoice)
    answer = browser.get(of(invoice, "portal-enclosure", enclosure_id=timesheet.id))
    assert answer.content == TIMESHEET.content
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == 'attachment; filename="timesheet.pdf"'
    assert browser.get(of(invoice, "portal-enclosure", enclosure_id=notes.id))["Content-Type"] == "text/plain; charset=utf-8"
    with acting_for([invoice.vendor_id]):
        assert browser.get(of(invoice, "portal-invoice-pdf")).content == paper_bytes(invoice_id=invoice.id)


def test_a_letter_that_did_not_bring_it_shows_none_of_it(invoice: Invoice, world: World) -> None:
    browser, file = by_link(world), files(invoice)[0]
    assert browser.get(of(invoice, "portal-enclosure", enclosure_id=file.id)).status_code == 404
    assert Client().get(of(invoice, "portal-enclosure", enclosure_id=file.id)).status_code in (302, 403, 404)


def test_a_file_is_found_with_its_own_invoice_only(invoice: Invoice, world: World) -> None:
    browser, file = proven(world), files(invoice)[0]
    assert browser.get(of(world.other, "portal-enclosure", enclosure_id=file.id)).status_code == 404
    assert browser.get(of(invoice, "portal-invoice-xml")).status_code == 404


def test_the_order_comes_as_a_file_with_its_number(waiting: Invoice) -> None:
    link, browser = asked(waiting), Client()
    wrong = browser.post(link, {"order_number": "BF-1", "file": SimpleUploadedFile("order.exe", b"MZ\0")})
    assert (wrong.status_code, "order.exe is not a kind of file" in words(wrong)) == (409, True)
    given = {"order_number": "BF-1", "file": SimpleUploadedFile("order.pdf", TIMESHEET.content)}
    assert "Thank you" in words(browser.post(link, given))
    [file] = files(waiting)
    assert (file.kind, file.name, file.by) == ("order", "order.pdf", "Sandra Whitlock")
    with acting_for([waiting.vendor_id]):
        assert Invoice.objects.get(id=waiting.id).order_number == "BF-1"
        assert Customer.objects.get(id=waiting.customer_id).contacts.filter(payer_id=PAYER).exists()
