"""What each command answers: its exit code, its one JSON document, its sentence."""

import re
from datetime import date
from typing import Any

import pytest

from goodterms.cli.tests.cast import ROW, Operator

pytestmark = pytest.mark.django_db
ISO = re.compile(r"\d{4}-\d\d-\d\d")


@pytest.fixture
def at_work(operator: Operator) -> Operator:
    """Penhale, whose customer Bellwether owes two invoices, and a small customer one that is not yet due."""
    operator.add_vendor()
    small = {"Customer": "SEV", "Name": "Severn Tea", "Email": "", "Due": "2026-11-30", "Amount": "12.00"}
    answer = operator.imports(ROW, {"No": "PP-2", "Due": "2026-11-01", "Amount": "100.00"}, small | {"No": "PP-3"}).json
    assert answer["imported"]
    return operator


def refused(operator: Operator, *words: object) -> str:
    said = operator.types(*words)
    assert (said.code, said.out) == (1, "")
    assert said.err.count("\n") == 1
    return said.err.strip()


def test_aging_has_the_shape_that_scripts_read(at_work: Operator) -> None:
    assert at_work.asks("aging") == {
        "as_of": "2026-11-16",
        "vendor": "penhale",
        "currencies": [
            {
                "currency": "GBP",
                "invoices": 3,
                "customers": 2,
                "total_minor": 205_480,
                "unapplied_minor": 0,
                "buckets": {
                    "current": {"invoices": 1, "open_minor": 1_200},
                    "1_30": {"invoices": 2, "open_minor": 204_280},
                    "31_60": {"invoices": 0, "open_minor": 0},
                    "61_90": {"invoices": 0, "open_minor": 0},
                    "over_90": {"invoices": 0, "open_minor": 0},
                },
            }
        ],
    }
    assert "GBP 2,054.80  of 2 customers" in at_work.types("aging", "--as-of", "2026-11-16").out
    assert at_work.asks("aging", "--as-of", "2026-09-30")["currencies"] == []
    assert "Nothing is open." in at_work.types("aging", "--as-of", "2026-09-30").out


def test_a_rehearsal_has_the_shape_that_scripts_read(at_work: Operator) -> None:
    answer = at_work.asks("rehearse", "--from", "2026-11-17", "--days", "1")
    assert list(answer) == ["from", "days", "items"]
    assert (answer["from"], answer["days"]) == ("2026-11-17", 1)
    assert {tuple(item) for item in answer["items"]} == {
        ("on", "vendor", "customer", "payer", "invoices", "step", "channel", "tone", "outcome", "reasons")
    }
    out = [item for item in answer["items"] if item["outcome"] == "goes_out"]
    assert [(item["customer"], item["payer"], sorted(item["invoices"]), item["reasons"]) for item in out] == [
        ("BELL", "sandra@bellwether.example", ["PP-1", "PP-2"], [])
    ]
    text = at_work.types("rehearse", "--from", "2026-11-17", "--days", "1").out
    assert text.startswith("Tuesday 17 November 2026: 1 notice to go out, 0 held\n  out   Bellwether Books  ")
    assert "PP-3" not in text
    assert "PP-3" in at_work.types("rehearse", "--from", "2026-11-17", "--days", "1", "--all").out


def test_a_proof_has_the_shape_that_scripts_read(at_work: Operator) -> None:
    answer = at_work.asks("prove")
    assert list(answer) == ["ok", "invariants"]
    assert answer["ok"] is True
    assert {tuple(one) for one in answer["invariants"]} == {("id", "checked", "broken")}
    wanted = {f"I{n}" for n in [*range(1, 15), *range(18, 23)]}
    assert wanted <= {one["id"] for one in answer["invariants"]}
    assert next(one["checked"] for one in answer["invariants"] if one["id"] == "I5") == 3


