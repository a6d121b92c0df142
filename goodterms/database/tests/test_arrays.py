"""What travels as an array comes back as it was."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodterms.database.arrays import array, arrays

Account = StrEnum("Account", {"TAX": "tax"})
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
OF: dict[str, Any] = {
    "text": st.one_of(TEXT, st.sampled_from(("NULL", "null", "", " ", '"', "\\", "{a,b}", "a\tb\n"))), "uuid": st.uuids(),
    "bigint": st.integers(-(2**63), 2**63 - 1), "boolean": st.booleans(), "numeric": st.decimals(-1000, 1000, places=4),
    "date": st.dates(), "bytea": st.binary(max_size=8), "timestamptz": st.datetimes(timezones=st.just(UTC)),
}  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_kind_of_value_comes_back_as_it_was(data: Any) -> None:
    kind = data.draw(st.sampled_from(sorted(OF)))
    values = data.draw(st.lists(st.one_of(st.none(), OF[kind]), max_size=5))
    with connection.cursor() as cursor:
        cursor.execute(f"select e from unnest(%s::{kind}[]) with ordinality as a (e, at) order by at", [array(values)])
        found = [value for (value,) in cursor.fetchall()]
    assert [bytes(value) if isinstance(value, memoryview) else value for value in found] == values


def test_columns_are_told_apart() -> None:
    key, day = UUID(int=10), date(2026, 1, 1)
    assert arrays([(key, 'a "b"', None), (key, "c", day)]) == [
        "{0000000000000000000000000000000a,0000000000000000000000000000000a}", '{"a \\"b\\"","c"}', "{NULL,2026-01-01}",
    ]  # fmt: skip
    assert array([Account.TAX, Decimal("1.50"), datetime(2026, 1, 1, tzinfo=UTC)]) == '{"tax",1.50,2026-01-01T00:00:00+00:00}'


def test_what_has_no_words_is_not_sent() -> None:
    with pytest.raises(TypeError, match="has no place in an array"):
        array([object()])
