"""Decides how the schema moves: as the owner of the tables, then isolated again."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from goodterms.database.address import from_url
from goodterms.database.isolation import isolate
from goodterms.values.refusal import Refused

OWNER = "goodterms_owner"


def migrate(verbosity: int = 0) -> list[str]:
    """Bring the schema up to date and isolate what is new. Returns the tables that got row security just now."""
    with as_owner():
        call_command("migrate", interactive=False, verbosity=verbosity)
        return isolate()


def pending() -> bool:
    """Whether the schema is older than the program. Reads only."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def as_owner() -> Iterator[None]:
    """A new connection as the owner of the tables, and back to the application's role. For migrations and planted faults."""
    before = dict(connection.settings_dict)
    if settings.DATABASE_URL and not settings.OWNER_URL:
        raise Refused(
            "The schema was not changed: DATABASE_URL names the application's role, which owns nothing. "
            "Set GOODTERMS_OWNER_URL to the owner's address and try again."
        )
    connection.close()
    owner = from_url(settings.OWNER_URL) if settings.OWNER_URL else {"USER": OWNER}
    connection.settings_dict.update({**owner, "NAME": before["NAME"]})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
