"""Tells the whole story once for all tests that only look at it, and takes it away again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command

from goodterms.database.isolation import acting_for
from goodterms.parties.directory import Listed, everyone
from goodterms.sample.telling import Told, tell


class House(NamedTuple):
    """The four vendors after the story, by slug, what was told, and where the letters lie."""

    vendors: dict[str, Listed]
    told: Told
    home: Path

    @property
    def ids(self) -> list[UUID]:
        return [vendor.id for vendor in self.vendors.values()]


@pytest.fixture(scope="package")
def house(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = Path(tmp_path_factory.mktemp("home"))
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "HOME", home)
        patch.setattr(settings, "SMTP_URL", "smtp://127.0.0.1:1")
        try:
            told = tell()
            yield House({vendor.slug: vendor for vendor in everyone()}, told, home)
        finally:
            call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)


@pytest.fixture
def inside(house: House) -> Iterator[House]:
    """Within a transaction of all four vendors."""
    with acting_for(house.ids):
        yield house
