"""Decides how docs/performance.md shows what was measured: `python -m bench.page [ROWS.json] > docs/performance.md`."""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from bench.__main__ import NAMES

MEASURED = Path(__file__).with_name("measured.json")
HEAD = """# How fast

Measured on two shared cores of a virtual machine with Python 3.11 and the embedded PostgreSQL 18, everything durable
(`fsync` and `synchronous_commit` on), other programs at work beside it. Absolute figures move with the machine; read the
ratios. Each figure stands beside a yardstick that ran in turns with it; figures are medians, a range in brackets is that of
the rounds. Memory is the most a process ever held (VmHWM), shared libraries with it.

Make it again: `.venv/bin/python -m bench --json bench/measured.json`, and this page from it:
`.venv/bin/python -m bench.page > docs/performance.md`.
One benchmark: `.venv/bin/python -m bench day`. With `--small` it shows that it runs, not how fast. Tests guard counts
(statements of a chunk, commits of a group of letters, the index a plan uses), never times.
"""


def main() -> None:
    kept = json.loads(Path(sys.argv[1]).read_text() if sys.argv[1:] else MEASURED.read_text())
    print(page(kept), end="")


def page(kept: dict[str, Any]) -> str:
    return HEAD + "".join(_section(name, kept[name]) for name in NAMES if name in kept)


def _section(name: str, measured: dict[str, Any]) -> str:
    says = importlib.import_module(f"bench.{'imports' if name == 'import' else name}").__doc__ or ""
    size = ", small books" if measured["small"] else ""
    lines = [_cells(row) for row in measured["rows"]]
    table = "\n".join(["| what | measured | yardstick | ratio | aim | |", "| --- | --- | --- | --- | --- | --- |", *lines])
    return f"\n## {name}\n\n{says.strip()}\n\nMeasured {measured['on']}{size}.\n\n{table}\n"


def _cells(row: dict[str, Any]) -> str:
    verdict = {True: "met", False: "**missed**", None: ""}[row["is_met"]]
    what = f"{row['what']} ({row['note']})" if row["note"] else row["what"]
    return "| " + " | ".join((what, row["figure"], row["yardstick"], row["ratio"], row["aim"], verdict)) + " |"


if __name__ == "__main__":
    main()
