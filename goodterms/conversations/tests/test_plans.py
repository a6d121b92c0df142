"""Paying in parts: agreed at once or by a person, offered and accepted, kept, broken, changed, ended; what rests meanwhile."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from goodterms.conversations.actions import (
    Wish,
    accept_plan,
    agree_plan,
    counter_plan,
    decline_plan,
    end_plan,
    promise,
    request_extension,
    request_plan,
    resolve,
)
from goodterms.conversations.due import judge_plans
from goodterms.conversations.models import Plan, Promise
from goodterms.conversations.plans import known, rests_of
from goodterms.conversations.tests.cast import MONDAY, NOW, a_payer, an_invoice, deeds, holds, settle
from goodterms.delivery.models import Letter
from goodterms.interactions.models import Interaction
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.values.refusal import Refused

SANDRA, TOM = "Sandra Whitlock", "Tom Okafor"
FRIDAY = date(2026, 11, 20)
THIRDS = Wish(3, FRIDAY)
FIVE = Wish(5, FRIDAY)
RESTS = date(2026, 11, 23)  # three days of grace after the first part
OURS: dict[str, Any] = {"by": TOM, "role": "owner", "now": NOW}


def asked(invoice: Invoice, wish: Wish = THIRDS, **more: Any) -> Plan:
    return request_plan(invoice_ids=[invoice.id], wish=wish, by=SANDRA, now=NOW, **more).plan


def judged(vendor: Vendor, on: date) -> dict[str, int]:
    return judge_plans(vendor_id=vendor.id, today=on, now=on_day(on))


def on_day(on: date) -> datetime:
    return NOW + (on - MONDAY)


def standing(plan: Plan) -> str:
    return known([Plan.objects.get(id=plan.id)])[0].standing


def test_within_the_rule_parts_are_agreed_at_once(invoice: Invoice) -> None:
    told = request_plan(invoice_ids=[invoice.id], wish=THIRDS, by=SANDRA, now=NOW)
    assert told.verdict.answer == "granted"
    [plan] = known([told.plan])
    days = [date(2026, 11, 20), date(2026, 12, 20), date(2027, 1, 20)]
    assert [(one.part.on, str(whole), str(left)) for one, whole, left in plan.progress] == [
        (on, "1,418.40 GBP", "1,418.40 GBP") for on in days
    ]
    assert (plan.standing, str(plan.next_sum), plan.next_on, plan.last_on) == ("agreed", "1,418.40 GBP", FRIDAY, days[-1])
    assert (plan.plan.agreed_by, plan.plan.conversation) == ("the rule", None)
    assert holds(invoice) == [("on_plan", RESTS)]
    assert sorted(deeds()) == [("plan.agreed", "the rule", False), ("plan.asked", SANDRA, True)]
    told_in_order = Interaction.objects.filter(kind__startswith="plan.").order_by("id").values_list("kind", flat=True)
    assert list(told_in_order) == ["plan.asked", "plan.agreed"]
    data = Interaction.objects.get(kind="plan.agreed").data
    assert (data["parts"], data["minor"], data["first_on"], data["last_on"]) == (3, 425_520, "2026-11-20", "2027-01-20")


def test_a_form_that_is_sent_twice_asks_once(invoice: Invoice) -> None:
    key = asked(invoice).id
    again = request_plan(invoice_ids=[invoice.id], wish=THIRDS, by=SANDRA, now=NOW, key=key)
    assert (again.plan.id, again.verdict.answer, Plan.objects.count()) == (key, "granted", 1)


def test_beyond_the_rule_a_person_decides_and_meanwhile_nobody_is_reminded(invoice: Invoice) -> None:
    plan = asked(invoice, FIVE)
    thread = plan.conversation
    assert thread is not None
    assert (thread.kind, thread.waiting_since_at) == ("request", NOW)
    assert thread.messages.get().words.startswith("In 5 parts, please: £851.04 by 20 November 2026, £851.04 by 20 December")
    assert (standing(plan), holds(invoice)) == ("proposed", [("question_open", None)])
    with pytest.raises(Refused, match="There is a request about parts already; decide or take that back first"):
        asked(invoice)


def test_a_person_says_yes_and_the_letter_lists_the_parts(invoice: Invoice, customer: Customer) -> None:
    payer = a_payer(customer)
    plan = agree_plan(plan_id=asked(invoice, FIVE, payer_id=payer.id).id, **OURS)
    assert plan.conversation is not None
    plan.conversation.refresh_from_db()
    assert (plan.conversation.resolution, plan.conversation.waiting_since_at) == ("granted", None)
    assert (standing(plan), plan.agreed_by, holds(invoice)) == ("agreed", TOM, [("on_plan", RESTS)])
    letter = Letter.objects.get()
    assert letter.recipient == payer.address
    said = plan.conversation.messages.get(inbound=False).words
    assert said.startswith("Agreed: you pay LR-2026-0187 in parts, without a fee: £851.04 by 20 November 2026, ")
    with pytest.raises(Refused, match="This request was decided already"):
        agree_plan(plan_id=plan.id, **OURS)


def test_a_person_says_no_with_a_reason_and_the_agreed_days_stay(invoice: Invoice) -> None:
    plan = asked(invoice, FIVE)
    with pytest.raises(Refused, match="Please say why; a bare no helps nobody"):
        decline_plan(plan_id=plan.id, words=" ", **OURS)
    decline_plan(plan_id=plan.id, words="The year closes in December.", **OURS)
    assert (standing(plan), holds(invoice)) == ("declined", [])
    assert ("plan.declined", TOM, False) in deeds()


def test_other_parts_are_offered_and_the_customer_agrees(invoice: Invoice) -> None:
    plan = asked(invoice, FIVE)
    offer = counter_plan(plan_id=plan.id, wish=Wish(4, FRIDAY, "fortnightly"), words="", **OURS)
    assert (standing(plan), standing(offer)) == ("countered", "offered")
    thread = offer.conversation
    assert thread is not None
    thread.refresh_from_db()
    assert (thread.closed_at, thread.waiting_since_at, thread.first_answered_by) == (None, None, TOM)
    assert "can offer others for LR-2026-0187: £1,063.80 by 20 November 2026" in thread.messages.get(inbound=False).words
    assert holds(invoice) == [("question_open", None)]
    with pytest.raises(Refused, match="These parts are for the other side to agree to"):
        agree_plan(plan_id=offer.id, **OURS)
    for _press in range(2):
        assert accept_plan(plan_id=offer.id, by=SANDRA, now=NOW).id == offer.id
    assert (standing(offer), holds(invoice)) == ("agreed", [("on_plan", RESTS)])
    thread.refresh_from_db()
    assert thread.resolution == "granted"


def test_an_offer_can_be_met_with_another_and_sent_twice_is_one(invoice: Invoice) -> None:
    first = counter_plan(plan_id=asked(invoice, FIVE).id, wish=Wish(4, FRIDAY), words="So?", **OURS)
    key = first.id
    second = counter_plan(plan_id=first.id, wish=Wish(2, FRIDAY), words="Or so?", key=key, **OURS)
    again = counter_plan(plan_id=second.id, wish=Wish(2, FRIDAY), words="Or so?", key=key, **OURS)
    assert again.id == second.id
    assert [standing(one) for one in (first, second)] == ["countered", "offered"]


def test_the_customer_takes_a_request_back(invoice: Invoice) -> None:
    plan = asked(invoice, FIVE)
    assert plan.conversation_id is not None
    resolve(conversation_id=plan.conversation_id, resolution="withdrawn", by=SANDRA, role="payer", now=NOW)
    assert (standing(plan), holds(invoice)) == ("withdrawn", [])
    assert asked(invoice).agreed_at == NOW


def test_who_may_not_grant_time_may_not_agree_to_parts(invoice: Invoice) -> None:
    plan = asked(invoice, FIVE)
    with pytest.raises(Refused):
        agree_plan(plan_id=plan.id, by="Priya", role="receivables manager", now=NOW)
    with pytest.raises(Refused):
        counter_plan(plan_id=plan.id, wish=THIRDS, by="Priya", role="receivables manager", now=NOW)


def test_a_yes_that_comes_too_late_is_refused(invoice: Invoice) -> None:
    plan = asked(invoice, FIVE)
    late = on_day(RESTS + timedelta(days=1))
    with pytest.raises(Refused, match="The first of these days has passed meanwhile; agree on parts that begin later"):
        agree_plan(plan_id=plan.id, by=TOM, role="owner", now=late)
    settle(invoice, 85_104, FRIDAY)  # unless the first part came meanwhile
    assert agree_plan(plan_id=plan.id, by=TOM, role="owner", now=late).agreed_at == late


def test_each_part_that_comes_lets_it_rest_until_the_next_and_paid_it_is_over(vendor: Vendor, invoice: Invoice) -> None:
    plan = asked(invoice)
    assert judged(vendor, RESTS) == {"kept": 0, "broken": 0}
    settle(invoice, 141_840, FRIDAY)
    for _again in range(2):
        assert judged(vendor, RESTS + timedelta(days=1)) == {"kept": 0, "broken": 0}
        assert holds(invoice) == [("on_plan", date(2026, 12, 23))]
    settle(invoice, 283_680, date(2026, 12, 1))
    assert judged(vendor, date(2026, 12, 2)) == {"kept": 1, "broken": 0}
    assert (standing(plan), holds(invoice)) == ("kept", [])
    assert judged(vendor, date(2026, 12, 3)) == {"kept": 0, "broken": 0}
    assert deeds()[-1] == ("plan.kept", "the clock", False)


def test_a_part_that_does_not_come_breaks_it_and_the_day_is_remembered(vendor: Vendor, invoice: Invoice) -> None:
    plan = asked(invoice)
    settle(invoice, 141_839, FRIDAY)  # a penny short
    assert judged(vendor, RESTS + timedelta(days=1)) == {"kept": 0, "broken": 1}
    plan.refresh_from_db()
    assert (standing(plan), plan.missed_on, holds(invoice)) == ("broken", FRIDAY, [])
    told = Interaction.objects.get(kind="plan.broken").data
    assert (told["minor"], told["on"]) == (283_681, "2026-11-20")
    assert rests_of([plan.id])[str(invoice.id)] == (None, FRIDAY)
    settle(invoice, 1, date(2026, 11, 25))  # what was missed is here: nobody is told that it was not
    assert rests_of([plan.id])[str(invoice.id)] == (None, None)


def test_after_a_broken_plan_a_person_looks_at_the_next(vendor: Vendor, invoice: Invoice) -> None:
    asked(invoice)
    judged(vendor, RESTS + timedelta(days=1))
    later = on_day(RESTS + timedelta(days=2))
    again = request_plan(invoice_ids=[invoice.id], wish=Wish(2, date(2026, 11, 30)), by=SANDRA, now=later)
    assert again.verdict.answer == "person"


def test_a_plan_over_several_invoices_pays_the_oldest_first(vendor: Vendor, customer: Customer, invoice: Invoice) -> None:
    other = an_invoice(customer, 100_00, number="LR-2026-0190", due_on=date(2026, 10, 1))
    plan = request_plan(invoice_ids=[invoice.id, other.id], wish=THIRDS, by=SANDRA, now=NOW).plan
    [stands] = known([plan])
    assert [one.number for one in stands.shares] == ["LR-2026-0190", "LR-2026-0187"]
    assert [(key, str(sum_)) for key, sum_ in stands.next_paying] == [(other.id, "100.00 GBP"), (invoice.id, "1,351.74 GBP")]
    settle(other, 100_00, MONDAY)
    [stands] = known([plan])
    assert (str(stands.paid), stands.next_paying[0][0]) == ("100.00 GBP", invoice.id)
    judged(vendor, MONDAY)
    assert (holds(other), holds(invoice)) == ([], [("on_plan", RESTS)])


def test_another_plan_takes_the_place_of_the_one_that_runs(invoice: Invoice) -> None:
    plan = asked(invoice)
    change = request_plan(invoice_ids=[invoice.id], wish=Wish(2, FRIDAY), by=SANDRA, now=NOW)
    assert change.verdict.answer == "person"
    assert holds(invoice) == [("on_plan", RESTS), ("question_open", None)]
    agree_plan(plan_id=change.plan.id, **OURS)
    assert (standing(plan), standing(change.plan)) == ("renegotiated", "agreed")
    assert holds(invoice) == [("on_plan", RESTS)]


def test_a_person_ends_a_plan_and_says_why(invoice: Invoice) -> None:
    plan = asked(invoice)
    with pytest.raises(Refused, match="Say why"):
        end_plan(plan_id=plan.id, reason="", **OURS)
    end_plan(plan_id=plan.id, reason="They moved to Direct Debit", **OURS)
    assert (standing(plan), holds(invoice)) == ("ended", [])
    assert Interaction.objects.get(kind="plan.ended").data["reason"] == "They moved to Direct Debit"
    with pytest.raises(Refused, match="No such plan is running"):
        end_plan(plan_id=plan.id, reason="Again", **OURS)


def test_a_plan_takes_the_place_of_a_promise_and_stands_in_the_way_of_another(invoice: Invoice) -> None:
    promise(invoice_id=invoice.id, promised_on=FRIDAY, by=SANDRA, now=NOW)
    asked(invoice)
    assert Promise.objects.get().ended_at == NOW
    assert holds(invoice) == [("on_plan", RESTS)]
    sentence = "This is paid in parts, as agreed; to change that, ask for other parts."
    with pytest.raises(Refused, match=sentence):
        promise(invoice_id=invoice.id, promised_on=FRIDAY, by=SANDRA, now=NOW)
    with pytest.raises(Refused, match=sentence):
        request_extension(invoice_id=invoice.id, until_on=date(2026, 11, 30), by=SANDRA, now=NOW)


def test_what_no_plan_can_be_over_is_refused(customer: Customer, invoice: Invoice) -> None:
    euros = an_invoice(customer, 100_00, number="LR-2026-0191", currency="EUR")
    with pytest.raises(Refused, match="These invoices are in different currencies; ask about each currency on its own"):
        request_plan(invoice_ids=[invoice.id, euros.id], wish=THIRDS, by=SANDRA, now=NOW)
    settle(euros, 100_00, MONDAY)
    with pytest.raises(Refused, match="Nothing is open on one of these any more; choose those that are open"):
        asked(euros)
