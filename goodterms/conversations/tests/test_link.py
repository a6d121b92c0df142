"""The link of an answer says what it was made of, and nobody else can make one."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from goodterms.conversations.link import Carried, opened, sealed

KEY = "this installation"
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)).map(lambda at: at.replace(tzinfo=UTC, microsecond=0))  # noqa: DTZ001


@given(st.uuids(), st.uuids(), MOMENTS)
def test_a_link_says_what_it_was_made_of(conversation: UUID, payer: UUID, at: datetime) -> None:
    carried = Carried(conversation, payer, at)
    token = sealed(KEY, carried)
    assert token.replace("-", "").replace("_", "").isalnum()
    assert opened(KEY, token) == carried
    assert opened("another installation", token) is None


@given(st.uuids(), st.integers(0, 68), st.sampled_from("AZaz09-_"))
def test_a_letter_changed_is_no_link_of_ours(one: UUID, place: int, letter: str) -> None:
    token = sealed(KEY, Carried(one, one, datetime(2026, 11, 16, tzinfo=UTC)))
    changed = token[:place] + letter + token[place + 1 :]
    assert (opened(KEY, changed) is None) == (changed != token)


@given(st.text(max_size=100))
def test_what_is_no_link_opens_nothing(words: str) -> None:
    assert opened(KEY, words) is None
