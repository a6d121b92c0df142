"""An operator drafts an invoice from a file, once for a key, changes what is named of it, and learns what it waits for."""

import json
import re
from textwrap import dedent

import pytest

from goodterms.cli.tests.cast import ROW, Operator
from goodterms.cli.tests.test_docs import SECTIONS

pytestmark = pytest.mark.django_db(transaction=True)
FILE = """
customer = "BELL"
work = "Shelf labels"
[[lines]]
description = "Shelf labels, printed"
quantity = 400
unit = "piece"
price = 1.85
tax_percent = 20
discount_amount = 20.00
project = "Shelf labels"
[[lines]]
description = "Proof"
price = 30
tax_category = "Z"
[[adjustments]]
kind = "charge"
amount = 12.00
reason = "Carriage"
tax_percent = 20
"""
KEY = "01a2b3c4-d5e6-7890-8abc-def012345678"
APPROVAL = {"what": "approval", "sentence": "It waits for approval."}


@pytest.fixture
def at_work(operator: Operator) -> Operator:
    operator.add_vendor()
    assert operator.imports(ROW).json["imported"]
    return operator


def drafts(at_work: Operator) -> list[dict[str, object]]:
    found: list[dict[str, object]] = at_work.asks("invoice", "list", "--stage", "draft")["invoices"]
    return found


def test_one_is_drafted_from_a_file_once_for_its_key_and_issued_by_it(at_work: Operator) -> None:
    """720 at 20 per cent and 30 without tax, and a charge of 12: 762.00 before tax."""
    draft = ("invoice", "draft", at_work.file("labels.toml", FILE), "--key", KEY)
    first = at_work.asks(*draft)
    assert (first["id"], first["stage"], first["customer"], first["work"]) == (KEY, "draft", "BELL", "Shelf labels")
    assert (first["net_minor"], first["tax_minor"], first["total_minor"]) == (762_00, 146_40, 908_40)
    assert first["waits_for"] == [APPROVAL]
    assert at_work.asks(*draft) == first
    assert len(drafts(at_work)) == 1
    issued = at_work.types(*draft, "--issue", "--unsent").out
    assert issued == (
        "Invoice 2026-0001 to Bellwether Books (BELL): GBP 908.40, of it tax GBP 146.40\n"
        "  Shelf labels\n  issued 2026-11-16, due 2026-12-16\n"
    )
    assert at_work.types(*draft, "--issue").out == issued
    shown = at_work.asks("invoice", "show", "2026-0001")
    assert [line["net_minor"] for line in shown["lines"]] == [720_00, 30_00]
    assert at_work.asks("prove")["ok"] is True


def test_the_same_in_json_and_the_key_of_another_customer_s_invoice_is_refused(at_work: Operator) -> None:
    assert at_work.imports(ROW | {"No": "E-1", "Customer": "ELM", "Name": "Elm"}).json["imported"]
    line = {"description": "Labels", "price": "19.99", "quantity": 3, "includes_tax": True, "tax_percent": 20}
    said = {"customer": "BELL", "lines": [line]}
    made = at_work.asks("invoice", "draft", at_work.file("labels.json", json.dumps(said)), "--key", KEY)
    assert (made["net_minor"], made["total_minor"]) == (49_98, 59_97)
    other = at_work.file("other.json", json.dumps(said | {"customer": "ELM"}))
    no = at_work.types("invoice", "draft", other, "--key", KEY)
    assert (no.code, no.err) == (1, f"The key {KEY} is of an invoice to Bellwether Books. Nothing was done.\n")


