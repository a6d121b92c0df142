"""The worlds of these stories: made once for a file, and as they were made for each of its tests.

A world takes fifteen verbs to make, which costs more than most tests that look at it. So it stands in a transaction around all
tests of a file, and each goes back to where it began. Tests that commit have a file of their own (test_committed.py), and
make their worlds themselves.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction

from goodterms.api.tests.world import Program, World, a_world


@pytest.fixture(scope="module")
def around_the_file(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def our_world(around_the_file: None, django_db_blocker: Any) -> World:
    with django_db_blocker.unblock():
        return a_world("ours")


@pytest.fixture(scope="module")
def their_world(around_the_file: None, django_db_blocker: Any) -> World:
    with django_db_blocker.unblock():
        return a_world("theirs")


@pytest.fixture
def ours(our_world: World, db: None) -> World:
    return deepcopy(our_world)


@pytest.fixture
def theirs(their_world: World, db: None) -> World:
    return deepcopy(their_world)


@pytest.fixture
def program(ours: World) -> Program:
    return Program(ours.secret)
