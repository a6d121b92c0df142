"""Decides how somebody in a journey finds a letter of theirs in the outbox, and what they follow in it."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Page, expect


def letters_to(home: Path, name: str) -> Iterator[EmailMessage]:
    """What lies in somebody's letter box, newest first; no more is read than is asked for."""
    files = sorted(home.joinpath("outbox").glob("*.eml"), key=lambda one: one.stat().st_mtime_ns, reverse=True)
    letters = (_read(one) for one in files)
    return (one for one in letters if name in str(one["To"]))


def _read(file: Path) -> EmailMessage:
    return message_from_bytes(file.read_bytes(), policy=policy.default)


def words_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link_of(home: Path, name: str, about: str, ending: str) -> str:
    """The path of the first link with this ending in the newest letter to somebody that is about something."""
    for letter in letters_to(home, name):
        words = words_of(letter)
        found = re.search(rf"https?://[^/\s]+(/p/\S+?{ending})(?=[\s>)]|$)", words) if about in words else None
        if found:
            return found[1]
    raise AssertionError(f"No letter to {name} about {about} has a link that ends with {ending}.")


def prove(page: Page, home: Path) -> None:
    """The page of one letter becomes the whole page, by six figures of a second letter."""
    box = home / "outbox"
    before = set(box.glob("*.eml"))
    page.get_by_role("link", name="Show everything").click()
    page.get_by_role("button", name="Send six figures").click()
    expect(page.get_by_label("The code")).to_be_visible()
    for _ in range(50):
        came = set(box.glob("*.eml")) - before
        if came:
            break
        page.wait_for_timeout(100)
    figures = re.match(r"(\d{6}) opens your invoices", str(_read(came.pop())["Subject"]))
    assert figures is not None
    page.get_by_label("The code").fill(figures[1])
    page.get_by_role("button", name="Go on").click()
