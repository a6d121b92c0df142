"""Decides that rates are imported, given, ended and listed from the command line, and that gains and losses are told there."""

import pytest

from goodterms.cli.tests.cast import ROW, Operator

pytestmark = pytest.mark.django_db
HISTORY = "Date,USD,GBP,JPY,\n2026-11-13,1.1250,0.8460,171.25,\n2026-09-01,1.1000,0.8500,170.00,\n"
IN_NOBODY = "01a1e3de-0000-7000-8000-000000000000"
IN_EUROS = ROW | {"No": "PP-7", "Due": "2026-10-01", "Amount": "100.00", "Cur": "EUR"}


@pytest.fixture
def at_work(operator: Operator) -> Operator:
    operator.add_vendor()
    return operator


def test_a_file_of_the_ecb_is_read_once(at_work: Operator) -> None:
    file = at_work.file("eurofxref-hist.csv", HISTORY)
    read = at_work.asks("import", "rates", file)
    assert read == {"rates": 6, "days": 2, "new": 6, "other": 0, "first_on": "2026-09-01", "last_on": "2026-11-13"}
    at_work.file("eurofxref-hist.csv", HISTORY.replace("0.8460", "0.9460"))
    said = at_work.types("import", "rates", file).out
    assert "6 rates of 2 days, 2026-09-01 to 2026-11-13: 0 new" in said
    assert "1 say something else than what was read before, which stays" in said
    no = at_work.types("import", "rates", at_work.file("rates.csv", "Name\nMaud\n"))
    assert (no.code, "Take eurofxref-hist.zip" in no.err) == (1, True)


def test_rates_are_listed_given_and_ended(at_work: Operator) -> None:
    assert "none is known; goodterms import rates FILE" in at_work.types("rates", "list").out
    at_work.asks("import", "rates", at_work.file("eurofxref-hist.csv", HISTORY))
    listed = at_work.asks("rates", "list")
    assert listed == {
        "vendor": "penhale", "currency": "GBP", "on": "2026-11-16",
        "rates": [
            {"currency": "EUR", "rate": "0.846", "on": "2026-11-13", "source": "ECB"},
            {"currency": "JPY", "rate": "0.004940145985", "on": "2026-11-13", "source": "ECB"},
            {"currency": "USD", "rate": "0.752", "on": "2026-11-13", "source": "ECB"},
        ],
        "by_hand": [],
    }  # fmt: skip
    given = at_work.asks("rates", "give", "kwd", "GBP", "2.459", "--source", "our bank", "--until", "2026-11-30")
    (one,) = given["by_hand"]
    assert (one["currency"], one["rate"], one["from_on"], one["until_on"]) == ("KWD", "2.459", "2026-11-16", "2026-11-30")
    assert {"currency": "KWD", "rate": "2.459", "on": "2026-11-16", "source": "our bank"} in given["rates"]
    assert f"by hand: 1 KWD = 2.459 GBP, 2026-11-16 to 2026-11-30, our bank ({one['id']})" in at_work.types("rates", "list").out
    assert at_work.asks("rates", "end", one["id"])["by_hand"] == []
    for words, why in [
        (("end", one["id"]), "There is no rate like that in use."),
        (("end", "KWD"), "Run: goodterms rates list"),
        (("give", "USD", "USD", "1", "--source", "us"), "A rate is between two currencies."),
        (("give", "USD", "GBP", "-1", "--source", "us"), "A rate is a number above zero"),
    ]:
        said = at_work.types("rates", *words)
        assert (said.code, why in said.err) == (1, True), said


def test_money_at_home_settles_an_invoice_abroad(at_work: Operator) -> None:
    at_work.asks("rates", "give", "EUR", "GBP", "0.80", "--source", "our bank", "--from", "2026-08-01", "--until", "2026-11-30")
    assert at_work.imports(IN_EUROS).json["imported"]
    paid = at_work.asks(
        "payment", "record", "--customer", IN_EUROS["Customer"], "--amount", "100.00", "--currency", "GBP", "--received-on",
        "2026-11-15", "--method", "cash", "--key", "1",
    )  # fmt: skip
    done = at_work.asks("payment", "settle", paid["payment_id"], "PP-7", "--amount", "40.00")
    assert (done["spent_minor"], done["settled_minor"], done["rate"], done["source"]) == (4_000, 5_000, "1.25", "our bank")
    said = at_work.types("payment", "settle", paid["payment_id"], "PP-7", "--rate", "1.2", "--source", "agreed").out
    assert said == "GBP 41.67 settled EUR 50.00 of invoice PP-7, at 1.2 (agreed)\n"
    assert [one["gained_minor"] for one in at_work.asks("rates", "differences")["settlements"]] == [0, 167]
    assert "There is no payment like that here." in at_work.types("payment", "settle", IN_NOBODY, "PP-7").err


def test_what_was_taken_over_is_valued_and_its_gain_is_told(at_work: Operator) -> None:
    at_work.asks("import", "rates", at_work.file("eurofxref-hist.csv", HISTORY))
    at_work.asks("rates", "give", "EUR", "GBP", "0.80", "--source", "our bank", "--from", "2026-08-01", "--until", "2026-10-31")
    assert at_work.imports(IN_EUROS).json["imported"]
    at_work.asks(
        "payment", "record", "--customer", IN_EUROS["Customer"], "--amount", "100.00", "--currency", "EUR", "--received-on",
        "2026-11-15", "--method", "cash", "--key", "1",
    )  # fmt: skip
    told = at_work.asks("rates", "differences")
    assert (told["gains_minor"], told["losses_minor"], told["net_minor"], told["waiting"]) == (460, 0, 460, 0)
    (one,) = told["settlements"]
    assert (one["invoice"], one["money_minor"], one["receivable_minor"], one["gained_minor"]) == ("PP-7", 8_460, 8_000, 460)
    said = at_work.types("rates", "differences", "--until", "2026-11-16").out
    assert "Up to 2026-11-16: GBP 4.60 gained, GBP 0.00 lost" in said
    assert at_work.asks("rates", "differences", "--until", "2026-11-14")["settlements"] == []
