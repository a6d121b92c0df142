"""Every page of the desk and the portal, light and dark, on a phone and on a desk: axe finds nothing, nothing runs sideways."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from playwright.sync_api import Page

import goodterms
from goodterms.database.isolation import acting_for
from goodterms.desk.tests.cast import a_member, as_member
from goodterms.parties.models import Payer, Vendor
from goodterms.portal.door import COOKIE
from goodterms.sample.tests.house import House
from stories.faces.addresses import ROUTES, address, lets_in, things_of
from stories.faces.conftest import AXE, BrowserAt

pytestmark = pytest.mark.django_db
STATIC = Path(goodterms.__file__).parent / "static"
SIZES = ((1440, 1000), (390, 844))
RULES = {
    "light": {"rules": {"target-size": {"enabled": True}}},
    "dark": {"runOnly": ["color-contrast", "link-in-text-block"]},  # those of colours; it differs in nothing else
}
ASK_AXE = """async (rules) => {
  const found = await axe.run({ ...rules, resultTypes: ["violations"] });
  return found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target} ${node.failureSummary}`));
}"""
SIDEWAYS = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1)
  .filter((one) => !one.closest(".scrollx, .frame, .vh, svg, [hidden]")).slice(0, 4).map((one) => one.outerHTML.slice(0, 90))"""


def is_page(page: Page, path: str) -> bool:
    """What is shown as a whole; not a file, a part of a page, or what can only be pressed."""
    answer = page.request.get(path)
    return answer.status == 200 and answer.text()[:200].lstrip().lower().startswith("<!doctype html")


def faults_of(page: Page, path: str) -> list[str]:
    """What is wrong with a page at either size, in either light. It is loaded once, and what is the case is looked at first:
    another size or light takes as long as axe itself on most pages."""
    page.goto(path)
    page.evaluate(AXE)
    found, lights = [], list(RULES)
    for width, height in sorted(SIZES, key=lambda size: not is_wide(page, size[0])):
        if not is_wide(page, width):
            page.set_viewport_size({"width": width, "height": height})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{path} at {width} runs sideways: {page.evaluate(SIDEWAYS)}")
        for turn, scheme in enumerate(lights):
            if turn:
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            found += [f"{path} at {width}, {scheme}: {one}" for one in page.evaluate(ASK_AXE, RULES[scheme])]
        lights.reverse()
    return found


def is_wide(page: Page, width: int) -> bool:
    return page.viewport_size is not None and page.viewport_size["width"] == width


def let_in(page: Page, house: House, things: dict[str, str]) -> Page:
    """Signed in at the desk as an owner, and at the portal as Sandra Whitlock."""
    with acting_for([house.vendors["lindqvist-rowe"].id]):
        vendor = Vendor.objects.get(id=house.vendors["lindqvist-rowe"].id)
    staff = as_member(a_member(vendor, "Maud", "owner")).cookies[settings.SESSION_COOKIE_NAME].value
    payer = lets_in([one.id for one in house.vendors.values()], UUID(things["payer_id"])).secret
    for name, secret in ((settings.SESSION_COOKIE_NAME, staff), (COOKIE, payer)):
        page.context.add_cookies([{"name": name, "value": secret, "url": house.url}])
    return page


def test_light_and_dark_differ_in_colours_alone() -> None:
    """`light-dark()` takes colours and nothing else; no other rule may ask which of the two it is."""
    sheets = {one.name: one.read_text() for one in STATIC.glob("*.css")}
    assert "light-dark(" in sheets["goodterms.css"]
    asking = re.compile(r"prefers-color-scheme|data-theme[^{]*\{(?! color-scheme: \w+; \})")
    assert {name: found for name, words in sheets.items() if (found := asking.findall(words))} == {}


@pytest.mark.parametrize("doors", [("desk",), ("payer",), ("person", "token", "anybody")], ids=lambda doors: doors[-1])
def test_no_page_breaks_a_rule_of_access_or_runs_sideways(house: House, at_house: BrowserAt, doors: tuple[str, ...]) -> None:
    things = things_of(house)
    page = at_house()
    if doors != ("person", "token", "anybody"):
        let_in(page, house, things)
    paths = [address(name, things) for name, route in ROUTES.items() if route.door in doors]
    pages = [path for path in paths if is_page(page, path)]
    assert len(pages) > 10, pages
    assert [fault for path in pages for fault in faults_of(page, path)] == []


@pytest.mark.parametrize("width", [390, 1440])
def test_a_language_from_right_to_left_breaks_no_page(house: House, at_house: BrowserAt, width: int) -> None:
    """Nothing is translated to Arabic, so the texts stay English here; what turns round is the page."""
    things = things_of(house)
    with acting_for([one.id for one in house.vendors.values()]):
        Payer.objects.filter(id=things["payer_id"]).update(language="ar")
    page = let_in(at_house(width=width), house, things)
    for name in ("portal", "portal-pay", "portal-dispute", "portal-preferences"):
        page.goto(address(name, things) + (f"?invoice={things['invoice_id']}" if name == "portal-pay" else ""))
        assert page.evaluate("document.documentElement.dir") == "rtl"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate(SIDEWAYS) == [], name
