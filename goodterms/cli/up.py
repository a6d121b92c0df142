"""`goodterms up`: web and worker, started together and stopped together."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from urllib.request import urlopen

from goodterms.values.refusal import Refused

PATIENCE_SECONDS = 20  # how long a part may take to finish what it is at


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000, metavar="N", help="on this machine only (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="how many workers (default: %(default)s)")
    parser.add_argument("--no-sample", action="store_true", help="do not build the sample business in an empty installation")


def run(args: argparse.Namespace) -> None:
    _must_be_free(args.port)
    _answer_at(f"http://localhost:{args.port}")
    _prepare(sample=not args.no_sample)
    web = f"-m gunicorn goodterms.wsgi -k gthread --workers 2 --threads 8 -b 127.0.0.1:{args.port} --log-level warning".split()
    worker = ["-m", "django", "procrastinate", "worker"]
    parts = [_start(web)] + [_start(worker) for _ in range(args.workers)]
    _watch(parts, args.port)


def _must_be_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as taken:
            raise Refused(
                f"Port {port} is taken; nothing was started. Choose another: goodterms up --port {port + 1}"
            ) from taken


def _answer_at(address: str) -> None:
    """Links in letters lead here, unless GOODTERMS_BASE_URL says where this installation is reached."""
    from django.conf import settings

    if "GOODTERMS_BASE_URL" not in os.environ:
        os.environ["GOODTERMS_BASE_URL"] = settings.BASE_URL = address


def _prepare(*, sample: bool) -> None:
    """The schema, a check that vendors are kept apart, and the sample business where there is nothing yet."""
    from goodterms.cli.main import run as command
    from goodterms.database.isolation import danger
    from goodterms.database.migrate import migrate, pending
    from goodterms.parties.directory import everyone

    if pending():
        print("Making the database …", flush=True)
        migrate()
    if sentence := danger():
        raise Refused(sentence)
    if sample and not everyone():
        print("Building the sample business …", flush=True)
        command(["sample"])


def _start(words: Sequence[str]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches this process alone, which then stops the parts in good order.
    return subprocess.Popen([sys.executable, *words], env={**os.environ}, start_new_session=True)


def _until_it_answers(port: int, parts: list[subprocess.Popen[bytes]]) -> None:
    """So that the address is told when it can be opened, and not before."""
    patience = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < patience and all(part.poll() is None for part in parts):
        try:
            urlopen(f"http://localhost:{port}/healthz", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)


def _watch(parts: list[subprocess.Popen[bytes]], port: int) -> None:
    """Until Ctrl-C, a TERM, or the end of a part; then all of them are asked to stop."""
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    fallen: subprocess.Popen[bytes] | None = None
    try:
        _until_it_answers(port, parts)
        print(f"Goodterms is up: http://localhost:{port}/  (Ctrl-C stops it)", flush=True)
        while fallen is None:
            fallen = next((part for part in parts if part.poll() is not None), None)
            time.sleep(0.2)
    except KeyboardInterrupt:
        print("Stopping …", flush=True)
    for part in parts:
        if part.poll() is None:
            part.terminate()
    for part in parts:
        try:
            part.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            part.kill()
    if fallen is not None:
        raise Refused(
            f"A part of Goodterms ended by itself (code {fallen.returncode}); the rest was stopped. Its words are above."
        )