def test_only_what_is_named_changes(at_work: Operator) -> None:
    key = at_work.asks("invoice", "draft", at_work.file("labels.toml", FILE))["id"]
    edited = at_work.asks("invoice", "edit", key, "--order", "PO-881")
    assert (edited["order_number"], edited["work"], edited["total_minor"]) == ("PO-881", "Shelf labels", 908_40)
    file = at_work.file("less.toml", 'customer = "BELL"\nwork = "Labels"\nadjustments = []\norder_amount = 800\n')
    less = at_work.asks("invoice", "edit", key, file, "--work", "Shelf labels, spring")
    assert (less["work"], less["order_number"], less["total_minor"]) == ("Shelf labels, spring", "PO-881", 894_00)
    assert len(at_work.asks("invoice", "show", key)["lines"]) == 2
    assert at_work.asks("invoice", "edit", key, "--order", "")["order_number"] == ""
    at_work.asks("invoice", "approve", key)
    approved = at_work.types("invoice", "edit", key, "--work", "Other").err
    assert "Send it back first, then change it." in approved


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Say what is other than before: a FILE, --order or --work. Nothing was done."),
        (('customer = "ELM"',), "edit.toml: a draft keeps its customer, which is BELL. Draft another one. Nothing was done."),
        (('currency = "EUR"',), "a draft keeps its currency, which is GBP."),
        (("order_amount = 900",), "an order_amount is of an order; say its order_number too."),
        (("lines = []",), "its lines are tables, such as [[lines]], and there is one at least."),
        (('colour = "red"',), "and 'colour' is nothing that it can say."),
    ],
)
def test_what_cannot_be_changed_changes_nothing(at_work: Operator, words: tuple[str, ...], sentence: str) -> None:
    key = at_work.asks("invoice", "draft", at_work.file("labels.toml", FILE))["id"]
    before = at_work.asks("invoice", "show", key)
    no = at_work.types("invoice", "edit", key, *(at_work.file("edit.toml", one) for one in words))
    assert (no.code, no.out, sentence in no.err) == (1, "", True), no.err
    assert at_work.asks("invoice", "show", key) == before


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        ('customer = "BELL"', "", "an invoice has a customer and lines, and this one has no customer."),
        ('"BELL"', '"NOBODY"', "has no customer number NOBODY"),
        ("price = 1.85", 'price = "much"', "Line 1 in odd.toml: price 'much' is not a number, so nothing was done."),
        ("price = 1.85", "price = -1", "Line 1 in odd.toml: A price is not negative."),
        ("price = 30", "price = nan", "Line 2 in odd.toml: price 'NaN' is not a number, so nothing was done."),
        ("price = 30", "prize = 30", "Line 2 in odd.toml: a line has a description and a price, and 'prize' is nothing that"),
        ('category = "Z"', 'category = "E"', "Line 2 in odd.toml: Exempt: say why there is no tax."),
        ('category = "Z"', 'category = ["Z"]', "Line 2 in odd.toml: tax_category is not a text, so nothing was done."),
        ('"charge"', '"gift"', "Adjustment 1 in odd.toml: 'gift' is neither an allowance nor a charge."),
        ('reason = "Carriage"', "", "an amount and a reason, and this one has no reason."),
        ('work = "Shelf labels"', 'tax_rounding = "never"', "tax_rounding is group or line: where tax is rounded."),
        ('work = "Shelf labels"', "order_amount = 12", "an order_amount is of an order; say its order_number too."),
        ('work = "Shelf labels"', 'currency = "EUX"', "'EUX' is not a currency code of ISO 4217"),
        ('work = "Shelf labels"', 'order_number = "P"\norder_amount = 1.005', "1.005 is no amount of GBP"),
        ("customer =", "customer", "is not TOML"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_drafts_nothing(
    at_work: Operator, monkeypatch: pytest.MonkeyPatch, was: str, now: str, sentence: str
) -> None:
    at_work.file("odd.toml", FILE.replace(was, now))
    monkeypatch.chdir(at_work.folder)
    no = at_work.types("invoice", "draft", "odd.toml", "--issue")
    assert (no.code, no.out, sentence in no.err) == (1, "", True), no.err
    assert drafts(at_work) == []


def test_it_says_who_can_supply_the_order_and_they_are_asked_once(at_work: Operator) -> None:
    at_work.asks("customer", "set", "BELL", "--order", "yes", "--paper", "signed timesheet")
    file = at_work.file("labels.toml", FILE)
    no = at_work.types("invoice", "draft", file, "--issue")
    assert "Bellwether Books takes no invoice without a purchase order. Add its number first." in no.err
    assert drafts(at_work) == [], "what could not be issued is not drafted either"
    made = at_work.asks("invoice", "draft", file)
    assert [one["what"] for one in made["waits_for"]] == ["approval", "order", "document"]
    who = "Bellwether Books, who pays there, can supply it where it is theirs."
    ready = at_work.types("invoice", "ready", made["id"])
    assert (ready.code, f"  {who}\n" in ready.out) == (1, True)
    assert at_work.types("invoice", "ready", made["id"], "--json").json["who"] == who
    asked = at_work.types("invoice", "ask-order", made["id"]).out
    assert asked.startswith("Bellwether Books is asked by e-mail, not before 2026-11-16 10:20 UTC. The number lands in the")
    again = at_work.types("invoice", "ask-order", made["id"])
    assert (again.code, "They were asked on 16 November already." in again.err) == (1, True)
    at_work.asks("invoice", "edit", made["id"], "--order", "PO-1")
    assert "has its purchase order" in at_work.types("invoice", "ask-order", made["id"]).err


def test_what_was_approved_is_sent_back_with_a_reason(at_work: Operator) -> None:
    key = at_work.asks("invoice", "draft", at_work.file("labels.toml", FILE))["id"]
    assert "Change it as it is." in at_work.types("invoice", "send-back", key, "--reason", "The price").err
    at_work.asks("invoice", "approve", key)
    assert "Say why, in a few words" in at_work.types("invoice", "send-back", key, "--reason", " ").err
    back = at_work.types("invoice", "send-back", key, "--reason", "The price").out
    assert back == f"{key} is a draft again, to be changed.\n"
    assert at_work.asks("invoice", "edit", key, "--work", "Labels")["waits_for"] == [APPROVAL]
    told = [event["data"].get("reason") for event in at_work.asks("invoice", "show", key)["timeline"]]
    assert "The price" in told


def test_abroad_it_waits_for_a_rate_and_is_issued_with_one(at_work: Operator) -> None:
    assert at_work.imports(ROW | {"No": "E-1", "Customer": "ATELIER", "Name": "Atelier", "Cur": "EUR"}).json["imported"]
    draft = ("invoice", "draft", at_work.file("labels.toml", FILE.replace("BELL", "ATELIER")), "--key", KEY)
    made = at_work.asks(*draft)
    assert [one["what"] for one in made["waits_for"]] == ["approval", "rate"]
    ready = at_work.types("invoice", "ready", KEY)
    assert (ready.code, "There is no exchange rate from EUR to GBP for 16 November 2026" in ready.out) == (1, True)
    rate = ("--rate", "0.86", "--rate-source", "our bank")
    assert "give it with --issue. Nothing was done." in at_work.types(*draft, *rate).err
    issued = at_work.asks(*draft, *rate, "--issue", "--unsent")
    assert (issued["stage"], issued["currency"], issued["waits_for"]) == ("open", "EUR", [])


def test_what_is_more_than_its_order_waits_for_their_word(at_work: Operator) -> None:
    file = FILE.replace("work =", 'order_number = "PO-881"\norder_amount = 500.00\nwork =')
    made = at_work.asks("invoice", "draft", at_work.file("labels.toml", file), "--issue")
    assert (made["number"], made["stage"]) == ("", "approved")
    assert [one["what"] for one in made["waits_for"]] == ["word"]
    assert at_work.asks("invoice", "issue", made["id"], "--despite", "They said so by telephone")["invoice"] == "2026-0001"


def test_a_customer_is_asked_before_anybody_tries_to_issue_it(at_work: Operator) -> None:
    """762.00 before tax, where the order is over 500."""
    file = FILE.replace("work =", 'order_number = "PO-881"\norder_amount = 500.00\nwork =')
    key = at_work.asks("invoice", "draft", at_work.file("labels.toml", file))["id"]
    asked = at_work.types("invoice", "ask-first", key, "--note", "Two more rooms").out
    assert asked.startswith("Bellwether Books is asked by e-mail whether GBP 762.00 is fine, where GBP 500.00 was expected.")
    assert "They were asked about it already." in at_work.types("invoice", "ask-first", key).err
    assert [one["what"] for one in at_work.asks("invoice", "edit", key, "--order", "PO-881")["waits_for"]] == [
        "approval",
        "word",
    ]
    less = at_work.asks("invoice", "edit", key, at_work.file("less.toml", "lines = [{description = 'Labels', price = 1}]"))
    assert [one["what"] for one in less["waits_for"]] == ["approval"], "what was changed is asked about no more"
    assert "so there is nothing to ask. Issue it." in at_work.types("invoice", "ask-first", key).err


def test_the_file_that_is_explained_comes_to_what_is_said_of_it(at_work: Operator) -> None:
    block = re.search(r'^    customer = "BELL".*?\n\n', SECTIONS["invoice"], re.M | re.S)
    said = re.search(r'"net_minor": (\d+), "tax_minor": (\d+), "waits_for"', SECTIONS["invoice"])
    assert block
    assert said
    made = at_work.asks("invoice", "draft", at_work.file("shown.toml", dedent(block[0])))
    assert (made["net_minor"], made["tax_minor"]) == (int(said[1]), int(said[2]))
    assert [one["description"] for one in at_work.asks("invoice", "show", made["id"])["lines"]] == ["Shelf labels, printed"]


def test_an_approved_one_is_issued_by_itself_on_its_day(at_work: Operator) -> None:
    draft = ("invoice", "draft", at_work.file("invoice.toml", FILE), "--key", KEY)
    key = at_work.asks(*draft)["id"]
    assert "Approve it first." in at_work.types("invoice", "later", key, "--on", "2026-12-01").err
    at_work.asks("invoice", "approve", key)
    assert at_work.types("invoice", "later", key, "--on", "2026-12-01").out == f"{key} is issued by itself on 2026-12-01.\n"
    assert at_work.types("invoice", "later", key).out == f"{key} is issued on no day by itself.\n"
    assert at_work.asks("invoice", "later", key, "--on", "2026-12-01")["issues_on"] == "2026-12-01"
    assert at_work.asks(*draft)["waits_for"] == [{"what": "day", "sentence": "It is issued by itself on 2026-12-01."}]
    at_work.asks("day", "--on", "2026-12-01")
    shown = at_work.asks("invoice", "show", key)
    assert (shown["stage"], shown["issued_on"]) == ("open", "2026-12-01")
