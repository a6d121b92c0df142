"""What people come for, from the first letter or press to the last: by what stands on the pages, as a person goes."""

import re

import pytest
from playwright.sync_api import Page, expect

from goodterms.sample.tests.house import House
from stories.faces.conftest import BrowserAt
from stories.faces.letters import letters_to, link_of, prove, words_of

pytestmark = pytest.mark.django_db
PHONE = {"width": 390, "height": 844}
PROOF = {"name": "delivery note.txt", "mimeType": "text/plain", "buffer": b"Delivered: two boxes of three.\n"}


def sit_down(page: Page, who: str = "Hazel Penrose") -> Page:
    page.goto("/")
    page.get_by_role("button", name=f"Open the desk as {who}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Monday 16 November")
    return page


def go_to(page: Page, name: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_dispute_from_the_letter_to_its_credit_on_the_desk(house: House, at_house: BrowserAt, script: bool) -> None:
    hers = at_house(java_script_enabled=script, **PHONE)
    hers.goto(link_of(house.home, "Sandra Whitlock", "LR-2026-0187", "/dispute"))
    hers.get_by_role("button", name="Open the page").click()
    form = hers.locator("form", has=hers.get_by_role("heading", name="Something is wrong"))
    form.get_by_role("checkbox", name=re.compile(r"^1\.")).check()
    form.get_by_role("group", name="What is it?").get_by_role("radio").first.check()
    form.get_by_label("Not agreed").fill("120.00")
    form.get_by_label("In your words").fill("Two of the three boxes reached us.")
    form.get_by_label("Attach a file").set_input_files(PROOF)  # type: ignore[arg-type]
    form.get_by_role("button", name="Tell Lindqvist Rowe").click()
    expect(hers.get_by_role("heading", level=1)).to_have_text("We are looking at it")
    hers.get_by_role("link", name="See the conversation").click()
    expect(hers.get_by_text("Two of the three boxes reached us.")).to_be_visible()

    ours = sit_down(at_house(java_script_enabled=script))
    row = ours.get_by_role("listitem").filter(has_text="Two of the three boxes reached us.")
    row.get_by_role("link", name="Answer").click()
    expect(ours.get_by_role("link", name="delivery note.txt")).to_be_visible()
    ours.get_by_role("radio", name=re.compile("credit", re.IGNORECASE)).first.check()
    expect(ours.get_by_label("Credit, tax included")).to_have_value("120.00")
    ours.get_by_label(re.compile("^Answer to")).fill("You are right, one box was left behind. Here is the credit.")
    ours.locator("#answer").get_by_role("button", name=re.compile("credit", re.IGNORECASE)).click()
    expect(ours.get_by_text("You are right, one box was left behind.").first).to_be_visible()
    ours.get_by_role("navigation").get_by_role("link", name="Today").first.click()
    expect(ours.get_by_text("Two of the three boxes reached us.")).to_have_count(0)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_four_vendors_are_paid_in_two_currencies_from_a_phone(house: House, at_house: BrowserAt, script: bool) -> None:
    page = at_house(java_script_enabled=script, **PHONE)
    page.goto(link_of(house.home, "Sandra Whitlock", "LR-2026-0187", "/pay"))
    page.get_by_role("button", name="Open the page").click()
    page.get_by_role("link", name="Your open invoices").click()
    prove(page, house.home)
    for vendor, work in (
        ("Lindqvist Rowe", "Retainer, November"), ("Penhale Print", "Labels, second run"),
        ("Vermeer Packaging", "Gift box tooling"), ("Oakside IT", "Support, November"),
    ):  # fmt: skip
        box = page.get_by_role("checkbox", name=re.compile(work))
        if not box.is_visible():
            page.locator("summary", has=page.get_by_role("heading", name=vendor)).click()
        box.check()
    page.get_by_role("region", name="To pay now").get_by_role("button", name="Pay").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"Pay £[\d,.]+ and €[\d,.]+"))
    page.get_by_role("radio", name=re.compile("Sandbox|pretend", re.IGNORECASE)).check()
    page.get_by_role("region", name="To pay now").get_by_role("button", name="Pay").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sandbox bank: no money moves")
    page.get_by_role("button", name="Approve", exact=True).click()
    for vendor in ("Lindqvist Rowe", "Penhale Print", "Vermeer Packaging", "Oakside IT"):
        expect(page.get_by_role("main").get_by_text(vendor).first).to_be_visible()
    page.get_by_role("link", name=re.compile("[Rr]eceipt")).first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_promise_stops_the_next_reminder_and_the_rehearsal_says_so(house: House, at_house: BrowserAt) -> None:
    ours = sit_down(at_house())
    go_to(ours, "Reminders")
    planned = ours.get_by_role("listitem").filter(has_text="Saltmarsh Theatre Trust")
    expect(planned.filter(has_text="First reminder")).to_contain_text("Thu 19")

    hers = at_house(width=390, height=844)
    hers.goto(link_of(house.home, "Elaine Marsh", "LR-2026-0203", "/time"))
    hers.get_by_role("button", name="Open the page").click()
    form = hers.locator("form", has=hers.get_by_role("heading", name="Name a day"))
    form.get_by_label("I pay it all on").fill("2026-11-25")
    form.get_by_role("button", name="Promise £2,016.00").click()
    expect(hers.get_by_text("25 November").first).to_be_visible()

    ours.reload()
    expect(planned.filter(has_text="First reminder")).to_have_count(0)
    expect(planned.first).to_contain_text("A promise is running")


def test_a_held_message_is_released_on_today(house: House, at_house: BrowserAt) -> None:
    page = sit_down(at_house())
    message = page.get_by_role("listitem").filter(has_text="Note on the due day")
    message.get_by_role("button", name="Hold").click()
    expect(message).to_contain_text("Held")
    message.get_by_role("button", name="Release").click()
    expect(message.get_by_role("button", name="Hold")).to_be_visible()
    expect(message).not_to_contain_text("Held")


def test_an_answer_is_taken_back_within_ten_seconds_by_a_key(house: House, at_house: BrowserAt) -> None:
    page = sit_down(at_house())
    asked = page.get_by_role("listitem").filter(has_text="Could you split this one over our two cost centres?")
    asked.get_by_role("link", name="Answer").click()
    page.get_by_label(re.compile("^Answer to")).fill("Of course, here are two.")
    page.locator("#answer").get_by_role("button", name=re.compile("Send")).click()
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()
    page.locator("body").press("z")
    expect(page.get_by_role("button", name="Take it back")).to_have_count(0)
    expect(page.get_by_text("It did not leave, and our clock runs as before.")).to_be_visible()
    expect(page.get_by_text("Taken back by Hazel Penrose before it left")).to_be_visible()
    assert [one for one in letters_to(house.home, "Dana Whitfield") if "here are two" in words_of(one)] == []
