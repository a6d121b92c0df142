"""The page of figures: true to the books, the same in page and CSV, and drawn within its frame."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from goodterms.conversations.tests.cast import MONDAY, a_customer, an_invoice, settle, unsaved_vendor
from goodterms.database.isolation import acting_for
from goodterms.desk.insights import drawing
from goodterms.desk.insights.reading import MARKS, Mark
from goodterms.desk.tests.cast import a_member, as_member
from goodterms.parties.models import Vendor
from goodterms.relationship.measures.accuracy import Week
from goodterms.relationship.measures.aging import Owed
from goodterms.relationship.measures.answers import AnswerTime

MARKED = st.builds(Mark, st.just("Kestrel & Finch"), st.just("1"), st.integers(-400, 400), st.integers(1, 10**9))


@pytest.fixture
def vendor(db: None) -> Vendor:
    return a_vendor()


def a_vendor(slug: str = "lindqvist-rowe") -> Vendor:
    vendor = unsaved_vendor(slug)
    with acting_for([vendor.id]):
        vendor.save(force_insert=True)
    return vendor


def at(vendor: Vendor, rest: str = "insights/") -> str:
    return f"/at/{vendor.slug}/{rest}"


def looking(vendor: Vendor, role: str = "reader") -> Client:
    return as_member(a_member(vendor, "Hazel", role))


def bill(vendor: Vendor, count: int, first: int = 0) -> None:
    with acting_for([vendor.id]):
        for n in range(first, first + count):
            customer = a_customer(vendor, f"Customer {n}")
            an_invoice(
                customer, 1_000 + n, number=str(n), issued_on=MONDAY - timedelta(days=40), due_on=MONDAY - timedelta(days=10)
            )


def test_what_is_open_is_said_drawn_and_listed(vendor: Vendor) -> None:
    bill(vendor, 3)
    page = looking(vendor).get(at(vendor)).content.decode()
    assert "0% of it is not yet due." in page
    assert page.count('<rect class="a1"') == 3
    assert "£30<" in page.replace('<span class="c">.03</span>', "<")


def test_nothing_billed_is_no_fault_of_the_page(vendor: Vendor) -> None:
    page = looking(vendor).get(at(vendor)).content.decode()
    for sentence in (
        "<b>Nothing</b> is owed to us.",
        "Nobody has asked anything",
        "No invoice was issued",
        "No promise came to its day",
    ):
        assert sentence in page


def test_the_csv_says_what_the_page_says(vendor: Vendor) -> None:
    bill(vendor, 2)
    rows = list(csv.reader(io.StringIO(looking(vendor).get(at(vendor, "insights.csv")).content.decode())))
    assert rows[0] == ["figure", "of", "value", "unit"]
    assert ["open", "1_30", "20.01", "GBP"] in rows
    assert ["invoices issued", "2026-10-05", "2", "invoices"] in rows


def test_more_invoices_take_no_more_statements(vendor: Vendor) -> None:
    client = looking(vendor)
    counts = []
    for first in (0, 4, MARKS):
        bill(vendor, 4, first)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(at(vendor)).status_code == 200
        counts.append(len(asked))
    assert len(set(counts)) == 1
    assert counts[0] <= 40


def test_another_vendors_member_finds_nothing_and_an_odd_period_is_refused(vendor: Vendor) -> None:
    other = looking(a_vendor("penhale"))
    assert other.get(at(vendor)).status_code == 404
    assert other.get(at(vendor, "insights.csv")).status_code == 404
    refused = looking(vendor).get(at(vendor) + "?days=7")
    assert refused.status_code == 409
    assert "&#x27;7&#x27; is no period here; there are 30, 90 and 365 days." in refused.content.decode()


def test_reading_changes_nothing_and_nothing_else_can_be_done(vendor: Vendor) -> None:
    client = looking(vendor, "owner")
    assert client.post(at(vendor)).status_code == 405
    assert client.post(at(vendor, "insights.csv")).status_code == 405


def test_a_settled_invoice_is_no_longer_owed_but_stays_billed(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        invoice = an_invoice(a_customer(vendor), 9_000, number="1", issued_on=MONDAY - timedelta(days=20))
        settle(invoice, 9_000, MONDAY)
    page = looking(vendor).get(at(vendor)).content.decode()
    assert "<b>Nothing</b> is owed to us." in page
    assert "<b>0 days</b> from invoice to bank" in page


@given(st.lists(MARKED, min_size=1, max_size=MARKS))
def test_marks_stay_in_their_frame_and_the_tallest_is_the_largest(marks: list[Mark]) -> None:
    drawn = drawing.ages(marks, [])
    assert len(drawn.bars) == len(marks)
    assert all(bar.x >= 46 and bar.x + bar.width <= 600 for bar in drawn.bars)
    assert all(drawing.TOP <= bar.y <= drawing.FLOOR for bar in drawn.bars)
    tallest = max(drawn.bars, key=lambda bar: bar.height).height
    assert tallest == drawing.FLOOR - drawing.TOP - 24
    assert drawn.due_x is not None


@given(st.lists(MARKED, min_size=1, max_size=40))
def test_what_is_late_stands_right_of_the_due_day(marks: list[Mark]) -> None:
    drawn = drawing.ages(marks, [])
    assert drawn.due_x is not None
    for bar in drawn.bars:
        centre = bar.x + 6
        assert (bar.kind == "a0") == (centre <= drawn.due_x + 0.1)


def test_too_many_become_buckets() -> None:
    rows = [Owed("GBP", "", 900, 900, 1), Owed("GBP", "current", 600, 600, 1), Owed("GBP", "over_90", 300, 300, 1)]
    drawn = drawing.ages(None, rows)
    assert drawn.due_x is None
    assert [tick.words for tick in drawn.ticks] == list(drawing.NAMES.values())
    assert [bar.height > 0 for bar in drawn.bars] == [True, False, False, False, True]


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=300), st.integers(1, 11))
def test_each_answer_is_a_dot_or_part_of_an_area_beyond_a_certain_number(minutes: list[int], word: int) -> None:
    row = AnswerTime("2026-11", len(minutes), len(minutes), 60, Decimal(50))
    (ridge,) = drawing.ridges({"2026-11": sorted(minutes)}, [row], word)
    assert len(ridge.dots) == (len(minutes) if len(minutes) <= MARKS else 0)
    assert bool(ridge.soon) == (len(minutes) > MARKS)
    assert sum(late for _, _, late in ridge.dots) == (sum(one > word * 60 for one in minutes) if ridge.dots else 0)
    assert all(drawing.answer_x(0) < x < 480 for x, _, _ in ridge.dots)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 5)), min_size=1, max_size=53))
def test_every_invoice_of_a_week_is_counted_in_its_column(weeks: list[tuple[int, int]]) -> None:
    made = [
        Week(date(2026, 1, 5) + timedelta(weeks=n), right + wrong, ["QTY"] * wrong) for n, (right, wrong) in enumerate(weeks)
    ]
    bars = drawing.weekly(made)
    issued = sum(week.issued for week in made)
    blocks = issued <= MARKS and 130.0 / max((week.issued for week in made), default=1) >= 4 if issued else True
    assert (len(bars) == issued) if blocks else (sum(bar.height for bar in bars) > 0)
    assert all(bar.x >= 0 and bar.x + bar.width <= 600 and bar.y >= 40 for bar in bars)


def test_a_level_line_has_a_round_amount() -> None:
    assert [minor for _, minor in drawing.ages([Mark("A", "1", 0, 938_000)], []).grid] == [250_000, 500_000]
