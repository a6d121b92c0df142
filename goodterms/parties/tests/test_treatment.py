"""How a payer is treated: their own word first, else the strictest of those who list them, never less than decency."""

from datetime import date, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.parties.rules import HOURS, LIMITS, Wishes, checked_wishes, said, treatment
from goodterms.values.refusal import Refused

CHRISTMAS = (date(2026, 12, 21), date(2027, 1, 4))
HOUR_PAIRS = st.tuples(st.integers(0, 11), st.integers(12, 23)).map(lambda pair: (time(pair[0]), time(pair[1])))
WISHES = st.builds(
    Wishes,
    language=st.sampled_from(["", "en", "id"]),
    tone=st.sampled_from(["", "informal", "neutral", "formal"]),
    timezone=st.sampled_from(["", "Europe/London", "Asia/Jakarta"]),
    quiet_weekdays=st.lists(st.integers(1, 7), unique=True, max_size=3).map(tuple),
    quiet_ranges=st.sampled_from([(), (CHRISTMAS,)]),
    hours=st.none() | HOUR_PAIRS,
    limit=st.none() | st.tuples(st.integers(1, 5), st.integers(1, 60)),
    rhythm=st.lists(st.integers(1, 6), unique=True, max_size=2).map(tuple),
)


def test_who_says_nothing_is_treated_as_is_decent_everywhere() -> None:
    plain = treatment(Wishes())
    assert (plain.hours, plain.limits, plain.quiet_weekdays) == (HOURS, LIMITS, frozenset({6, 7}))
    assert (plain.language, plain.tone, plain.country, plain.timezone) == ("en", "neutral", "", "UTC")
    assert LIMITS == ((1, 1), (3, 7), (10, 30))
    assert (time(9), time(19)) == HOURS


def test_the_strictest_customer_decides_while_the_payer_is_silent() -> None:
    early = Wishes(tone="informal", hours=(time(8), time(12)), quiet_weekdays=(1,), limit=(2, 14))
    late = Wishes(tone="formal", hours=(time(10), time(18)), quiet_weekdays=(5,), quiet_ranges=(CHRISTMAS,), limit=(1, 7))
    both = treatment(Wishes(), [early, late])
    assert both.tone == "formal"
    assert both.hours == (time(10), time(12))
    assert both.quiet_weekdays == {1, 5, 6, 7}
    assert both.quiet_ranges == (CHRISTMAS,)
    assert set(both.limits) == {*LIMITS, (2, 14), (1, 7)}


def test_hours_that_do_not_meet_leave_no_hour_at_all() -> None:
    start, end = treatment(Wishes(), [Wishes(hours=(time(8), time(10))), Wishes(hours=(time(14), time(16)))]).hours
    assert start == end


def test_the_payers_own_word_goes_before_the_customers() -> None:
    own = Wishes(language="id", tone="informal", timezone="Asia/Jakarta", hours=(time(8), time(9)), quiet_weekdays=(3,))
    listed = Wishes(language="en", tone="formal", timezone="Europe/London", hours=(time(10), time(11)), quiet_weekdays=(1,))
    result = treatment(own, [listed])
    assert (result.language, result.tone, result.timezone) == ("id", "informal", "Asia/Jakarta")
    assert result.hours == (time(8), time(9))
    assert result.quiet_weekdays == {3, 6, 7}


def test_the_weekend_is_open_only_to_the_rhythm_of_the_payer() -> None:
    assert 7 not in treatment(Wishes(rhythm=(7,))).quiet_weekdays
    assert 6 in treatment(Wishes(rhythm=(7,))).quiet_weekdays


def test_vendors_habits_fill_what_nobody_said() -> None:
    usual = [Wishes(language="id", country="ID", timezone="Asia/Jakarta"), Wishes(language="en", tone="formal")]
    result = treatment(Wishes(), [Wishes(country="GB")], usual)
    assert (result.country, result.timezone, result.tone) == ("GB", "Asia/Jakarta", "formal")


def test_what_most_customers_say_is_the_language() -> None:
    listed = [Wishes(language=word) for word in ("id", "en", "id")]
    assert treatment(Wishes(), listed).language == "id"


@given(WISHES, st.lists(WISHES, max_size=4))
def test_one_more_customer_never_makes_it_looser(own: Wishes, listed: list[Wishes]) -> None:
    for n in range(1, len(listed)):
        before, after = listed[:n], listed[: n + 1]
        loose, strict = treatment(own, before), treatment(own, after)
        assert loose.quiet_weekdays <= strict.quiet_weekdays
        assert set(loose.limits) <= set(strict.limits)
        if any(wish.hours for wish in before):
            assert loose.hours[0] <= strict.hours[0]
            assert strict.hours[1] <= max(loose.hours[1], strict.hours[0])


@given(WISHES, st.lists(WISHES, max_size=4), st.randoms())
def test_the_order_of_the_customers_does_not_matter(own: Wishes, listed: list[Wishes], dice: Any) -> None:
    mixed = list(listed)
    dice.shuffle(mixed)
    assert treatment(own, listed) == treatment(own, mixed)


def test_the_columns_are_read_as_they_are_stored() -> None:
    wishes = said("id", "", "", "", [6], [["2026-12-21", "2027-01-04"]], time(9), time(12), 2, 14, [1])
    assert wishes == Wishes("id", "", "", "", (6,), (CHRISTMAS,), (time(9), time(12)), (2, 14), (1,))
    assert said("", "", "", "", [], [], None, None, None, None) == Wishes()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tone": "rude"}, "tone"),
        ({"country": "uk "}, "country"),
        ({"language": "e"}, "language"),
        ({"channel": "fax"}, "channel"),
        ({"quiet_weekdays": [0]}, "quiet_weekdays"),
        ({"quiet_weekdays": [1, 1]}, "quiet_weekdays"),
        ({"quiet_weekdays": [1, 2, 3, 4, 5, 6, 7]}, "quiet_weekdays"),
        ({"quiet_ranges": [["2027-01-04", "2026-12-21"]]}, "quiet_ranges"),
        ({"quiet_ranges": [["31 June", "x"]]}, "quiet_ranges"),
        ({"hours_from": time(9)}, "hours_to"),
        ({"hours_from": time(9), "hours_to": time(9)}, "hours_to"),
        ({"contacts_max": 3}, "contacts_days"),
        ({"contacts_max": 0, "contacts_days": 7}, "contacts_max"),
        ({"bill_days": [32]}, "bill_days"),
        ({"cut_off_day": True}, "cut_off_day"),
    ],
)
def test_what_nobody_can_keep_is_refused_by_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        checked_wishes(changes)
    assert refused.value.field == field


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(Refused, match="Mars"):
        checked_wishes({"timezone": "Mars/Base"})


def test_good_wishes_pass_as_they_are() -> None:
    good = {
        "tone": "formal",
        "quiet_weekdays": [5],
        "hours_from": None,
        "hours_to": None,
        "contacts_max": 2,
        "contacts_days": 14,
    }
    assert checked_wishes(good) == good
