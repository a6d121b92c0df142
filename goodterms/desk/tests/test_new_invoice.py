"""Writing an invoice by hand: line by line without script, worked out by the same rules, never twice, never without the PO."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from lxml.html import fromstring

from goodterms.database.isolation import acting_for
from goodterms.desk.tests.billed import a_customer, a_draft, as_shown, late
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member, told
from goodterms.invoicing.actions import choose_withholding, written
from goodterms.invoicing.line import Adjustment, Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.models import Line as LineRow
from goodterms.parties.actions import add_contact, change_preferences, change_vendor
from goodterms.parties.models import Customer, Member, Vendor
from goodterms.terms.rules import Withholding
from goodterms.values.keys import new_key

pytestmark = pytest.mark.django_db
ABROAD = {"Z|0|", "AE|0|Reverse charge", "G|0|Export"}
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


def kept(given: dict[str, Any]) -> Invoice:
    """The draft of a form."""
    return Invoice.objects.get(id=given["key"])


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
        assert [line.description for line in LineRow.objects.all()] == ["Only this"]


def test_a_form_sent_twice_is_one_draft_and_changed_after_back_the_changed_one(
    desk: Client, vendor: Vendor, customer: Customer
) -> None:
    given = form(customer, a_line())
    desk.post(NEW, given)
    desk.post(NEW, given)
    desk.post(NEW, {**given, "price": ["100"]})
    assert [one.total_minor for one in drafts(vendor)] == [72_000]


def test_the_preview_is_the_invoice_that_will_be(desk: Client, vendor: Vendor, customer: Customer) -> None:
    given = form(customer, a_line(quantity="9.5", price="88", discount="10%"), a_line("Proofs", "1", "164"))
    seen = text(desk.post("/at/tom-and-co/invoices/preview/", given).content)
    assert "Before VAT 916.40" in seen
    assert "VAT 20% 183.28" in seen
    assert drafts(vendor) == []
    desk.post(NEW, given)
    assert drafts(vendor)[0].total_minor == 109_968
    assert re.search(r"Total £1,099 ?.68", seen)


def test_the_preview_of_a_draft_keeps_back_what_was_chosen_for_it(desk: Client, vendor: Vendor, customer: Customer) -> None:
    one = a_draft(customer)
    with acting_for([vendor.id]):
        choose_withholding(
            invoice_id=one.id, withholding=Withholding("IRPF", Decimal(15)), by="Elin", role="owner", now=NOW
        )  # fmt: skip
    shown = as_shown(desk.get(f"/at/tom-and-co/invoices/{one.id}/draft/").text)
    assert "IRPF 15%, kept back" in text(desk.post("/at/tom-and-co/invoices/preview/", shown).content)


def test_what_cannot_be_read_is_said_with_its_line_and_stays(desk: Client, vendor: Vendor, customer: Customer) -> None:
    answer = desk.post(NEW, form(customer, a_line(), a_line("Labels", "many")))
    assert answer.status_code == 409
    assert "Line 2: “many” is not a number like 1,250.00." in text(answer.content)
    assert 'value="many"' in answer.content.decode()
    assert "Line 1: A discount is 0 to 100 per cent, not 120." in text(
        desk.post(NEW, form(customer, a_line(discount="120%"))).content
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
    taxes = fromstring(page).xpath("//select[@name='tax']")
    assert {one.get("value") for each in taxes for one in each.xpath("option")} == {"S|5|", "S|17.5|", "S|20|", *ABROAD}
    assert {each.value for each in taxes} == {"S|17.5|"}


LOYALTY = Adjustment("allowance", Decimal("12.50"), Tax("S", Decimal(20)), "Loyalty")
EXEMPT = Tax("E", Decimal(0), "VATEX-EU-132: Education")
DRAWN: list[dict[str, Any]] = [
    {"lines": [Line("Mugs", Decimal(3), Decimal("9.99"), Tax("S", Decimal(20)), includes_tax=True)]},
    {"lines": [Line("Mugs", Decimal(3), Decimal("9.99"), Tax("S", Decimal(20)), discount_amount=Decimal("0.33"))]},
    {"lines": [Line("Mugs", Decimal("2.5"), Decimal("0.0035"), EXEMPT, "piece", Decimal("12.5"), project="Spring")]},
    {"lines": [Line("Mugs", Decimal(1), Decimal(3), Tax("S", Decimal("8.1"))), Line("Tax", Decimal(1), Decimal(60), EXEMPT)]},
    {"adjustments": [LOYALTY, Adjustment("charge", Decimal(4), EXEMPT, "Carriage")], "method": "line"},
    {"lines": [Line("A", Decimal(1), Decimal(9), EXEMPT), Line("B", Decimal(1), Decimal(9), EXEMPT, includes_tax=True)]},
    {"lines": [Line("A", Decimal(1), Decimal(9), Tax("S", Decimal(20)), tax_amount=Decimal("1.81"))]},
    {"currency": "JPY", "lines": [Line("A", Decimal(1), Decimal(900), Tax("S", Decimal(20)))]},
]


@pytest.mark.parametrize("said", DRAWN)
def test_a_draft_that_was_only_looked_at_and_saved_is_as_it_was(
    desk: Client, vendor: Vendor, customer: Customer, said: dict[str, Any]
) -> None:
    """Whatever another door wrote: prices with tax, discounts on the whole, taxes that no newer line has, other currencies."""
    one = a_draft(customer, **said)
    page = f"/at/tom-and-co/invoices/{one.id}/draft/"
    desk.post(page, {**as_shown(desk.get(page).text), "deed": "save"})
    (kept,) = drafts(vendor)
    with acting_for([vendor.id]):
        assert (written(kept), kept.total_minor, kept.currency) == (written(one), one.total_minor, one.currency)
    assert told(vendor, "invoice.edited") == []


def test_it_can_be_issued_by_itself_when_they_take_invoices(desk: Client, vendor: Vendor, customer: Customer) -> None:
    late(customer)
    assert 'value="later"' not in desk.get(f"{NEW}?customer={customer.id}").text
    with acting_for([vendor.id]):
        change_preferences(
            vendor_id=vendor.id, customer_id=customer.id, changes={"bill_days": [1, 9]}, now=NOW, by="Elin"
        )  # fmt: skip
    page = text(desk.get(f"{NEW}?customer={customer.id}").content)
    assert "Issue on 1 December" in page
    given = form(customer, a_line(), deed="later")
    said = text(desk.post(NEW, given, follow=True).content)
    assert "It is issued and sent by itself on the day that they take invoices." in said
    assert "Goes out Tue 1 Dec" in said
    assert "Issued 1 December 2026 Due 31 December 2026" in said
    with acting_for([vendor.id]):
        one = kept(given)
    assert (one.approved_by, one.issues_on, one.issued_on) == ("Elin", date(2026, 12, 1), None)
    at = f"/at/tom-and-co/invoices/{one.id}/issue-later/"
    for given, sentence in (
        ({"issues_on": ""}, "Say on which day."),
        ({"issues_on": "soon"}, "“soon” is not a day like 2026-12-01."),
        ({"issues_on": "2026-11-16"}, "Choose a day after today, within a year."),
    ):
        assert sentence in text(desk.post(at, given).content)
    assert "by itself on Wednesday 9 December" in text(desk.post(at, {"issues_on": "2026-12-09"}, follow=True).content)
    assert "It has no day any more." in text(desk.post(at, {"day": "none"}, follow=True).content)
    assert as_member(a_member(vendor, "Rita", "reader")).post(at, {"day": "none"}).status_code == 403


def test_the_tax_of_the_very_first_invoice_is_chosen_by_somebody(desk: Client, vendor: Vendor, customer: Customer) -> None:
    shown = as_shown(desk.get(f"{NEW}?customer={customer.id}").text)
    assert set(shown["tax"]) == {""}
    typed = {**shown, "deed": "save", "description": ["Design", "", ""], "price": ["100", "", ""]}
    assert "Line 1: choose the tax of it." in text(desk.post(NEW, typed).content)
    assert drafts(vendor) == []
    desk.post(NEW, {**typed, "tax": ["S|20|", "", ""]})
    assert [one.total_minor for one in drafts(vendor)] == [120_00]


def test_a_first_invoice_without_tax_says_why(desk: Client, vendor: Vendor, customer: Customer) -> None:
    late(a_customer(vendor, "Another"))  # with 20 % tax, the only one that this vendor ever used
    given = form(customer, a_line(), a_line("", "", ""), deed="tax", new_category="K", new_percent="", new_reason="")
    page = desk.post(NEW, given).text
    assert '<option value="K|0|Intra-Community supply">Intra-Community supply</option>' in page
    assert '<option value="K|0|Intra-Community supply" selected>' in page, "on the line that says nothing yet"
    assert drafts(vendor)[1:] == []
    typed = {**as_shown(page), "deed": "save", "tax": ["K|0|Intra-Community supply"] * 2}
    desk.post(NEW, typed)
    with acting_for([vendor.id]):
        one = kept(given)
    assert (one.total_minor, one.tax_minor) == (432_000, 0)
    for said, sentence in (
        ({"new_category": "E"}, "Exempt: say why there is no tax."),
        ({"new_category": "S", "new_percent": "much"}, "“much” is no rate like 20 or 8.1."),
        ({"new_category": "S", "new_percent": "120"}, "A tax rate is between 0 and 100 per cent, not 120."),
        ({"new_category": "??"}, "is not a tax category"),
    ):
        refused = desk.post(NEW, {**form(customer, a_line(), deed="tax"), **said})
        assert sentence in text(refused.content)


def test_a_discount_on_the_whole_follows_the_tax_of_its_goods(desk: Client, vendor: Vendor, customer: Customer) -> None:
    late(customer)
    page = desk.post(NEW, form(customer, a_line(), deed="whole")).text
    assert page.count('name="whole_amount"') == 1
    whole = {"whole_kind": "allowance", "whole_reason": "Loyalty", "whole_amount": "5%", "whole_tax": "S|20|"}
    given = form(customer, a_line(), **whole)
    seen = text(desk.post("/at/tom-and-co/invoices/preview/", given).content)
    for words in ("Sum of the lines 4,320.00", "Loyalty -216.00", "Before VAT 4,104.00", "VAT 20% 820.80"):
        assert words in seen.replace("−", "-")
    desk.post(NEW, given)
    with acting_for([vendor.id]):
        one = kept(given)
    assert one.total_minor == 492_480
    assert "Loyalty" in text(desk.get(f"/at/tom-and-co/invoices/{one.id}/").content)
    for said, sentence in (
        ({"whole_amount": "0%"}, "Discount 1: A discount in per cent is above 0, and 100 at most."),
        ({"whole_amount": "much"}, "Discount 1: “much” is not a number like 1,250.00."),
        ({"whole_amount": "5", "whole_reason": ""}, "Discount 1: Say what the allowance or charge is for"),
        ({"whole_amount": "5", "whole_tax": "S|99|"}, "Discount 1: Choose the tax of it."),
        ({"whole_amount": "5%", "whole_kind": "charge"}, "Charge 1: A charge is an amount, like 25.00."),
    ):
        assert sentence in text(desk.post(NEW, form(customer, a_line(), **{**whole, **said})).content)
    charged = form(customer, a_line(), **{**whole, "whole_amount": "20", "whole_kind": "charge"})
    desk.post(NEW, charged)
    with acting_for([vendor.id]):
        assert kept(charged).total_minor == 520_800


def test_rates_may_hold_the_tax_and_be_in_another_currency(desk: Client, vendor: Vendor, customer: Customer) -> None:
    late(customer)
    given = form(customer, a_line(price="720", quantity="1"), rates="gross", currency="eur")
    assert "Before VAT 600.00" in text(desk.post("/at/tom-and-co/invoices/preview/", given).content)
    desk.post(NEW, given)
    with acting_for([vendor.id]):
        one = kept(given)
    assert (one.total_minor, one.net_minor, one.currency) == (72_000, 60_000, "EUR")
    assert "is not a currency code of ISO 4217" in text(desk.post(NEW, form(customer, a_line(), currency="GBX")).content)


def test_a_discount_of_a_line_is_per_cent_or_an_amount(desk: Client, vendor: Vendor, customer: Customer) -> None:
    late(customer)
    given = form(customer, a_line(quantity="1", price="100", discount="10%"), a_line("B", "1", "100", "10.50"))
    desk.post(NEW, given)
    with acting_for([vendor.id]):
        assert kept(given).net_minor == 90_00 + 89_50


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


def test_who_may_approve_nothing_is_offered_no_button_for_it(vendor: Vendor, customer: Customer) -> None:
    tom = as_member(a_member(vendor, "Hazel", "bookkeeper", approves_up_to_minor=0))
    page = text(tom.get(f"{NEW}?customer={customer.id}&by-hand=1").content)
    assert "Somebody else approves it." in page
    assert "Approve and send today" not in page


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
    offered = re.findall(r'invoices/[^/]+/([a-z-]+)/">', desk.get(f"/at/tom-and-co/invoices/{one.id}/").text)
    assert offered[0] == "ask-order", "it is what leads on"
    again = desk.post(f"/at/tom-and-co/invoices/{one.id}/ask-order/")
    assert "Give them three days, or call them." in text(again.content)
    reader = as_member(a_member(vendor, "Rita", "reader"))
    assert reader.post(f"/at/tom-and-co/invoices/{one.id}/ask-order/").status_code == 403
    assert "Asked for the purchase order" in text(desk.get(f"/at/tom-and-co/invoices/{one.id}/").content)
    assert len(told(vendor, "order.asked")) == 1
