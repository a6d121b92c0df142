"""A schedule from the command line: begun from a file, previewed, changed, billed once, ended."""

from decimal import Decimal

import pytest

from goodterms.cli.tests.cast import ROW, Operator

pytestmark = pytest.mark.django_db(transaction=True)
FILE = """
customer = "BELL"
work = "Retainer, {month}"
rule = "FREQ=MONTHLY;BYMONTHDAY=1"
starts_on = 2026-11-01
automatic = true
[[lines]]
description = "Retainer"
unit = "month"
price = 1800.00
tax_percent = 20
"""


@pytest.fixture
def at_work(operator: Operator) -> Operator:
    operator.add_vendor()
    assert operator.imports(ROW).json["imported"]
    return operator


def test_from_a_file_to_twelve_billings_and_the_first_of_them(at_work: Operator) -> None:
    shown = at_work.asks("schedule", "start", at_work.file("retainer.toml", FILE))
    assert (shown["next_on"], shown["customer"], shown["automatic"]) == ("2026-11-01", "BELL", True)
    assert len(shown["coming"]) == 12
    assert shown["coming"][1] == {
        "on": "2026-12-01", "from_on": "2026-12-01", "until_on": "2026-12-31", "total_minor": 216_000, "lines": ["Retainer"],
    }  # fmt: skip
    assert at_work.asks("schedule", "bill") == {"issued": 1, "drafted": 0}
    assert at_work.asks("schedule", "bill") == {"issued": 0, "drafted": 0}
    assert at_work.types("schedule", "bill").out == "0 issued, 0 drafted.\n"
    [billed] = [one for one in at_work.asks("invoice", "list")["invoices"] if one["total_minor"] == 216_000]
    assert billed["issued_on"] == "2026-11-16"


def test_a_price_a_pause_and_the_end_are_seen_in_the_preview(at_work: Operator) -> None:
    key = at_work.asks("schedule", "start", at_work.file("retainer.toml", FILE))["schedule"]
    at_work.asks("schedule", "price", key, "--to", Decimal("2100.00"), "--from", "2027-01-01")
    at_work.asks("schedule", "pause", key, "--from", "2027-02-01", "--reason", "Bea is away")
    at_work.asks("schedule", "resume", key, "--last", "2027-02-28")
    shown = at_work.asks("schedule", "end", key, "--on", "2027-03-15", "--reason", "The work is done")
    assert [one["total_minor"] for one in shown["coming"]] == [216_000, 216_000, 252_000, None, 121_936]
    page = at_work.types("schedule", "show", key).out
    assert "pauses 2027-02-01 to 2027-02-28: Bea is away" in page
    assert "GBP 1,219.36" in page
    listed = at_work.types("schedule", "list").out
    assert ("Retainer, each month" in listed, "{month}" in listed + page) == (True, False)
    assert "to approve" not in listed
    assert [one["ends_on"] for one in at_work.asks("schedule", "list")["schedules"]] == ["2027-03-15"]


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("", "a schedule has customer, work, rule, starts_on, lines, and this one has no customer. It may say automatic, c"),
        (FILE.replace("2026-11-01", '"soon"'), "starts_on: 'soon' is not a date; write it like 2026-11-16. Nothing was done."),
        (FILE.replace("automatic = true", 'automatic = "maybe"'), "automatic is true or false, not 'maybe'. Nothing was done."),
        (FILE.replace("[[lines]]", "[lines]"), "its lines are tables, such as [[lines]]"),
        (FILE.replace("tax_percent = 20", "tax_percent = 120"), "Line 1 in"),
        (FILE.replace("BELL", "NOBODY"), "has no customer number NOBODY"),
        (FILE.replace("FREQ=MONTHLY;BYMONTHDAY=1", "monthly"), "does not say how often"),
        (FILE.replace("price = 1800.00", 'price = "much"'), "is not a number, so nothing was done"),
        (FILE.replace("price", "prize"), "has a description and a price"),
        ("customer =", "is not TOML"),
    ],
)
def test_a_file_that_is_no_schedule_begins_none(at_work: Operator, file: str, sentence: str) -> None:
    said = at_work.types("schedule", "start", at_work.file("odd.toml", file))
    assert (said.code, said.out) == (1, "")
    assert sentence in said.err
    assert "Begin with: goodterms schedule start FILE" in at_work.types("schedule", "list").out


def test_a_schedule_that_is_not_there_is_refused(at_work: Operator) -> None:
    said = at_work.types("schedule", "show", "01a2")
    assert (said.code, said.err) == (
        1,
        "Penhale has no schedule 01a2. Nothing was done; `goodterms schedule list` prints their keys.\n",
    )
