"""A program keeps who a customer is up to date, and sends what was agreed when one begins."""

from typing import Any

from goodterms.api.tests.world import Program, World, told


def test_details_are_changed_column_by_column_and_checked(program: Program, ours: World) -> None:
    path = f"/customers/{ours.customer.id}/"
    changed = told(program("PATCH", path, {"legal_name": "Canary Ltd", "country": "GB", "tax_id": "GB 305 4172 36"}))
    assert (changed["legal_name"], changed["tax_id"], changed["name"]) == ("Canary Ltd", "305417236", ours.customer.name)
    refused = program("PATCH", path, {"tax_id": "GB 305 4172 37"})
    assert (refused.status_code, told(refused)["field"]) == (422, "tax_id")
    shop = told(program("POST", "/customers/", _new("8", parent_id=str(ours.customer.id))))
    assert shop["parent_id"] == str(ours.customer.id)
    assert told(program("PATCH", path, {"parent_id": shop["id"]}))["code"] == "parent"
    assert told(program("PATCH", f"/customers/{shop['id']}/", {"parent_id": None}))["parent_id"] is None


def test_the_packet_is_sent_once_a_day(program: Program, ours: World) -> None:
    path = f"/customers/{ours.customer.id}/welcome/"
    sent = told(program("POST", path))
    assert (sent["channel"], sent["to"]) == ("email", "Sandra")
    again = program("POST", path)
    assert (again.status_code, told(again)["code"]) == (422, "sent")


def _new(number: str, **more: Any) -> dict[str, Any]:
    return {"number": number, "name": f"Shop {number}", "currency": "GBP", **more}
