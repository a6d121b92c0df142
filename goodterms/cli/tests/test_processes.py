"""The command as it is typed: a process of its own, a data folder of its own, pipes that break, a database that is away."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from goodterms.cli.tests.cast import ROOT, Said, process
from goodterms.database import address

ADD = ["vendor", "add", "penhale", "--name", "Penhale Print", "--currency", "GBP", "--country", "GB",
       "--timezone", "Europe/London", "--email", "desk@penhale.example", "--json"]  # fmt: skip
EMPTY = {"on": "2026-11-16", "nominated": 0, "held": {}, "notices": 0, "sent": 0, "printed": 0, "doubts": 0}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An installation of its own, whose server stays up between the commands because one shell stays open."""
    home = tmp_path_factory.mktemp("goodterms")
    words = [sys.executable, "-m", "goodterms", "shell", "-c", "print('here', flush=True); input()"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GOODTERMS_", "DATABASE_"))}
    environment = {**kept, "GOODTERMS_HOME": str(home)}
    with subprocess.Popen(words, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as shell:
        assert shell.stdin is not None
        assert shell.stdout is not None
        assert shell.stdout.readline() == "here\n"
        yield home
        shell.stdin.write("\n")


def bare(*words: str, home: Path) -> Said:
    """`bin/goodterms`, from another folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GOODTERMS_", "DATABASE_"))}
    done = subprocess.run(
        [str(ROOT / "bin" / "goodterms"), *words], cwd=home, env={**kept, "GOODTERMS_HOME": str(home)}, capture_output=True,
        text=True, timeout=300, check=False,
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


def test_the_first_commands_of_an_installation(home: Path) -> None:
    day = bare("day", "--on", "2026-11-16", "--json", home=home)
    assert (day.code, day.json, day.err) == (0, EMPTY, "")
    nobody = process("aging", "--json", home=home)
    assert (nobody.code, nobody.out) == (1, "")
    assert "add one with: goodterms vendor add" in nobody.err
    added = process(*ADD, home=home)
    assert (added.code, added.json["slug"], added.out.count("\n"), added.err) == (0, "penhale", 1, "")
    assert process("day", "--on", "2026-11-16", "--json", home=home).json == EMPTY
    assert (home / "postgres").is_dir()


def test_the_shell_is_the_applications_role_also_from_standard_input(home: Path) -> None:
    asked = "from django.db import connection\nq = connection.cursor()\nprint(q.execute('select current_user').fetchone())\n"
    said = process("shell", home=home, stdin=asked)
    assert (said.code, said.out, said.err) == (0, "('goodterms_app',)\n", "")


@pytest.mark.parametrize("words", [["shell", "-c", "print('x' * 1_000_000)"], ["vendor", "list", "--json"]])
def test_a_reader_who_leaves_is_no_drama(home: Path, words: list[str]) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GOODTERMS_", "DATABASE_"))}
    done = subprocess.run(
        [sys.executable, "-m", "goodterms", *words], cwd=ROOT, env={**kept, "GOODTERMS_HOME": str(home)}, stdout=writes,
        stderr=subprocess.PIPE, text=True, timeout=60, check=False,
    )  # fmt: skip
    os.close(writes)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_database_that_does_not_answer_is_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listened on: nobody answers there
        url = f"postgresql://goodterms_app@127.0.0.1:{taken.getsockname()[1]}/goodterms"
        said = process("aging", "--json", home=tmp_path, DATABASE_URL=url)
    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert said.err.startswith("The database did not answer, so nothing was done. It said: ")


def test_an_address_of_another_kind_of_database_is_a_sentence(tmp_path: Path) -> None:
    said = process("aging", home=tmp_path, DATABASE_URL="mysql://localhost/books")
    assert (said.code, said.out) == (1, "")
    assert said.err == "DATABASE_URL starts with 'mysql'; Goodterms needs postgresql://user:password@host/name.\n"


def test_usage_asks_no_database(tmp_path: Path) -> None:
    said = process("day", "--on", "31 June", home=tmp_path / "none")
    assert (said.code, said.out) == (2, "")
    assert "'31 June' is not a date" in said.err
    assert not (tmp_path / "none").exists()


def test_the_data_folder_of_a_checkout_and_of_an_installed_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("GOODTERMS_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert address.data_folder() == ROOT / ".goodterms"
    monkeypatch.setattr(address, "__file__", str(tmp_path / "site-packages" / "goodterms" / "database" / "address.py"))
    assert address.data_folder() == Path.home() / ".local" / "share" / "goodterms"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert address.data_folder() == tmp_path / "goodterms"
    monkeypatch.setenv("GOODTERMS_HOME", str(tmp_path / "books"))
    assert address.data_folder() == tmp_path / "books"
