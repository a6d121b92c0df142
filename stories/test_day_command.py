"""`goodterms day` as an operator runs it: a process of its own, a real mail server, pages to print, and once for each day."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Letter
from goodterms.papers.tests.reading import text
from stories.dying import ROOT, MailServer, a_mail_server
from stories.world import World, a_line

pytestmark = pytest.mark.django_db(transaction=True)


class Operator:
    """Somebody at a terminal, with the database of the story and a data folder of their own."""

    def __init__(self, home: Path, server: MailServer, vendor: str) -> None:
        self.vendor = vendor
        self.environment = os.environ | {
            "DATABASE_URL": address_of_the_database(),
            "GOODTERMS_HOME": str(home),
            "GOODTERMS_SMTP_URL": server.url,
            "DJANGO_SETTINGS_MODULE": "goodterms.settings",
        }

    def day(self, on: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "goodterms", "day", "--vendor", self.vendor, "--on", on, "--json"]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment | environment, capture_output=True, text=True, timeout=60, check=False
        )


def address_of_the_database() -> str:
    """Every byte of the socket's folder is escaped: the host in an address loses its capitals."""
    said = connection.settings_dict
    folder = "".join(f"%{byte:02x}" for byte in os.fsencode(said["HOST"]))
    return f"postgresql://{said['USER']}@{folder}:{said['PORT']}/{said['NAME']}"


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    return {word: said[word] for word in ("nominated", "notices", "sent", "printed", "doubts")}


def test_the_day_is_run_from_a_terminal_killed_and_run_again(tmp_path: Path) -> None:
    world = World()
    for number in range(12):
        world.bill(world.a_customer(f"T{number} Foods"), a_line("100"))
    world.bill(world.a_customer("PAPER Foods", channel="post"), a_line("100"))
    heads_up, due_day = (str(world.today + timedelta(days=days)) for days in (27, 30))
    with a_mail_server(tmp_path) as server:
        operator = Operator(tmp_path, server, world.slug)
        first = answer(operator.day(heads_up))
        again = answer(operator.day(heads_up))
        assert first == {"nominated": 13, "notices": 13, "sent": 24, "printed": 2, "doubts": 0}  # with the invoices
        assert again == {"nominated": 0, "notices": 0, "sent": 0, "printed": 0, "doubts": 0}
        assert len(server.stored()) == 24

        killed = operator.day(due_day, GOODTERMS_FAILPOINT="marked:1")
        assert (killed.returncode, killed.stdout) == (-9, "")
        assert len(server.stored()) == 24
        after = answer(operator.day(due_day))
        doubts = 12 - after["sent"]
        assert after == {"nominated": 0, "notices": 0, "sent": 12 - doubts, "printed": 1, "doubts": doubts}
        assert 1 <= doubts <= 4
        assert len({one.message_id for one in server.stored()}) == len(server.stored()) == 36 - doubts
    pages = list((tmp_path / "print").iterdir())
    assert len(pages) == 3
    assert all(page.suffix == ".pdf" and "Penhale Print" in text(page.read_bytes()) for page in pages)
    with acting_for([world.vendor.id]):
        assert Letter.objects.filter(state="accepted", server="127.0.0.1").count() == 36 - doubts
        assert Letter.objects.filter(state="accepted", server="print").count() == 3
