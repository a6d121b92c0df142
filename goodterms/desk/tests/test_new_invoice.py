"""Writing an invoice by hand: line by line without script, worked out by the same rules, never twice, never without the PO."""

import re
from typing import Any

import pytest
from django.test import Client

from goodterms.database.isolation import acting_for
from goodterms.desk.tests.billed import a_customer, a_draft, late
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member, told
from goodterms.invoicing.models import Invoice, Line
from goodterms.parties.actions import add_contact, change_vendor
from goodterms.parties.models import Customer, Member, Vendor
from goodterms.values.keys import new_key

pytestmark = pytest.mark.django_db
NEW = "/at/tom-and-co/invoices/new/"


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor(sandbox_now=NOW)


@pytest.fixture
def elin(vendor: Vendor) -> Member:
    return a_member(vendor)


@pytest.fixture
def desk(elin: Member) -> Client:
    return as_member(elin)


@pytest.fixture
def customer(vendor: Vendor) -> Customer:
    return a_customer(vendor)


def form(customer: Customer, *lines: tuple[str, ...], deed: str = "save", **more: Any) -> dict[str, Any]:
    """What a browser would send: each line as what, project, quantity, unit, rate, discount, tax."""
    names = ("description", "project", "quantity", "unit", "price", "discount", "tax")
    columns = zip(*lines, strict=True) if lines else [()] * len(names)
    typed = {name: list(column) for name, column in zip(names, columns, strict=True)}
    return {"key": str(new_key(NOW)), "customer": str(customer.id), "deed": deed, "work": "Autumn range", **typed, **more}


def a_line(
    what: str = "Design", quantity: str = "6", price: str = "720.00", discount: str = "", tax: str = "S|20|"
) -> tuple[str, ...]:
    return (what, "", quantity, "days", price, discount, tax)


def drafts(vendor: Vendor) -> list[Invoice]:
    with acting_for([vendor.id]):
        return list(Invoice.objects.order_by("id"))


def text(page: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.decode()))


def test_first_for_whom_then_what_was_done(desk: Client, customer: Customer) -> None:
    assert "Bellwether Foods" in text(desk.get(NEW).content)
    page = desk.get(f"{NEW}?customer={customer.id}").content.decode()
    assert "Invoice for Bellwether Foods" in page
    assert page.count('name="description"') == 3
    assert "by Wednesday 16 December" in text(page.encode())


def test_a_line_is_added_without_script_and_nothing_is_kept(desk: Client, vendor: Vendor, customer: Customer) -> None:
    page = desk.post(NEW, form(customer, a_line(), deed="line")).content.decode()
    assert page.count('name="description"') == 2
    assert 'value="720.00"' in page
    assert drafts(vendor) == []


def test_a_draft_is_saved_and_changed_on_the_same_page(desk: Client, vendor: Vendor, customer: Customer) -> None:
    answer = desk.post(NEW, form(customer, a_line(), a_line("Labels", "14", "145")))
    (one,) = drafts(vendor)
    assert answer["Location"] == f"/at/tom-and-co/invoices/{one.id}/draft/"
    assert one.total_minor == 762_000
    assert (one.work, one.created_by) == ("Autumn range", "Elin")
    again = desk.get(answer["Location"]).content.decode()
    assert 'value="Labels"' in again
    desk.post(answer["Location"], form(customer, a_line("Only this", "1", "100"), work="Spring range", order_number="BF-9"))
    (changed,) = drafts(vendor)
    assert (changed.total_minor, changed.work, changed.order_number) == (12_000, "Spring range", "BF-9")
    with acting_for([vendor.id]):
        assert [line.description for line in Line.objects.all()] == ["Only this"]


def test_a_form_sent_twice_is_one_draft_and_changed_after_back_the_changed_one(
    desk: Client, vendor: Vendor, customer: Customer
) -> None:
    given = form(customer, a_line())
    desk.post(NEW, given)
    desk.post(NEW, given)
    desk.post(NEW, {**given, "price": ["100"]})
    assert [one.total_minor for one in drafts(vendor)] == [72_000]


