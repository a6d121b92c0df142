"""A program takes an invoice through its life: drafted, issued, asked about, paid, credited; and reads how it went."""

from datetime import date
from typing import Any

from goodterms.api.tests.world import TODAY, Program, World, told
from goodterms.database.isolation import acting_for
from goodterms.invoicing.actions import paper_bytes
from goodterms.invoicing.models import Dispatch, Invoice

LINE: dict[str, Any] = {
    "description": "Labels, second run", "quantity": "3", "unit_price": "12.50", "tax": {"category": "S", "percent": "20"},
}  # fmt: skip


def drafted(program: Program, ours: World) -> dict[str, Any]:
    answer = program("POST", "/invoices/", {"customer_id": ours.customer.id, "lines": [LINE], "work": "Labels"})
    assert answer.status_code == 201, answer.content
    invoice: dict[str, Any] = told(answer)
    return invoice


def issued(program: Program, ours: World) -> dict[str, Any]:
    key = drafted(program, ours)["id"]
    assert program("POST", f"/invoices/{key}/approval/").status_code == 200
    answer = program("POST", f"/invoices/{key}/issue/", {})
    assert answer.status_code == 200, answer.content
    invoice: dict[str, Any] = told(answer)
    return invoice


def test_an_invoice_is_drafted_approved_issued_and_read_with_its_story(program: Program, ours: World) -> None:
    draft = drafted(program, ours)
    assert (draft["stage"], draft["net_minor"], draft["tax_minor"], draft["total_minor"]) == ("draft", 37_50, 7_50, 45_00)
    assert draft["lines"][0]["quantity"] == "3"
    too_soon = program("POST", f"/invoices/{draft['id']}/issue/", {})
    assert (too_soon.status_code, told(too_soon)["detail"]) == (422, "This invoice is still a draft. Approve it first.")
    assert told(program("POST", f"/invoices/{draft['id']}/approval/"))["approved_by"] == "Till"
    issued = told(program("POST", f"/invoices/{draft['id']}/issue/", {}))
    assert (issued["stage"], issued["issued_on"], issued["due_on"]) == ("open", TODAY.isoformat(), "2026-12-16")
    assert {event["kind"] for event in issued["timeline"]} == {"invoice.drafted", "invoice.approved", "invoice.issued"}
    listed = told(program("GET", f"/invoices/?number={issued['number']}"))
    assert [one["id"] for one in listed["items"]] == [draft["id"]]


def test_invoices_are_listed_by_stage_and_due_day(program: Program, ours: World) -> None:
    stages = {
        stage: {one["stage"] for one in told(program("GET", f"/invoices/?stage={stage}"))["items"]}
        for stage in ("draft", "overdue", "settled")
    }
    assert stages == {"draft": {"draft"}, "overdue": {"overdue"}, "settled": set()}
    assert len(told(program("GET", "/invoices/?due_until=2026-10-31"))["items"]) == 3
    assert told(program("GET", "/invoices/?due_from=2026-11-01"))["items"] == []


def test_a_payment_settles_what_it_names_and_the_rest_is_given_back(program: Program, ours: World) -> None:
    one = issued(program, ours)
    paid = {"customer_id": ours.customer.id, "minor": 50_00, "currency": "GBP", "received_on": "2026-11-16", "method": "card"}
    answer = told(program("POST", "/payments/", {**paid, "named": [{"invoice_id": one["id"], "minor": 45_00}]}))
    assert answer["allocations"][0]["open_minor"] == 0
    rest = next(share for share in answer["allocations"] if share["invoice_id"] != one["id"])
    assert rest["minor"] == 5_00  # the oldest due
    assert told(program("GET", f"/invoices/{one['id']}/"))["stage"] == "settled"
    over = told(program("POST", "/payments/", {**paid, "minor": 9_999_00}))
    refund = program("POST", f"/payments/{over['payment_id']}/refunds/", {"minor": 100, "reason": "Paid twice"})
    assert (refund.status_code, told(refund)["minor"]) == (201, 100)
    whole = told(program("GET", f"/payments/{over['payment_id']}/"))
    assert (whole["refunded_minor"], whole["unapplied_minor"]) == (100, over["unapplied_minor"] - 100)
    assert told(program("GET", "/measures/unapplied/"))[0]["minor"] == over["unapplied_minor"] - 100


