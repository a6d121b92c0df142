"""Every page of the desk and the portal is asked by the benchmark of pages, or is said here to be none."""

from uuid import UUID

import pytest
from django.urls import resolve

from bench.addresses import ACCOUNT, DESK, LINKS, PORTAL
from stories.faces.addresses import ROUTES

# A button, or what a script asks for while somebody types: no page.
DEEDS = {
    "settle-doubt", "hold-message", "release-message", "approve-and-issue", "invoices-views", "invoices-selected",
    "invoices-together", "invoice-preview", "invoice-send", "invoice-keep-back", "invoice-deed", "settle-refund",
    "settle-checkout", "take-back", "assign", "customer-note", "customer-hold", "customer-release", "customer-welcome-send",
    "introduction", "cadence-into-effect", "import-columns", "import-line", "import-finish", "settings-bank-confirm",
    "settings-bank-stop", "settings-key-withdraw", "settings-you", "end-plan", "project-items", "project-finish", "bill-items",
    "project-part", "retainer-deed", "schedule-deed", "item-deed", "portal-end", "portal-end-all", "portal-leave",
    "portal-reminders", "portal-take-back", "portal-colleague-back", "portal-again",
}  # fmt: skip
# A file: how long it takes is its own matter, and those of papers have a benchmark of theirs.
FILES = {
    "invoices-csv", "conversations-csv", "customers-csv", "insights-csv", "invoice-document", "invoice-xml", "enclosure",
    "attachment", "customer-statement", "customer-statement-csv", "customer-welcome", "portal-invoice-pdf",
    "portal-invoice-xml", "portal-enclosure", "portal-statement-csv", "portal-statement-pdf", "portal-receipt-pdf",
    "portal-attachment", "receipt-pdf-by-letter",
}  # fmt: skip
# A way on to a page that is asked by its own name; six figures, for which a letter has just left; where the invited begin.
ONWARD = {"portal-way", "feedback-preferences", "receipt-preferences", "portal-prove", "invitation"}
DOORS = ("desk", "payer", "token")


class Anything(dict[str, str]):
    """Fills every gap of an address."""

    def __missing__(self, name: str) -> str:
        if name == "message":
            return f"messages/{UUID(int=1)}/2026-11-17/"
        return "a-word" if name == "slug" or name.endswith("token") else str(UUID(int=1))


def benched() -> set[str]:
    paths = [f"/at/a-vendor/{path}" for path in DESK.values()] + [*ACCOUNT.values(), *PORTAL.values(), *LINKS.values()]
    return {str(resolve(path.format_map(Anything()).partition("?")[0]).url_name) for path in paths}


def test_every_page_is_benched_or_is_said_to_be_none() -> None:
    pages = {name for name, route in ROUTES.items() if route.door in DOORS}
    missing = sorted(pages - benched() - DEEDS - FILES - ONWARD)
    assert not missing, f"New pages: {missing}. Add each to bench/addresses.py, with a book that gives it much to show."


@pytest.mark.parametrize("said", [DEEDS, FILES, ONWARD])
def test_what_is_said_to_be_no_page_is_there_and_is_not_asked(said: set[str]) -> None:
    assert said <= set(ROUTES)
    assert not said & benched()
