"""Decides how a test opens a browser: Chromium on a live server of the test database, where any fault of a page fails.

`browser_at(width=390)` opens a page; `live_server.url` is where. A page fails its test by an error on the console, a report
against the content security policy, an exception in a script, an answer of 500, or a file that is not there.
`at_house` opens pages in the same way in a copy of the sample business, and `house` is who lives there.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright

from goodterms.sample.tests.house import House, Story, lived_in

AXE = (Path(__file__).parent / "axe-4.14.1.min.js").read_text()
CHROMIUM = shutil.which("chromium")
BrowserAt = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file. Its driver runs a loop in this thread, which Django would take for asynchronous
    code, and which would keep every test after it from running a loop of its own."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed, so no page was opened. On Debian: apt-get install chromium")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as driver:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield browser
        browser.close()


@pytest.fixture
def browser_at(chromium: Browser, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[BrowserAt]:
    """Opens pages of the live server, each in a browser without memory unless a `context` is given; faults fail the test."""
    monkeypatch.setattr(settings, "BASE_URL", live_server.url)
    with watched(chromium, live_server.url) as opened:
        yield opened


@pytest.fixture
def house(db: None, story: Story) -> Iterator[House]:
    """A copy of the sample business that is this test's own."""
    with lived_in(story) as copy:
        yield copy


@pytest.fixture
def at_house(chromium: Browser, house: House) -> Iterator[BrowserAt]:
    """Opens pages of the sample business, as `browser_at` does."""
    with watched(chromium, house.url) as opened:
        yield opened


@contextmanager
def watched(chromium: Browser, url: str) -> Iterator[BrowserAt]:
    """Whatever goes wrong on a page that was opened here is told at the end."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(
        width: int = 1440, height: int = 1000, scheme: str = "light", context: BrowserContext | None = None, **more: Any
    ) -> Page:
        if context is None:
            scale = 2 if width < 600 else 1
            context = chromium.new_context(
                base_url=url, viewport={"width": width, "height": height}, device_scale_factor=scale,
                color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce", **more,
            )  # fmt: skip
            contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: faults.extend(_said(message)))
        page.on("pageerror", lambda error: faults.append(f"exception: {error}"))
        page.on("response", lambda answer: faults.extend(_failed(answer)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def breaches(page: Page) -> list[str]:
    """What axe finds wrong with a page, in its own words; an empty list is the only good answer."""
    page.evaluate(AXE)
    found = page.evaluate("async () => (await axe.run()).violations")
    return [f"{one['id']}: {one['help']} at {node['target']}" for one in found for node in one["nodes"]]


def _said(message: ConsoleMessage) -> list[str]:
    """Errors, the content security policy's among them. What was not loaded is told better by its answer."""
    is_fault = message.type == "error" and not message.text.startswith("Failed to load resource")
    return [f"console: {message.text}"] if is_fault else []


def _failed(answer: Response) -> list[str]:
    """A refusal is a page like any other; a fault of the server or a file that is not there never is."""
    is_page = answer.request.resource_type == "document"
    return [f"{answer.status} {answer.url}"] if answer.status >= (500 if is_page else 400) else []