def test_what_was_kept_back_for_the_tax_office_settles_with_its_certificate(program: Program, ours: World) -> None:
    terms = {"withholding": {"name": "IRPF", "percent": "15"}}
    agreed = program("POST", "/terms/", {"customer_id": ours.customer.id, "terms": terms, "from_on": "2026-01-01"})
    assert told(agreed)["terms"]["withholding"] == {"name": "IRPF", "percent": "15"}
    one, other = issued(program, ours), issued(program, ours)
    assert (one["open_minor"], one["to_withhold_minor"]) == (45_00, 5_63)
    paid = {"customer_id": ours.customer.id, "currency": "GBP", "received_on": "2026-11-16", "method": "card"}
    paper = {"number": "2026/88", "on": "2026-11-12", "minor": 5_00}
    named = [{"invoice_id": one["id"], "withheld": {"minor": 5_00, "certificate": paper}}]
    [share] = told(program("POST", "/payments/", {**paid, "minor": 40_00, "named": named}))["allocations"]
    assert (share["minor"], share["withheld_minor"], share["open_minor"]) == (40_00, 5_00, 0)
    alone = program("POST", f"/invoices/{other['id']}/withheld/", {})
    assert (alone.status_code, told(alone)["minor"], told(alone)["certificate"]) == (201, 5_63, "")
    [waits] = told(program("GET", f"/withheld/?uncertified=true&invoice_id={other['id']}"))["items"]
    wrong = program("POST", f"/withheld/{waits['id']}/certificate/", {"number": "9", "on": "2026-11-12", "minor": 1})
    assert (wrong.status_code, "was kept back" in told(wrong)["detail"]) == (422, True)
    given = program("POST", f"/withheld/{waits['id']}/certificate/", {"number": "9", "on": "2026-11-12", "minor": 5_63})
    assert (told(given)["certificate"], told(given)["certificate_on"]) == ("9", "2026-11-12")
    assert told(program("GET", f"/withheld/?uncertified=true&invoice_id={other['id']}"))["items"] == []
    assert told(program("POST", f"/withheld/{waits['id']}/return/", {"reason": "Not so"}))["reversed_at"]
    assert told(program("GET", f"/invoices/{other['id']}/"))["open_minor"] == 45_00
    assert len(told(program("GET", f"/withheld/?invoice_id={one['id']}"))["items"]) == 1


def test_what_is_kept_back_of_one_draft_is_chosen(program: Program, ours: World) -> None:
    one = drafted(program, ours)
    path, kept = f"/invoices/{one['id']}/withholding/", {"name": "IRPF", "percent": "10"}
    for asked in (kept, None):
        assert program("POST", path, {"withholding": asked}).status_code == 200
    assert program("POST", path, {"as_agreed": True}).status_code == 200
    assert program("POST", path, {"withholding": kept}).status_code == 200
    program("POST", f"/invoices/{one['id']}/approval/")
    done = told(program("POST", f"/invoices/{one['id']}/issue/", {"send": False}))
    assert done["to_withhold_minor"] == done["net_minor"] // 10
    late = program("POST", path, {"withholding": None})
    assert (late.status_code, told(late)["code"]) == (422, "open")


def test_kept_money_is_spent_on_a_later_invoice(program: Program, ours: World) -> None:
    paid = {
        "customer_id": ours.customer.id,
        "minor": 9_999_00,
        "currency": "GBP",
        "received_on": "2026-11-16",
        "method": "card",
    }
    over = told(program("POST", "/payments/", paid))
    later = issued(program, ours)
    spent = program("POST", f"/payments/{over['payment_id']}/allocations/", {"named": [{"invoice_id": later["id"]}]})
    assert (spent.status_code, told(spent)["allocations"][0]["minor"]) == (201, 45_00)
    nothing = program("POST", f"/payments/{ours.ids['payment_id']}/allocations/", {})
    assert told(nothing)["code"] == "unapplied"


def test_an_invoice_is_credited_in_part_and_one_that_nobody_saw_is_void(program: Program, ours: World) -> None:
    one = issued(program, ours)
    credited = told(program("POST", f"/invoices/{one['id']}/credit/", {"reason": "Two were torn", "minor": 15_00}))
    assert (credited["allocated_minor"], credited["unapplied_minor"], credited["note"]["kind"]) == (15_00, 0, "credit_note")
    assert told(program("GET", f"/invoices/{one['id']}/"))["credit_note_ids"] == [credited["note"]["id"]]
    assert program("POST", f"/invoices/{one['id']}/void/", {"reason": "Wrong"}).status_code == 422
    other = issued(program, ours)
    assert told(program("POST", f"/invoices/{other['id']}/void/", {"reason": "Wrong customer"}))["stage"] == "void"


