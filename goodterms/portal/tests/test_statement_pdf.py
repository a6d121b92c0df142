"""The printed account says what the page says, to who proved the address, and to nobody else."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from goodterms.access.tests.world import NOW, PAYER, SANDRA, World
from goodterms.conversations.tests.cast import a_customer, an_invoice
from goodterms.database.isolation import acting_for
from goodterms.papers.tests.reading import text
from goodterms.parties.actions import add_contact
from goodterms.parties.models import Customer, Payer, Vendor
from goodterms.portal.tests.browser import by_link, only_looking, proven, words
from goodterms.portal.tests.test_home import paid

pytestmark = pytest.mark.django_db


def address(slug: str = "lindqvist-rowe", name: str = "portal-statement-pdf") -> str:
    return reverse(name, kwargs={"slug": slug})


def sheet(browser: Client, query: str = "") -> Any:
    answer = browser.get(address() + query)
    assert answer.status_code == 200
    return answer


def figures_of(said: str) -> set[str]:
    return set(re.findall(r"[\d,]+\.\d\d", re.sub(r"<[^>]+>| (?=\.\d)", "", said)))


def test_it_has_every_figure_of_the_page_and_ends_with_what_is_open(world: World) -> None:
    paid(world, world.shown[0], 1_000_00)
    browser = proven(world)
    with only_looking():
        answer = sheet(browser)
    said = text(answer.content)
    page = words(browser.get(address(name="portal-statement")))
    assert figures_of(page.partition("<main")[2]) <= figures_of(said)
    assert "Open today £5,415 .20" in said
    assert "Payment, bank transfer 1,000.00" in said
    assert "Not yet due 1 to 30 days late 31 to 60 61 and more 2,160.00 3,255.20 0.00 0.00" in said
    assert said.startswith("Lindqvist Rowe Statement 1 January to 16 November 2026")


def test_it_is_a_file_that_no_cache_keeps(world: World) -> None:
    answer = sheet(proven(world))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="statement-lindqvist-rowe-2026-11-16.pdf"'
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_page_leads_to_it_with_its_year(world: World) -> None:
    page = words(proven(world).get(address(name="portal-statement") + "?year=2025"))
    assert f'href="{address()}?year=2025">PDF</a>' in page
    said = text(sheet(proven(world), "?year=2027").content)
    assert "1 Jan Brought forward 6,415.20 Open today £6,415 .20" in said


def test_money_that_settles_nothing_yet_is_told_apart_from_what_is_open(world: World) -> None:
    paid(world, world.shown[0], 4_255_20 + 2_160_00 + 100_00)
    said = text(sheet(proven(world)).content)
    assert "Open today −£100 .00" in said
    assert "Kept for you 0.00 0.00 0.00 0.00 100.00" in said


def test_it_speaks_the_payers_language(world: World) -> None:
    with acting_for([one.id for one in world.vendors]):
        Payer.objects.filter(id=PAYER).update(language="id")
    said = text(sheet(proven(world)).content)
    assert "Rekening koran 1 Januari sampai 16 November 2026" in said
    assert "6.415,20" in said


def test_of_two_customers_who_list_the_payer_it_is_one_account_of_both_names(world: World) -> None:
    vendor = world.vendors[0]
    with acting_for([vendor.id]):
        second = a_customer(vendor, "Abel Foods")
        add_contact(vendor_id=vendor.id, customer_id=second.id, name="Sandra", email=SANDRA, pays=True, now=NOW, by="Tom")
        an_invoice(second, 10_00, number="lindqvist-rowe-9", work="Small")
    said = text(sheet(proven(world)).content)
    assert f"Abel Foods and {world.customers[0].name}" in said
    assert "Open today £6,425 .20" in said


def test_nobody_else_takes_it(world: World) -> None:
    assert by_link(world).get(address()).headers["Location"].startswith(reverse("portal-prove"))
    assert Client().get(address()).headers["Location"] == reverse("portal-lost")
    assert proven(world).get(address("oakside-it")).status_code == 404
    assert proven(world).post(address()).status_code == 405


def test_a_name_in_another_script_is_printed(world: World) -> None:
    with acting_for([one.id for one in world.vendors]):
        Customer.objects.filter(id=world.customers[0].id).update(name="Ελληνικά Τρόφιμα", address="شارع النيل\nالقاهرة")
        Vendor.objects.filter(id=world.vendors[0].id).update(legal_name="株式会社")
    assert "Ελληνικά Τρόφιμα" in text(sheet(proven(world)).content)


def test_more_lines_take_no_more_statements(world: World) -> None:
    browser, counted = proven(world), []
    for more in (0, 30):
        with acting_for([world.vendors[0].id]):
            for n in range(more):
                an_invoice(world.customers[0], 10_00, number=f"more-{n}", work="More", due_on=date(2026, 11, 9))
        with CaptureQueriesContext(connection) as asked:
            sheet(browser)
        counted.append(len(asked))
    assert counted[0] == counted[1]