def test_measures_say_each_figure_and_what_it_counts(at_work: Operator) -> None:
    answer = at_work.asks("measures", "--as-of", "2026-11-16")
    assert (answer["as_of"], answer["first_on"], answer["vendor"]) == ("2026-11-16", "2026-08-19", "penhale")
    money = answer["collection"][0]
    assert (money["currency"], money["owed_minor"], money["billed_minor"], money["dso"]) == ("GBP", 205_480, 205_480, "90.00")
    assert answer["accuracy"] == {"issued": 3, "right": 3, "share": "100.00", "causes": {}}
    assert answer["answers"] == {"asked": 0, "answered": 0, "median_minutes": None, "within_word": None}
    assert answer["promises"]["share"] is answer["satisfaction"]["share"] is None
    assert {"collection", "answers", "accuracy", "satisfaction", "promises", "unapplied"} <= set(answer["definitions"])
    text = at_work.types("measures").out
    for words in ("days sales outstanding", "best possible DSO", "average days delinquent", "collection effectiveness",
                  "answer time", "within our word", "right first time", "content", "promises kept", "unapplied"):  # fmt: skip
        assert re.search(rf"^  {words} .* {{3}}\S", text, re.M), words


def test_money_is_recorded_once_for_its_key(at_work: Operator) -> None:
    words = ["payment", "record", "--customer", "BELL", "--currency", "GBP", "--method", "bank_transfer", "--key", "fp-1",
             "--received-on", "2026-11-16"]  # fmt: skip
    first = at_work.asks(*words, "--amount", "150.00", "--invoice", "PP-2")
    assert [(one["number"], one["minor"], one["open_minor"]) for one in first["allocations"]] == [
        ("PP-2", 10_000, 0), ("PP-1", 5_000, 189_280),
    ]  # fmt: skip
    assert at_work.asks(*words, "--amount", "150.00", "--invoice", "PP-2") == first
    assert "another payment" in refused(at_work, *words, "--amount", "151.00")
    assert at_work.asks("aging")["currencies"][0]["total_minor"] == 205_480 - 15_000
    assert [one["number"] for one in at_work.asks("invoice", "list", "--stage", "settled")["invoices"]] == ["PP-2"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"--amount": "1.005"}, "2 digits after the point"),
        ({"--amount": "-5"}, "more than nothing"),
        ({"--amount": "99999999999999999.00"}, "larger than an amount can be"),
        ({"--currency": "EUX"}, "not a currency code"),
        ({"--customer": "NOBODY"}, "no customer number NOBODY"),
        ({"--invoice": "PP-77"}, "no invoice number PP-77"),
        ({"--received-on": "2027-01-01"}, "once it is here"),
    ],
)
def test_money_that_cannot_be_is_refused(at_work: Operator, changes: dict[str, str], sentence: str) -> None:
    asked = {"--customer": "BELL", "--amount": "5", "--currency": "GBP", "--method": "cash", "--key": "k",
             "--received-on": "2026-11-16"} | changes  # fmt: skip
    assert sentence in refused(at_work, "payment", "record", *(word for pair in asked.items() for word in pair), "--json")
    assert at_work.asks("aging")["currencies"][0]["total_minor"] == 205_480


def test_an_invoice_is_held_by_hand_until_its_day_and_released(at_work: Operator) -> None:
    answer = at_work.asks("hold", "PP-1", "--reason", "Back on Wednesday", "--until", "2026-11-17")
    assert answer == {
        "invoice": "PP-1",
        "holds": [
            {
                "reason": "manual",
                "note": "Back on Wednesday",
                "by": "operator",
                "from_on": "2026-11-16",
                "until_on": "2026-11-17",
            }
        ],
    }
    items = at_work.asks("rehearse", "--from", "2026-11-17", "--days", "2")["items"]
    by_day = {item["on"]: item["reasons"] for item in items if "PP-1" in item["invoices"]}
    assert "manual" in by_day["2026-11-17"]
    assert "manual" not in by_day["2026-11-18"]
    assert "held as manual from 2026-11-16 until 2026-11-17: Back on Wednesday" in at_work.types("invoice", "show", "PP-1").out
    assert at_work.asks("release", "PP-1") == {"invoice": "PP-1", "holds": []}
    assert refused(at_work, "release", "PP-1") == "PP-1 is not held by hand, so there is nothing to release."
    assert "before it begins" in refused(at_work, "hold", "PP-1", "--reason", "x", "--until", "2026-11-01")


