"""Stories of the one notice a day, and of the days run forward."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from goodterms.reminders.rules import (
    STEADY,
    Cadence,
    Decision,
    Facts,
    Item,
    Moment,
    Notice,
    PayerFacts,
    Step,
    VendorFacts,
    decide,
    forward,
    items,
)
from goodterms.reminders.tests.cast import PENHALE, SANDRA, TUESDAY, held, invoice, london
from goodterms.values.days import NEVER

VERMEER = VendorFacts("vermeer", {"": STEADY})
VENDORS = {"penhale": PENHALE, "vermeer": VERMEER}


def run(
    *book: Facts,
    days: int = 1,
    payer: PayerFacts = SANDRA,
    contacts: Sequence[date] = (),
    start: date = TUESDAY,
    at: time = time(9, 30),
    vendors: Mapping[str, VendorFacts] = VENDORS,
) -> list[Decision]:
    said = {payer.payer_id: contacts}
    return list(forward(book, {payer.payer_id: payer}, vendors, said, start, days, lambda on: london(on, at)))


def day(*book: Facts, payer: PayerFacts = SANDRA, vendors: Mapping[str, VendorFacts] = VENDORS) -> Notice:
    [decision] = run(*book, payer=payer, vendors=vendors)
    assert decision.notice
    return decision.notice


def numbers(notice: Notice | None) -> list[str]:
    return [nomination.facts.number for nomination in notice.nominations] if notice else []


def other(days_late: int = 3, **changes: Any) -> Facts:
    """An invoice of another vendor to the same payer."""
    changes = {"invoice_id": "2", "number": "VP-26-0318", "vendor_id": "vermeer", "customer_id": "theirs", **changes}
    return invoice(days_late, **changes)


def test_one_notice_for_all_vendors_in_the_words_of_the_highest_step() -> None:
    notice = day(invoice(-3), other(10))
    assert numbers(notice) == ["VP-26-0318", "PP-4471"]
    assert (notice.step.kind, notice.channel, notice.tone, notice.language) == ("second", "email", "neutral", "en")


def test_a_mixed_list_has_words_of_its_own() -> None:
    assert day(invoice(3), other(-3)).kind == "bundle"
    assert day(invoice(3), other(4)).kind == "first"
    assert day(invoice(-3), other(0)).kind == "due_day"
    assert day(invoice(2), other(0)).kind == "bundle"
    assert day(invoice(3)).kind == "first"


def test_a_step_may_have_a_tone_of_its_own() -> None:
    formal = {"penhale": VendorFacts("penhale", {"": Cadence("F", (Step(3, "first", tone="formal"),))})}
    assert day(invoice(3), vendors=formal).tone == "formal"


def test_a_customer_may_have_another_cadence_than_the_usual_one() -> None:
    gentle = Cadence("Gentle", (Step(7, "first"),))
    vendors = {"penhale": VendorFacts("penhale", {"": STEADY, "Gentle": gentle})}
    assert run(invoice(3, cadence="Gentle"), vendors=vendors)[0].notice is None
    assert day(invoice(3, cadence="an old name"), vendors=vendors).step.kind == "first"


def test_who_named_a_day_that_passed_is_asked_for_another() -> None:
    monday = TUESDAY - timedelta(days=1)
    missed = held(invoice(10, done=3, done_on=TUESDAY - timedelta(days=7), promised_on=monday), "promised", monday)
    assert day(missed).kind == "promise_missed"
    assert day(missed._replace(done_on=date(2026, 11, 14), promised_on=date(2026, 11, 13))).kind == "second"


def test_what_is_held_stays_out_of_the_notice() -> None:
    [decision] = run(held(invoice(4), "disputed"), other(3))
    assert numbers(decision.notice) == ["VP-26-0318"]
    assert [verdict.reasons for verdict in decision.verdicts] == [("disputed",), ()]


def test_what_goes_on_paper_does_not_go_by_e_mail_and_waits_for_another_day() -> None:
    on_paper = other(10, paperless_on=NEVER)
    first, second = run(invoice(3), on_paper, days=2)
    assert (numbers(first.notice), first.notice and first.notice.channel) == (["VP-26-0318"], "post")
    assert [verdict.reasons for verdict in first.verdicts] == [("limit",), ()]
    assert (numbers(second.notice), second.notice and second.notice.channel) == (["PP-4471"], "email")


def test_a_call_is_about_one_vendors_invoices() -> None:
    [decision] = run(invoice(14), other(15))
    assert decision.notice
    assert (numbers(decision.notice), decision.notice.channel) == (["VP-26-0318"], "call")
    assert decision.verdicts[0].reasons == ("limit",)


def test_the_oldest_invoice_of_a_customer_takes_the_others_along() -> None:
    decisions = run(invoice(2, done=0), invoice(9, invoice_id="2", number="old", done=3), days=3)
    assert [numbers(decision.notice) for decision in decisions] == [[], ["old", "PP-4471"], []]


def test_a_dispute_about_the_oldest_gives_the_others_their_own_clock() -> None:
    [decision] = run(invoice(2, done=0), held(invoice(40, invoice_id="2", number="old"), "disputed"))
    assert [verdict.reasons for verdict in decision.verdicts] == [("not_due",), ("disputed", "manual")]


def test_an_empty_book_says_nothing() -> None:
    assert run() == []


# --- forward ---


def steps(decisions: list[Decision]) -> dict[int, str]:
    return {decision.on.day: decision.notice.step.kind for decision in decisions if decision.notice}


def test_four_weeks_of_one_invoice_due_on_a_saturday() -> None:
    """The note of that day comes on Monday, and the first reminder not on the next day but after a gap."""
    decisions = run(invoice(-4), days=28)
    went_out = {f"{d.on:%d %b}": d.notice.step.kind for d in decisions if d.notice}
    assert went_out == {"17 Nov": "heads_up", "23 Nov": "due_day", "26 Nov": "first", "01 Dec": "second", "07 Dec": "call"}
    assert decisions[-1].verdicts[0].reasons == ("manual",)


def test_each_day_runs_as_the_real_day_would() -> None:
    """Rehearse a fortnight; then live it, one day at a time, writing down what went out, and compare."""
    book = [invoice(-5), other(2), held(other(8, invoice_id="3", number="3"), "promised", TUESDAY + timedelta(days=2))]
    rehearsed = [item for decision in run(*book, days=14) for item in items(decision)]
    lived: list[Item] = []
    contacts: list[date] = []
    for i in range(14):
        [decision] = run(*book, start=TUESDAY + timedelta(days=i), contacts=contacts)
        lived += items(decision)
        if decision.notice:
            contacts.append(decision.on)
            said = {nomination.facts.invoice_id: nomination.step.days for nomination in decision.notice.nominations}
            book = [
                facts._replace(done=said[facts.invoice_id], done_on=decision.on) if facts.invoice_id in said else facts
                for facts in book
            ]
    assert rehearsed == lived
    assert {item.outcome for item in lived} == {"goes_out", "held"}


def test_the_limit_counts_what_the_rehearsal_itself_would_send() -> None:
    once_in_fourteen = SANDRA._replace(limits=((1, 14),))
    decisions = run(invoice(3), other(-4), days=8, payer=once_in_fourteen)
    assert steps(decisions) == {17: "first"}
    assert decisions[4].verdicts[1].reasons == ("limit", "quiet")


def test_three_days_of_outage_are_not_made_up_for_by_a_burst() -> None:
    missed = run(invoice(4, done=-5), days=3)
    assert [numbers(decision.notice) for decision in missed] == [["PP-4471"], [], []]
    assert missed[0].notice
    assert missed[0].notice.step.kind == "first"


def test_out_of_hours_everything_waits_and_is_still_there_in_the_morning() -> None:
    assert run(invoice(3), at=time(8, 59))[0].verdicts[0].reasons == ("hours",)
    assert steps(run(invoice(3), start=TUESDAY + timedelta(days=1))) == {18: "first"}


def test_a_rehearsal_changes_nothing_that_was_given_to_it() -> None:
    book, contacts = [invoice(3)], [TUESDAY - timedelta(days=9)]
    list(forward(book, {"sandra": SANDRA}, VENDORS, {"sandra": contacts}, TUESDAY, 3, london))
    assert (book, contacts) == ([invoice(3)], [TUESDAY - timedelta(days=9)])


# --- the lines of a rehearsal ---


def test_invoices_of_one_customer_with_one_fate_share_a_line() -> None:
    second = invoice(3, invoice_id="2", number="PP-4502")
    waiting = held(invoice(3, invoice_id="3", number="PP-4503"), "question_open")
    [decision] = run(invoice(4), second, waiting)
    lines = list(items(decision))
    assert [(line.invoices, line.step, line.channel, line.outcome, line.reasons) for line in lines] == [
        (("PP-4471", "PP-4502"), "first", "email", "goes_out", ()),
        (("PP-4503",), "first", "email", "held", ("question_open",)),
    ]
    assert (lines[0].vendor, lines[0].customer, lines[0].payer, lines[0].tone) == (
        "penhale", "bellwether", "sandra", "neutral",
    )  # fmt: skip


def test_a_line_without_a_step_names_none() -> None:
    [line] = items(run(invoice(-20))[0])
    assert (line.step, line.channel, line.outcome, line.reasons) == (None, None, "held", ("not_due",))


@pytest.mark.parametrize("size", [1, 5])
def test_every_invoice_is_accounted_for_every_day(size: int) -> None:
    book = [invoice(i, invoice_id=str(i), number=str(i)) for i in range(size)]
    for decision in run(*book, days=10):
        assert sorted(number for item in items(decision) for number in item.invoices) == [str(i) for i in range(size)]


def test_a_contact_counts_on_the_day_it_had_where_the_payer_is() -> None:
    """Monday, 21:00 in London is Tuesday, 10:00 in Auckland."""
    auckland = SANDRA._replace(timezone="Pacific/Auckland", country="NZ", limits=((1, 2),))
    third = other(invoice_id="3", number="3", vendor_id="vermeer", customer_id="third", due_on=TUESDAY, done=-5)
    decisions = run(invoice(2), third, payer=auckland, start=TUESDAY - timedelta(days=1), days=3, at=time(21))
    assert [verdict.reasons for verdict in decisions[1].verdicts] == [("not_due",), ("limit",)]
    assert numbers(decisions[2].notice) == ["3"]


def test_a_day_goes_on_until_the_payers_hours_begin() -> None:
    on = date(2026, 11, 17)
    late_riser = SANDRA._replace(hours=(time(9, 30), time(15)))
    opening, closing = london(on, time(9)), london(on, time(17))
    book = [invoice(3, on)]

    def the_day(until: datetime | None) -> Decision:
        return decide(late_riser, book, VENDORS, Moment(on, opening, until), ())

    assert the_day(None).verdicts[0].reasons == ("hours",)
    whole = the_day(closing)
    assert whole.verdicts[0].reasons == ()
    assert whole.at == london(on, time(9, 30))
    assert the_day(london(on, time(9, 30))).verdicts[0].reasons == ("hours",)  # closed before they begin
