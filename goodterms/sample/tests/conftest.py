"""Gives tests that only look at the sample business one copy of it, together."""

from collections.abc import Iterator
from typing import Any

import pytest

from goodterms.database.isolation import acting_for
from goodterms.sample.tests.house import House, Story, lived_in


@pytest.fixture(scope="package")
def house(story: Story, django_db_blocker: Any) -> Iterator[House]:
    with django_db_blocker.unblock(), lived_in(story) as copy:
        yield copy


@pytest.fixture
def inside(house: House) -> Iterator[House]:
    """Within a transaction of all four vendors."""
    with acting_for(house.ids):
        yield house
