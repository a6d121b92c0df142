"""Decides how other programs are asked how fast they are: each on a database of its own of the same durable server.

They are installed by pip into environments of their own, the first time that they are asked; each answers in a process of its
own. One that cannot be installed, or does not answer, is left out with the reason.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from bench import house

ROOM = Path(__file__).parent
MINUTES = 20  # for an installation, and for an answer


class Answer(NamedTuple):
    """How many invoices in how many seconds; or, of a program that is not here, why."""

    many: int
    seconds: float
    why_not: str = ""

    @property
    def a_second(self) -> float:
        return self.many / self.seconds


def tryton(count: int) -> Answer:
    return _asked("tryton", count, lambda sockets: f"postgresql://postgres@{quote(sockets, safe='')}:5432/")


def django_ledger(count: int) -> Answer:
    return _asked("django_ledger", count, str)


def _asked(name: str, count: int, address: Any) -> Answer:
    python, why_not = _installed(name)
    if why_not:
        return Answer(count, 0, why_not)
    books = f"bench_{name}"
    with house.superuser() as server:
        server.execute(f"drop database if exists {books} with (force)")
        if name != "tryton":  # which makes its own
            server.execute(f"create database {books}")
        sockets = server.info.host
    house.checkpoint()
    try:
        said = _run([str(python), "-P", "-W", "ignore", str(ROOM / f"of_{name}.py"), address(sockets), books, str(count)])
    except (subprocess.SubprocessError, OSError) as fault:
        return Answer(count, 0, f"did not answer: {_last_line(fault)}")
    finally:
        house.drop_books(books)
    answer: dict[str, Any] = json.loads(said.splitlines()[-1])
    assert answer["numbered"], "numbers are missing"
    assert answer["posted"], "entries are missing"
    return Answer(answer["count"], answer["seconds"])


def _installed(name: str) -> tuple[Path, str]:
    """The interpreter of its environment, made when its requirements are new; or why it cannot be."""
    folder, wanted = house.HOME / "venvs" / name, ROOM / f"{name}.txt"
    python, done = folder / "bin" / "python", folder / "requirements.txt"
    if done.exists() and done.read_text() == wanted.read_text():
        return python, ""
    try:
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        _run([str(python), "-m", "pip", "install", "--quiet", "--requirement", str(wanted)])
    except (subprocess.SubprocessError, OSError) as fault:
        return python, f"could not be installed: {_last_line(fault)}"
    done.write_text(wanted.read_text())
    return python, ""


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=MINUTES * 60).stdout


def _last_line(fault: Exception) -> str:
    said = getattr(fault, "stderr", "") or str(fault)
    return str(said).strip().splitlines()[-1][:120]
