"""How documents are numbered is said at the desk: both series in one form, kept together or not at all."""

import pytest
from django.test import Client

from goodterms.database.isolation import acting_for
from goodterms.desk.tests.billed import a_customer, an_invoice
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member, told
from goodterms.invoicing.models import Series
from goodterms.parties.models import Vendor

pytestmark = pytest.mark.django_db
PAGE, HOME = "/at/tom-and-co/settings/numbers/", "/at/tom-and-co/settings/"
USUAL = {
    "invoice_pattern": "{year}-{n:04d}", "invoice_next": "1", "credit_note_pattern": "CN-{year}-{n:04d}",
    "credit_note_next": "1",
}  # fmt: skip


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor(sandbox_now=NOW)


@pytest.fixture
def desk(vendor: Vendor) -> Client:
    return as_member(a_member(vendor, "Tom", "bookkeeper"))


def test_what_is_typed_is_the_number_of_the_next_invoice(desk: Client, vendor: Vendor) -> None:
    assert "2026-0001 is next<small>without gaps" in desk.get(HOME).text
    answer = desk.post(PAGE, USUAL | {"invoice_pattern": "TC-{n:03d}", "invoice_next": "188"})
    assert answer.headers["Location"] == f"{HOME}#firm"
    page = " ".join(desk.get(HOME).text.split())
    assert ("TC-188 is next" in page, "changed the numbers: the next invoice is TC-188" in page) == (True, True)
    assert an_invoice(a_customer(vendor)).number == "TC-188"
    again = desk.get(PAGE).text
    assert "TC-189 is next." in again
    assert ['name="invoice_next"' in again, 'name="credit_note_next"' in again] == [False, True]
    assert [one.data["kind"] for one in told(vendor, "numbers.changed")] == ["invoice"]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"invoice_pattern": "TC"}, "invoice_pattern", "A number counts once: write {n}, or {n:04d} for four digits"),
        ({"invoice_next": "soon"}, "invoice_next", "&#x27;soon&#x27; is not a whole number. Write it like 188."),
        ({"invoice_next": "0"}, "invoice_next", "The first number of a series is 1 or more."),
        ({"credit_note_pattern": "{year}-{n:04d}"}, "credit_note_pattern", "There are invoices that are numbered like this"),
        ({"invoice_pattern": "TC-{n}", "credit_note_next": "-1"}, "credit_note_next", "is not a whole number"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_neither_series_changes(
    desk: Client, vendor: Vendor, typed: dict[str, str], field: str, sentence: str
) -> None:
    answer = desk.post(PAGE, USUAL | typed)
    assert (answer.status_code, sentence in answer.text) == (409, True), answer.text
    assert f'aria-describedby="{field}-err"' in answer.text
    assert f'value="{next(iter(typed.values()))}"' in answer.text
    with acting_for([vendor.id]):
        assert not Series.objects.exists()


def test_after_the_first_number_no_other_begins(desk: Client, vendor: Vendor) -> None:
    assert an_invoice(a_customer(vendor)).number == "2026-0001"
    answer = desk.post(PAGE, USUAL | {"invoice_next": "500"})
    assert (answer.status_code, "Numbers have no hole: 2 is next, after those that were given." in answer.text) == (409, True)
    assert an_invoice(a_customer(vendor, number="8")).number == "2026-0002"
