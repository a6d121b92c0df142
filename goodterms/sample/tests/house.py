"""Decides where tests of the sample business begin: told once for all of them, and copied for each, on a server of its own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from psycopg import sql
from pytest_django.live_server_helper import LiveServer

from goodterms.parties.directory import Listed, everyone
from goodterms.sample.telling import Told, tell


class Story(NamedTuple):
    """The database in which the sample was told, and nobody has touched it since; where its pages and its letters are."""

    name: str
    url: str
    home: Path
    told: Told


class House(NamedTuple):
    """A copy of the story, to be lived in: its four vendors by slug, and where the letters lie."""

    url: str
    home: Path
    vendors: dict[str, Listed]
    told: Told

    @property
    def ids(self) -> list[UUID]:
        return [vendor.id for vendor in self.vendors.values()]


@contextmanager
def told_once(home: Path) -> Iterator[Story]:
    """Half a year takes some twenty seconds to tell; a copy of it less than one. A mail server is set while it is told, and
    nothing may reach it."""
    server, origin = LiveServer("localhost"), connection.settings_dict["NAME"]
    connection.close()
    with copied(origin, "story") as name:
        with at_home(home, server.url, "smtp://127.0.0.1:1"), elsewhere(name):
            told = tell()
        yield Story(name, server.url, home, told)
    server.stop()


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
    name = f"{origin}_{word}"
    _over_all("drop database if exists {} with (force)", name)
    _over_all("create database {} template {} owner goodterms_owner", name, origin)
    try:
        yield name
    finally:
        _over_all("drop database {} with (force)", name)


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


def _over_all(statement: str, *names: str) -> None:
    """As the role that may end whatever is connected there, PostgreSQL's own workers too."""
    known: dict[str, Any] = connection.get_connection_params()
    with psycopg.connect(host=known["host"], user="postgres", dbname="postgres", autocommit=True) as session:
        session.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
