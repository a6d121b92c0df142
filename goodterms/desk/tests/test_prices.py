"""An agreed price and a retainer at the desk: agreed, billed ahead and to the end, topped up and drawn; who may, and once."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.billing import actions
from goodterms.billing.actions import Way, Work
from goodterms.billing.models import AgreedPrice, Part, Project, Retainer
from goodterms.billing.rules import Ask
from goodterms.database.isolation import acting_for
from goodterms.desk.tests.billed import BY, TODAY, a_customer, an_invoice, as_shown
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member
from goodterms.interactions.models import Interaction
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.values.keys import new_key

pytestmark = pytest.mark.django_db
S20 = Tax("S", Decimal(20))
FIELDS = ("description", "project", "quantity", "unit", "price", "discount", "tax")


class Desk(NamedTuple):
    """A vendor at its desk with a project and a retainer of Bellwether Foods."""

    vendor: Vendor
    customer: Customer
    project: Project
    retainer: Retainer
    elin: Client

    @property
    def page(self) -> str:
        return f"/at/tom-and-co/projects/{self.project.id}/"

    @property
    def care(self) -> str:
        return f"/at/tom-and-co/retainers/{self.retainer.id}/"

    def bills(self, kind: str, client: Client | None = None, **given: str) -> Any:
        return (client or self.elin).post(f"{self.page}bill/{kind}/", {"key": str(new_key(NOW)), "deed": "issue", **given})


@pytest.fixture
def desk() -> Desk:
    vendor = a_vendor(sandbox_now=NOW)
    customer = a_customer(vendor)
    an_invoice(customer)  # so that the vendor has used a tax before
    with acting_for([vendor.id]):
        who: dict[str, Any] = {"vendor_id": vendor.id, "customer_id": customer.id, **BY}
        project = actions.open_project(name="New shop", **who)
        retainer = actions.begin_retainer(name="Care", unit="hours", unit_price=Decimal(90), tax=S20, **who)
    return Desk(vendor, customer, project, retainer, as_member(a_member(vendor)))


def agree(desk: Desk, *prices: tuple[str, str], **more: str) -> Any:
    rows = {name: [""] * len(prices) for name in FIELDS}
    rows |= {
        "description": [what for what, _ in prices],
        "price": [price for _, price in prices],
        "tax": ["S|20|"] * len(prices),
    }
    return desk.elin.post(f"{desk.page}price/", {**rows, "deed": "agree", **more})


def text(answer: Any) -> str:
    return " ".join(
        re.sub(r"<[^>]+>", "", re.sub(r"</(td|th|p|b|a|h1|small|dt|dd)>|<small>", " ", answer.content.decode())).split()
    )


def numbers(desk: Desk) -> list[str]:
    with acting_for([desk.vendor.id]):
        return list(Invoice.objects.filter(part__isnull=False).order_by("id").values_list("number", flat=True))


def states(desk: Desk) -> tuple[Any, ...]:
    with acting_for([desk.vendor.id]):
        models = (
            (Project, "id"),
            (AgreedPrice, "id"),
            (Part, "invoice"),
            (Invoice, "id"),
            (Retainer, "id"),
            (Interaction, "id"),
        )
        return tuple(list(model.objects.order_by(key).values()) for model, key in models)


def test_a_price_that_was_only_looked_at_and_agreed_again_is_as_it_was(desk: Desk) -> None:
    """Whatever another door wrote: prices that hold their tax, and taxes that no line of an invoice has."""
    exempt = Tax("E", Decimal(0), "Education")
    lines = [
        Line("Concept", Decimal(2), Decimal("9.99"), S20, "day", discount_percent=Decimal("33.3333")),
        Line("Fitting", Decimal(1), Decimal(60), exempt, discount_percent=Decimal("12.5"), includes_tax=True),
    ]
    with acting_for([desk.vendor.id]):
        actions.agree_price(project_id=desk.project.id, lines=lines, **BY)
    page = f"{desk.page}price/"
    before = states(desk)
    answer = desk.elin.post(page, {**as_shown(desk.elin.get(page).text), "deed": "agree", "reason": "Looked at again"})
    assert (answer.status_code, states(desk)) == (302, before)


def test_from_the_price_to_the_final_invoice(desk: Desk) -> None:
    assert "Agree a price" in text(desk.elin.get(desk.page))
    assert agree(desk, ("Concept", "4000"), ("Fitting", "6,000")).status_code == 302
    assert "Agreed 10,000.00" in text(desk.elin.get(desk.page))
    assert desk.bills("deposit", percent="30").status_code == 302
    assert "2026-0002 Deposit, 30% 16 November 2026 3,000.00" in text(desk.elin.get(desk.page))
    desk.bills("progress", milestone="1")
    said = text(desk.elin.get(desk.page))
    assert "Concept reached and billed 4,000.00" in said
    assert "Invoiced £7,000.00 70% of it" in said
    assert "Left £3,000.00" in said
    last = desk.bills("final")
    shown = text(desk.elin.get(last["Location"]))
    assert "Less deposit 2026-0002 of 16 November 2026, with £600.00 tax" in shown
    said = text(desk.elin.get(desk.page))
    assert "All of it is billed by 2026-0004." in said
    assert "Issue it" not in said


def test_a_milestone_in_a_draft_is_not_called_billed(desk: Desk) -> None:
    agree(desk, ("Concept", "4000"), ("Fitting", "6,000"))
    desk.bills("progress", milestone="1", deed="draft")
    said = text(desk.elin.get(desk.page))
    assert "Concept reached, in a draft 4,000.00" in said
    assert "reached and billed" not in said


def test_a_draft_can_be_saved_on_its_page_as_it_is_and_under_another_order(desk: Desk) -> None:
    agree(desk, ("Concept", "4000"))
    desk.bills("deposit", percent="30")
    made = desk.bills("final", deed="draft")
    page = desk.elin.get(made["Location"])
    rows = {name: re.findall(f'name="{name}"[^>]* value="([^"]*)"', page.content.decode()) for name in FIELDS[:-1]}
    assert rows["description"][1].startswith("Less deposit 2026-0002")
    given = {**rows, "tax": ["S|20|", "S|20|"], "work": "New shop", "order_number": "PO-7", "deed": "save"}
    assert desk.elin.post(made["Location"], given).status_code == 302
    with acting_for([desk.vendor.id]):
        [draft] = Invoice.objects.filter(issued_on=None)
        assert (draft.order_number, len(draft.document["earlier"])) == ("PO-7", 1)
    given["price"] = ["5000", *rows["price"][1:]]
    refused = desk.elin.post(made["Location"], given)
    assert (refused.status_code, "are worked out of what was agreed" in text(refused)) == (409, True)


def test_a_form_sent_twice_bills_once_and_a_refusal_shows_what_was_typed(desk: Desk) -> None:
    agree(desk, ("Concept", "4000"))
    key = str(new_key(NOW))
    assert [desk.bills("deposit", key=key, net="1000").status_code for _ in range(2)] == [302, 302]
    assert numbers(desk) == ["2026-0002"]
    before = states(desk)
    refused = desk.bills("progress", net="3,000.01")
    assert refused.status_code == 409
    assert "Only 3,000.00 GBP of the agreed 4,000.00 GBP are left" in text(refused)
    assert 'value="3,000.01"' in refused.content.decode()
    assert "is not a number like 1,250.00" in text(desk.bills("deposit", percent="much"))
    assert "Say how much in one way" in text(desk.bills("deposit"))
    assert "This form is too old. Load the page again." in text(desk.bills("final", key="x"))
    assert "Say why the price is another one" in text(agree(desk, ("Concept", "5000")))
    assert "Line 1: choose the tax of it." in text(agree(desk, ("Concept", "5000"), tax="S|99|"))
    assert states(desk) == before
    assert agree(desk, ("Concept", "5000"), reason="They want more").status_code == 302
    assert "version 2" in text(desk.elin.get(desk.page))


def test_a_retainer_is_begun_topped_up_drawn_and_ended(desk: Desk) -> None:
    given = {"customer": str(desk.customer.id), "name": "Sum", "unit": "sum", "tax": "S|20|", "keeps": "0"}
    begun = desk.elin.post("/at/tom-and-co/retainers/new/", given)
    assert "It holds £0.00 before tax" in text(desk.elin.get(begun["Location"]))
    assert "Choose for whom it is." in text(desk.elin.post("/at/tom-and-co/retainers/new/", {**given, "customer": ""}))
    key = {"key": str(new_key(NOW)), "deed": "issue"}
    for _ in range(2):
        desk.elin.post(f"{desk.care}top-up/", {**key, "quantity": "10"})
    with acting_for([desk.vendor.id]):
        line = Line("Support", Decimal(4), Decimal(100), S20, "h")
        [item] = actions.add_items(project_id=desk.project.id, work=[Work(line, "time", TODAY - timedelta(days=1))], **BY)
    said = text(desk.elin.get(desk.care))
    assert "It holds 10 hours, £900.00 before tax." in said
    assert "2026-0002 not paid yet for good 900.00 900.00 10 h" in said
    assert "more than nothing" in text(desk.elin.post(f"{desk.care}top-up/", {"key": str(new_key(NOW)), "quantity": "0"}))
    drawn = desk.elin.post(f"{desk.care}draw/", {"key": str(new_key(NOW)), "deed": "issue", "work": str(item.id)})
    assert "Less what was paid ahead by 2026-0002 of 16 November 2026" in text(desk.elin.get(drawn["Location"]))
    with acting_for([desk.vendor.id]):
        assert Invoice.objects.get(number="2026-0003").work == "New shop, from Care"
    assert "It holds 6 hours, £540.00 before tax." in text(desk.elin.get(desk.care))
    assert "Say why the retainer ends" in text(desk.elin.post(f"{desk.care}end/", {"reason": " "}))
    desk.elin.post(f"{desk.care}end/", {"reason": "They do it themselves"})
    assert "Ended 16 November 2026 They do it themselves" in text(desk.elin.get(desk.care))
    assert "Bellwether Foods Care Ended" in text(desk.elin.get("/at/tom-and-co/retainers/"))


def test_what_a_retainer_of_hours_does_not_pay_is_not_offered_to_it(desk: Desk) -> None:
    """It was ticked, and then refused when it was pressed."""
    with acting_for([desk.vendor.id]):
        days, cards = Line("Menus", Decimal(5), Decimal(720), S20, "days"), Line("Cards", Decimal(24), Decimal(32), S20)
        work = [Work(days, "time", TODAY), Work(cards, "fixed", TODAY)]
        actions.add_items(project_id=desk.project.id, work=work, **BY)
    page = desk.elin.get(desk.care).content.decode()
    assert text(desk.elin.get(desk.care)).count("not time in hours, so billed by itself") == 2
    assert "Draft the invoice" not in page
    assert 'name="work"' not in page
    with acting_for([desk.vendor.id]):
        hours = Line("Support", Decimal(4), Decimal(100), S20, "h")
        [item] = actions.add_items(project_id=desk.project.id, work=[Work(hours, "time", TODAY)], **BY)
    page = desk.elin.get(desk.care).content.decode()
    assert "Draft the invoice" in page
    assert re.findall(r'name="work" value="([^"]+)"', page) == [str(item.id)]
    assert "All of it, before tax £400.00" in text(desk.elin.get(desk.care))


def test_a_project_at_a_price_says_what_is_left_of_it(desk: Desk) -> None:
    """It said that nothing was noted, and that nothing was left to bill."""
    agree(desk, ("Concept", "4000"))
    said = text(desk.elin.get(desk.page))
    assert "£4,000.00 of the agreed £4,000.00 before tax are left to bill." in said
    assert "Nothing of it is left to bill" not in said
    desk.bills("deposit", percent="25")
    assert "£3,000.00 of the agreed £4,000.00 before tax are left to bill." in text(desk.elin.get(desk.page))
    desk.bills("final")
    said = text(desk.elin.get(desk.page))
    assert "Its price is billed in full." in said
    assert "Nothing of it is left to bill." in said


def test_readers_look_others_do_not_even_and_who_may_not_issue_drafts(desk: Desk) -> None:
    agree(desk, ("Concept", "4000"))
    reader, priya = as_member(a_member(desk.vendor, "Rita", "reader")), as_member(a_member(desk.vendor, "Priya", "approver"))
    other = as_member(a_member(a_vendor("others"), "Otto"))
    before = states(desk)
    for client, status in ((reader, 403), (other, 404)):
        assert desk.bills("deposit", client, percent="30").status_code == status
        assert client.post(f"{desk.page}price/", {}).status_code == status
        assert client.post(f"{desk.care}top-up/", {"quantity": "1"}).status_code == status
        assert client.post("/at/tom-and-co/retainers/new/", {}).status_code == status
    assert reader.get(desk.care).status_code == reader.get(desk.page).status_code == 200
    assert other.get(desk.care).status_code == 404
    assert desk.bills("deposit", priya, percent="30").status_code == 409
    assert desk.elin.post(f"{desk.page}bill/gift/", {}).status_code == 404
    assert desk.elin.post(f"{desk.care}gift/", {}).status_code == 404
    assert states(desk) == before
    assert desk.bills("deposit", priya, percent="30", deed="draft").status_code == 302


def statements(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert ask().status_code == 200
    return len(seen)


def test_the_pages_read_with_a_constant_number_of_statements_and_write_nothing(desk: Desk) -> None:
    def deeds(at: int) -> None:
        with acting_for([desk.vendor.id]):
            way, who = Way(issues=at % 2 == 0), {"on": TODAY, **BY}
            ask = Ask(percent=Decimal(5))
            actions.bill_part(project_id=desk.project.id, kind="deposit", ask=ask, way=way, **who)
            actions.top_up(retainer_id=desk.retainer.id, quantity=Decimal(1), way=way, **who)
            given: dict[str, Any] = {"vendor_id": desk.vendor.id, "customer_id": desk.customer.id, "tax": S20, **BY}
            actions.begin_retainer(name=f"Care {at}", unit="sum", **given)

    agree(desk, ("Concept", "4000"))
    for at in range(2):
        deeds(at)
    paths = (desk.page, f"{desk.page}price/", desk.care, "/at/tom-and-co/retainers/", "/at/tom-and-co/retainers/new/")
    for path in paths:
        desk.elin.get(path)
    few = [statements(lambda path=path: desk.elin.get(path)) for path in paths]  # type: ignore[misc]
    for at in range(2, 6):
        deeds(at)
    before = states(desk)
    assert [statements(lambda path=path: desk.elin.get(path)) for path in paths] == few  # type: ignore[misc]
    assert states(desk) == before


def test_retainers_are_listed_in_pages_and_those_that_ended_come_last(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goodterms.desk.billing.retainers.AT_ONCE", 2)
    with acting_for([desk.vendor.id]):
        for name in ("Bags", "Angle", "Doors"):
            one = actions.begin_retainer(
                vendor_id=desk.vendor.id, customer_id=desk.customer.id, name=name, unit="sum", tax=S20, **BY
            )
            if name == "Angle":
                actions.end_retainer(retainer_id=one.id, on=TODAY, reason="Over", **BY)
    page, names, address = "", list[str](), "/at/tom-and-co/retainers/"
    while address:
        page = desk.elin.get(f"/at/tom-and-co/retainers/{address if address.startswith('?') else ''}").content.decode()
        names += re.findall(r'data-open class="plainly".*?<span class="meta">(.*?)</span>', page)
        address = next(iter(re.findall(r'href="([^"]+)" rel="next"', page)), "")
    assert names == ["Bags", "Care", "Doors", "Angle"]
    assert desk.elin.get("/at/tom-and-co/retainers/?after=nonsense").status_code == 404