def test_the_preview_is_the_invoice_that_will_be(desk: Client, vendor: Vendor, customer: Customer) -> None:
    given = form(customer, a_line(quantity="9.5", price="88", discount="10"), a_line("Proofs", "1", "164"))
    seen = text(desk.post("/at/tom-and-co/invoices/preview/", given).content)
    assert "Before VAT 916.40" in seen
    assert "VAT 20% 183.28" in seen
    assert drafts(vendor) == []
    desk.post(NEW, given)
    assert drafts(vendor)[0].total_minor == 109_968
    assert re.search(r"Total £1,099 ?.68", seen)


def test_what_cannot_be_read_is_said_with_its_line_and_stays(desk: Client, vendor: Vendor, customer: Customer) -> None:
    answer = desk.post(NEW, form(customer, a_line(), a_line("Labels", "many")))
    assert answer.status_code == 409
    assert "Line 2: “many” is not a number like 1,250.00." in text(answer.content)
    assert 'value="many"' in answer.content.decode()
    assert "Line 1: A discount is 0 to 100 per cent, not 120." in text(
        desk.post(NEW, form(customer, a_line(discount="120"))).content
    )
    assert "Line 1: choose the tax of it." in text(desk.post(NEW, form(customer, a_line(tax="S|99|"))).content)
    assert "An invoice needs at least one line. Add what was done." in text(desk.post(NEW, form(customer)).content)
    assert drafts(vendor) == []


def test_the_tax_is_what_was_used_before(desk: Client, vendor: Vendor, customer: Customer) -> None:
    from goodterms.desk.tests.billed import a_line as a_stored_line

    a_draft(a_customer(vendor, "Another"), lines=[a_stored_line(rate="5")])
    a_draft(customer, lines=[a_stored_line(rate="17.5")])
    a_draft(a_customer(vendor, "Third"), lines=[a_stored_line(rate="20")])
    page = desk.get(f"{NEW}?customer={customer.id}").content.decode()
    assert set(re.findall(r'<option value="([^"]+)"', page)) == {"S|5|", "S|17.5|", "S|20|"}
    assert set(re.findall(r'<option value="([^"]+)" selected', page)) == {"S|17.5|"}


def test_approved_and_issued_in_one_press_or_not_at_all(desk: Client, vendor: Vendor, customer: Customer) -> None:
    said = text(desk.post(NEW, form(customer, a_line(), deed="issue"), follow=True).content)
    (one,) = drafts(vendor)
    assert one.number == "2026-0001"
    assert "stays as it is" in said


def test_a_missing_purchase_order_blocks_until_it_is_typed(desk: Client, vendor: Vendor) -> None:
    strict = a_customer(vendor, "Strict", order_required=True)
    late(a_customer(vendor))  # others' orders are no hint
    refused = desk.post(NEW, form(strict, a_line(), deed="issue"))
    assert "Strict takes no invoice without a purchase order. Add its number first." in text(refused.content)
    assert len(drafts(vendor)) == 1  # of the other: neither draft nor approval is left of this one
    desk.post(NEW, form(strict, a_line()))
    one = next(one for one in drafts(vendor) if one.customer_id == strict.id)
    where = f"/at/tom-and-co/invoices/{one.id}/draft/"
    page = desk.get(where).content.decode()
    assert re.search(r'value="issue" disabled aria-describedby="blk"', page)
    assert "No purchase order yet." in page
    desk.post(where, form(strict, a_line(), order_number="BF-88213"))
    assert "disabled" not in desk.get(where).content.decode()
    desk.post(where, form(strict, a_line(), order_number="BF-88213", deed="issue"))
    assert next(one for one in drafts(vendor) if one.customer_id == strict.id).issued_on is not None


