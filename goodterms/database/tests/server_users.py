"""The cast of the stories of the embedded server: processes that use it, and what they can see."""

import os
import pwd
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

import goodterms
from goodterms.database import folder

PLACES = [str(Path(goodterms.__file__).parents[1]), str(Path(psycopg.__file__).parents[1])]
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(PLACES)}
USER = """
import os, sys
from pathlib import Path
from goodterms.database.server import CannotStart, join
for line in sys.stdin:
    if line == "fork\\n":
        if os.fork() == 0:
            os.close(0)
            import time; time.sleep(60)
        print("forked", flush=True)
        continue
    try:
        print(join(Path(line.rstrip("\\n")), quick="durable" not in sys.argv), flush=True)
    except CannotStart as no:
        print("no:", no.sentence, flush=True)
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")


class User:
    """A process that uses the server."""

    def __init__(self, *arguments: str, python: str = sys.executable, **options: Any) -> None:
        options.setdefault("env", ENVIRONMENT)
        self.process = subprocess.Popen(
            [python, "-c", USER, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            start_new_session=True,
            **options,
        )

    def ask(self, line: object) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        assert self.process.stdout
        return str(self.process.stdout.readline()).rstrip("\n")

    def join(self, home: Path) -> str:
        self.ask(home)
        return self.answer()

    def leave(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def number(home: Path) -> int:
    return int(folder.recorded(home)[0])


def lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "this did not come to pass"
        time.sleep(0.01)


def query(sockets: str, sql: str, role: str = "postgres", database: str = "goodterms") -> list[Any]:
    with psycopg.connect(host=sockets, port=5432, user=role, dbname=database, autocommit=True) as connection:
        done = connection.execute(sql.encode())
        return done.fetchall() if done.description else []


def watcher_of(home: Path) -> int:
    """Whoever runs in the folder itself is its watcher; the server runs in data/."""
    here = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and works_in(p, home)]
    assert len(here) == 1
    return here[0]


def works_in(process: Path, home: Path) -> bool:
    try:
        return Path(os.readlink(process / "cwd")) == home
    except OSError:
        return False


def nobody() -> tuple[int, int]:
    account = pwd.getpwnam("nobody")
    return account.pw_uid, account.pw_gid


def python_for_all() -> str:
    """A Python of our version that another user may run, which one in root's own folder is not."""
    name = "python{}.{}".format(*sys.version_info)
    for place in ("/usr/bin", "/usr/local/bin"):
        if os.access(f"{place}/{name}", os.X_OK):
            return f"{place}/{name}"
    pytest.skip(f"no {name} in /usr/bin or /usr/local/bin that another user could run")
