"""How long things hold at the door, and what is said when they do not."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.access.hush import without_tokens
from goodterms.access.rules import (
    CODE_OVER,
    NO_CODE,
    WAITING,
    Asked,
    device_of,
    document_link_ends,
    link_ends,
    masked,
    may_send,
    no_match,
    plain_figures,
    session_ends,
    tried,
)
from goodterms.values.refusal import Refused

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
RIGHT, WRONG = "a" * 64, "b" * 64


def asked(**other: Any) -> Asked:
    return Asked(RIGHT, 3, NOW + timedelta(minutes=10), None, False)._replace(**other)


def test_a_link_lives_for_fourteen_days_and_a_session_for_half_a_day_or_ninety() -> None:
    assert link_ends(NOW) - NOW == timedelta(days=14)
    assert session_ends(NOW, own_device=False) - NOW == timedelta(hours=12)
    assert session_ends(NOW, own_device=True) - NOW == timedelta(days=90)


def test_the_link_of_a_document_lives_until_fourteen_days_after_its_day() -> None:
    assert document_link_ends(NOW, date(2026, 12, 31)) == datetime(2027, 1, 14, 23, 59, 59, tzinfo=UTC)


@given(st.none() | st.dates(date(2026, 1, 1), date(2030, 1, 1)))
def test_no_link_of_a_document_lives_shorter_than_another_letters_or_for_longer_than_120_days(due_on: date | None) -> None:
    lives = document_link_ends(NOW, due_on) - NOW
    assert timedelta(days=14) <= lives <= timedelta(days=120)


def test_the_right_figures_open_until_the_last_second() -> None:
    assert tried(asked(), RIGHT, NOW + timedelta(minutes=10, seconds=-1)).opens
    with pytest.raises(Refused, match=CODE_OVER):
        tried(asked(), RIGHT, NOW + timedelta(minutes=10))


def test_after_three_wrong_ones_even_the_right_one_waits_ten_minutes() -> None:
    first = tried(asked(), WRONG, NOW)
    second = tried(asked(tries_left=first.tries_left), WRONG, NOW)
    third = tried(asked(tries_left=second.tries_left), WRONG, NOW)
    assert [one.opens for one in (first, second, third)] == [False] * 3
    assert (first.waits_until, second.waits_until, third.waits_until) == (None, None, NOW + timedelta(minutes=10))
    with pytest.raises(Refused, match=WAITING):
        tried(asked(tries_left=0, waits_until=third.waits_until), RIGHT, NOW + timedelta(minutes=9))
    with pytest.raises(Refused, match=CODE_OVER):
        tried(asked(tries_left=0, waits_until=third.waits_until), RIGHT, NOW + timedelta(minutes=11))


def test_figures_open_once() -> None:
    with pytest.raises(Refused, match=NO_CODE):
        tried(asked(is_used=True), RIGHT, NOW)


def test_what_is_said_counts_down() -> None:
    assert no_match(2).startswith("That code does not match. Two tries are left;")
    assert no_match(1).startswith("That code does not match. One try is left;")
    assert no_match(0).startswith("That code does not match. We wait ten minutes")


@given(st.lists(st.integers(0, 7_200), max_size=40))
def test_no_hour_holds_more_than_three_letters(seconds: list[int]) -> None:
    sent: list[datetime] = []
    for at in sorted(NOW + timedelta(seconds=n) for n in seconds):
        if may_send(sent, at):
            sent.append(at)
    for at in sent:
        assert sum(at <= other < at + timedelta(hours=1) for other in sent) <= 3
    assert len(sent) >= min(3, len(seconds))


@pytest.mark.parametrize(("typed", "meant"), [("123456", "123456"), (" 123 456 ", "123456"), ("123-456", "123456")])
def test_blanks_and_dashes_are_no_figures(typed: str, meant: str) -> None:
    assert plain_figures(typed) == meant


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0", "Firefox on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("curl/8", ""),
    ],
)
def test_a_browser_is_called_what_it_says_of_itself(agent: str, said: str) -> None:
    assert device_of(agent) == said


def test_an_address_is_shown_by_its_first_letter() -> None:
    assert masked("sandra@bellwether.example") == "s•••••@bellwether.example"


@pytest.mark.parametrize(
    "address", ["/p/{}", "/p/{}/invoices/1/pay", "/receipt/01a1a115-7360-76ee-b7e2-e79162f2a19d/{}", "/order/{}"]
)
def test_no_token_stays_in_a_line_of_a_log(address: str) -> None:
    token = "lpdx42wmgo3dbtj7nxbychwq23xdxcq4"
    line = without_tokens(f"Not Found: {address.format(token)}")
    assert token not in line
    assert line.startswith("Not Found: /")