def test_an_approver_approves_and_issues_nothing(vendor: Vendor, customer: Customer) -> None:
    desk = as_member(a_member(vendor, "Priya", "approver"))
    assert 'value="issue"' not in desk.get(f"{NEW}?customer={customer.id}").content.decode()
    refused = desk.post(NEW, form(customer, a_line(), deed="issue"))
    assert "An approver may not issue an invoice." in text(refused.content)
    assert drafts(vendor) == []
    desk.post(NEW, form(customer, a_line(), deed="approve"))
    assert drafts(vendor)[0].approved_by == "Priya"


def test_what_is_approved_or_issued_is_no_draft_to_write_on(desk: Client, vendor: Vendor, customer: Customer) -> None:
    one = late(customer)
    assert desk.get(f"/at/tom-and-co/invoices/{one.id}/draft/")["Location"] == f"/at/tom-and-co/invoices/{one.id}/"
    refused = desk.post(NEW, {**form(customer, a_line()), "key": str(one.id)})
    assert refused.status_code == 409
    assert "What was issued stays as it is" in text(refused.content)


def test_readers_and_strangers_write_nothing(vendor: Vendor, customer: Customer) -> None:
    one = a_draft(customer)
    rita = as_member(a_member(vendor, "Rita", "reader"))
    stranger = as_member(a_member(a_vendor("another"), "Mallory"))
    for address in (NEW, "/at/tom-and-co/invoices/preview/", f"/at/tom-and-co/invoices/{one.id}/draft/"):
        assert rita.post(address, form(customer, a_line())).status_code == 403
        assert stranger.post(address, form(customer, a_line())).status_code == 404
    assert stranger.get(f"/at/another/invoices/{one.id}/draft/").status_code == 404
    mine = stranger.post("/at/another/invoices/new/", form(customer, a_line()))
    assert "Choose for whom this invoice is." in text(mine.content)
    assert [kept.total_minor for kept in drafts(vendor)] == [one.total_minor]


def test_under_four_eyes_the_writer_saves_and_is_told_that_somebody_else_approves(
    desk: Client, vendor: Vendor, customer: Customer
) -> None:
    with acting_for([vendor.id]):
        change_vendor(vendor_id=vendor.id, changes={"four_eyes": True}, now=NOW, by="Elin")
    page = desk.get(f"{NEW}?customer={customer.id}")
    assert "Somebody else approves it." in text(page.content)
    assert "Approve and send today" not in page.text
    refused = desk.post(NEW, form(customer, a_line(), deed="issue"))
    assert "You wrote this invoice, or a part of it, so somebody else approves it." in text(refused.content)
    assert drafts(vendor) == []


def test_a_missing_order_says_who_can_supply_it_and_asks_them_with_what_was_typed(desk: Client, vendor: Vendor) -> None:
    strict = a_customer(vendor, "Strict", order_required=True)
    page = f"{NEW}?customer={strict.id}"
    assert "Nobody is known there who approves or pays." in text(desk.get(page).content)
    asked = form(strict, a_line(), deed="order")
    assert "who approves or pays has an e-mail address. Add one, or call them." in text(desk.post(NEW, asked).content)
    assert drafts(vendor) == []
    with acting_for([vendor.id]):
        add_contact(
            vendor_id=vendor.id, customer_id=strict.id, name="Sandra Whitlock", email="sandra@bw.example", approves=True,
            now=NOW, by="Elin",
        )  # fmt: skip
    assert "Sandra Whitlock, who approves there, can give you the number." in text(desk.get(page).content)
    assert "Saved as a draft, and they are asked by e-mail" in text(desk.post(NEW, asked, follow=True).content)
    [one] = drafts(vendor)
    again = desk.post(f"/at/tom-and-co/invoices/{one.id}/ask-order/")
    assert "Give them three days, or call them." in text(again.content)
    reader = as_member(a_member(vendor, "Rita", "reader"))
    assert reader.post(f"/at/tom-and-co/invoices/{one.id}/ask-order/").status_code == 403
    assert "Asked for the purchase order" in text(desk.get(f"/at/tom-and-co/invoices/{one.id}/").content)
    assert len(told(vendor, "order.asked")) == 1
