"""Decides where tests of the sample business begin: told once for all of them, and copied for each, on a server of its own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection, connections

from goodterms.database.tests.whole import copy, drop
from goodterms.parties.directory import Listed, everyone
from goodterms.sample.telling import Told, tell


class Story(NamedTuple):
    """The database in which the sample was told, and nobody has touched it since; where its letters are, and its pages."""

    name: str
    home: Path
    told: Told
    url: str


class House(NamedTuple):
    """A copy of the story, to be lived in: its four vendors by slug, and where the letters lie."""

    url: str
    home: Path
    vendors: dict[str, Listed]
    told: Told

    @property
    def ids(self) -> list[UUID]:
        return [vendor.id for vendor in self.vendors.values()]


def told_in(name: str, home: Path) -> Told:
    """Half a year takes some twenty seconds to tell; a copy of it less than one. A mail server is set while it is told, and
    nothing may reach it; its letters name an address at which nobody answers."""
    with at_home(home, "http://told.invalid", "smtp://127.0.0.1:1"), elsewhere(name):
        return tell()


@contextmanager
def lived_in(story: Story) -> Iterator[House]:
    """Whatever is done here is gone afterwards, letters too."""
    with TemporaryDirectory() as folder, copied(story.name, "life") as name, elsewhere(name):
        home = Path(shutil.copytree(story.home, Path(folder) / "home", copy_function=os.link))
        with at_home(home, story.url, ""):
            yield House(story.url, home, {one.slug: one for one in everyone()}, story.told)


@contextmanager
def at_home(home: Path, url: str, smtp: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("HOME", home), ("BASE_URL", url), ("SMTP_URL", smtp)):
            patch.setattr(settings, name, value)
        yield


@contextmanager
def copied(origin: str, word: str) -> Iterator[str]:
    """Another database with the same content, until the end of the block."""
    name = f"{connection.settings_dict['NAME']}_{word}"
    copy(origin, name)
    try:
        yield name
    finally:
        drop(name)


@contextmanager
def elsewhere(name: str) -> Iterator[None]:
    """Whoever connects from here on comes to this database, the server too. The connection that the test has is set aside,
    for it may stand in a transaction that is rolled back at its end."""
    known, aside = connections.settings["default"], connections["default"]
    before = known["NAME"]
    known["NAME"], connections["default"] = name, connections.create_connection("default")
    try:
        yield
    finally:
        connection.close()
        known["NAME"], connections["default"] = before, aside
