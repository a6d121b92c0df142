"""Programs give rates, see them used, settle one currency with another, and read what was gained and lost."""

import base64
from datetime import timedelta
from typing import Any

from goodterms.api.tests.world import TODAY, Program, World, told
from goodterms.database.isolation import acting_for
from goodterms.parties.models import Customer

LINE: dict[str, Any] = {
    "description": "Labels", "quantity": "1", "unit_price": "1000", "tax": {"category": "S", "percent": "20"},
}  # fmt: skip


def given(program: Program, rate: str, on: str, currency: str = "EUR") -> dict[str, Any]:
    asked = {"currency": currency, "base": "GBP", "rate": rate, "from_on": on, "source": "our bank"}
    answer = program("POST", "/rates/", asked)
    assert answer.status_code == 201, answer.content
    row: dict[str, Any] = told(answer)
    return row


def billed(program: Program, ours: World) -> Any:
    with acting_for([ours.vendor.id]):
        Customer.objects.filter(id=ours.customer.id).update(currency="EUR")
    key = told(program("POST", "/invoices/", {"customer_id": ours.customer.id, "lines": [LINE]}))["id"]
    program("POST", f"/invoices/{key}/approval/")
    return program("POST", f"/invoices/{key}/issue/", {})


def test_a_rate_is_given_and_listed(program: Program) -> None:
    row = given(program, "0.85675", TODAY.isoformat())
    assert (row["rate"], row["until_on"], row["by"]) == ("0.85675", TODAY.isoformat(), "Till")
    listed = told(program("GET", "/rates/"))
    assert listed["rates"] == [{"currency": "EUR", "rate": "0.85675", "on": TODAY.isoformat(), "source": "our bank"}]
    assert [one["id"] for one in listed["by_hand"]] == [row["id"]]
    assert told(program("GET", "/rates/?on=2020-01-01"))["rates"] == []
    for rate in (0.85, "1e3", "-1", "0.1234567890123"):
        wrong = {"currency": "EUR", "base": "GBP", "rate": rate, "source": "our bank"}
        assert program("POST", "/rates/", wrong).status_code == 422


def test_an_invoice_abroad_waits_for_a_rate_and_keeps_it(program: Program, ours: World) -> None:
    no = billed(program, ours)
    assert no.status_code == 422
    assert told(no)["detail"].startswith(f"There is no exchange rate from EUR to GBP for {TODAY.day}")
    given(program, "0.86", TODAY.isoformat())
    invoice = told(billed(program, ours))
    assert invoice["exchange"] == {
        "currency": "GBP", "rate": "0.86", "on": TODAY.isoformat(), "source": "our bank", "tax_minor": 172_00,
    }  # fmt: skip


def test_money_of_another_currency_settles_it_and_the_difference_is_told(program: Program, ours: World) -> None:
    given(program, "0.86", TODAY.isoformat())
    invoice = told(billed(program, ours))
    given(program, "0.5", TODAY.isoformat(), "USD")
    paid = {
        "customer_id": ours.customer.id, "minor": 1_100_00, "currency": "USD", "received_on": TODAY.isoformat(),
        "method": "cash",
    }  # fmt: skip
    payment = told(program("POST", "/payments/", paid))
    agreed = {"invoice_id": invoice["id"], "rate": "1.25", "source": "agreed"}
    answer = program("POST", f"/payments/{payment['payment_id']}/exchanges/", agreed)
    assert answer.status_code == 201, answer.content
    done = told(answer)
    assert (done["spent_minor"], done["settled_minor"], done["rate"], done["source"]) == (960_00, 1_200_00, "1.25", "agreed")
    settled = told(program("GET", "/rates/differences/"))
    assert (settled["net_minor"], settled["losses_minor"]) == (480_00 - 1_032_00, 552_00)
    assert [one["invoice_id"] for one in settled["settlements"]] == [invoice["id"]]
    assert told(program("GET", "/rates/differences/?last_on=2020-01-01"))["settlements"] == []


