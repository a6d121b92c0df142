"""What was rehearsed is what the days then do: the same invoices, the same notices, held for the same reasons."""

from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from goodterms.cli.tests.cast import Operator
from goodterms.database.isolation import acting_for
from goodterms.parties.directory import everyone
from goodterms.reminders.models import Nomination, Notice

pytestmark = pytest.mark.django_db(transaction=True)
START = date(2026, 11, 16)
DAYS = 14


def a_book(chance: Random, prefix: str, count: int, people: range) -> list[dict[str, str]]:
    """Invoices due from 40 days before the start to 20 after it; some disputed, on paper, or of people without address."""
    rows = []
    for n in range(count):
        who = chance.choice(people)
        due = START + timedelta(days=chance.randint(-40, 20))
        rows.append(
            {
                "No": f"{prefix}-{n}",
                "Customer": f"{prefix}{who}",
                "Name": f"Customer {who}",
                "Email": f"payer{who}@book.example" if who % 5 else "",
                "Issued": str(due - timedelta(days=30)),
                "Due": str(due),
                "Amount": f"{chance.randint(10, 9_999)}.{chance.randint(10, 99)}",
                "Disputed": "yes" if chance.random() < 0.15 else "",
                "Paperless": str(START + timedelta(days=7)) if who % 7 == 1 else "",
            }
        )
    return rows


@pytest.fixture
def two_books(operator: Operator) -> Operator:
    """Two vendors with books of their own, and payers who owe to both."""
    chance = Random(20261116)
    for slug, prefix, people in (("penhale", "P", range(16)), ("cotham", "C", range(8, 20))):
        operator.add_vendor(slug)
        answer = operator.imports(*a_book(chance, prefix, 40, people), vendor=slug, until=START).json
        assert answer["imported"], answer["bad"]
    return operator


def test_fourteen_days_go_as_they_were_rehearsed(two_books: Operator) -> None:
    asked = ["rehearse", "--from", START, "--days", DAYS, "--vendor", "penhale"]
    items = two_books.asks(*asked)["items"]
    assert two_books.asks(*asked)["items"] == items  # and it wrote nothing
    for day in (START + timedelta(days=n) for n in range(DAYS)):
        planned = [item for item in items if item["on"] == str(day)]
        done = two_books.asks("day", "--on", day, "--vendor", "penhale")
        assert (day, done["nominated"], done["held"]) == (day, named(planned), held(planned))
        assert done["notices"] == len({(item["payer"], item["channel"]) for item in planned if item["outcome"] == "goes_out"})
        assert noticed(day) == {one for item in planned if item["outcome"] == "goes_out" for one in each(item)}
    assert {item["vendor"] for item in items if item["outcome"] == "goes_out"} == {"penhale", "cotham"}
    assert {"disputed", "quiet", "limit"} <= {why for item in items for why in item["reasons"]}
    assert {"email", "post"} <= {item["channel"] for item in items if item["outcome"] == "goes_out"}
    assert two_books.asks("prove")["ok"] is True


def test_in_a_day_of_every_vendor_each_invoice_counts_once(two_books: Operator) -> None:
    saturday = START + timedelta(days=5)  # when nobody is written to
    done = two_books.asks("day", "--on", saturday)
    planned = two_books.asks("rehearse", "--from", saturday, "--days", 1)["items"]
    assert (done["nominated"], done["held"]) == (0, held(planned))
    once = [number for item in planned for number in item["invoices"]]
    assert len(once) == len(set(once))


def test_a_day_again_and_every_vendor_after_one_say_nothing_twice(two_books: Operator) -> None:
    first = two_books.asks("day", "--on", START)
    assert first["notices"] > 0
    assert first["sent"] + first["printed"] > 0
    for words in (["--on", START], ["--on", START, "--vendor", "cotham"], []):
        again = two_books.asks("day", *words)
        assert (again["nominated"], again["notices"], again["sent"], again["printed"]) == (0, 0, 0, 0)
    with acting_for([vendor.id for vendor in everyone()]):
        of_payers = Counter(Notice.objects.filter(withdrawn_at=None).values_list("payer_id", "on"))
    assert max(of_payers.values()) == 1


def named(planned: list[Any]) -> int:
    return sum(len(item["invoices"]) for item in planned if item["outcome"] == "goes_out")


def held(planned: list[Any]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for item in planned:
        for reason in item["reasons"]:
            found[reason] += len(item["invoices"])
    return dict(found)


def each(item: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [(number, item["step"], item["channel"], item["tone"]) for number in item["invoices"]]


def noticed(on: date) -> set[tuple[str, str, str, str]]:
    """What the notices of a day say, by invoice."""
    with acting_for([vendor.id for vendor in everyone()]):
        rows = Nomination.objects.filter(on=on, withdrawn_at=None)
        return set(rows.values_list("invoice__number", "step", "notice__channel", "notice__tone"))