def test_invoices_are_listed_and_shown(at_work: Operator) -> None:
    listed = at_work.asks("invoice", "list", "--customer", "BELL", "--most", "1")
    assert [one["number"] for one in listed["invoices"]] == ["PP-1"]
    assert listed["more"] is True
    assert [one["number"] for one in at_work.asks("invoice", "list", "--stage", "open")["invoices"]] == ["PP-3"]
    shown = at_work.asks("invoice", "show", "PP-1")
    assert (shown["stage"], shown["name"], shown["open_minor"]) == ("overdue", "Bellwether Books", 194_280)
    assert [event["kind"] for event in shown["timeline"]] == ["invoice.imported"]
    assert ISO.match(shown["timeline"][0]["at"][:10])
    assert "PP-1           overdue  due 2026-10-31" in at_work.types("invoice", "list").out
    assert at_work.types("invoice", "list", "--stage", "void").out == "No such invoices.\n"
    assert refused(at_work, "invoice", "show", "PP-9") == "Penhale has no invoice number PP-9. Nothing was done."


def test_how_a_vendor_works_is_set_and_shown(at_work: Operator) -> None:
    usual = {
        "slug": "penhale", "sender": "", "answer_hours": 4, "extension_days_max": 14, "plan_parts_max": 3, "plan_days_max": 92,
        "plan_minor_max": None, "feed_days_max": None, "four_eyes": False, "welcomes": False,
            "forewarn_percent": 10, "forewarn_minor": 50_00, "silence_days": None,
        "legal_name": "", "tax_id": "", "street": "", "city": "", "post_code": "", "region": "", "endpoint": "",
    }  # fmt: skip
    assert at_work.asks("vendor", "set", "penhale") == usual
    changed = at_work.asks("vendor", "set", "penhale", "--feed-days", "7", "--sender", "Ann Penhale", "--answer-hours", "8")
    assert changed == {**usual, "feed_days_max": 7, "sender": "Ann Penhale", "answer_hours": 8}
    assert at_work.asks("vendor", "set", "penhale", "--feed-days", "never")["feed_days_max"] is None
    parts = at_work.asks("vendor", "set", "penhale", "--plan-parts", "6", "--plan-days", "180", "--plan-sum", "500000")
    assert (parts["plan_parts_max"], parts["plan_days_max"], parts["plan_minor_max"]) == (6, 180, 500_000)
    assert at_work.asks("vendor", "set", "penhale", "--four-eyes", "yes")["four_eyes"] is True
    told = at_work.asks(
        "vendor", "set", "penhale", "--welcomes", "yes", "--tax-id", "GB 305 4172 36", "--legal-name", "Pen Ltd"
    )
    assert (told["welcomes"], told["tax_id"], told["legal_name"]) == (True, "305417236", "Pen Ltd")
    assert "cannot be a tax id of GB" in refused(at_work, "vendor", "set", "penhale", "--tax-id", "GB 305 4172 37")
    said = at_work.types("vendor", "set", "penhale").out
    assert "an invoice is approved by somebody who did not write it" in said
    assert "  up to 6 parts within 180 days are agreed at once, up to 5,000.00 GBP\n" in said
    assert at_work.asks("vendor", "set", "penhale", "--plan-sum", "any")["plan_minor_max"] is None
    assert "whole number" in refused(at_work, "vendor", "set", "penhale", "--answer-hours", "0")
    assert "formula" in refused(at_work, "vendor", "set", "penhale", "--sender", "=A1")


def test_a_new_customer_is_welcomed_once_a_day(at_work: Operator) -> None:
    sent = at_work.asks("welcome", "BELL")
    assert (sent["customer"], sent["channel"], sent["to"]) == ("BELL", "email", "Bellwether Books")
    assert "today already. Nothing was sent again." in refused(at_work, "welcome", "BELL")
    assert "has no customer number NOBODY" in refused(at_work, "welcome", "NOBODY")