def test_aging_and_collection_are_told_in_one_currency(program: Program, ours: World) -> None:
    given(program, "0.5", TODAY.isoformat())
    before = told(program("GET", "/measures/aging/"))
    assert before["rates"] == []
    home = before["currencies"][0]["total_minor"]
    told(billed(program, ours))
    apart = told(program("GET", "/measures/aging/"))
    assert [one["currency"] for one in apart["currencies"]] == ["EUR", "GBP"]
    (whole,) = told(program("GET", "/measures/aging/?in=GBP"))["currencies"]
    assert whole["total_minor"] == home + 600_00
    assert (whole["customers"], whole["invoices"]) == (1, home and apart["currencies"][1]["invoices"] + 1)
    assert told(program("GET", "/measures/aging/?in=GBP"))["rates"][0]["rate"] == "0.5"
    (one,) = told(program("GET", "/measures/collection/?in=GBP"))
    assert (one["currency"], one["owed_minor"]) == ("GBP", home + 600_00)
    no = program("GET", "/measures/aging/?in=KWD")
    assert (no.status_code, "no exchange rate from EUR to KWD" in told(no)["detail"]) == (422, True)


def test_a_rate_comes_with_the_issue_where_none_is_known(program: Program, ours: World) -> None:
    no = billed(program, ours)
    assert told(no)["field"] == "rate"
    key = told(program("GET", f"/invoices/?customer_id={ours.customer.id}&stage=approved"))["items"][-1]["id"]
    before = (TODAY - timedelta(days=2)).isoformat()
    late = program("POST", f"/invoices/{key}/issue/", {"rate": {"rate": "0.86", "source": "our bank", "on": "2026-12-31"}})
    assert told(late)["detail"] == "The rate is of a later day than the invoice. Take one of its day."
    old = program("POST", f"/invoices/{key}/issue/", {"rate": {"rate": "0.86", "source": "our bank", "on": "2026-01-31"}})
    assert told(old)["detail"] == "A rate is at most 7 days older than the invoice."
    nowhere = program("POST", f"/invoices/{key}/issue/", {"rate": {"rate": "0.86", "source": " "}})
    assert told(nowhere)["detail"].startswith("Say where the rate is from")
    issued = told(program("POST", f"/invoices/{key}/issue/", {"rate": {"rate": "0.86", "source": "our bank", "on": before}}))
    assert issued["exchange"] == {
        "currency": "GBP", "rate": "0.86", "on": TODAY.isoformat(), "source": f"our bank, {before}", "tax_minor": 172_00,
    }  # fmt: skip
    assert [one["currency"] for one in told(program("GET", "/rates/"))["by_hand"]] == ["EUR"]


def test_a_rate_for_what_is_in_ones_own_currency_is_refused_and_keeps_nothing(program: Program, ours: World) -> None:
    key = told(program("POST", "/invoices/", {"customer_id": ours.customer.id, "lines": [LINE]}))["id"]
    program("POST", f"/invoices/{key}/approval/")
    no = program("POST", f"/invoices/{key}/issue/", {"rate": {"rate": "0.86", "source": "our bank"}})
    assert told(no)["detail"] == "This invoice is in GBP, your own currency: leave the rate out."
    assert told(program("GET", "/rates/"))["by_hand"] == []


def test_a_file_of_rates_is_read_once_and_a_rate_by_hand_ended(program: Program) -> None:
    content = base64.b64encode(f"Date,USD,GBP,\n{TODAY},1.1250,0.8800,\n".encode()).decode()
    read = told(program("POST", "/rates/files/", {"content": content}))
    assert (read["rates"], read["new"], read["other"], read["last_on"]) == (2, 2, 0, TODAY.isoformat())
    assert told(program("POST", "/rates/files/", {"content": content}))["new"] == 0
    assert {one["currency"] for one in told(program("GET", "/rates/"))["rates"]} == {"EUR", "USD"}
    odd = program("POST", "/rates/files/", {"content": base64.b64encode(b"Name\nMaud\n").decode()})
    assert (odd.status_code, "eurofxref-hist.zip" in told(odd)["detail"]) == (422, True)
    assert told(program("POST", "/rates/files/", {"content": "*"}))["detail"].startswith("The content is not base64")
    row = given(program, "0.9", TODAY.isoformat())
    assert program("DELETE", f"/rates/{row['id']}/").status_code == 204
    assert told(program("GET", "/rates/"))["by_hand"] == []
    again = program("DELETE", f"/rates/{row['id']}/")
    assert told(again)["detail"] == "There is no rate like that in use."
