"""Work under a project's name from the command line: noted once, listed by age, billed together or apart, or dropped."""

import json
import re
from textwrap import dedent
from typing import Any

import pytest

from goodterms.cli.tests.cast import ROW, Operator
from goodterms.cli.tests.test_docs import SECTIONS

pytestmark = pytest.mark.django_db(transaction=True)
CSV = """description,kind,done_on,quantity,unit,price,tax_percent,done_by,reference,waits_for,is_finished
Retouching,time,2026-11-10,2,hour,90.00,20,Priya,r-1,,
"Couriers, two",expense,2026-11-12,1,,35.00,20,,r-2,,
Layout,time,2026-11-12,3,hour,60,20,Tom,r-3,Beth's yes,
Proofs,fixed,2026-11-13,1,,50,20,,r-4,,no

"""
ITEM: dict[str, Any] = {"description": "Retouching", "kind": "time", "done_on": "2026-11-10", "price": "90", "tax_percent": 20}


@pytest.fixture
def at_work(operator: Operator) -> Operator:
    operator.add_vendor()
    assert operator.imports(ROW, ROW | {"No": "E-1", "Customer": "ELM", "Name": "Elm"}).json["imported"]
    return operator


@pytest.fixture
def gift_boxes(at_work: Operator) -> Operator:
    """180 and 35 to be billed; 180 wait for a word, and 50 for the end of the project."""
    at_work.asks("project", "open", "Gift boxes", "--customer", "BELL")
    at_work.asks("project", "add", "Gift boxes", at_work.file("hours.csv", CSV))
    return at_work


def test_a_project_is_begun_once_and_stays_as_it_was_begun(at_work: Operator) -> None:
    bell = ("project", "open", "Gift boxes", "--customer", "BELL")
    begin = (*bell, "--order", "PO-9", "--order-amount", "900", "--estimate", "800.50")
    first = at_work.asks(*begin)
    assert (first["customer"], first["currency"], first["order_number"]) == ("BELL", "GBP", "PO-9")
    assert (first["estimate_minor"], first["order_minor"], first["items"]) == (800_50, 900_00, [])
    assert at_work.asks(*begin) == at_work.asks(*bell) == first
    page = at_work.types("project", "show", first["project"][:13]).out
    assert page.startswith("Gift boxes for Bellwether Books (BELL): order PO-9, over GBP 900.00, estimate GBP 800.50\n")
    for option, said, what in (("--estimate", 7, "estimate"), ("--order", "PO-1", "order"), ("--currency", "eur", "currency")):
        no = at_work.types(*bell, option, said)
        assert (no.code, f"Bellwether Books has a project Gift boxes with another {what}." in no.err) == (1, True)
    assert "An amount of an order is given with its number" in at_work.types(*bell, "--order-amount", "1").err
    assert (
        "1.005 is no amount of GBP" in at_work.types("project", "open", "Two", "--customer", "BELL", "--estimate", "1.005").err
    )
    assert [one["name"] for one in at_work.asks("project", "list")["projects"]] == ["Gift boxes"]
    assert at_work.types("project", "list", "--customer", "ELM").out.startswith("No projects yet.")


def test_what_was_done_is_noted_once_and_listed_with_its_age_and_whose_word_is_missing(gift_boxes: Operator) -> None:
    again = gift_boxes.types("project", "add", "Gift boxes", gift_boxes.file("again.csv", CSV))
    assert again.out == "Gift boxes: 0 new; 4 were there already.\n"
    other = {**ITEM, "reference": "r-9"}
    twice = gift_boxes.file("twice.json", json.dumps({"items": [other, other]}))
    assert gift_boxes.types("project", "add", "Gift boxes", twice).out == "Gift boxes: 1 new; 1 were there already.\n"
    found = gift_boxes.asks("project", "unbilled", "--customer", "BELL")
    [one] = found["unbilled"]
    assert (one["name"], one["items_unbilled"], one["net_minor"], one["age_days"]) == ("Gift boxes", 3, 305_00, 6)
    assert (one["waiting"], one["whose"], one["is_finished"]) == (2, ["Beth's yes"], False)
    assert found["totals"] == [{"currency": "GBP", "items": 3, "net_minor": 305_00, "oldest_on": "2026-11-10", "age_days": 6}]
    page = gift_boxes.types("project", "unbilled").out
    assert page == (
        "    6 days       GBP 305.00  Bellwether Books (BELL), Gift boxes; 2 wait for Beth's yes\n"
        "GBP 305.00 of 3 items to be billed, the oldest since 2026-11-10.\n"
    )
    assert gift_boxes.types("project", "unbilled", "--customer", "ELM").out == "Everything that is finished is billed.\n"
    shown = gift_boxes.types("project", "show", "Gift boxes", "--most", "4").out
    assert ("GBP 50.00  Proofs: not finished" in shown, "Layout (Tom): waits for Beth's yes" in shown) == (True, True)
    assert shown.endswith("There are more than these 4; --most shows more.\n")


