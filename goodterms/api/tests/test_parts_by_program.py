"""A program agrees a price, bills a deposit, a part and the rest, and keeps a retainer; each request once."""

from typing import Any

from goodterms.api.tests.world import Program, World, told

LINE = {"description": "Shop", "quantity": "1", "unit_price": "1000", "tax": {"category": "S", "percent": "20"}}


def a_project(program: Program, ours: World, name: str = "Shop") -> str:
    project = told(program("POST", "/projects/", {"customer_id": ours.customer.id, "name": name}))
    return f"/projects/{project['id']}"


def test_a_price_is_billed_ahead_as_it_goes_on_and_to_its_end(program: Program, ours: World) -> None:
    path = a_project(program, ours)
    assert told(program("GET", f"{path}/price/"))["code"] == "price"
    agreed = told(program("POST", f"{path}/price/", {"lines": [LINE]}))
    assert (agreed["net_minor"], agreed["left_minor"], agreed["lines"][0]["is_reached"]) == (1000_00, 1000_00, False)
    first = told(program("POST", f"{path}/deposit/", {"percent": "30", "issue": True}))
    assert (first["invoiced_minor"], first["percent"], first["parts"][0]["number"]) == (300_00, "30", first["number"])
    part = told(program("POST", f"{path}/progress/", {"complete": "50", "issue": True}))
    assert (part["left_minor"], part["parts"][1]["kind"]) == (500_00, "progress")
    over = program("POST", f"{path}/progress/", {"net_minor": 500_01})
    assert (over.status_code, told(over)["field"]) == (422, "net")
    last = told(program("POST", f"{path}/final/", {"issue": True}))
    assert (last["left_minor"], last["is_closed"]) == (0, True)
    invoice = told(program("GET", f"/invoices/{last['invoice_id']}/"))
    assert [line["net_minor"] for line in invoice["lines"]] == [1000_00, -300_00, -200_00]
    assert invoice["total_minor"] == 600_00


def test_the_same_request_with_the_same_key_bills_once(program: Program, ours: World) -> None:
    path = a_project(program, ours)
    program("POST", f"{path}/price/", {"lines": [LINE]})
    asked: dict[str, Any] = {"percent": "30", "issue": True}
    answers = [program("POST", f"{path}/deposit/", asked, key="deposit-1").content for _ in range(2)]
    assert answers[0] == answers[1]
    assert told(program("GET", f"{path}/price/"))["invoiced_minor"] == 300_00


def test_hours_are_topped_up_drawn_and_ended(program: Program, ours: World) -> None:
    path = f"/retainers/{ours.ids['retainer_id']}"
    topped = told(program("POST", f"{path}/top-up/", {"quantity": "10", "issue": True}))
    assert (topped["holds_minor"], topped["holds_hours"], topped["top_ups"][0]["expires_on"]) == (900_00, "10", None)
    work = {**LINE, "unit_price": "100", "quantity": "4", "unit": "h", "kind": "time", "done_on": "2026-11-12"}
    [item] = told(program("POST", f"{a_project(program, ours)}/items/", {"items": [work]}))["added"]
    drawn = told(program("POST", f"{path}/drawing/", {"item_ids": [item["id"]], "issue": True}))
    assert (drawn["holds_hours"], drawn["drawings"][0]["total_minor"]) == ("6", 0)
    again = program("POST", f"{path}/drawing/", {"item_ids": [item["id"]]})
    assert "Nothing was billed; look at the list again." in told(again)["detail"]
    assert told(program("POST", f"{path}/end/", {"reason": "They do it themselves"}))["ended_on"] == "2026-11-16"
    begun = {"customer_id": ours.customer.id, "name": "Sum", "unit": "sum", "tax": {"category": "Z", "percent": "0"}}
    assert told(program("POST", "/retainers/", begun))["holds_hours"] is None
    assert len(told(program("GET", f"/retainers/?customer_id={ours.customer.id}"))["items"]) == 2


def test_a_rate_comes_with_what_is_billed_and_issued_in_one_step(program: Program, ours: World) -> None:
    project = {"customer_id": ours.customer.id, "name": "Abroad", "currency": "EUR"}
    path = f"/projects/{told(program('POST', '/projects/', project))['id']}"
    program("POST", f"{path}/price/", {"lines": [LINE]})
    rate = {"rate": "0.86", "source": "our bank"}
    assert told(program("POST", f"{path}/deposit/", {"percent": "30", "issue": True}))["field"] == "rate"
    drafted = program("POST", f"{path}/deposit/", {"percent": "30", "rate": rate})
    assert (drafted.status_code, told(drafted)["detail"]) == (422, "A rate is fixed when it is issued: give it with `issue`.")
    done = told(program("POST", f"{path}/deposit/", {"percent": "30", "issue": True, "rate": rate}))
    exchange = told(program("GET", f"/invoices/{done['invoice_id']}/"))["exchange"]
    assert (exchange["rate"], exchange["source"], exchange["tax_minor"]) == ("0.86", "our bank", 51_60)
    work = {**LINE, "kind": "fixed", "done_on": "2026-11-12"}
    program("POST", f"{path}/items/", {"items": [work]})
    finish = {"issue": True, "on": "2026-11-12"}
    assert "There is no exchange rate from EUR to GBP" in told(program("POST", f"{path}/finish/", finish))["detail"]
    [billed] = told(program("POST", f"{path}/finish/", {**finish, "rate": rate}))["invoices"]
    assert told(program("GET", f"/invoices/{billed['invoice_id']}/"))["exchange"]["rate"] == "0.86"
