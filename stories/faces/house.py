"""Decides where a journey begins: the sample business, told once for all and copied for each, on a server of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from psycopg import sql
from pytest_django.live_server_helper import LiveServer

from goodterms.parties.directory import Listed, everyone
from goodterms.sample.telling import tell


class Story(NamedTuple):
    """The database in which the sample was told, and nobody has touched it since; where its pages and its letters are."""

    name: str
    url: str
    home: Path


class House(NamedTuple):
    """A copy of the story, to be lived in."""

    url: str
    home: Path
    vendors: dict[str, Listed]


@contextmanager
def told_once(home: Path) -> Iterator[Story]:
    """Half a year takes some twenty seconds to tell; a copy of it less than one."""
    server, origin = LiveServer("localhost"), connection.settings_dict["NAME"]
    connection.close()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("HOME", home), ("BASE_URL", server.url), ("SMTP_URL", "")):
            patch.setattr(settings, name, value)
        with copied(origin, "story") as name:
            with elsewhere(name):
                tell()
            yield Story(name, server.url, home)
    server.stop()


@contextmanager
def lived_in(story: Story) -> Iterator[House]:
    """Whatever is done here is gone afterwards."""
    with copied(story.name, "life") as name, elsewhere(name):
        yield House(story.url, story.home, {one.slug: one for one in everyone()})


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