def test_a_hold_by_hand_stands_until_it_is_deleted(program: Program, ours: World) -> None:
    path = f"/invoices/{ours.invoice.id}/hold/"
    held = told(program("POST", path, {"note": "They called", "until_on": "2026-12-01"}))
    assert [(one["reason"], one["until_on"], one["by"]) for one in held] == [("manual", "2026-12-01", "Till")]
    released = program("DELETE", path)
    assert (released.status_code, released.content) == (204, b"")
    assert told(program("DELETE", path))["code"] == "not_held"


def test_a_question_is_answered_and_its_time_is_measured(program: Program, ours: World) -> None:
    asked = told(
        program("POST", "/conversations/", {"invoice_ids": [ours.invoice.id], "words": "Which labels?", "by": "Sandra"})
    )
    assert (asked["kind"], asked["waiting_since_at"] is not None, asked["messages"][0]["words"]) == (
        "question", True, "Which labels?",
    )  # fmt: skip
    answered = told(program("POST", f"/conversations/{asked['id']}/answer/", {"words": "The blue ones.", "by": "Tom"}))
    assert (answered["resolution"], answered["first_answered_by"], answered["answered_in_minutes"]) == ("answered", "Tom", 0)
    again = told(program("POST", f"/conversations/{asked['id']}/reply/", {"words": "And the red?"}))
    assert again["closed_at"] is None
    times = told(program("GET", "/measures/answers/?by=person"))["times"]
    assert ("Tom", 1) in [(one["of"], one["answered"]) for one in times]


def test_a_dispute_ends_in_a_credit_of_what_was_disputed(program: Program, ours: World) -> None:
    path = f"/invoices/{ours.invoice.id}"
    opened = told(program("POST", f"{path}/dispute/", {"reason": "QTY", "words": "Two short", "disputed_minor": 240_00}))
    assert (opened["disputed_minor"], opened["currency"]) == (240_00, "GBP")
    ended = program("POST", f"/conversations/{opened['id']}/resolution/", {"resolution": "credited", "words": "You are right."})
    assert (ended.status_code, told(ended)["resolution"]) == (201, "credited")
    assert told(program("GET", f"{path}/"))["open_minor"] == 1_200_00 - 200_00 - 240_00


def test_a_promise_is_made_and_taken_back_and_time_is_granted_by_the_rule(program: Program, ours: World) -> None:
    path = f"/invoices/{ours.invoice.id}"
    made = told(program("POST", f"{path}/promise/", {"promised_on": "2026-11-20", "minor": 500_00}))
    assert (made["minor"], made["currency"]) == (500_00, "GBP")
    assert program("DELETE", f"{path}/promise/").status_code == 204
    wished = told(program("POST", f"{path}/extension/", {"until_on": "2026-11-24"}))
    assert (wished["answer"], wished["extension"]["granted_by"]) == ("granted", "the rule")


def test_a_wish_that_a_person_decides_is_granted_or_refused(program: Program, ours: World) -> None:
    path = f"/extensions/{ours.ids['extension_id']}"
    bare = program("POST", f"{path}/refusal/", {})
    assert (bare.status_code, told(bare)["field"]) == (422, "words")
    assert told(program("POST", f"{path}/grant/", {"words": "Gladly."}))["granted_by"] == "Till"
    assert told(program("POST", f"{path}/refusal/", {"words": "No."}))["code"] == "closed"


def test_paying_in_parts_is_agreed_by_the_rule_and_ended_with_a_reason(program: Program, ours: World) -> None:
    asked = {"invoice_ids": [str(ours.invoice.id)], "parts": 2, "first_on": "2026-11-20", "every": "fortnightly"}
    wished = told(program("POST", "/plans/", asked))
    assert (wished["answer"], wished["plan"]["standing"]) == ("granted", "agreed")
    plan = wished["plan"]
    assert [(part["on"], part["minor"]) for part in plan["parts"]] == [("2026-11-20", 500_00), ("2026-12-04", 500_00)]
    assert plan["rests_until"] == "2026-11-23"
    listed = told(program("GET", f"/plans/?open=true&customer_id={ours.customer.id}"))["items"]
    assert {one["id"] for one in listed} == {plan["id"], str(ours.ids["plan_id"])}
    bare = program("POST", f"/plans/{plan['id']}/end/", {"reason": ""})
    assert (bare.status_code, told(bare)["field"]) == (422, "reason")
    assert told(program("POST", f"/plans/{plan['id']}/end/", {"reason": "Paid by card now"}))["standing"] == "ended"


