"""Takes a picture of each page of the sample into docs/screens/: `python -m stories.faces.pictures`.

Where a folder with drawn pictures is named (`--beside FOLDER`), each is laid beside the drawn one of the same name, in a
temporary folder that is told at the end.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from stories.faces.letters import link_of, prove

SCREENS = Path(__file__).resolve().parents[2] / "docs" / "screens"
DESK, PHONE = ViewportSize(width=1440, height=1000), ViewportSize(width=390, height=844)
DARK = ("today", "insights", "portal", "pay")


class Shot(NamedTuple):
    """A page of the desk or the portal: by a link on another page, or by its address."""

    name: str
    where: str
    link: str = ""  # what is followed there, as a selector


OF_DESK = [
    Shot("today", ""), Shot("invoices", "invoices/"), Shot("invoice", "invoices/?q=LR-2026-0194", "main a[data-open]"),
    Shot("new-invoice", "invoices/new/", "main button:text-is('Go on')"), Shot("customers", "customers/"),
    Shot("customer", "customers/", "main a:text-is('Bellwether Foods')"), Shot("conversation", "", "main a:text-is('Answer')"),
    Shot("cadence", "reminders/"), Shot("wording", "reminders/words/?kind=invoice"), Shot("insights", "insights/"),
    Shot("import", "import/"), Shot("settings", "settings/"), Shot("rates", "settings/rates/"),
    Shot("to-be-billed", "to-be-billed/"), Shot("project", "to-be-billed/", "main a[data-open]"),
    Shot("schedules", "schedules/"), Shot("schedule", "schedules/", "main a[data-open]"),
]  # fmt: skip
OF_PORTAL = [
    Shot("portal", ""), Shot("pay", "", "button[data-pay]:visible"), Shot("ask", "", "main a:text-is('Ask'):visible"),
    Shot("preferences", "preferences/"), Shot("past", "past/"),
]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beside", type=Path, help="a folder with drawn pictures, NAME.png")
    asked = parser.parse_args()
    SCREENS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as driver:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        url = f"http://localhost:{port}"
        env = {**os.environ, "GOODTERMS_HOME": home, "GOODTERMS_BASE_URL": url, "DJANGO_SETTINGS_MODULE": "goodterms.settings"}
        subprocess.run([sys.executable, "-m", "goodterms", "sample"], env=env, check=True)
        serve = [sys.executable, "-m", "django", "runserver", "--noreload", str(port)]
        server = subprocess.Popen(serve, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _until_it_answers(url)
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            _all(browser, url, Path(home))
            if asked.beside:
                print(f"Beside the drawn ones: {_beside(browser, asked.beside)}")
            browser.close()
        finally:
            server.terminate()
            server.wait()
    _list()


def _until_it_answers(url: str) -> None:
    for _ in range(100):
        try:
            urlopen(f"{url}/healthz")
            return
        except URLError:
            time.sleep(0.2)


def _all(browser: Browser, url: str, home: Path) -> None:
    page = browser.new_page(base_url=url, viewport=DESK, reduced_motion="reduce")
    page.goto("/")
    _take(page, "signin", "/account/login/")
    page.goto("/")
    page.get_by_role("button", name="Open the desk as Tom Okafor").click()
    page.wait_for_url("**/at/lindqvist-rowe/")
    for shot in OF_DESK:
        _take(page, shot.name, f"/at/lindqvist-rowe/{shot.where}", shot.link)
    _agree(page)
    page = browser.new_page(base_url=url, viewport=DESK, reduced_motion="reduce")
    page.goto(link_of(home, "Sandra Whitlock", "LR-2026-0187", "/pay"))
    page.get_by_role("button", name="Open the page").click()
    page.get_by_role("link", name="Your open invoices").click()
    prove(page, home)
    page.wait_for_url("**/pay/")
    for shot in OF_PORTAL:
        _take(page, shot.name, f"/pay/{shot.where}", shot.link)


def _agree(page: Page) -> None:
    """A price and a retainer, which the sample has none of, are agreed by the forms, and billed ahead."""
    page.goto("/at/lindqvist-rowe/to-be-billed/")
    page.get_by_role("link", name="Spring season").click()
    page.get_by_role("link", name="Agree a price").click()
    for at, (what, price) in enumerate((("Concept", "3000"), ("Season brochure", "5400")), 1):
        for field, said in (("d", what), ("q", "1"), ("r", price)):
            page.fill(f"#{field}{at}", said)
    page.get_by_role("button", name="Agree it").click()
    at_a_price = page.url
    page.fill("#deposit-percent", "30")
    page.locator("form[action*=deposit]").get_by_role("button", name="Draft it").click()
    _take(page, "price", at_a_price)
    page.goto("/at/lindqvist-rowe/retainers/new/")
    page.select_option("#customer", label="Kestrel & Finch Hotels")
    for field, said in (("name", "Menu care"), ("unit_price", "95"), ("keeps", "3")):
        page.fill(f"#{field}", said)
    page.get_by_role("button", name="Begin it").click()
    begun = page.url
    page.fill("#quantity", "20")
    page.get_by_role("button", name="Draft it").click()
    _take(page, "retainer", begun)


def _take(page: Page, name: str, path: str, link: str = "") -> None:
    """On a desk, on a phone, and for a few in the dark."""
    page.set_viewport_size(DESK)
    page.goto(path)
    if link:
        page.set_default_timeout(10_000)
        before = page.url
        page.locator(link).first.click()
        page.wait_for_url(lambda now: now != before)
    for ending, size, scheme in (("", DESK, "light"), ("-mobile", PHONE, "light"), ("-dark", DESK, "dark")):
        if scheme == "light" or name in DARK:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.evaluate("document.fonts.ready")
            page.screenshot(path=SCREENS / f"{name}{ending}.jpg", type="jpeg", quality=62)
    page.emulate_media(color_scheme="light")


def _beside(browser: Browser, drawn: Path) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="screens-"))
    page = browser.new_page(viewport={"width": 1920, "height": 700})
    for taken in sorted(SCREENS.glob("*.jpg")):
        other = drawn / f"{taken.stem}.png"
        if other.exists():
            both = folder / f"{taken.stem}.html"
            both.write_text("".join(f'<img src="{one.as_uri()}" width="49%" align="top">' for one in (other, taken)))
            page.goto(both.as_uri())
            page.screenshot(path=folder / f"{taken.stem}.png")
    return folder


def _list() -> None:
    lines = [f"![{one.stem}]({one.name})" for one in sorted([*SCREENS.glob("*.jpg"), *SCREENS.glob("*.png")])]
    text = "# The pages, as they look with the sample\n\nTaken by `python -m stories.faces.pictures`; `-mobile` is 390 x 844,"
    text += " `-dark` the dark theme, the others 1440 x 1000. Papers are taken by `python -m stories.faces.papers`.\n\n"
    (SCREENS / "README.md").write_text(text + "\n\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
