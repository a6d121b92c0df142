"""The payer of two vendors, whose clock stands at noon."""

import pytest

from goodterms.access.tests.world import NOW, Post, World, make_world


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOODTERMS_NOW", NOW.isoformat())


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    """Letters are written at once and in order, where a request would leave them to a thread."""
    office = Post()
    for module in ("arriving", "proving"):
        monkeypatch.setattr(f"goodterms.portal.{module}.soon", office.soon)
    return office