def test_parts_that_a_person_decides_are_met_with_others_and_accepted(program: Program, ours: World) -> None:
    path = f"/plans/{ours.ids['plan_id']}"
    assert told(program("GET", f"{path}/"))["standing"] == "proposed"
    offered = told(program("POST", f"{path}/offer/", {"parts": 4, "first_on": "2026-11-20"}))
    assert (offered["standing"], told(program("GET", f"{path}/"))["standing"]) == ("offered", "countered")
    assert told(program("POST", f"{path}/agreement/", {}))["code"] == "closed"
    assert told(program("POST", f"/plans/{offered['id']}/acceptance/", {}))["standing"] == "agreed"
    assert told(program("POST", f"/plans/{offered['id']}/refusal/", {"words": "No."}))["code"] == "closed"
    assert program("POST", "/plans/", {"invoice_ids": [], "parts": 2, "first_on": "2026-11-20"}).status_code == 422


def test_terms_are_read_agreed_and_said_in_words(program: Program, ours: World) -> None:
    said = told(program("GET", "/terms/reading/?notation=2/10 net 30&issued_on=2026-11-16&total_minor=10000&currency=GBP"))
    assert any("26 November 2026" in clause["sentence"] for clause in said["words"])
    agreed = told(program("POST", "/terms/", {"notation": "EOM + 15", "customer_id": ours.customer.id, "agreed_by": "Sandra"}))
    effect = told(program("GET", f"/customers/{ours.customer.id}/terms/?language=id"))
    assert (effect["version"], effect["own"], effect["terms"]["due"]) == (1, True, [["month_end"], ["days", 15]])
    full = {**agreed["terms"], "grace_days": 5, "deposit_percent": None}
    assert told(program("POST", "/terms/", {"terms": full}))["terms"]["grace_days"] == 5
    assert told(program("POST", "/terms/", {"notation": "30 EOM"}))["code"] == "ambiguous"


def test_a_customer_is_added_found_and_treated_as_they_wish(program: Program, ours: World) -> None:
    made = told(program("POST", "/customers/", {"number": "8", "name": "Élan Foods", "currency": "EUR", "language": "de"}))
    assert [one["id"] for one in told(program("GET", "/customers/?name=elan"))["items"]] == [made["id"]]
    path = f"/customers/{made['id']}/preferences/"
    changed = told(program("PATCH", path, {"quiet_weekdays": [5], "hours_from": "09:30", "hours_to": "16:00"}))
    assert (changed["quiet_weekdays"], changed["hours_from"], changed["language"]) == ([5], "09:30:00", "de")
    odd = told(program("PATCH", path, {"tone": "rude"}))
    assert (odd["status"], odd["field"]) == (422, "tone")


def test_a_contact_is_added_and_ended(program: Program, ours: World) -> None:
    made = told(program("POST", f"/customers/{ours.customer.id}/contacts/", {"name": "Ben", "email": "ben@ours.example"}))
    assert program("DELETE", f"/contacts/{made['id']}/").status_code == 204
    shown = told(program("GET", f"/contacts/?customer_id={ours.customer.id}"))["items"]
    assert [one["name"] for one in shown] == ["Sandra"]
    assert [one["name"] for one in told(program("GET", "/contacts/?ended=true"))["items"]] == ["Ben"]


def test_a_notice_says_what_was_open_and_in_which_step(program: Program, ours: World) -> None:
    [listed] = told(program("GET", f"/notices/?invoice_id={ours.invoice.id}"))["items"]
    whole = told(program("GET", f"/notices/{listed['id']}/"))
    assert (whole["nominations"][0]["step"], whole["nominations"][0]["currency"], whole["words"]) == ("reminder", "GBP", None)


def test_every_measure_answers_and_says_what_it_counts(program: Program, ours: World) -> None:
    named = told(program("GET", "/measures/"))
    for name in named:
        answer = program("GET", f"/measures/{name.replace('_', '-')}/")
        assert answer.status_code == 200, answer.content
    aged = told(program("GET", "/measures/aging/?as_of=2026-11-16"))["currencies"][0]
    with acting_for([ours.vendor.id]):
        open_minor = sum(Invoice.objects.values_list("open_minor", flat=True))
    assert aged["total_minor"] == open_minor
    assert told(program("GET", f"/measures/accuracy/?first_on={date(2026, 12, 1)}&last_on=2026-11-01"))["code"] == "date"


