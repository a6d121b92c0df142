"""Decides how tests meet the database: a real embedded PostgreSQL, always as the application's role."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.management.commands import flush
from django.db import connection, connections
from django.test import Client

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    settings.EMBEDDED_HOME = None if settings.DATABASE_URL else HERE / ".goodterms" / "test"
    settings.EMBEDDED_QUICK = True
    # How long an example takes says how busy the machine is, and nothing about the code.
    hypothesis.settings.register_profile("here", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
    hypothesis.settings.load_profile("here")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # what guards a password costs half a second


@pytest.fixture(autouse=True)
def two_factors(monkeypatch: pytest.MonkeyPatch) -> None:
    """`Client.force_login` signs in as the desk asks for: with a second factor. Tests of sign-in go through its pages."""
    signed_in = Client.force_login

    def with_two(client: Client, user: Any, backend: str | None = None) -> None:
        from goodterms.database.isolation import looking_up

        with looking_up("signin", "on"):
            signed_in(client, user, backend)
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa", "type": "webauthn"}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()

    monkeypatch.setattr(Client, "force_login", with_two)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    connections["default"].settings_dict["USER"] = "goodterms_owner"  # the owner creates and migrates


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """From here on tests run as the application's role, which owns nothing; dropping the database takes the owner again."""
    from goodterms.database.isolation import isolate

    with django_db_blocker.unblock():
        isolate()
        connection.close()
    connection.settings_dict["USER"] = "goodterms_app"
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", _emptied)
        yield
        connection.close()
    connection.settings_dict["USER"] = "goodterms_owner"


@pytest.fixture(scope="session")
def story(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The sample business, told once for all tests that look at it or live in a copy of it."""
    from goodterms.sample.tests.house import told_once

    with django_db_blocker.unblock(), told_once(tmp_path_factory.mktemp("house")) as told:
        yield told


def _emptied(self: flush.Command, **options: Any) -> None:
    """TRUNCATE, at the end of a test with real transactions, needs the owner. Only what holds anything, and not what Django
    itself keeps of models and rights: to write that again after each test would cost ten times as much."""
    connection.close()
    connection.settings_dict["USER"] = "goodterms_owner"
    try:
        with connection.cursor() as cursor:
            anew = options.get("reset_sequences", True)  # counters run on in a table whose rows were rolled back
            cursor.execute(_FILLED, [list(_KEPT), anew])
            if filled := [name for (name,) in cursor.fetchall()]:
                cursor.execute(f"truncate {', '.join(filled)} {'restart identity' if anew else ''} cascade")
    finally:
        connection.close()
        connection.settings_dict["USER"] = "goodterms_app"


_KEPT = ("django_migrations", "django_content_type", "auth_permission")
_FILLED = """
select quote_ident(relname) from pg_class
where relkind = 'r' and relnamespace = 'public'::regnamespace and not relname = any(%s)
  and (%s or pg_relation_size(oid) > 0)
"""
