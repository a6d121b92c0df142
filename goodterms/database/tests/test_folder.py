"""Stories of the folder of an embedded server: moved, copied, oddly named, of another version, of another user."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from goodterms.database import folder
from goodterms.database.server import CannotStart, binaries
from goodterms.database.tests.server_users import (
    ENVIRONMENT,
    User,
    as_root,
    lives,
    nobody,
    number,
    python_for_all,
    query,
    wait_until,
)


def test_a_folder_moved_while_its_server_runs_is_joined_at_its_new_place(
    home: Path, tmp_path: Path, enter: Callable[..., User]
) -> None:
    before, after = enter(), enter()
    before.join(home)
    server = number(home)
    moved = home.rename(tmp_path / "moved")
    assert after.join(moved) == str(moved / "run")
    assert number(moved) == server
    assert query(str(moved / "run"), "select 1") == [(1,)]
    before.leave()
    after.leave()
    wait_until(lambda: not lives(server))
    assert query(enter().join(moved), "select 1") == [(1,)]


def test_a_folder_moved_out_of_reach_is_refused_and_not_answered_by_who_took_its_place(
    made: Path, home: Path, tmp_path: Path, enter: Callable[..., User]
) -> None:
    enter().join(home)
    moved = home.rename(tmp_path / ("far" * 40))
    shutil.copytree(made, home)
    enter().join(home)
    assert "its socket is gone" in enter().join(moved)


@pytest.mark.parametrize("name", ["pg", "long" * 30])
def test_a_copy_of_a_running_folder_is_refused_and_never_answered_by_the_original(
    made: Path, tmp_path: Path, enter: Callable[..., User], name: str
) -> None:
    original = Path(shutil.copytree(made, tmp_path / name))
    enter().join(original)
    subprocess.run(["cp", "-a", original, tmp_path / "copy"], check=True)
    shutil.copytree(original, tmp_path / "other", ignore=lambda _, names: [n for n in names if n.startswith(".s.")])
    assert f"{tmp_path / 'copy'} is a copy of {original}" in enter().join(tmp_path / "copy")
    assert "is a copy of" in enter().join(tmp_path / "other")


def test_a_copy_of_a_stopped_folder_is_a_book_of_its_own(home: Path, tmp_path: Path, enter: Callable[..., User]) -> None:
    copy = Path(shutil.copytree(home, tmp_path / "copy"))
    one, other = enter().join(home), enter().join(copy)
    query(other, "create table mine as select 1")
    assert query(one, "select to_regclass('mine')::text") == [(None,)]


@pytest.mark.parametrize("name", ["a b", "a,b", "q\"u'o te", "$HOME %d é", "n" * 120])
def test_any_name_of_a_folder_will_do(made: Path, tmp_path: Path, enter: Callable[..., User], name: str) -> None:
    home = Path(shutil.copytree(made, tmp_path / name / "pg"))
    first, second = enter(), enter()
    sockets = first.join(home)
    assert second.join(home) == sockets
    assert query(sockets, "show data_directory") == [(str(home / "data"),)]
    assert Path(sockets).stat().st_mode & 0o777 == 0o700
    first.leave()
    second.leave()
    if not Path(sockets).is_relative_to(home):
        wait_until(lambda: not Path(sockets).exists())


def test_neither_home_nor_temporary_files_are_needed_and_no_setting_of_others_is_taken(
    tmp_path: Path, enter: Callable[..., User]
) -> None:
    odd = {"HOME": "/nowhere", "TMPDIR": "/nowhere", "PGPORT": "1", "PGDATA": "/x", "LC_ALL": "xx_XX", "TZ": "Asia/Jakarta"}
    others = {"PGHOST": "/x", "PGDATESTYLE": "German", "PGCLIENTENCODING": "LATIN1", "PGTZ": "Asia/Jakarta"}
    sockets = enter(env=ENVIRONMENT | odd | others).join(tmp_path / "pg")
    assert query(sockets, "select date '2013-06-28'::text, current_setting('timezone')") == [("2013-06-28", "UTC")]
    assert query(sockets, "select datcollate, encoding from pg_database where datname = 'goodterms'") == [("C", 6)]


def test_a_long_path_and_nowhere_for_its_socket_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(CannotStart, match="too long for a socket"):
        folder.new_socket_folder(Path("/" + "n" * 120))


def test_a_folder_of_another_major_version_is_refused_and_left_as_it_was(home: Path, enter: Callable[..., User]) -> None:
    (home / "data" / "PG_VERSION").write_text("17\n")
    assert "was written by PostgreSQL 17, and this Goodterms brings PostgreSQL 18" in enter().join(home)
    assert (home / "data" / "base").exists()


def test_a_server_that_cannot_start_says_why(home: Path, enter: Callable[..., User]) -> None:
    (home / "data" / "global" / "pg_control").unlink()
    assert "could not find the database system" in enter().join(home)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path, enter: Callable[..., User]) -> None:
    (tmp_path / "pg").touch()
    assert "cannot be started: File exists" in enter().join(tmp_path / "pg")


@as_root
def test_a_server_started_by_hand_is_not_disturbed(made: Path, public: Path, enter: Callable[..., User]) -> None:
    home = Path(shutil.copytree(made, public / "pg"))
    folder.give(home, *nobody())
    command: list[str | Path] = [binaries() / "postgres", "-D", home / "data", "-c", "listen_addresses="]
    command += ["-c", f"unix_socket_directories={home}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, user=nobody()[0], group=nobody()[1]) as hand:
        try:
            wait_until(lambda: folder.recorded(home)[-1:] == ["ready"])
            assert f"not started by Goodterms, runs in {home / 'data'}" in enter().join(home)
            assert query(str(home), "select 1") == [(1,)]
        finally:
            hand.send_signal(signal.SIGINT)


@as_root
def test_an_ordinary_user_has_a_server_and_is_kept_out_of_anothers(
    made: Path, public: Path, enter: Callable[..., User]
) -> None:
    uid, gid = nobody()
    plain: dict[str, Any] = {"user": uid, "group": gid, "extra_groups": []}
    theirs = plain | {"python": python_for_all()}
    own, roots = Path(shutil.copytree(made, public / "own")), Path(shutil.copytree(made, public / "roots"))
    folder.give(own, uid, gid)
    for made_at_need in ("users", "starting", "serving", "watching", "log"):
        (own / made_at_need).unlink()
    sockets = enter().join(own)  # root starts it as its owner, and leaves nothing of its own there
    assert enter(**theirs).join(own) == sockets
    assert query(sockets, "select 1") == [(1,)]
    assert {path.stat().st_uid for path in own.iterdir()} == {uid}
    enter().join(roots)
    assert f"The folder {roots} belongs to root." in enter(**theirs).join(roots)
    psql: list[str | Path] = [binaries() / "psql", "-h", roots / "run", "-U", "postgres", "-c", "select 1"]
    shut_out = subprocess.run(psql, capture_output=True, text=True, check=False, **plain)
    assert "Permission denied" in shut_out.stderr


@as_root
def test_root_without_user_namespaces_borrows_an_account_that_reaches_the_folder(
    made: Path, home: Path, public: Path, enter: Callable[..., User]
) -> None:
    without = ENVIRONMENT | {"PATH": "/nowhere"}
    assert "Run Goodterms as an ordinary user" in enter(env=without).join(home)  # pytest's folder is root's alone
    open_to_all = Path(shutil.copytree(made, public / "pg"))
    first = enter(env=without)
    assert query(first.join(open_to_all), "select 1") == [(1,)]
    server = number(open_to_all)
    assert Path(f"/proc/{server}").stat().st_uid != 0
    first.leave()
    wait_until(lambda: not lives(server))
    assert query(enter().join(open_to_all), "select 1") == [(1,)]  # with namespaces again