def test_the_longest_unbilled_comes_first_and_currencies_are_summed_apart(gift_boxes: Operator) -> None:
    assert gift_boxes.imports(ROW | {"No": "E-2", "Customer": "ATELIER", "Name": "Atelier", "Cur": "EUR"}).json["imported"]
    gift_boxes.asks("project", "open", "Catalogue", "--customer", "ATELIER")
    toml = "\n".join(["[[items]]", *(f"{name} = {json.dumps(value)}" for name, value in ITEM.items())]).replace(
        "-11-10", "-10-01"
    )
    gift_boxes.asks("project", "add", "Catalogue", gift_boxes.file("october.toml", toml))
    found = gift_boxes.asks("project", "unbilled")
    assert [(one["name"], one["age_days"]) for one in found["unbilled"]] == [("Catalogue", 46), ("Gift boxes", 6)]
    assert [(one["currency"], one["net_minor"]) for one in found["totals"]] == [("EUR", 90_00), ("GBP", 215_00)]
    rate = ("--rate", "0.86", "--rate-source", "our bank")
    assert "There is no exchange rate" in gift_boxes.types("project", "finish", "Catalogue", "--issue").err
    assert "give it with --issue" in gift_boxes.types("project", "finish", "Catalogue", *rate).err
    [issued] = gift_boxes.asks("project", "finish", "Catalogue", "--issue", *rate)["invoices"]
    assert (issued["number"], issued["currency"], issued["total_minor"]) == ("2026-0001", "EUR", 108_00)


def test_finished_work_is_billed_by_item_by_customer_and_by_project(gift_boxes: Operator) -> None:
    gift_boxes.asks("project", "open", "Posters", "--customer", "BELL")
    two = {"items": [{**ITEM, "description": "Posters"}, {**ITEM, "description": "Hanging"}]}
    keys = gift_boxes.asks("project", "add", "Posters", gift_boxes.file("two.json", json.dumps(two)))["added"]
    [one] = gift_boxes.asks("project", "bill", "--item", keys[1])["invoices"]
    assert (one["stage"], one["net_minor"], one["work"]) == ("draft", 90_00, "Posters")
    taken = gift_boxes.types("project", "bill", "--item", keys[0], "--item", keys[1])
    assert (taken.code, "was billed meanwhile" in taken.err) == (1, True)
    apart = gift_boxes.asks("project", "bill", "--customer", "BELL", "--by-project")["invoices"]
    assert sorted(each["net_minor"] for each in apart) == [90_00, 215_00]
    for each in apart:
        gift_boxes.asks("invoice", "void", each["id"], "--reason", "Together, please")
    page = gift_boxes.types("project", "bill", "--together").out
    assert (
        "to Bellwether Books (BELL): GBP 366.00, of it tax GBP 61.00\n  Gift boxes, Posters\n  It waits for approval.\n" in page
    )
    nothing = gift_boxes.types("project", "bill")
    assert nothing.err == "There is no finished work that is not billed. Nothing was billed.\n"
    assert "on a draft" in gift_boxes.types("project", "show", "Posters").out
    assert gift_boxes.types("project", "bill", "--together", "--by-project").code == 2


