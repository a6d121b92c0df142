"""A real year of receivables through the command line: taken over, aged, reminded, rehearsed, proved."""

import csv
from collections import Counter
from datetime import date, datetime
from email import message_from_bytes
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest

from goodterms.cli.tests.cast import ROOT, Operator
from goodterms.papers.tests.reading import text

BOOK = ROOT.parent / "shared" / "data" / "receivables-book.csv"
FRIDAY = date(2013, 6, 28)
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not BOOK.exists(), reason="the real book is not beside this checkout (shared/data/receivables-book.csv)"
    ),
]


def day(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007  (a date has no zone)


@pytest.fixture
def unpaid() -> dict[str, dict[str, str]]:
    """What was open on that Friday, by number, read plainly."""
    with BOOK.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if day(row["InvoiceDate"]) <= FRIDAY < day(row["SettledDate"])]
    return {row["invoiceNumber"]: row for row in rows}


@pytest.fixture
def book(operator: Operator) -> Operator:
    operator.asks(
        "vendor", "add", "book", "--name", "The Book", "--currency", "USD", "--country", "US",
        "--timezone", "America/New_York", "--email", "desk@book.example",
    )  # fmt: skip
    operator.asks("import", "invoices", BOOK, "--profile", ROOT / "examples" / "receivables-book.toml", "--until", FRIDAY)
    return operator


def test_a_friday_of_the_real_book(book: Operator, unpaid: dict[str, dict[str, str]], tmp_path: Path) -> None:
    must_be_aged(book.asks("aging", "--as-of", FRIDAY), unpaid)
    must_be_clean(book)
    items = book.asks("rehearse", "--from", FRIDAY, "--days", 14)["items"]
    must_be_courteous(items, unpaid)

    done = book.asks("day", "--on", FRIDAY)
    planned = [item for item in items if item["on"] == str(FRIDAY)]
    out = [item for item in planned if item["outcome"] == "goes_out"]
    assert done["nominated"] == sum(len(item["invoices"]) for item in out) > 0
    assert done["held"]["disputed"] == sum(len(item["invoices"]) for item in planned if "disputed" in item["reasons"]) > 0
    must_have_left(done, out, tmp_path / "home")

    again = book.asks("day", "--on", FRIDAY)
    assert (again["nominated"], again["notices"], again["sent"], again["printed"]) == (0, 0, 0, 0)
    must_have_left(done, out, tmp_path / "home")
    must_be_clean(book)


def must_be_aged(answer: dict[str, Any], unpaid: dict[str, dict[str, str]]) -> None:
    expected = {name: [0, 0] for name in ("current", "1_30", "31_60", "61_90", "over_90")}
    for row in unpaid.values():
        late = (FRIDAY - day(row["DueDate"])).days
        name = next(name for name, most in zip(expected, (0, 30, 60, 90, 9_999), strict=True) if late <= most)
        expected[name][0] += 1
        expected[name][1] += round(float(row["InvoiceAmount"]) * 100)
    assert (answer["as_of"], answer["vendor"]) == ("2013-06-28", "book")
    [dollars] = answer["currencies"]
    assert {name: [part["invoices"], part["open_minor"]] for name, part in dollars["buckets"].items()} == expected
    assert (dollars["currency"], dollars["invoices"], dollars["customers"]) == (
        "USD", len(unpaid), len({row["customerID"] for row in unpaid.values()}),
    )  # fmt: skip
    assert dollars["total_minor"] == sum(minor for _, minor in expected.values())


def must_be_courteous(items: list[Any], unpaid: dict[str, dict[str, str]]) -> None:
    """No disputed invoice goes out; paper goes by post; nobody hears twice on a day; every open invoice is in each day."""
    by_day = Counter(number for item in items for number in item["invoices"])
    assert by_day == dict.fromkeys(unpaid, 14)
    disputed = {number for number, row in unpaid.items() if row["Disputed"] == "Yes"}
    heard = []
    for item in items:
        numbers = set(item["invoices"])
        if item["outcome"] == "goes_out":
            assert not numbers & disputed
            on_paper = {date.fromisoformat(item["on"]) < day(unpaid[number]["PaperlessDate"]) for number in numbers}
            assert item["channel"] in ("email", "post", "call", "person")
            assert item["channel"] != ("email" if True in on_paper else "post")
            heard.append((item["payer"], item["on"], item["channel"]))
        elif numbers & disputed and item["step"]:
            assert "disputed" in item["reasons"]
    assert len({(payer, on) for payer, on, _ in heard}) == len(set(heard)) > 20
    assert {"disputed", "quiet", "not_due"} <= {why for item in items for why in item["reasons"]}


def must_have_left(done: dict[str, Any], out: list[Any], home: Path) -> None:
    """In the outbox and the folder to print, one letter for each payer, and nothing for anybody else."""
    letters = [message_from_bytes(path.read_bytes()) for path in (home / "outbox").glob("*.eml")]
    assert sorted(parseaddr(letter["To"])[1] for letter in letters) == sorted(
        {item["payer"] for item in out if item["channel"] == "email"}
    )
    assert done["sent"] == len(letters)
    pages = [text(path.read_bytes()) for path in (home / "print").glob("*.pdf")]
    assert done["printed"] == len(pages) == len({item["payer"] for item in out if item["channel"] == "post"}) > 0
    for item in out:
        if item["channel"] == "post":
            assert any(all(number in page for number in item["invoices"]) for page in pages)


def must_be_clean(book: Operator) -> None:
    answer = book.asks("prove")
    assert (answer["ok"], [one for one in answer["invariants"] if one["broken"]]) == (True, [])
