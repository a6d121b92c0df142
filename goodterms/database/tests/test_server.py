"""Stories of the embedded server, with real processes: who starts it, who joins, who dies at a bad moment."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from goodterms.database import folder
from goodterms.database.server import WATCH
from goodterms.database.tests.server_users import User, lives, number, query, wait_until, watcher_of


def test_the_first_start_makes_the_roles_and_a_durable_database(tmp_path: Path, enter: Callable[..., User]) -> None:
    sockets = enter("durable").join(tmp_path / "deep" / "pg")
    assert query(sockets, "select current_setting('fsync'), current_setting('full_page_writes')") == [("on", "on")]
    assert query(sockets, "select current_setting('listen_addresses')") == [("",)]
    roles = "select rolcanlogin, rolcreatedb, rolsuper, rolbypassrls from pg_roles where rolname = 'goodterms_{}'"
    assert query(sockets, roles.format("owner")) == [(True, True, False, False)]
    assert query(sockets, roles.format("app")) == [(True, False, False, False)]
    owner = "select datdba::regrole::text from pg_database where datname = current_database()"
    assert query(sockets, owner, role="goodterms_app") == [("goodterms_owner",)]
    assert (tmp_path / "deep" / "pg").stat().st_mode & 0o777 == 0o700


def test_eight_first_starts_at_once_give_one_server(tmp_path: Path, enter: Callable[..., User]) -> None:
    users = [enter() for _ in range(8)]
    for one in users:
        one.ask(tmp_path / "pg")
    assert {one.answer() for one in users} == {str(tmp_path / "pg" / "run")}
    assert (tmp_path / "pg" / "log").read_text().count("ready to accept connections") == 1


def test_the_server_stops_when_its_last_user_is_gone_however_it_died(home: Path, enter: Callable[..., User]) -> None:
    first, second = enter(), enter()
    assert first.join(home) == second.join(home)
    server = number(home)
    first.kill()
    time.sleep(0.1)
    assert query(str(home / "run"), "select 1") == [(1,)]
    second.kill()
    wait_until(lambda: not lives(server))
    assert folder.recorded(home) == []


def test_a_forked_worker_counts_as_a_enter(home: Path, enter: Callable[..., User]) -> None:
    parent = enter()
    parent.join(home)
    parent.ask("fork")
    assert parent.answer() == "forked"
    server, group = number(home), parent.process.pid
    parent.kill()
    time.sleep(0.1)
    assert lives(server)
    os.killpg(group, signal.SIGKILL)
    wait_until(lambda: not lives(server))


def test_who_comes_while_the_server_stops_gets_a_new_one(home: Path, enter: Callable[..., User]) -> None:
    for _ in range(4):
        last, next_one = enter(), enter()
        sockets = last.join(home)
        last.kill()
        assert next_one.join(home) == sockets
        assert query(sockets, "select 1") == [(1,)]
        next_one.kill()


def test_nobody_comes_between_the_end_of_the_last_user_and_that_of_the_server(tmp_path: Path) -> None:
    """Who did now and then got the socket of a server that was shutting down."""
    (tmp_path / "data").mkdir()
    (tmp_path / "users").touch()
    os.mkfifo(tmp_path / "data" / "postmaster.pid")
    watcher = subprocess.Popen([sys.executable, "-I", "-S", "-c", WATCH], cwd=tmp_path)
    with (tmp_path / "data" / "postmaster.pid").open("w") as asked, (tmp_path / "users").open() as users:
        with pytest.raises(BlockingIOError):  # it has opened the pipe, and waits to hear which server it is
            fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
        asked.write("no server")
    assert watcher.wait(10) == 0
    with (tmp_path / "users").open() as users:
        fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)


@pytest.mark.parametrize("after", [0.02, 0.15, 0.35])
def test_a_first_start_cut_off_at_any_moment_leaves_nothing_half_made(
    tmp_path: Path, enter: Callable[..., User], after: float
) -> None:
    starter = enter()
    starter.ask(tmp_path / "pg")
    wait_until((tmp_path / "pg").exists)
    time.sleep(after)
    starter.kill()
    sockets = enter().join(tmp_path / "pg")
    assert query(sockets, "select 1", role="goodterms_app") == [(1,)]


def test_a_killed_server_comes_back_for_those_who_stayed(home: Path, enter: Callable[..., User]) -> None:
    stayed = enter("durable")
    sockets = stayed.join(home)
    query(sockets, "create table kept as select 1 as one")
    server = number(home)
    os.kill(server, signal.SIGKILL)
    wait_until(lambda: not lives(server))
    assert stayed.join(home) == sockets
    assert number(home) != server
    assert query(sockets, "select one from kept") == [(1,)]
    again = number(home)
    stayed.leave()
    wait_until(lambda: not lives(again))  # the watcher of the first server stops the second


def test_a_killed_watcher_is_replaced_when_somebody_joins(home: Path, enter: Callable[..., User]) -> None:
    first = enter()
    first.join(home)
    os.kill(watcher_of(home), signal.SIGKILL)
    second = enter()
    second.join(home)
    server = number(home)
    first.leave()
    second.leave()
    wait_until(lambda: not lives(server))


def test_a_stale_lock_whose_number_now_belongs_to_another_is_cleared(home: Path, enter: Callable[..., User]) -> None:
    stale = f"{os.getpid()}\n{home}/data\n1\n5432\n{home}/run\n\n 1 1\nready\n"
    (home / "data" / "postmaster.pid").write_text(stale)
    (home / "run" / ".s.PGSQL.5432.lock").write_text(stale)
    (home / "run" / ".s.PGSQL.5432").touch()
    assert query(enter().join(home), "select 1") == [(1,)]


def test_a_stale_lock_whose_number_now_belongs_to_another_server_is_cleared(
    made: Path, home: Path, tmp_path: Path, enter: Callable[..., User]
) -> None:
    other = Path(shutil.copytree(made, tmp_path / "other"))
    enter().join(other)
    stale = folder.recorded(other)
    stale[2] = "1"
    (home / "data" / "postmaster.pid").write_text("\n".join(stale) + "\n")
    sockets = enter().join(home)
    assert query(sockets, "show data_directory") == [(str(home / "data"),)]
