"""Stories of every courtesy rule, at its edges."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from goodterms.reminders.rules import STEADY, WORDS, Facts, Moment, PayerFacts, VendorFacts, next_step, reasons_against
from goodterms.reminders.tests.cast import PENHALE, SANDRA, TUESDAY, held, invoice, london, moment
from goodterms.values.days import NEVER

FRIDAY = date(2026, 11, 20)


def against(
    facts: Facts | None = None,
    payer: PayerFacts = SANDRA,
    vendor: VendorFacts = PENHALE,
    when: Moment | None = None,
    contacts: tuple[date, ...] = (),
) -> tuple[str, ...]:
    facts, when = facts or invoice(), when or moment()
    return reasons_against(facts, next_step(facts, facts, STEADY, when.on), payer, vendor, when, contacts)


def test_nothing_speaks_against_a_plain_late_invoice_on_a_tuesday_morning() -> None:
    assert against() == ()


def test_an_invoice_that_has_reached_no_step_is_not_due_and_nothing_else_is_asked() -> None:
    assert against(held(invoice(-20), "disputed"), when=moment(at=time(3))) == ("not_due",)


@pytest.mark.parametrize("minor", [0, -1])
def test_a_paid_invoice_is_never_reminded(minor: int) -> None:
    assert against(invoice(open_minor=minor)) == ("paid",)


@pytest.mark.parametrize("word", ["paid", "disputed", "question_open", "promised", "extended", "on_plan"])
def test_a_hold_speaks_in_its_own_word_until_somebody_ends_it(word: str) -> None:
    assert against(held(invoice(), word)) == (word,)
    assert against(held(invoice(), word, NEVER)) == (word,)


def test_a_payment_on_its_way_counts_as_paid() -> None:
    assert against(held(invoice(), "paid", FRIDAY)) == ("paid",)


@pytest.mark.parametrize("word", ["the customer asked us to", "manual", "limit"])
def test_a_hold_in_any_other_word_is_a_persons(word: str) -> None:
    assert against(held(invoice(), word)) == ("manual",)


def test_a_promise_holds_reminders_until_its_day_and_the_day_after() -> None:
    promised = held(invoice(), "promised", FRIDAY + timedelta(days=1))
    weekend_is_fine = SANDRA._replace(quiet_weekdays=frozenset())
    said = {on.day: against(promised, weekend_is_fine, when=moment(on)) for on in _from(FRIDAY, 3)}
    assert said == {20: ("promised",), 21: ("promised",), 22: ()}


def test_more_time_holds_reminders_until_its_day_and_they_begin_anew_from_there() -> None:
    extended = held(invoice(due_on=FRIDAY, done=None), "extended", FRIDAY)
    assert against(extended, when=moment(FRIDAY)) == ("extended",)
    wednesday = FRIDAY + timedelta(days=5)
    assert against(extended, when=moment(wednesday)) == ()
    found = next_step(extended, extended, STEADY, wednesday)
    assert found
    assert found.kind == "first"


def test_all_reasons_are_told_in_one_order() -> None:
    facts = invoice(30, open_minor=0, holds=["on_plan", "a person", "disputed"], held_until=[None, None, NEVER])
    payer = SANDRA._replace(address="", country="GB")
    christmas = datetime(2026, 12, 25, 3, tzinfo=UTC)
    vendor = PENHALE._replace(feed_days_max=3)
    said = against(
        facts._replace(due_on=date(2026, 12, 22)), payer, vendor, Moment(christmas.date(), christmas), (christmas.date(),)
    )
    assert said == ("paid", "disputed", "on_plan", "limit", "hours", "holiday", "stale_feed", "no_address", "manual")
    assert list(said) == sorted(said, key=WORDS.index)


# --- contact limits ---


def test_one_contact_a_day_over_all_vendors_and_channels() -> None:
    assert against(contacts=(TUESDAY,)) == ("limit",)
    assert against(contacts=(TUESDAY - timedelta(days=1),)) == ()


@pytest.mark.parametrize(("ages", "said"), [((1, 3, 6), ("limit",)), ((1, 3, 7), ()), ((1, 6), ())])
def test_three_contacts_in_seven_days_of_which_today_is_the_last(ages: tuple[int, ...], said: tuple[str, ...]) -> None:
    assert against(contacts=_ago(*ages)) == said


def test_ten_contacts_in_thirty_days() -> None:
    tenth_is_old = (8, 9, 10, 12, 14, 16, 18, 20, 22)
    assert against(contacts=_ago(*tenth_is_old, 29)) == ("limit",)
    assert against(contacts=_ago(*tenth_is_old, 30)) == ()


def test_a_payer_may_ask_for_fewer_but_the_usual_limits_stay() -> None:
    twice_in_fourteen = SANDRA._replace(limits=((2, 14),))
    assert against(payer=twice_in_fourteen, contacts=_ago(13, 8)) == ("limit",)
    assert against(payer=twice_in_fourteen, contacts=_ago(14, 8)) == ()
    generous = SANDRA._replace(limits=((9, 7),))
    assert against(payer=generous, contacts=_ago(1, 2, 3)) == ("limit",)


# --- days and hours ---


def test_hours_begin_with_their_first_moment_and_end_before_their_last() -> None:
    payer = SANDRA._replace(hours=(time(9, 30), time(15)))
    said = {at: against(payer=payer, when=moment(at=at)) for at in (time(9, 29, 59), time(9, 30), time(14, 59), time(15))}
    assert list(said.values()) == [("hours",), (), (), ("hours",)]


def test_who_did_not_say_is_contacted_from_nine_to_seven() -> None:
    said = [against(when=moment(at=at)) for at in (time(8, 59), time(9), time(18, 59), time(19))]
    assert said == [("hours",), (), (), ("hours",)]


def test_nobody_can_ask_for_contact_at_night() -> None:
    always = SANDRA._replace(hours=(time(0), time(23, 59)))
    said = [against(payer=always, when=moment(at=at)) for at in (time(7, 59), time(8), time(20, 59), time(21))]
    assert said == [("hours",), (), (), ("hours",)]


def test_nine_in_bristol_is_four_in_new_york() -> None:
    new_york = SANDRA._replace(timezone="America/New_York", country="US")
    assert against(payer=new_york, when=moment(at=time(9))) == ("hours",)
    assert against(payer=new_york, when=moment(at=time(14))) == ()


@pytest.mark.parametrize(("on", "said"), [(date(2026, 3, 27), ("hours",)), (date(2026, 3, 30), ())])
def test_hours_follow_the_clock_on_the_wall_when_summer_time_begins(on: date, said: tuple[str, ...]) -> None:
    half_past_eight_utc = datetime(on.year, on.month, on.day, 8, 30, tzinfo=UTC)
    assert against(invoice(3, on), when=Moment(on, half_past_eight_utc)) == said


def test_the_payers_calendar_decides_which_day_it_is() -> None:
    auckland = SANDRA._replace(timezone="Pacific/Auckland", country="NZ")
    late_on_thursday = Moment(date(2026, 11, 19), london(date(2026, 11, 19), time(21)))  # Friday, 10:00 in Auckland
    no_fridays = auckland._replace(quiet_weekdays=frozenset({5}))
    assert against(payer=auckland, when=late_on_thursday) == ()
    assert against(payer=no_fridays, when=late_on_thursday) == ("quiet",)
    assert against(payer=auckland, when=late_on_thursday, contacts=(FRIDAY,)) == ("limit",)


def test_midnight_parts_two_days() -> None:
    night_owl = SANDRA._replace(quiet_weekdays=frozenset({3}))
    before, after = moment(at=time(23, 59, 59)), moment(TUESDAY + timedelta(days=1), time(0))
    assert against(payer=night_owl, when=before) == ("hours",)
    assert against(payer=night_owl, when=after) == ("quiet", "hours")


def test_weekends_are_quiet_unless_somebody_says_otherwise() -> None:
    saturday, sunday = date(2026, 11, 21), date(2026, 11, 22)
    assert [against(when=moment(on)) for on in (saturday, sunday)] == [("quiet",), ("quiet",)]
    assert against(payer=SANDRA._replace(quiet_weekdays=frozenset({7})), when=moment(saturday)) == ()


def test_a_rhythm_of_tuesdays_leaves_the_other_days_quiet() -> None:
    tuesdays = SANDRA._replace(rhythm=frozenset({2}))
    said = [against(payer=tuesdays, when=moment(on)) for on in _from(TUESDAY, 3)]
    assert said == [(), ("quiet",), ("quiet",)]


def test_a_quiet_range_includes_both_of_its_days() -> None:
    away = SANDRA._replace(quiet_ranges=((date(2026, 11, 17), date(2026, 11, 18)),))
    said = [against(payer=away, when=moment(on)) for on in _from(date(2026, 11, 16), 4)]
    assert said == [(), ("quiet",), ("quiet",), ()]


def test_a_public_holiday_of_the_payers_country_is_kept() -> None:
    early_may = date(2026, 5, 4)
    assert against(invoice(3, early_may), when=moment(early_may)) == ("holiday",)
    assert against(invoice(3, early_may), SANDRA._replace(country="ID"), when=moment(early_may)) == ()
    assert against(invoice(3, early_may), SANDRA._replace(country=""), when=moment(early_may)) == ()


# --- what the vendor must know, and where the letter goes ---


def test_who_paid_yesterday_is_not_reminded_from_old_books() -> None:
    three_days = PENHALE._replace(feed_days_max=3)
    seen = [against(vendor=three_days._replace(feed_seen_on=on)) for on in _ago(3, 4)]
    assert seen == [(), ("stale_feed",)]
    assert against(vendor=three_days) == ("stale_feed",)
    assert against(vendor=PENHALE) == ()


def test_without_an_address_no_e_mail_but_a_letter_on_paper() -> None:
    unknown = SANDRA._replace(address="")
    assert against(payer=unknown) == ("no_address",)
    assert against(payer=unknown._replace(channel="post")) == ()
    assert against(invoice(paperless_on=NEVER), payer=unknown) == ()
    assert against(invoice(15), payer=unknown) == ()  # a call


def test_paper_until_the_day_before_they_take_it_electronically() -> None:
    unknown = SANDRA._replace(address="")
    assert against(invoice(paperless_on=TUESDAY + timedelta(days=1)), payer=unknown) == ()
    assert against(invoice(paperless_on=TUESDAY), payer=unknown) == ("no_address",)


def test_the_last_step_needs_a_person() -> None:
    assert against(invoice(21)) == ("manual",)
    assert against(held(invoice(21), "disputed")) == ("disputed", "manual")


def _from(start: date, count: int) -> list[date]:
    return [start + timedelta(days=i) for i in range(count)]


def _ago(*ages: int) -> tuple[date, ...]:
    return tuple(TUESDAY - timedelta(days=age) for age in ages)
