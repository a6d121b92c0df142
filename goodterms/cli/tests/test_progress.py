"""Deposits, parts, the final invoice and retainers from the command line; the same command with the same key bills once."""

import pytest

from goodterms.cli.tests.cast import ROW, Operator

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = """
[[lines]]
description = "Concept"
price = 400
tax_percent = 20
[[lines]]
description = "Print"
price = 600
tax_percent = 5
"""
KEY = "01a2b3c4-d5e6-7890-8abc-def012345678"


@pytest.fixture
def at_work(operator: Operator) -> Operator:
    operator.add_vendor()
    assert operator.imports(ROW).json["imported"]
    return operator


def test_from_the_price_to_the_final_invoice(at_work: Operator) -> None:
    agreed = at_work.asks("progress", "agree", "New shop", at_work.file("price.toml", PRICE), "--customer", "BELL")
    assert (agreed["net_minor"], agreed["tax_minor"], agreed["left_minor"]) == (100_000, 11_000, 100_000)
    first = at_work.asks("deposit", "New shop", "--percent", "30", "--issue", "--key", KEY)
    again = at_work.asks("deposit", "New shop", "--percent", "30", "--issue", "--key", KEY)
    assert first == again
    assert (first["made"]["invoice_id"], first["made"]["total_minor"]) == (KEY, 33_300)
    part = at_work.asks("progress", "part", agreed["project"], "--milestone", "1", "--issue")
    assert [one["is_reached"] for one in part["lines"]] == [True, False]
    page = at_work.types("progress", "final", "New shop", "--issue").out
    assert "New shop: GBP 1,000.00 agreed before tax, GBP 1,000.00 invoiced (100.0%), GBP 0.00 left." in page
    shown = at_work.asks("progress", "show", "New shop")
    assert [one["kind"] for one in shown["parts"]] == ["deposit", "progress", "final"]
    assert sum(one["stands_tax_minor"] for one in shown["parts"]) == 11_000
    assert shown["is_closed"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("progress", "show", "Nowhere"), "has no project Nowhere"),
        (("deposit", "New shop", "--sum", "1000.01"), "Only 1,000.00 GBP of the agreed 1,000.00 GBP are left"),
        (("deposit", "New shop", "--sum", "0.001"), "GBP"),
        (("progress", "part", "New shop", "--milestone", "3"), "The agreed price has no line 3."),
        (("retainer", "show", "f"), "has no retainer f"),
        (("retainer", "begin", "Care", "--customer", "BELL", "--hour", "0"), "Say what an hour of it costs before tax."),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(at_work: Operator, typed: tuple[str, ...], sentence: str) -> None:
    at_work.asks("progress", "agree", "New shop", at_work.file("price.toml", PRICE), "--customer", "BELL")
    no = at_work.types(*typed)
    assert (no.code, sentence in no.err) == (1, True)


def test_a_retainer_is_begun_topped_up_and_ended(at_work: Operator) -> None:
    begun = at_work.asks(
        "retainer", "begin", "Care", "--customer", "BELL", "--hour", "90", "--tax-percent", "20", "--keeps", "1"
    )
    key = begun["retainer"]
    topped = at_work.asks("retainer", "top-up", key, "10", "--issue")
    assert (topped["holds_minor"], topped["top_ups"][0]["expires_on"]) == (90_000, "2026-12-31")
    assert "no finished work that is not billed" in at_work.types("retainer", "draw", key).err
    assert "10 hours, GBP 900.00 before tax" in at_work.types("retainer", "list").out
    ended = at_work.types("retainer", "end", key, "--reason", "They do it themselves").out
    assert "ended 2026-11-16" in ended
    assert [one["holds_hours"] for one in at_work.asks("retainer", "list")["retainers"]] == ["10.000000"]


def test_a_rate_is_given_where_work_abroad_is_billed_and_issued_in_one_step(at_work: Operator) -> None:
    assert at_work.imports(ROW | {"No": "E-1", "Customer": "ATELIER", "Name": "Atelier", "Cur": "EUR"}).json["imported"]
    at_work.asks("progress", "agree", "Catalogue", at_work.file("price.toml", PRICE), "--customer", "ATELIER")
    deposit = ("deposit", "Catalogue", "--percent", "30", "--key", KEY)
    assert "There is no exchange rate from EUR to GBP" in at_work.types(*deposit, "--issue").err
    rate = ("--rate", "0.86", "--rate-source", "our bank")
    assert "A rate is fixed when it is issued: give it with --issue." in at_work.types(*deposit, *rate).err
    old = at_work.types(*deposit, "--issue", *rate, "--rate-on", "2026-01-02").err
    assert "A rate is at most 7 days older than the invoice." in old
    first = at_work.asks(*deposit, "--issue", *rate)
    assert at_work.asks(*deposit, "--issue", *rate) == first
    assert [one["rate"] for one in at_work.asks("rates", "list")["by_hand"]] == ["0.86"]
    final = at_work.asks("progress", "final", "Catalogue", "--issue")
    assert final["is_closed"], "the rate of that day is known by now"
    care = at_work.asks("retainer", "begin", "Care", "--customer", "ATELIER", "--hour", "90", "--tax-percent", "20")
    topped = ("retainer", "top-up", care["retainer"], "2", "--issue", "--on", "2026-11-12")
    assert "There is no exchange rate" in at_work.types(*topped).err
    assert at_work.asks(*topped, *rate)["holds_minor"] == 18_000
