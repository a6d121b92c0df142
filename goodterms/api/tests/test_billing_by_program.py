"""A program brings in work and bills it when its project ends, and bills again and again by a schedule."""

from typing import Any

from goodterms.api.tests.world import Program, World, told

WORK: dict[str, Any] = {
    "description": "Retouching", "quantity": "2", "unit_price": "50", "tax": {"category": "S", "percent": "20"}, "kind": "time",
    "done_on": "2026-11-12", "done_by": "Priya", "reference": "sheet-7",
}  # fmt: skip


def test_work_is_noted_once_listed_with_its_age_and_issued_when_the_project_ends(program: Program, ours: World) -> None:
    asked = {"customer_id": ours.customer.id, "name": "Gift boxes", "estimate_minor": 200_00}
    project = told(program("POST", "/projects/", asked))
    assert told(program("POST", "/projects/", asked))["id"] == project["id"]
    path = f"/projects/{project['id']}"
    assert len(told(program("POST", f"{path}/items/", {"items": [WORK, WORK]}))["added"]) == 1, "told twice in one request"
    unfinished = {**WORK, "reference": "", "is_finished": False}
    [added] = told(program("POST", f"{path}/items/", {"items": [WORK, unfinished]}))["added"]
    assert added["finished_on"] is None
    [waits, ours_too] = sorted(told(program("GET", "/items/unbilled/")), key=lambda one: str(one["project"]))
    assert (waits["project"], waits["items"], waits["net_minor"], waits["age_days"]) == ("Gift boxes", 1, 100_00, 4)
    assert (waits["waiting"], waits["whose"], waits["customer_id"]) == (1, [], str(ours.customer.id))
    assert ours_too["project"] == "Range"
    [billed] = told(program("POST", f"{path}/finish/", {"issue": True}))["invoices"]
    invoice = told(program("GET", f"/invoices/{billed['invoice_id']}/"))
    assert (invoice["number"], invoice["stage"], invoice["net_minor"]) == (billed["number"], "open", 200_00)
    assert {line["project"] for line in invoice["lines"]} == {"Gift boxes"}
    again = program("POST", f"{path}/finish/", {})
    assert (again.status_code, told(again)["code"]) == (422, "nothing")


def test_items_are_billed_one_by_one_dropped_or_wait(program: Program, ours: World) -> None:
    path = f"/projects/{ours.ids['project_id']}/items/"
    later, never = (told(program("POST", path, {"items": [{**WORK, "reference": ""}]}))["added"][0]["id"] for _ in range(2))
    assert told(program("POST", f"/items/{later}/wait/", {"waits_for": "Beth’s yes"}))["waits_for"] == "Beth’s yes"
    assert told(program("POST", f"/items/{never}/drop/", {"reason": "A gesture"}))["dropped_why"] == "A gesture"
    [waits] = [one for one in told(program("GET", "/items/unbilled/")) if one["waiting"]]
    assert (waits["waiting"], waits["whose"]) == (1, ["Beth’s yes"])
    refused = program("POST", "/items/bill/", {"item_ids": [str(ours.ids["item_id"]), later]})
    assert "waits for somebody’s word. Nothing was billed" in told(refused)["detail"]
    [draft] = told(program("POST", "/items/bill/", {"item_ids": [str(ours.ids["item_id"])]}))["invoices"]
    assert told(program("GET", f"/invoices/{draft['invoice_id']}/"))["stage"] == "draft"
    items = {one["id"]: one["invoice_id"] for one in told(program("GET", "/items/?billed=true"))["items"]}
    assert items == {str(ours.ids["item_id"]): draft["invoice_id"]}
    program("POST", f"/invoices/{draft['invoice_id']}/void/", {"reason": "Wrong"})
    assert [one["items"] for one in told(program("GET", "/items/unbilled/"))] == [1]  # it is to be billed again


def test_a_customer_reads_its_work_by_team(program: Program, ours: World) -> None:
    wishes = f"/customers/{ours.customer.id}/preferences/"
    assert told(program("PATCH", wishes, {"breakdown": "teams"}))["breakdown"] == "teams"
    project = told(program("POST", "/projects/", {"customer_id": ours.customer.id, "name": "Gift boxes"}))
    work = [
        {**WORK, "reference": what, "description": what, "team": team}
        for what, team in (("Retouching", "Design"), ("Layout", "Design"), ("Checkout", "Web"))
    ]
    added = told(program("POST", f"/projects/{project['id']}/items/", {"items": work}))["added"]
    assert [one["team"] for one in added] == ["Design", "Design", "Web"]
    [billed] = told(program("POST", f"/projects/{project['id']}/finish/", {}))["invoices"]
    lines = told(program("GET", f"/invoices/{billed['invoice_id']}/"))["lines"]
    assert [line["description"] for line in lines] == ["Design: Retouching, Layout", "Web: Checkout"]
    odd = program("PATCH", wishes, {"breakdown": "colours"})
    assert odd.status_code == 422


def test_a_schedule_is_begun_changed_paused_and_ended(program: Program, ours: World) -> None:
    line = {key: WORK[key] for key in ("description", "quantity", "unit_price", "tax")}
    asked = {
        "customer_id": ours.customer.id, "work": "Retainer, {month}", "rule": "FREQ=MONTHLY;BYMONTHDAY=1",
        "starts_on": "2026-12-01", "lines": [line], "automatic": True,
    }  # fmt: skip
    begun = told(program("POST", "/schedules/", asked))
    assert (begun["next_on"], len(begun["coming"]), begun["coming"][0]["total_minor"]) == ("2026-12-01", 12, 120_00)
    assert told(program("GET", f"/schedules/{begun['id']}/"))["coming"] == begun["coming"]
    assert begun["coming"][11]["lines"] == ["Retouching"]
    path = f"/schedules/{begun['id']}"
    program("POST", f"{path}/lines/", {"from_on": "2027-01-01", "line": {**line, "unit_price": "60"}})
    program("POST", f"{path}/pause/", {"from_on": "2027-02-01", "reason": "Away"})
    program("POST", f"{path}/resume/", {"last_on": "2027-02-28"})
    ended = told(program("POST", f"{path}/end/", {"ends_on": "2027-03-31"}))
    assert [one["total_minor"] for one in ended["coming"]] == [120_00, 144_00, None, 144_00]
    odd = program("POST", "/schedules/", {**asked, "rule": "sometimes"})
    assert (odd.status_code, told(odd)["field"]) == (422, "rule")
    assert len(told(program("GET", f"/schedules/?customer_id={ours.customer.id}"))["items"]) == 2
