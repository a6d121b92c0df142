"""Decides how tests make, copy and drop whole databases, and what several processes of one run have together."""

import fcntl
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from django.db import connection
from psycopg import sql

from goodterms.database.isolation import isolate

Made = TypeVar("Made")


def migrated(name: str) -> None:
    """A new database with all tables, policies and rights; what else is in it is what migrations write."""
    known = connection.settings_dict
    before, own = known["NAME"], known["TEST"]["NAME"]
    drop(name)
    known["TEST"]["NAME"] = name
    with each_by_itself():
        connection.creation.create_test_db(verbosity=0, serialize=False)
    isolate()
    known["TEST"]["NAME"] = own
    use(before)


@contextmanager
def each_by_itself() -> Iterator[None]:
    """For tests alone, which make their tables in every run. After each step of a migration Django makes the class of a model
    anew that changed, and with it all that are tied to it, which here is every one: nine of ten seconds. The tables themselves
    ask for the one class alone. Where others may refer to what changed, and before code of a migration, all are made anew.
    That the tables are what the models say is asked in test_migrate."""
    from django.db.migrations.state import ProjectState

    django: Any = ProjectState
    plain = django.reload_model

    def reload_model(state: Any, app: str, model: str, delay: bool = False) -> None:
        if "apps" not in state.__dict__:  # nobody has asked for classes yet
            return
        if delay or model not in state.apps.all_models[app]:
            state.is_delayed = True  # which has them all made anew before code of a migration
            state._reload({(app, model)})
        else:
            del state.apps

    django.reload_model = reload_model
    try:
        yield
    finally:
        django.reload_model = plain


def use(name: str) -> None:
    """Whoever connects from here on comes to this database."""
    connection.close()
    connection.settings_dict["NAME"] = name


def copy(origin: str, name: str) -> None:
    drop(name)
    over_all("create database {} template {} owner goodterms_owner", name, origin)


def drop(name: str) -> None:
    over_all("drop database if exists {} with (force)", name)


def over_all(statement: str, *names: str) -> None:
    """As the role that may end whatever is connected there, PostgreSQL's own workers too."""
    with outright("postgres") as session:
        session.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def outright(database: str) -> psycopg.Connection[Any]:
    known: dict[str, Any] = connection.get_connection_params()
    where = {word: known[word] for word in ("host", "port", "password") if word in known}
    return psycopg.connect(**where, user="postgres", dbname=database, autocommit=True)


class Together:
    """What the processes of a run make once: the first that wants it makes it, the others wait for it and take it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def users(self, last: Callable[[], None]) -> Iterator[None]:
        """To use what is made; the last to leave clears it away, so that nothing of a run stays behind."""
        with (self.folder / "users").open("w") as door:
            fcntl.flock(door, fcntl.LOCK_SH)
            yield
            try:
                fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            last()
            for made in self.folder.glob("*.made"):
                made.unlink()

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        made = self.folder / f"{name}.made"
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                made.write_bytes(pickle.dumps(make()))
            found: Made = pickle.loads(made.read_bytes())
            return found
