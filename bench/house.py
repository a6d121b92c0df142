"""Decides where benchmarks run: on a durable server of their own under .goodterms/bench, one database a book."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HOME = Path(__file__).parents[1] / ".goodterms" / "bench"


def open_house(name: str = "goodterms") -> None:
    """Set Django up in this process, as the application's role on the database `name`."""
    os.environ["GOODTERMS_HOME"] = str(HOME)
    os.environ["DJANGO_SETTINGS_MODULE"] = "goodterms.settings"
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("GOODTERMS_SMTP_URL", None)
    import django

    django.setup()
    move_in(name)


def move_in(name: str) -> None:
    """Work on the database `name` from here on."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = name


def superuser(name: str = "postgres") -> Any:
    """A bare connection past row security, in autocommit: for generators and yardsticks."""
    import psycopg
    from django.conf import settings

    from goodterms.database.server import join

    sockets = join(settings.EMBEDDED_HOME or HOME)
    return psycopg.connect(host=str(sockets), port=5432, user="postgres", dbname=name, autocommit=True)


def empty_books(name: str) -> None:
    """A new database `name` with the schema of today and nothing in it."""
    from goodterms.database.migrate import migrate

    _replace("bench_empty", "owner goodterms_owner")
    move_in("bench_empty")
    migrate()
    copy_books("bench_empty", name)


def copy_books(source: str, name: str) -> None:
    """A new database `name` with all that is in `source`, byte for byte."""
    move_in(name)
    _replace(name, f"owner goodterms_owner template {source} strategy file_copy")


def drop_books(*names: str) -> None:
    with superuser() as server:
        for name in names:
            server.execute(f'drop database if exists "{name}" with (force)')


def _replace(name: str, how: str) -> None:
    from django.db import connection

    connection.close()
    drop_books(name)
    with superuser() as server:
        server.execute(f'create database "{name}" {how}')
        server.execute(f'grant connect, temporary on database "{name}" to goodterms_app')


def checkpoint() -> None:
    """So that no side pays for what the other wrote."""
    with superuser() as server:
        server.execute("checkpoint")


@contextmanager
def loading(name: str) -> Iterator[Any]:
    """A superuser's connection for a generator: no triggers, no keys checked; statistics afterwards."""
    with superuser(name) as rows:
        rows.execute("set session_replication_role = replica")
        rows.execute("set synchronous_commit = off")
        rows.execute("set maintenance_work_mem = '256MB'")
        rows.execute("set work_mem = '256MB'")
        yield rows
        rows.execute("vacuum (analyze)")
        rows.execute("checkpoint")
