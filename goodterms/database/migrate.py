"""Decides how the schema moves: as the owner of the tables, then isolated again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from goodterms.database.address import from_url
from goodterms.database.isolation import isolate
from goodterms.values.refusal import Refused

OWNER = "goodterms_owner"
_OTHERS = ["contenttypes", "auth", "sessions", "messages", "staticfiles", "procrastinate"]


def migrate(verbosity: int = 0) -> list[str]:
    """Bring the schema up to date and isolate what is new. Returns the tables that got row security just now."""
    with as_owner():
        call_command("migrate", interactive=False, verbosity=verbosity)
        call_command("createcachetable", verbosity=verbosity)  # how often somebody tried, over all processes
        return isolate()


def pending() -> bool:
    """Whether the schema is older than the program: by count, which needs no import of any migration. Reads only."""
    files = Path(__file__).parents[1].glob("*/migrations/0*.py")
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('django_migrations') is not null")
        if cursor.fetchone() == (False,):
            return True
        cursor.execute("select count(*) from django_migrations where app = any(%s)", [list(apps.app_configs)])
        applied = cursor.fetchone()[0]
        cursor.execute("select count(*) from django_migrations where app = any(%s)", [_OTHERS])
        return bool(applied - cursor.fetchone()[0] < sum(1 for _ in files))


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
