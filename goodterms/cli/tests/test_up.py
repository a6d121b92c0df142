"""The address is told when it can be opened: `up` waits for the first answer, but not for a part that has ended."""

import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from goodterms.cli.up import PATIENCE_SECONDS, _until_it_answers


class Well(BaseHTTPRequestHandler):
    """Answers after a while, as one does that still loads."""

    def do_GET(self) -> None:
        time.sleep(0.3)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def test_it_waits_for_the_first_answer() -> None:
    web = HTTPServer(("localhost", 0), Well)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    before = time.monotonic()
    _until_it_answers(web.server_port, [])
    web.shutdown()
    assert 0.3 <= time.monotonic() - before < PATIENCE_SECONDS


def test_it_does_not_wait_for_a_part_that_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goodterms.cli.up.urlopen", lambda *_, **__: pytest.fail("it was asked"))
    part = subprocess.Popen([sys.executable, "-c", ""])
    part.wait()
    _until_it_answers(9, [part])
