"""The sheet on the screen says what the paper says: lines by project, and what was taken off one."""

from dataclasses import replace
from decimal import Decimal

from goodterms.invoicing.line import Adjustment, Line, Tax
from goodterms.stationery.sheet import Part, Row, SumRow, adjusted, discount_words, parts_of
from goodterms.values.money import Money


def row(what: str, project: str, net: int) -> tuple[Row, Money]:
    return Row(what, project, "1", "", "", ""), Money(net, "GBP")


def test_lines_stand_below_their_project_with_its_sum() -> None:
    """new-invoice.html: 1,944.00 and 3,897.00. A line that came late stands with the others of its project."""
    rows = [
        row("Artwork", "Gift boxes, launch", 1_780_00), row("Concept", "Spring range, concept", 3_897_00),
        row("Courier", "Gift boxes, launch", 164_00),
    ]  # fmt: skip
    boxes, spring = parts_of(rows, "GBP", "en")
    assert (boxes.name, boxes.sum, [one.description for one in boxes.rows]) == (
        "Gift boxes, launch", "1,944.00", ["Artwork", "Courier"],
    )  # fmt: skip
    assert (spring.name, spring.sum) == ("Spring range, concept", "3,897.00")


def test_of_one_project_nothing_stands_above_the_lines() -> None:
    [part] = parts_of([row("Labels", "Autumn", 100_00), row("Plates", "Autumn", 50_00)], "GBP", "en")
    assert part == Part("", "150.00", [one for one, _ in (row("Labels", "Autumn", 0), row("Plates", "Autumn", 0))])
    assert parts_of([], "GBP", "en") == []


def test_what_belongs_to_no_project_is_other_work_in_the_language_of_the_document() -> None:
    rows = [row("Labels", "Autumn", 100_00), row("Courier", "", 20_00)]
    assert [part.name for part in parts_of(rows, "GBP", "en")] == ["Autumn", "Other work"]
    assert [part.name for part in parts_of(rows, "GBP", "id")] == ["Autumn", "Pekerjaan lain"]


def test_a_discount_is_said_or_the_amount_would_not_follow_from_the_rate() -> None:
    line = Line("Labels", Decimal(2), Decimal(720), Tax("S", Decimal(20)), "days")
    assert discount_words(replace(line, discount_percent=Decimal("12.50")), "GBP", "en") == "less 12.5%"
    assert discount_words(replace(line, discount_amount=Decimal("40.00")), "GBP", "en") == "less 40 GBP"
    assert discount_words(line, "GBP", "en") == ""


def test_what_was_taken_off_the_whole_stands_between_the_lines_and_the_sum_before_tax() -> None:
    vat = Tax("S", Decimal(20))
    on_whole = [Adjustment("allowance", Decimal("216.00"), vat, "Loyalty"), Adjustment("charge", Decimal(20), vat, "Carriage")]
    nets = [Money(4_000_00, "GBP"), Money(320_00, "GBP")]
    assert adjusted(on_whole, nets, "GBP", "en") == [
        SumRow("Sum of the lines", "4,320.00"), SumRow("Loyalty", "−216.00"), SumRow("Carriage", "20.00"),
    ]  # fmt: skip
    assert adjusted([], nets, "GBP", "en") == []
