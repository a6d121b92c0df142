"""Decides how the processes of one run share the tests: file by file, what takes longest first, so that all end together.

What shares something that is dear to make stays in one process; a file of few long tests is shared test by test. In the end
nothing must be right here but the order of magnitude: who has nothing left takes the next share.
"""

from collections import Counter

import pytest
from xdist.scheduler import LoadFileScheduling

# What takes longest, first. Whoever gets the first share migrates, and tells the sample business; the other processes have
# meanwhile what needs no database, and then what does not need the sample.
# A process with a single test is given one more share at once, after each has one.
SAMPLE = "stories/faces/test_looks.py::test_no_page_breaks_a_rule_of_access_or_runs_sideways"
LONG = (
    f"{SAMPLE}[desk]",
    "tidy",
    "goodterms/einvoices/tests/test_check.py",
    "goodterms/invoicing/tests/test_electronic.py",
    "stories/test_kill.py",
    f"{SAMPLE}[payer]",
    "stories/test_billing_killed.py",
    "stories/test_random_life.py",
    "goodterms/api/tests/test_whole_document.py",
    "stories/faces/test_sweep.py",
    f"{SAMPLE}[anybody]",
    "stories/faces/test_journeys.py",
    "goodterms/sample/tests",
    "goodterms/imports/tests/test_real_book.py",
)
TOGETHER = ("tidy/", "goodterms/sample/tests/")
APART = ("stories/faces/test_looks.py",)


def share(nodeid: str) -> str:
    file = nodeid.split("::", 1)[0]
    if file.startswith(TOGETHER):
        return file.rsplit("/", 1)[0]
    return nodeid if file in APART else file


def longest_first(items: list[pytest.Item]) -> None:
    """Those that are named; then those with most tests, so that what is left for the end is short."""
    sizes = Counter(share(item.nodeid) for item in items)
    ranks = {name: rank for rank, name in enumerate(LONG)}
    items.sort(key=lambda item: (ranks.get(name := share(item.nodeid), len(LONG)), -sizes[name], name))


class Shares(LoadFileScheduling):  # type: ignore[misc]
    """Gives out the shares in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return share(nodeid)
