"""The worlds of these stories, made anew for each."""

import pytest

from goodterms.api.tests.world import Program, World, a_world


@pytest.fixture
def ours(db: None) -> World:
    return a_world("ours")


@pytest.fixture
def theirs(db: None) -> World:
    return a_world("theirs")


@pytest.fixture
def program(ours: World) -> Program:
    return Program(ours.secret)
