"""A link that needs no row says what it was made of, and nobody else can make one."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from goodterms.delivery.link import Carried, opened, sealed

KEY = "this installation"
WHY = "answer"
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)).map(lambda at: at.replace(tzinfo=UTC, microsecond=0))  # noqa: DTZ001


@given(st.uuids(), st.uuids(), MOMENTS)
def test_a_link_says_what_it_was_made_of(subject: UUID, payer: UUID, at: datetime) -> None:
    carried = Carried(subject, payer, at)
    token = sealed(KEY, WHY, carried)
    assert (token.isalnum(), token.islower(), len(token)) == (True, True, 84)
    assert opened(KEY, WHY, token) == carried
    assert opened("another installation", WHY, token) is None
    assert opened(KEY, "another purpose", token) is None


@given(st.uuids(), st.integers(0, 83) | st.just(83), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567AZ1-"))
def test_a_letter_changed_is_no_link_of_ours(one: UUID, place: int, letter: str) -> None:
    token = sealed(KEY, WHY, Carried(one, one, datetime(2026, 11, 16, tzinfo=UTC)))
    changed = token[:place] + letter + token[place + 1 :]
    assert (opened(KEY, WHY, changed) is None) == (changed != token)


def test_a_link_has_one_spelling() -> None:
    one = UUID(int=5)
    token = sealed(KEY, WHY, Carried(one, one, datetime(2026, 11, 16, tzinfo=UTC)))
    spelled = [token.upper(), f"{token}=", *(token[:-1] + letter for letter in "abcdefghijklmnopqrstuvwxyz234567")]
    assert [one for one in spelled if opened(KEY, WHY, one)] == [token]


@given(st.text(max_size=100))
def test_what_is_no_link_opens_nothing(words: str) -> None:
    assert opened(KEY, WHY, words) is None
