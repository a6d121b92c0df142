"""Decides about the folder of an embedded server: whose it is, where its socket goes, what in it is stale."""

import os
import pwd
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from goodterms.values.refusal import Refused

SOCKET = ".s.PGSQL.5432"
_SOCKET_FOLDER_BYTES_MAX = 90  # the kernel takes 107 for the address, the file's name needs 14 of them


class CannotStart(Refused):
    """No embedded server for this folder; the sentence says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, code="cannot_start")


def prepare(home: Path) -> None:
    """Make the folder, for its owner alone."""
    home.mkdir(parents=True, exist_ok=True)
    owner = home.stat().st_uid
    if os.geteuid() not in {0, owner}:
        raise CannotStart(
            f"The folder {home} belongs to {_name(owner)}. Run Goodterms as that user, or set GOODTERMS_HOME to another folder."
        )
    home.chmod(0o700)


def open_in(home: Path, name: str) -> BinaryIO:
    """A file of the folder, to append to; it belongs to the folder's owner even when root made it."""
    file = (home / name).open("ab")
    if os.geteuid() == 0:
        owner = home.stat()
        os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
    return file


def recorded(home: Path) -> list[str]:
    """What a server notes of itself: process, folder, start, port, socket folder, address, memory, state. Or []."""
    try:
        lines = (home / "data" / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []
    return [line.strip() for line in lines] if len(lines) > 7 else []


def socket_folder(home: Path) -> Path | None:
    """Where the running server's socket is; None when it cannot be reached from here."""
    if _fits(home / "run") and (home / "run" / SOCKET).exists():
        return home / "run"
    elsewhere = Path(recorded(home)[4])
    # A path inside a folder is not believed: this one may have been moved and its old place taken by another.
    return elsewhere if _is_made_for_a_socket(elsewhere) and (elsewhere / SOCKET).exists() else None


def new_socket_folder(home: Path) -> Path:
    """`run` within; if that is too long or has a comma (libpq splits hosts there), a fresh private temporary folder."""
    if _fits(home / "run"):
        (home / "run").mkdir(mode=0o700, exist_ok=True)
        return home / "run"
    # Not first XDG_RUNTIME_DIR: it is removed when its user logs out, and the server may outlast that.
    for place in dict.fromkeys([tempfile.gettempdir(), "/tmp", os.environ.get("XDG_RUNTIME_DIR", "/tmp")]):
        if _fits(Path(place) / "goodterms-12345678") and os.access(place, os.W_OK | os.X_OK):
            return Path(tempfile.mkdtemp(prefix="goodterms-", dir=place))
    raise CannotStart(
        f"The path {home} is too long for a socket and no folder for temporary files can be written. "
        "Set GOODTERMS_HOME to a shorter path."
    )


def clear_stale(home: Path) -> None:
    """Remove what a killed server has left. Called while we hold `serving`, so that no server of ours runs."""
    for socket in (home / "run").glob(f"{SOCKET}*"):
        socket.unlink()  # its own lock file names a process as well, and a server that was moved does not find it
    data = home / "data"
    left = data / "postmaster.pid"
    if not left.exists():
        return
    text = left.read_text()
    number = text.split("\n", 1)[0]
    if place := _folder_of_server(number):
        if place.samefile(data):
            raise CannotStart(f"PostgreSQL, not started by Goodterms, runs in {data} (process {number}). Stop it first.")
        if _same_text(place / "postmaster.pid", text):
            raise CannotStart(
                f"{home} is a copy of {place.parent}, made while the server there ran, and such a copy is torn. "
                f"Remove {home}, and copy again when no program uses the original."
            )
    left.unlink()


def refuse_other_major(data: Path, major: str) -> None:
    """PostgreSQL reads no folder of another major version."""
    found = (data / "PG_VERSION").read_text().strip()
    if found != major:
        raise CannotStart(
            f"The data in {data} was written by PostgreSQL {found}, and this Goodterms brings PostgreSQL {major}. "
            "Dump it with the Goodterms that wrote it, and restore the dump into a new folder with this one."
        )


def give(home: Path, uid: int, gid: int) -> None:
    """Hand the folder and all within to another account."""
    for path in [home, *home.rglob("*")]:
        os.chown(path, uid, gid, follow_symlinks=False)


def remove(path: Path) -> None:
    if path.exists():
        shutil.rmtree(path)


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= _SOCKET_FOLDER_BYTES_MAX and "," not in str(path)


def _is_made_for_a_socket(path: Path) -> bool:
    return path.name.startswith("goodterms-")


def _folder_of_server(number: str) -> Path | None:
    """The data folder of the PostgreSQL server with this number; None when the number is another's or nobody's."""
    process = Path("/proc", number)
    try:
        command = (process / "comm").read_text().strip()
        return Path(os.readlink(process / "cwd")) if command == "postgres" else None
    except OSError:  # gone, or dead and not yet collected
        return None


def _same_text(path: Path, text: str) -> bool:
    try:
        return path.read_text() == text
    except OSError:
        return False


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