def test_a_program_has_the_pdf_that_the_customer_has_and_sends_copies(program: Program, ours: World) -> None:
    one = issued(program, ours)
    answer = program("GET", f"/invoices/{one['id']}/document/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    with acting_for([ours.vendor.id]):
        assert answer.content == paper_bytes(invoice_id=one["id"])
    assert program("POST", f"/invoices/{one['id']}/copies/", {"contact_id": ours.contact.id}).status_code == 201
    draft = program("GET", f"/invoices/{drafted(program, ours)['id']}/document/")
    assert (draft.status_code, told(draft)["detail"].partition(".")[0]) == (422, "A draft has no paper")


def test_a_program_may_issue_without_sending(program: Program, ours: World) -> None:
    key = drafted(program, ours)["id"]
    program("POST", f"/invoices/{key}/approval/")
    assert program("POST", f"/invoices/{key}/issue/", {"send": False}).status_code == 200
    with acting_for([ours.vendor.id]):
        assert not Dispatch.objects.filter(invoice_id=key).exists()


def test_a_wrong_invoice_is_corrected_in_one_step_and_the_new_draft_refers_to_it(program: Program, ours: World) -> None:
    one = issued(program, ours)
    done = told(program("POST", f"/invoices/{one['id']}/correction/", {"reason": "Two were torn"}))
    assert (done["note"]["total_minor"], done["note"]["corrects_id"]) == (45_00, one["id"])
    assert (done["draft"]["stage"], done["draft"]["total_minor"], len(done["draft"]["lines"])) == ("draft", 45_00, 1)
    again = program("POST", f"/invoices/{one['id']}/correction/", {"reason": "Two were torn"})
    assert (again.status_code, "All of this invoice is credited already." in told(again)["detail"]) == (422, True)


def test_a_rate_is_credited_and_what_is_left_is_given_up_and_comes_back(program: Program, ours: World) -> None:
    one = issued(program, ours)
    rate = {"category": "S", "percent": "20", "minor": 10_00}
    credited = told(program("POST", f"/invoices/{one['id']}/credit/", {"reason": "Torn", "rates": [rate]}))
    assert credited["note"]["total_minor"] == 12_00
    assert told(program("POST", f"/invoices/{one['id']}/write-off/", {"reason": "Lost"}))["open_minor"] == 0
    assert told(program("POST", f"/invoices/{one['id']}/recovery/", {"minor": 3_00}))["open_minor"] == 3_00
    assert told(program("POST", f"/invoices/{one['id']}/recovery/", {}))["open_minor"] == 33_00
    over = program("POST", f"/invoices/{one['id']}/recovery/", {})
    assert (over.status_code, told(over)["detail"]) == (422, "Nothing of this invoice is given up, so nothing is owed again.")


def test_a_credit_without_an_invoice_is_given_kept_and_spent_once(program: Program, ours: World) -> None:
    line = {"description": "Late delivery", "quantity": "1", "unit_price": "50", "tax": {"category": "S", "percent": "20"}}
    asked = {"lines": [line], "reason": "We were late"}
    given = program("POST", f"/customers/{ours.customer.id}/credits/", asked, key="give")
    again = program("POST", f"/customers/{ours.customer.id}/credits/", asked, key="give")
    note = told(given)
    assert (given.status_code, again.content == given.content, note["total_minor"]) == (201, True, 60_00)
    assert (note["kind"], note["corrects_id"]) == ("credit_note", None)
    kept = [one for one in told(program("GET", f"/customers/{ours.customer.id}/credits/")) if one["id"] == note["id"]]
    assert [(one["number"], one["currency"], one["left_minor"]) for one in kept] == [(note["number"], "GBP", 60_00)]
    spend = {"named": [{"invoice_id": str(ours.invoice.id), "minor": 45_00}]}
    path = f"/invoices/{note['id']}/allocations/"
    done, twice = program("POST", path, spend, key="spend"), program("POST", path, spend, key="spend")
    assert (done.status_code, twice.content == done.content) == (201, True)
    assert (told(done)["unapplied_minor"], told(done)["allocations"][0]["minor"]) == (15_00, 45_00)
    back = {"minor": 5_00, "reason": "They would rather have money"}
    out, twice = (program("POST", f"/invoices/{note['id']}/refunds/", back, key="out") for _ in range(2))
    assert (out.status_code, twice.content == out.content) == (201, True)
    assert (told(out)["credit_note_id"], told(out)["minor"]) == (note["id"], 5_00)
    none = program("POST", f"/invoices/{ours.invoice.id}/refunds/", back)
    assert (none.status_code, told(none)["detail"]) == (404, "There is no such credit note.")
    whole = program("POST", path, {"named": [{"invoice_id": str(ours.invoice.id)}]})
    assert (told(whole)["allocations"][0]["minor"], told(whole)["unapplied_minor"]) == (10_00, 0)
    refused = program("POST", path, spend)
    assert (refused.status_code, told(refused)["code"]) == (422, "unapplied")