def test_a_project_ends_with_all_that_is_left_of_it(gift_boxes: Operator) -> None:
    items = {one["description"]: one["item"] for one in gift_boxes.asks("project", "show", "Gift boxes")["items"]}
    dropped = gift_boxes.types("project", "drop", items["Couriers, two"], "--reason", "A gesture").out
    assert dropped.endswith("Couriers, two: not billed, A gesture\n")
    agreed = gift_boxes.asks("project", "wait", items["Layout"], "--agreed")
    assert (agreed["waits_for"], agreed["net_minor"]) == ("", 180_00)
    assert gift_boxes.asks("project", "wait", items["Retouching"], "--for", "Sam")["waits_for"] == "Sam"
    [issued] = gift_boxes.asks("project", "finish", "Gift boxes", "--issue", "--on", "2026-11-15")["invoices"]
    assert (issued["number"], issued["net_minor"], issued["issued_on"]) == ("2026-0001", 230_00, "2026-11-15")
    shown = gift_boxes.asks("project", "show", "Gift boxes")
    assert (shown["finished_on"], [one["number"] for one in shown["items"]]) == (
        "2026-11-15",
        ["2026-0001", "2026-0001", "", ""],
    )
    assert "has no finished work that is not billed" in gift_boxes.types("project", "finish", "Gift boxes").err
    assert "was billed or dropped already" in gift_boxes.types("project", "drop", items["Layout"], "--reason", "No").err
    assert "ended 2026-11-15" in gift_boxes.types("project", "list").out
    assert gift_boxes.asks("prove")["ok"] is True


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        ("Retouching,time", "Retouching,play", "Line 2 in odd.csv: kind is one of time, expense, fixed, usage, not 'play'."),
        ("2026-11-13", "13/11/2026", "Line 5 in odd.csv: done_on: '13/11/2026' is not a date; write it like 2026-11-16."),
        ("90.00", "", "Line 2 in odd.csv: an item has description, price, kind, done_on, and this one has no price."),
        ("90.00", "90,00", "Line 2 in odd.csv has 12 cells, and its heading 11. Nothing was done."),
        ("90.00", "1e3", "Line 2 in odd.csv: price '1e3' is not a number, so nothing was done."),
        ("price", "prize", "and 'prize' is nothing that it can say."),
        (",no\n", ",perhaps\n", "Line 5 in odd.csv: is_finished is true or false, not 'perhaps'."),
        ('"Couriers', '"Couriers"x', "is not CSV ("),
        (CSV.partition("\n")[2], "", "odd.csv says of nothing that was done. Nothing was noted."),
    ],
)
def test_a_file_with_one_wrong_row_notes_nothing(
    at_work: Operator, monkeypatch: pytest.MonkeyPatch, was: str, now: str, sentence: str
) -> None:
    at_work.asks("project", "open", "Gift boxes", "--customer", "BELL")
    assert was in CSV
    at_work.file("odd.csv", CSV.replace(was, now))
    monkeypatch.chdir(at_work.folder)
    no = at_work.types("project", "add", "Gift boxes", "odd.csv")
    assert (no.code, no.out, sentence in no.err) == (1, "", True), no.err
    assert at_work.asks("project", "show", "Gift boxes")["items"] == []


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("odd.json", '{"items": 1}', "odd.json: its items are tables, such as [[items]]. Nothing was noted."),
        ("odd.json", '{"items": [1]}', "Item 1 in odd.json: an item has description, price, kind, done_on, and"),
        ("odd.json", "[]", "odd.json: it has items, such as [[items]], and"),
        ("odd.toml", "", "and this one has no items."),
        ("odd.json", json.dumps({"items": [{**ITEM, "description": "\0"}]}), "description is not a text, so nothing was done."),
        ("odd.csv", b"description\n\xff\n", "odd.csv is not CSV ("),
        ("none.csv", None, "none.csv could not be read (No such file or directory), so nothing was done."),
    ],
)
def test_a_file_that_is_none_is_refused(
    at_work: Operator, monkeypatch: pytest.MonkeyPatch, name: str, content: str | bytes | None, sentence: str
) -> None:
    at_work.asks("project", "open", "Gift boxes", "--customer", "BELL")
    if content is not None:
        at_work.file(name, content)
    monkeypatch.chdir(at_work.folder)
    no = at_work.types("project", "add", "Gift boxes", name)
    assert (no.code, no.out, sentence in no.err) == (1, "", True), no.err


def test_two_of_one_name_are_told_apart_by_their_keys(at_work: Operator) -> None:
    ours, theirs = (at_work.asks("project", "open", "Labels", "--customer", one)["project"] for one in ("BELL", "ELM"))
    no = at_work.types("project", "show", "Labels")
    assert (no.code, no.err) == (
        1, "Penhale has 2 projects Labels. Nothing was done; `goodterms project list` prints their keys.\n",
    )  # fmt: skip
    assert [at_work.asks("project", "show", one)["customer"] for one in (ours, theirs)] == ["BELL", "ELM"]


def test_the_items_that_are_explained_can_be_noted(at_work: Operator) -> None:
    block = re.search(r"^    \[\[items\]\].*?\n\n", SECTIONS["project"], re.M | re.S)
    assert block
    at_work.asks("project", "open", "Gift boxes", "--customer", "BELL")
    assert len(at_work.asks("project", "add", "Gift boxes", at_work.file("shown.toml", dedent(block[0])))["added"]) == 1
    [item] = at_work.asks("project", "show", "Gift boxes")["items"]
    assert (item["reference"], item["net_minor"], item["team"]) == ("sheet-7-12", 225_00, "Design")
