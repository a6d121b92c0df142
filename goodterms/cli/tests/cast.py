"""What an operator types, what comes back, and a small book to type it about."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from goodterms.cli import main

ROOT = Path(__file__).parents[3]
PROFILE = """
dates = ["year-month-day"]
terms = "net 30"
[columns]
number = "No"
customer = "Customer"
name = "Name"
email = "Email"
issued = "Issued"
due = "Due"
amount = "Amount"
currency = "Cur"
settled = "Paid"
disputed = "Disputed"
paperless = "Paperless"
"""
ROW = {
    "No": "PP-1", "Customer": "BELL", "Name": "Bellwether Books", "Email": "sandra@bellwether.example", "Issued": "2026-10-01",
    "Due": "2026-10-31", "Amount": "1942.80", "Cur": "GBP", "Paid": "", "Disputed": "", "Paperless": "",
}  # fmt: skip


class Said(NamedTuple):
    """How a command ended, and what it said on both ways."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Operator:
    """Types commands into this very process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self.capsys = capsys
        self.folder = folder
        self.profile = self.file("profile.toml", PROFILE)

    def types(self, *words: object) -> Said:
        self.capsys.readouterr()
        try:
            code = main.run([str(word) for word in words])
        except SystemExit as usage:
            code = int(usage.code or 0)
        out, err = self.capsys.readouterr()
        return Said(code, out, err)

    def asks(self, *words: object) -> Any:
        """The JSON of a command that must go well, and that says nothing else."""
        said = self.types(*words, "--json")
        assert (said.code, said.err) == (0, "")
        return said.json

    def file(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def add_vendor(self, slug: str = "penhale", currency: str = "GBP") -> Any:
        return self.asks(
            "vendor", "add", slug, "--name", slug.title(), "--currency", currency, "--country", "GB",
            "--timezone", "Europe/London", "--email", f"desk@{slug}.example",
        )  # fmt: skip

    def imports(self, *rows: dict[str, str], vendor: str = "penhale", until: date | None = None) -> Said:
        path = self.file("book.csv", as_csv(rows))
        words = ["--until", until] if until else []
        return self.types("import", "invoices", path, "--profile", self.profile, "--vendor", vendor, "--json", *words)


def as_csv(rows: Sequence[dict[str, str]]) -> str:
    lines = [",".join(ROW), *(",".join('"' + value.replace('"', '""') + '"' for value in (ROW | row).values()) for row in rows)]
    return "\n".join(lines) + "\n"


def process(*words: object, home: Path, stdin: str = "", **environment: str) -> Said:
    """The same in a process of its own, as `python -m goodterms` with a data folder of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GOODTERMS_", "DATABASE_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "goodterms", *map(str, words)],
        cwd=ROOT, env={**kept, "GOODTERMS_HOME": str(home), **environment}, input=stdin, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)
