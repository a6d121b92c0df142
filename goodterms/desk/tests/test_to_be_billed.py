"""What is to be billed at the desk: noted in a project, waiting for a word, chosen for an invoice, finished and billed."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.billing import actions
from goodterms.billing.actions import Work
from goodterms.billing.models import Item, Project
from goodterms.database.isolation import acting_for
from goodterms.desk.tests.billed import BY, TODAY, a_customer
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member
from goodterms.interactions.models import Interaction
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.values.keys import new_key

pytestmark = pytest.mark.django_db
LIST = "/at/tom-and-co/to-be-billed/"
NEW = "/at/tom-and-co/projects/new/"


class Desk(NamedTuple):
    """A vendor at its desk, and a project of Bellwether Foods."""

    vendor: Vendor
    customer: Customer
    project: Project
    elin: Client

    @property
    def page(self) -> str:
        return f"/at/tom-and-co/projects/{self.project.id}/"

    @property
    def choose(self) -> str:
        return f"/at/tom-and-co/invoices/new/?customer={self.customer.id}"

    @property
    def bill(self) -> str:
        return f"/at/tom-and-co/customers/{self.customer.id}/bill/"

    def say(self, item: Item, verb: str, client: Client | None = None, **given: str) -> Any:
        return (client or self.elin).post(f"/at/tom-and-co/items/{item.id}/{verb}/", given)


@pytest.fixture
def desk() -> Desk:
    vendor = a_vendor(sandbox_now=NOW)
    customer = a_customer(vendor)
    return Desk(
        vendor, customer, a_project(customer, "Gift boxes, launch", estimate_minor=135_000), as_member(a_member(vendor))
    )


def a_project(customer: Customer, name: str, **more: Any) -> Project:
    with acting_for([customer.vendor_id]):
        return actions.open_project(vendor_id=customer.vendor_id, customer_id=customer.id, name=name, **more, **BY)


def an_item(project: Project, what: str = "Artwork corrections", pounds: str = "88", many: str = "11.5", **more: Any) -> Item:
    given = {"kind": "time", "done_on": TODAY - timedelta(days=4), "done_by": "Priya", **more}
    line = Line(what, Decimal(many), Decimal(pounds), Tax("S", Decimal(20)), "h")
    with acting_for([project.vendor_id]):
        [item] = actions.add_items(project_id=project.id, work=[Work(line=line, **given)], **BY)
    return item


def text(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", re.sub(r"</(td|th|p|b|a|h1|small|dt)>", " ", answer.content.decode())).split())


def invoices(desk: Desk) -> list[Invoice]:
    with acting_for([desk.vendor.id]):
        return list(Invoice.objects.order_by("id"))


def states(desk: Desk) -> tuple[Any, ...]:
    with acting_for([desk.vendor.id]):
        return tuple(list(model.objects.order_by("id").values()) for model in (Project, Item, Invoice, Interaction))


def test_what_is_not_billed_is_listed_by_its_age_with_one_sum_for_each_currency(desk: Desk) -> None:
    an_item(desk.project, done_on=TODAY - timedelta(days=13))
    an_item(desk.project, "Type licence", "240", "1", waits_for="Beth’s yes")
    brandt = a_customer(desk.vendor, "Brandt", currency="EUR")
    an_item(a_project(brandt, "Fair stand"), "Stand", "300", "2", done_on=TODAY - timedelta(days=30))
    an_item(a_project(brandt, "Catalogue"), "Set", "50", "2", waits_for="Ruth’s word")
    a_project(desk.customer, "Spring range")
    said = text(desk.elin.get(LIST))
    assert (
        "Two pieces of finished work are not billed, £1,012.00 and €600.00 before tax. The oldest has waited for 30 days."
        in said
    )
    assert "Can be billed now 2 £1,012.00 &nbsp;€600.00" in said
    assert "Brandt Fair stand One item 30 days €600.00" in said
    assert "Bellwether Foods Gift boxes, launch One item one more waits for Beth’s yes 13 days £1,012.00" in said
    assert said.index("Fair stand") < said.index("Gift boxes")
    assert "Brandt Catalogue Waits for Ruth’s word" in said
    assert "Bellwether Foods Spring range Nothing to bill yet" in said
    assert "Not billed yet 4" in text(desk.elin.get("/at/tom-and-co/invoices/"))


def test_without_work_the_list_says_what_will_stand_there(desk: Desk) -> None:
    with acting_for([desk.vendor.id]):
        actions.finish_project(project_id=desk.project.id, on=TODAY, **BY)
    assert "Nothing waits to be billed." in text(desk.elin.get(LIST))


def test_a_project_is_begun_once_under_its_name(desk: Desk) -> None:
    given = {"customer": str(desk.customer.id), "name": "Spring range", "estimate": "3,600.00", "order_number": "BF-1"}
    answer = desk.elin.post(NEW, given)
    assert desk.elin.post(NEW, given)["Location"] == answer["Location"]
    with acting_for([desk.vendor.id]):
        one = Project.objects.get(name="Spring range")
    assert (one.estimate_minor, one.order_number, one.currency, one.created_by) == (360_000, "BF-1", "GBP", "Elin")
    assert answer["Location"] == f"/at/tom-and-co/projects/{one.id}/"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"customer": ""}, "Choose for whom it is."),
        ({"name": " "}, "A project has a name: it stands above its lines on the invoice."),
        ({"estimate": "some"}, "“some” is not an amount like 1,350.00."),
    ],
)
def test_a_project_that_is_none_is_shown_again_with_what_was_typed(desk: Desk, given: dict[str, str], sentence: str) -> None:
    before = states(desk)
    typed = {"customer": str(desk.customer.id), "name": "Spring", "estimate": "10", "order_number": "BF-77", **given}
    answer = desk.elin.post(NEW, typed)
    assert answer.status_code == 409
    assert sentence in text(answer)
    assert 'value="BF-77"' in answer.content.decode()
    assert states(desk) == before


def work(**more: str) -> dict[str, str]:
    return {
        "key": str(new_key(NOW)), "project": "", "description": "Retouching", "kind": "fixed", "done_on": "2026-11-06",
        "done_by": "Priya", "quantity": "24", "unit": "", "price": "32.00", "discount": "", "tax": "S|20|", "waits_for": "",
        **more,
    }  # fmt: skip


def test_an_item_is_noted_once_however_often_the_form_is_sent(desk: Desk) -> None:
    given = work(unit="h", discount="10")
    for _ in range(2):
        assert desk.elin.post(f"{desk.page}items/", given)["Location"] == desk.page
    with acting_for([desk.vendor.id]):
        one = Item.objects.get()
    assert (one.description, one.kind, one.done_on, one.finished_on) == ("Retouching", "fixed", date(2026, 11, 6), one.done_on)
    said = text(desk.elin.get(desk.page))
    assert "Retouching fixed fee, Priya, 6 Nov" in said
    assert "24 h 32.00 691.20" in said
    assert "£691.20 before tax can be billed." in said


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"price": "much"}, "“much” is not a number like 1,250.00."),
        ({"description": "", "price": "", "quantity": ""}, "Say what was done, and what it costs."),
        ({"done_on": ""}, "Say on which day it was done."),
        ({"done_on": "6 Nov"}, "“6 Nov” is not a day like 2026-12-01."),
        ({"kind": "gift"}, "'gift' is no kind of work; choose time, expense, fixed, usage."),
        ({"tax": "S|99|"}, "Choose the tax of it."),
        ({"key": ""}, "This form is too old. Load the page again."),
    ],
)
def test_an_item_that_is_none_is_shown_again(desk: Desk, given: dict[str, str], sentence: str) -> None:
    before = states(desk)
    answer = desk.elin.post(f"{desk.page}items/", work(unit="boxes", **given))
    assert answer.status_code == 409
    assert sentence in text(answer).replace("&#x27;", "'")
    assert 'value="boxes"' in answer.content.decode()
    assert states(desk) == before


def test_an_item_waits_for_a_word_until_it_has_come(desk: Desk) -> None:
    item = an_item(desk.project)
    desk.say(item, "wait", whom="Beth’s yes")
    assert "waits for Beth’s yes" in text(desk.elin.get(desk.page))
    assert "Nothing of it can be billed yet." in text(desk.elin.get(desk.page))
    desk.say(item, "agreed")
    assert "£1,012.00 before tax can be billed." in text(desk.elin.get(desk.page))


def test_what_is_not_billed_has_a_reason(desk: Desk) -> None:
    item = an_item(desk.project)
    refused = desk.say(item, "drop", reason=" ")
    assert refused.status_code == 409
    assert "Say why this is not billed: it stands in the project." in text(refused)
    assert "Say whose word is missing, like “Beth’s yes”." in text(desk.say(item, "wait", whom=""))
    desk.say(item, "drop", reason="A gesture, after the delay")
    assert "Not billed: A gesture, after the delay" in text(desk.elin.get(desk.page))
    assert "was billed or dropped already" in text(desk.say(item, "agreed"))


def test_finished_and_billed_in_one_press(desk: Desk) -> None:
    an_item(desk.project, is_finished=False)
    waits = an_item(desk.project, "Type licence", "240", "1", waits_for="Beth’s yes")
    answer = desk.elin.post(f"{desk.page}finish/", {"deed": "draft"})
    [one] = invoices(desk)
    assert answer["Location"] == f"/at/tom-and-co/invoices/{one.id}/draft/"
    assert (one.total_minor, one.work, one.number) == (121_440, "Gift boxes, launch", "")
    again = desk.elin.post(f"{desk.page}finish/", {"deed": "draft"})
    assert "This project has no finished work that is not billed. Nothing was billed." in text(again)
    desk.say(waits, "agreed")
    issued = desk.elin.post(f"{desk.page}finish/", {"deed": "issue"}, follow=True)
    assert "You can take it back for ten seconds." in text(issued)  # for ten seconds, as every sending
    assert sorted(each.number for each in invoices(desk)) == ["", "2026-0001"]


def test_a_limit_of_approval_holds_here_as_well_and_leaves_nothing_behind(desk: Desk) -> None:
    an_item(desk.project)
    hazel = as_member(a_member(desk.vendor, "Hazel", "bookkeeper", approves_up_to_minor=100_000))
    priya = as_member(a_member(desk.vendor, "Priya", "approver"))
    before = states(desk)
    refused = hazel.post(f"{desk.page}finish/", {"deed": "issue"})
    assert refused.status_code == 409
    assert states(desk) == before
    assert 'value="issue"' not in priya.get(desk.page).content.decode()
    assert priya.post(f"{desk.page}finish/", {"deed": "issue"}).status_code == 409
    assert states(desk) == before


def test_an_empty_project_is_finished_without_an_invoice(desk: Desk) -> None:
    desk.elin.post(f"{desk.page}finish/", {"deed": "close"})
    with acting_for([desk.vendor.id]):
        assert Project.objects.get().finished_on == TODAY
    assert invoices(desk) == []


def test_a_new_invoice_begins_with_what_is_unbilled(desk: Desk) -> None:
    art, waits = an_item(desk.project), an_item(desk.project, "Type licence", "240", "1", waits_for="Beth’s yes")
    an_item(a_project(desk.customer, "Spring range", estimate_minor=360_000), "Concept", "720", "4")
    page = desk.elin.get(desk.choose)
    said = text(page)
    assert "Gift boxes, launch estimate 1,350.00 1,012.00" in said
    assert "Spring range estimate 3,600.00 2,880.00" in said
    assert "3 unbilled items, 2 chosen" in said
    assert "Before tax 3,892.00 Tax 778.40 Total £4,670.40" in said
    assert "waits for Beth’s yes" in said
    ticks = re.findall(r'id="w-([^"]+)"[^>]*?( checked)?( disabled)?>', page.content.decode())
    assert (str(art.id), " checked", "") in ticks
    assert (str(waits.id), "", " disabled") in ticks
    less = text(desk.elin.post(desk.bill, {"work": str(art.id), "deed": "look"}))
    assert "Total £1,214.40" in less
    assert "Gift boxes, launch" in less
    assert invoices(desk) == []


def test_more_than_the_estimate_is_said_with_what_was_billed_before(desk: Desk) -> None:
    one = an_item(desk.project, many="10")
    assert "above the estimate" not in text(desk.elin.get(desk.choose))
    desk.elin.post(desk.bill, {"work": str(one.id), "deed": "bill"})
    an_item(desk.project, many="10")
    said = text(desk.elin.get(desk.choose))
    assert "30% above the estimate" in said
    assert "1,760.00 against 1,350.00" in said
    assert "Gift boxes, launch: 1,760.00 against an estimate of 1,350.00" in desk.elin.get(desk.choose).content.decode()


def test_one_draft_of_the_chosen_ones_or_one_for_each_project(desk: Desk) -> None:
    one, two = an_item(desk.project), an_item(a_project(desk.customer, "Spring range"), "Concept", "720", "4")
    left = an_item(desk.project, "Courier", "164", "1")
    made = desk.elin.post(desk.bill, {"work": [str(one.id), str(two.id)], "deed": "bill"})
    [draft] = invoices(desk)
    assert made["Location"] == f"/at/tom-and-co/invoices/{draft.id}/draft/"
    assert (draft.total_minor, draft.work) == (467_040, "Gift boxes, launch, Spring range")
    assert "1 unbilled item, 1 chosen" in text(desk.elin.get(desk.choose))
    gone = desk.elin.post(desk.bill, {"work": [str(one.id), str(left.id)], "deed": "bill"})
    assert gone.status_code == 409
    assert "Something chosen here was billed meanwhile" in text(gone)
    desk.elin.post(f"/at/tom-and-co/invoices/{draft.id}/discard/", {"reason": "Both apart"})
    apart = desk.elin.post(desk.bill, {"work": [str(one.id), str(two.id), str(left.id)], "deed": "apart"})
    assert apart["Location"] == "/at/tom-and-co/invoices/?show=finish"
    assert sorted(each.total_minor for each in invoices(desk) if each.id != draft.id) == [141_120, 345_600]


def test_what_comes_together_and_how_it_is_told_is_as_the_customer_prefers(desk: Desk) -> None:
    one = an_item(desk.project, team="Design", done_on=TODAY - timedelta(days=5))  # keys of one instant are no order
    more = an_item(desk.project, "Layout", team="Design")
    other = an_item(a_project(desk.customer, "Spring range"), "Range design")
    with acting_for([desk.vendor.id]):
        Customer.objects.filter(id=desk.customer.id).update(breakdown="teams")
    work = [str(one.id), str(more.id)]
    page = text(desk.elin.post(desk.bill, {"deed": "look", "work": work}))
    assert "Design: Artwork corrections, Layout" in page  # on the sheet beside it
    with acting_for([desk.vendor.id]):
        Customer.objects.filter(id=desk.customer.id).update(billed_by="project")
    work.append(str(other.id))
    page = text(desk.elin.post(desk.bill, {"deed": "look", "work": work}))
    assert "on two invoices" in page
    assert "and for each project, as they prefer" in page
    assert "Bill each project by itself" not in page
    desk.elin.post(desk.bill, {"deed": "bill", "work": work})
    assert sorted(draft.work for draft in invoices(desk)) == ["Gift boxes, launch", "Spring range"]


def test_nothing_chosen_makes_nothing_and_by_hand_stays_as_it_is(desk: Desk) -> None:
    assert 'name="description"' in desk.elin.get(desk.choose).content.decode()
    an_item(desk.project)
    assert 'name="description"' not in desk.elin.get(desk.choose).content.decode()
    assert 'name="description"' in desk.elin.get(f"{desk.choose}&by-hand=1").content.decode()
    assert desk.elin.post(desk.bill, {"deed": "bill"}).status_code == 409
    assert invoices(desk) == []


def test_readers_and_strangers_change_nothing(desk: Desk) -> None:
    item = an_item(desk.project)
    rita = as_member(a_member(desk.vendor, "Rita", "reader"))
    mallory = as_member(a_member(a_vendor("another"), "Mallory"))
    before = states(desk)
    posts = [NEW, f"{desk.page}items/", f"{desk.page}finish/", desk.bill]
    posts += [f"/at/tom-and-co/items/{item.id}/{verb}/" for verb in ("wait", "agreed", "drop")]
    for path in posts:
        assert rita.post(path, work()).status_code == 403
        assert mallory.post(path, work()).status_code == 404
        mine = mallory.post(path.replace("tom-and-co", "another"), work(customer=str(desk.customer.id), name="Mine"))
        assert mine.status_code == (409 if path == NEW else 404)
    assert mallory.get(desk.page.replace("tom-and-co", "another")).status_code == 404
    assert rita.get(desk.page).status_code == 200
    assert "<form" not in re.sub(r"(?s)<form class=.sift.*?</form>", "", rita.get(desk.page).content.decode())
    assert states(desk) == before


def statements(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert ask().status_code == 200
    return len(seen)


def test_the_pages_read_with_a_constant_number_of_statements_and_write_nothing(desk: Desk) -> None:
    an_item(desk.project)
    paths = (LIST, desk.page, desk.choose, "/at/tom-and-co/invoices/")
    for path in paths:
        desk.elin.get(path)
    few = [statements(lambda path=path: desk.elin.get(path)) for path in paths]  # type: ignore[misc]
    for at in range(6):
        more = a_project(desk.customer, f"Project {at}")
        for _ in range(3):
            an_item(more)
            an_item(desk.project, waits_for="Beth’s yes")
    before = states(desk)
    assert [statements(lambda path=path: desk.elin.get(path)) for path in paths] == few  # type: ignore[misc]
    assert states(desk) == before


def test_a_project_shows_a_hundred_items_at_once_and_what_is_typed_about_one_stays_on_its_page(desk: Desk) -> None:
    an_item(desk.project, "The first of all", done_on=TODAY - timedelta(days=9))
    with acting_for([desk.vendor.id]):
        lines = [Line(f"Proof {n}", Decimal(1), Decimal(1), Tax("S", Decimal(20)), "h") for n in range(104)]
        work = [Work(line, "time", TODAY - timedelta(days=2)) for line in lines]
        items = actions.add_items(project_id=desk.project.id, work=work, **BY)
    first = desk.elin.get(desk.page).content.decode()
    assert first.count("data-row") == 100
    assert "The first of all" in first
    assert "£1,116.00 before tax can be billed." in text(desk.elin.get(desk.page))  # what is not on this page counts as well
    [after] = re.findall(r'href="\?after=([0-9a-f-]+)" rel="next"', first)
    second = desk.elin.get(f"{desk.page}?after={after}").content.decode()
    assert second.count("data-row") == 5
    assert "Next page" not in second
    [last] = [one for one in items if f"wait {one.id}" in second or f"whom-{one.id}" in second][-1:]
    refused = desk.say(last, "wait", whom=" ", after=after)
    assert (refused.status_code, f"whom-{last.id}" in refused.content.decode()) == (409, True)
    assert desk.say(last, "wait", whom="Beth’s yes", after=after).url == f"{desk.page}?after={after}"
