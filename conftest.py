"""Decides how tests meet the database: a real embedded PostgreSQL, always as the application's role."""

import gc
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.management.commands import flush
from django.db import connection, connections
from django.test import Client
from psycopg import OperationalError, _connection_base
from psycopg._preparing import PrepareManager
from psycopg.pq import TransactionStatus

HERE = Path(__file__).parent
# What one process compiled the next ones read: three of them collect the same tests, and many more are started by these.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()  # until everything is imported, for all of that stays
    settings.EMBEDDED_HOME = None if settings.DATABASE_URL else HERE / ".goodterms" / "test"
    settings.EMBEDDED_QUICK = True
    # How long an example takes says how busy the machine is, and nothing about the code.
    hypothesis.settings.register_profile(
        "here",
        deadline=None,
        max_examples=int(os.environ.get("GOODTERMS_EXAMPLES", "50")),
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    hypothesis.settings.load_profile("here")
    _keep_what_was_prepared()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # what guards a password costs half a second


def _keep_what_was_prepared() -> None:
    """Each test ends with a rollback, at which psycopg forgets all statements that it prepared, for what they ask may be gone.
    PostgreSQL plans by itself anew whatever asks a table that changed. So a statement is planned once for a process, as it is
    where pages are served. Savepoints have a name of their own each, and are nothing to be kept."""

    class Kept(PrepareManager):
        prepared_max = 2_000

        def get(self, query: Any, prepare: bool | None = None) -> Any:
            return super().get(query, False if query.query.startswith(_OF_SAVEPOINTS) else prepare)

        def maybe_add_to_cache(self, query: Any, prep: Any, name: bytes) -> Any:
            return None if query.query.startswith(_OF_SAVEPOINTS) else super().maybe_add_to_cache(query, prep, name)

        def clear(self) -> bool:
            return False

    _connection_base.PrepareManager = Kept  # type: ignore[attr-defined]


_OF_SAVEPOINTS = (b"SAVEPOINT", b"RELEASE", b"ROLLBACK")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from stories.shares import Shares

    gc.enable()  # who gives out the shares collects no tests
    if config.option.dist != "loadfile":
        return None
    config.option.loadscopereorder = False
    return Shares(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        from stories.shares import longest_first

        longest_first(items)


def pytest_collection_finish() -> None:
    """Thousands of tests and all that they import stay until the end: nobody need look again and again whether they do."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # a process that ends in minutes need not be tidy
    gc.enable()


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
def together(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Any:
    """What this process and the others of the same run make once."""
    from goodterms.database.tests.whole import Together

    own = tmp_path_factory.getbasetemp()
    return Together(own.parent if hasattr(pytestconfig, "workerinput") else own)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any, together: Any
) -> Iterator[None]:
    """A copy of a database that was migrated once. From here on tests run as the application's role, which owns nothing."""
    from goodterms.database.tests import whole

    known, before = connection.settings_dict, connection.settings_dict["NAME"]
    own = known["TEST"]["NAME"]
    with django_db_blocker.unblock(), together.users(last=_drop_shared):
        fresh, _ = _shared()
        together.once("fresh", lambda: whole.migrated(fresh))
        whole.copy(fresh, own)
        whole.use(own)
        known["USER"] = "goodterms_app"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(flush.Command, "handle", _emptied)
            yield
        whole.use(before)
        whole.drop(own)


@pytest.fixture(scope="session")
def story(django_db_setup: None, django_db_blocker: Any, together: Any) -> Iterator[Any]:
    """The sample business, told once for all tests that look at it or live in a copy of it."""
    from pytest_django.live_server_helper import LiveServer

    from goodterms.database.tests import whole
    from goodterms.sample.tests.house import Story, told_in

    fresh, name = _shared()
    home = together.folder / "house"

    def tell() -> Any:
        whole.copy(fresh, name)
        return told_in(name, home)

    with django_db_blocker.unblock():
        told = together.once("story", tell)
        server = LiveServer("localhost")
        yield Story(name, home, told, server.url)
        server.stop()


def _shared() -> tuple[str, str]:
    """The databases of which every process of a run takes copies: migrated and empty, and with the sample business."""
    run = f"test_goodterms_{os.environ.get('GOODTERMS_TEST_NAME', 'main')}"
    return f"{run}_fresh", f"{run}_story"


def _drop_shared() -> None:
    from goodterms.database.tests import whole

    for name in _shared():
        whole.drop(name)


def _emptied(self: flush.Command, **options: Any) -> None:
    """At the end of a test with real transactions, what it wrote is deleted, as the role that no trigger and no key stops. To
    truncate makes new files for every table that refers to one of them, which takes thirty times as long; so only what has
    grown is truncated. What Django itself keeps of models and rights stays, or each test would have to write it again."""
    _let_go()
    session = _outright(connection.settings_dict["NAME"])
    filled = session.execute(_FILLED, [list(_KEPT)]).fetchall()
    names = [name for name, _ in filled]
    if any(size > _LARGE for _, size in filled):
        session.execute(f"truncate {', '.join(names)} cascade")
    elif names:
        session.execute(";".join(f"delete from {name}" for name in names))
    if options.get("reset_sequences", True):
        session.execute(_ANEW, [[f"{name}_id_seq" for name in _KEPT]])


def _let_go() -> None:
    """The next test takes the connection over, which has its plans and knows the tables: a new one costs more than most tests.
    What a test may have left in its session is taken from it; one that is not at rest ends."""
    raw = connection.connection
    if raw is None or connection.in_atomic_block or raw.closed or raw.info.transaction_status != TransactionStatus.IDLE:
        connection.close()
        return
    try:
        for left in ("select pg_advisory_unlock_all()", "discard temporary", "reset all", "unlisten *"):
            raw.execute(left)
    except OperationalError:  # a test ended it
        connection.close()
    raw.prepare_threshold = connection.settings_dict["OPTIONS"]["prepare_threshold"]


@cache
def _outright(name: str) -> Any:
    """Whoever clears away in this database, for all tests of this process; no trigger and no key stops it."""
    from goodterms.database.tests.whole import outright

    session = outright(name)
    session.execute("set session_replication_role to replica")
    return session


_KEPT = ("django_migrations", "django_content_type", "auth_permission")
_LARGE = 1 << 20
_FILLED = """
select quote_ident(relname), pg_relation_size(oid) from pg_class
where relkind = 'r' and relnamespace = 'public'::regnamespace and not relname = any(%s) and pg_relation_size(oid) > 0
"""
_ANEW = """
select setval(format('%%I.%%I', schemaname, sequencename), 1, false) from pg_sequences
where schemaname = 'public' and last_value is not null and not sequencename = any(%s)
"""
