"""A program changes what it names of a draft, sends back what was approved, and has its purchase order asked for."""

from typing import Any

import pytest

from goodterms.api.tests.test_life_by_program import LINE, drafted
from goodterms.api.tests.world import Program, World, told
from goodterms.database.isolation import acting_for
from goodterms.invoicing.actions import expected_of
from goodterms.values.money import Money

CHARGE: dict[str, Any] = {"kind": "charge", "amount": "12", "reason": "Carriage", "tax": {"category": "S", "percent": "20"}}


def test_what_is_left_out_of_a_change_stays(program: Program, ours: World) -> None:
    """Three at 12.50 with a charge of 12, and then with a discount of 7.50."""
    path = f"/invoices/{drafted(program, ours)['id']}/"
    changed = told(program("PATCH", path, {"adjustments": [CHARGE], "order_number": "PO-881", "order_minor": 900_00}))
    assert (changed["net_minor"], changed["total_minor"], changed["order_number"]) == (49_50, 59_40, "PO-881")
    assert (changed["work"], [line["net_minor"] for line in changed["lines"]]) == ("Labels", [37_50])
    with acting_for([ours.vendor.id]):
        assert expected_of(customer_id=ours.customer.id, kind="order", name="PO-881") == Money(900_00, "GBP")
    less = told(program("PATCH", path, {"lines": [{**LINE, "discount_amount": "7.50", "project": "Range"}], "work": ""}))
    assert (less["net_minor"], less["work"], less["order_number"]) == (42_00, "", "PO-881")
    assert [(line["project"], line["discount_amount"]) for line in less["lines"]] == [("Range", "7.5")]
    same = told(program("PATCH", path, {}))
    assert {**same, "timeline": []} == {**less, "timeline": []}
    assert len(same["timeline"]) == len(less["timeline"]), "what changes nothing is no deed"


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"order_minor": 1}, "order", "order_minor"),
        ({"lines": []}, "invalid", "lines"),
        ({"lines": [{**LINE, "quantity": "0"}]}, "line", "quantity"),
        ({"adjustments": [{**CHARGE, "amount": "0"}]}, "adjustment", "amount"),
        ({"customer_id": "01a1e3de-0000-7000-8000-000000000000"}, "invalid", "customer_id"),
        ({"tax_rounding": "never"}, "invalid", "tax_rounding"),
    ],
)
def test_a_change_that_cannot_be_changes_nothing(
    program: Program, ours: World, asked: dict[str, Any], code: str, field: str
) -> None:
    before = drafted(program, ours)
    answer = program("PATCH", f"/invoices/{before['id']}/", asked)
    problem = told(answer)
    assert (answer.status_code, problem["code"], problem["field"]) == (422, code, field), problem
    assert told(program("GET", f"/invoices/{before['id']}/")) == before


def test_what_was_approved_is_changed_after_it_was_sent_back(program: Program, ours: World) -> None:
    path = f"/invoices/{drafted(program, ours)['id']}"
    program("POST", f"{path}/approval/")
    refused = program("PATCH", f"{path}/", {"work": "Labels, spring"})
    assert (refused.status_code, "Send it back first, then change it." in told(refused)["detail"]) == (422, True)
    bare = told(program("POST", f"{path}/send-back/", {"reason": " "}))
    assert (bare["field"], bare["detail"]) == ("reason", "Say why, in a few words: it stays in the log.")
    back = told(program("POST", f"{path}/send-back/", {"reason": "The price"}))
    assert (back["stage"], back["approved_at"]) == ("draft", None)
    assert told(program("PATCH", f"{path}/", {"work": "Labels, spring"}))["work"] == "Labels, spring"
    assert told(program("POST", f"{path}/send-back/", {"reason": "Again"}))["code"] == "draft"


def test_the_order_is_asked_for_once_and_readiness_says_who_can_supply_it(program: Program, ours: World) -> None:
    assert program("PATCH", f"/customers/{ours.customer.id}/preferences/", {"order_required": True}).status_code == 200
    path = f"/invoices/{drafted(program, ours)['id']}"
    ready = told(program("GET", f"{path}/readiness/"))
    assert (ready["blocked"], ready["order_missing"], ready["rate_missing"]) == (True, True, "")
    assert ready["who"] == "Sandra, who pays there, can supply it."
    asked = program("POST", f"{path}/order-request/", key="ask")
    assert (asked.status_code, program("POST", f"{path}/order-request/", key="ask").content) == (201, asked.content)
    assert told(asked) == {"contact_id": str(ours.contact.id), "name": "Sandra", "not_before": "2026-11-16T10:20:00Z"}
    again = told(program("POST", f"{path}/order-request/"))
    assert (again["code"], "They were asked on 16 November already." in again["detail"]) == ("asked", True)
    given = told(program("PATCH", f"{path}/", {"order_number": "PO-1"}))
    assert "order.asked" in {event["kind"] for event in given["timeline"]}
    assert told(program("GET", f"{path}/readiness/"))["blocked"] is False
    assert told(program("POST", f"{path}/order-request/"))["code"] == "order"


def test_an_amount_of_an_order_without_its_number_is_refused(program: Program, ours: World) -> None:
    asked = {"customer_id": ours.customer.id, "lines": [LINE], "order_minor": 500_00}
    assert told(program("POST", "/invoices/", asked))["code"] == "order"
    assert program("POST", "/invoices/", {**asked, "order_number": "PO-1"}).status_code == 201


def test_an_approved_one_gets_a_day_on_which_it_is_issued_by_itself(program: Program, ours: World) -> None:
    path = f"/invoices/{drafted(program, ours)['id']}"
    assert told(program("POST", f"{path}/issue-day/", {"on": "2026-12-01"}))["code"] == "draft"
    assert program("POST", f"{path}/approval/").status_code == 200
    assert told(program("POST", f"{path}/issue-day/", {"on": "2026-12-01"}))["issues_on"] == "2026-12-01"
    assert told(program("POST", f"{path}/issue-day/", {"on": "2026-11-16"}))["code"] == "date"
    assert told(program("GET", f"{path}/"))["issues_on"] == "2026-12-01"
    assert told(program("DELETE", f"{path}/issue-day/"))["issues_on"] is None


def test_a_draft_abroad_says_that_its_rate_is_not_known(program: Program, ours: World) -> None:
    asked = {"customer_id": ours.customer.id, "lines": [LINE], "currency": "EUR"}
    one = told(program("POST", "/invoices/", asked))
    ready = told(program("GET", f"/invoices/{one['id']}/readiness/"))
    assert (ready["blocked"], ready["rate_missing"].partition(",")[0]) == (
        True, "There is no exchange rate from EUR to GBP for 16 November 2026",
    )  # fmt: skip