def test_reminders_wait_when_news_of_payments_is_too_old(at_work: Operator) -> None:
    def reasons() -> set[str]:
        return {
            why for item in at_work.asks("rehearse", "--from", "2026-11-24", "--days", "1")["items"] for why in item["reasons"]
        }

    assert "stale_feed" not in reasons()
    at_work.asks("vendor", "set", "penhale", "--feed-days", "2")
    assert "stale_feed" in reasons()


GENTLE = """
name = "Gentle"
gap_days = 4
[[steps]]
days = 12
kind = "first"
tone = "formal"
minimum = { GBP = 5000 }
[[steps]]
days = 30
kind = "owner"
channel = "person"
"""


def test_another_cadence_is_used_from_then_on(at_work: Operator) -> None:
    def steps() -> set[Any]:
        items = at_work.asks("rehearse", "--from", "2026-11-17", "--days", "1")["items"]
        return {(item["step"], item["tone"]) for item in items if item["outcome"] == "goes_out"}

    assert [one["name"] for one in at_work.asks("cadence", "show")["cadences"]] == ["Steady"]
    before = steps()
    path = at_work.file("gentle.toml", GENTLE)
    kept = at_work.asks("cadence", "set", path)["cadences"]
    assert [(one["name"], one["usual"]) for one in kept] == [("Steady", True), ("Gentle", False)]
    assert steps() == before != {("first", "formal")}
    assert at_work.asks("cadence", "set", path, "--usual")["cadences"][0] == {**kept[1], "usual": True}
    assert steps() == {("first", "formal")}
    second = at_work.file("second.json", '{"name": "Second", "steps": [{"days": 1, "kind": "first"}]}')
    usual = [(one["name"], one["usual"]) for one in at_work.asks("cadence", "set", second, "--usual")["cadences"]]
    assert usual == [("Second", True), ("Gentle", False)]
    assert "30 days after     owner      person   a person decides" in at_work.types("cadence", "show").out


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("c.toml", "steps = 3", "needs a list of steps"),
        ("c.toml", GENTLE.replace("days = 30", "days = 12"), "cannot come after"),
        ("c.toml", GENTLE.replace('"owner"', '"threat"'), "Step 2 has no kind 'threat'"),
        ("c.toml", "colour = 'red'", "and nothing else"),
        ("c.toml", "{}", "is not TOML"),
        ("c.json", "[]", "and nothing else"),
        ("c.json", b"\xff", "is not JSON"),
    ],
)
def test_what_is_no_cadence_is_refused(at_work: Operator, name: str, content: str | bytes, sentence: str) -> None:
    assert sentence in refused(at_work, "cadence", "set", at_work.file(name, content), "--usual")
    assert len(at_work.asks("cadence", "show")["cadences"]) == 1


def test_letters_are_listed_and_keys_are_made_and_ended(at_work: Operator) -> None:
    assert at_work.asks("outbox") == {"letters": []}
    key = at_work.asks("key", "add", "time tracking", "--scope", "invoices:read")
    assert list(key) == ["id", "name", "scopes", "secret"]
    assert at_work.asks("key", "revoke", key["id"]) == {"id": key["id"], "revoked": True}
    listed = at_work.asks("key", "list")["keys"]
    assert [(one["name"], one["revoked_at"] is None) for one in listed] == [("time tracking", False)]
    assert refused(at_work, "outbox", "--sent", key["id"]) == "There is no such letter."


