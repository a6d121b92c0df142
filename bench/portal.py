"""The payer's page: GET /pay/ of 200 payers in turn, signed in, each with their own open invoices of several vendors.

Two gunicorn workers (gthread, as `goodterms up` starts them) and PostgreSQL share two cores with the program that asks, over
loopback, with 8 connections that stay open. Yardstick: the same server and the same asking for /healthz, which does nothing.
"""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from datetime import time as at_time
from hashlib import sha256
from statistics import median, quantiles
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bench import book, house
from bench.measure import Row

NAME = "goodterms"  # the name that the program looks for
PAYERS = 200
CONNECTIONS = 8
NOW = datetime.combine(book.ON, at_time(10, 20), ZoneInfo("UTC"))


class Asked(NamedTuple):
    """What one process came to: seconds of each answer."""

    seconds: list[float]
    bytes: int


def run(small: bool) -> Iterator[Row]:
    shape = book.Shape(2_000, 2_000) if small else book.Shape(100_000, 100_000)
    book.make(NAME, shape)
    cookies = _sessions()
    seconds = 4 if small else 15
    with _web() as port:
        _ask(port, "/pay/", cookies, 2)
        bare = _ask(port, "/healthz", cookies, seconds / 2)
        ours = _ask(port, "/pay/", cookies, seconds)
    rate, bare_rate = (len(one.seconds) / spent for one, spent in ((ours, seconds), (bare, seconds / 2)))
    last = quantiles(ours.seconds, n=100)[98] * 1000
    yield Row(
        "portal", f"pages a second, {shape.open:,} open invoices, {PAYERS} payers", f"{rate:.0f}/s",
        f"/healthz {bare_rate:.0f}/s", f"{rate / bare_rate:.2f} x its rate", "300/s at least", rate >= 300,
        f"{ours.bytes / len(ours.seconds) / 1024:.0f} kB a page",
    )  # fmt: skip
    yield Row(
        "portal", f"answer time with {CONNECTIONS} connections", f"{median(ours.seconds) * 1000:.0f} ms, p99 {last:.0f} ms",
        "", "", "p99 under 200 ms", last < 200,
    )  # fmt: skip
    house.drop_books(NAME)


def _sessions() -> list[str]:
    """Proven sessions of payers who have several vendors, written straight into the table."""
    with house.superuser(NAME) as rows:
        found = rows.execute(_PAYERS, [PAYERS]).fetchall()
        secrets = [f"bench-{n}" for n in range(len(found))]
        for secret, (payer,) in zip(secrets, found, strict=True):
            rows.execute(_SESSION, [payer, sha256(secret.encode()).hexdigest(), NOW, NOW + timedelta(days=1)])
    return [f"goodterms_payer={secret}" for secret in secrets]


@contextmanager
def _web() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = f"-m gunicorn goodterms.wsgi -k gthread --workers 2 --threads 8 -b 127.0.0.1:{port} --log-level warning".split()
    asked = {**os.environ, "GOODTERMS_HOME": str(house.HOME), "GOODTERMS_NOW": NOW.isoformat()}
    web = subprocess.Popen([sys.executable, *words], env=asked)
    try:
        _wait(port)
        yield port
    finally:
        web.terminate()
        web.wait(20)


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web server did not come up")


def _ask(port: int, path: str, cookies: Sequence[str], seconds: float) -> Asked:
    """All connections at once, from one process beside ours."""
    with ProcessPoolExecutor(1) as pool:
        return pool.submit(_asking, port, path, list(cookies), seconds).result()


def _asking(port: int, path: str, cookies: list[str], seconds: float) -> Asked:
    """Keep every connection busy: write to each, then read whichever has answered."""
    import selectors

    found, size, turn = Asked([], 0), 0, 0
    waiting = selectors.DefaultSelector()
    until = time.perf_counter() + seconds

    def send(connection: http.client.HTTPConnection) -> None:
        nonlocal turn
        turn += 1
        began = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookies[turn % len(cookies)]})
        waiting.register(connection.sock, selectors.EVENT_READ, (connection, began))

    for _ in range(CONNECTIONS):
        send(http.client.HTTPConnection("127.0.0.1", port))
    while waiting.get_map():
        for key, _ in waiting.select():
            connection, began = key.data
            waiting.unregister(key.fileobj)
            answer = connection.getresponse()
            size += len(answer.read())
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}")
            now = time.perf_counter()
            found.seconds.append(now - began)
            if now < until:
                send(connection)
    return found._replace(bytes=size)


_PAYERS = """
select payer_id from parties_contact where pays and payer_id is not null
group by payer_id having count(distinct vendor_id) > 1 order by payer_id limit %s
"""
_SESSION = """
insert into access_session (id, payer_id, secret_sha256, device, opened_at, expires_at)
values (gen_random_uuid(), %s, %s, '', %s, %s)
"""