def test_vendors_are_named_where_there_are_several(at_work: Operator) -> None:
    assert at_work.add_vendor("cotham", "EUR")["slug"] == "cotham"
    assert [one["slug"] for one in at_work.asks("vendor", "list")["vendors"]] == ["cotham", "penhale"]
    assert "There are: cotham, penhale" in refused(at_work, "aging", "--json")
    assert "There are: cotham, penhale" in refused(at_work, "aging", "--vendor", "nobody", "--json")
    assert at_work.asks("aging", "--vendor", "cotham")["currencies"] == []
    assert {item["vendor"] for item in at_work.asks("rehearse", "--from", "2026-11-17")["items"]} == {"penhale"}
    assert "already" in refused(at_work, "vendor", "add", "cotham", "--name", "C", "--currency", "EUR", "--country", "DE",
                                "--timezone", "Europe/Berlin", "--email", "c@c.example")  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["tidy"],
        ["aging", "--as-of", "2026-02-30"],
        ["aging", "--as-of", "16/11/2026"],
        ["aging", "--as-of", "20261116"],
        ["aging", "--as-of", "0001-01-01"],
        ["aging", "--colour", "red"],
        ["day", "--on", "2026-11-31"],
        ["day", "--at", "2026-11-16T10:00"],
        ["day", "--at", "9999-12-31T10:00+00:00"],
        ["day", "--on", "2026-11-16", "--at", "2026-11-16T10:00+00:00"],
        ["rehearse"],
        ["rehearse", "--from", "2026-11-16", "--days", "0"],
        ["rehearse", "--from", "2026-11-16", "--days", "-1"],
        ["invoice", "list", "--stage", "late"],
        ["payment", "record", "--amount", "ten"],
        ["outbox", "--last", "many"],
        ["import", "invoices"],
    ],
)
def test_what_is_not_understood_is_usage(operator: Operator, words: list[str]) -> None:
    said = operator.types(*words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("usage: goodterms")


def test_a_rehearsal_has_an_end(operator: Operator) -> None:
    operator.add_vendor()
    assert "366 days" in refused(operator, "rehearse", "--from", str(date(2026, 11, 16)), "--days", "367")


def test_a_clock_that_is_none_is_refused(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    operator.add_vendor()
    monkeypatch.setenv("GOODTERMS_NOW", "noon")
    assert "GOODTERMS_NOW: 'noon' is not an instant" in refused(operator, "aging", "--json")


def test_somebody_is_let_in_and_gets_a_new_link(at_work: Operator) -> None:
    made = at_work.asks("member", "add", "--email", "elin@penhale.example", "--name", "Elin Lindqvist", "--role", "owner")
    assert list(made) == ["id", "email", "role", "link"]
    assert re.fullmatch(r"https?://\S+/account/invitation/[\w-]{43}/", made["link"])
    again = at_work.asks("member", "link", "--email", "Elin@penhale.example")
    assert again["link"] != made["link"]
    listed = at_work.asks("member", "list")["members"]
    elin = {"email": "elin@penhale.example", "name": "Elin Lindqvist", "role": "owner"}
    assert {**elin, "approves_up_to_minor": None, "currency": "GBP"} in listed
    limited = ("member", "add", "--email", "priya@penhale.example", "--name", "Priya", "--role", "approver", "--approves-up-to")
    at_work.asks(*limited, "5000")
    priya = ("member", "change", "--email", "priya@penhale.example")
    assert at_work.asks(*priya, "--role", "bookkeeper")["approves_up_to_minor"] == 500_000
    assert at_work.types(*priya, "--approves-up-to", "20.50").out.endswith(
        "bookkeeper           Priya, approves up to GBP 20.50\n"
    )
    assert at_work.asks(*priya, "--approves-up-to", "any")["approves_up_to_minor"] is None
    assert "which has 2 digits after the point" in refused(at_work, *priya, "--approves-up-to", "1.234")
    assert "hand it to Elin Lindqvist alone" in at_work.types("member", "link", "--email", "elin@penhale.example").out
    twice = ("member", "add", "--email", "elin@penhale.example", "--name", "E", "--role", "owner")
    assert "works here already. For a new link: goodterms member link" in refused(at_work, *twice)
    assert "does not work here" in refused(at_work, "member", "link", "--email", "nobody@penhale.example")


def test_somebody_who_lost_everything_begins_anew(at_work: Operator) -> None:
    at_work.asks("member", "add", "--email", "elin@penhale.example", "--name", "Elin Lindqvist", "--role", "owner")
    anew = at_work.asks("member", "reset", "--email", "Elin@penhale.example")
    assert list(anew) == ["id", "email", "role", "link"]
    said = at_work.types("member", "reset", "--email", "elin@penhale.example").out
    assert "Password, passkeys, codes and sessions of Elin Lindqvist are taken away." in said
    assert "hand it to Elin Lindqvist alone" in said
    assert "does not work here" in refused(at_work, "member", "reset", "--email", "nobody@penhale.example")
