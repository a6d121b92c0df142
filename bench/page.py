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
(`fsync` and `synchronous_commit` on), with nothing else to do. Each figure stands beside a yardstick that ran in turns with it;
figures are medians, a range in brackets is that of the rounds. Memory is the most a process ever held (VmHWM), shared libraries
with it.

Make it again: `.venv/bin/python -m bench --json bench/measured.json`, and this page from it:
`.venv/bin/python -m bench.page > docs/performance.md`.
One benchmark: `.venv/bin/python -m bench day`. With `--small` it shows that it runs, not how fast. Tests guard counts
(statements of a chunk, commits of a group of letters, the index a plan uses), never times.
"""

MISSES = """
## What is missed, and what is known of it

- **SMTP with a slow server** (4 lanes): a day of a hundred letters is over in 0.7 s, of which claiming the first and the first
  commit are a tenth; 3 was reached in one round.
- **Reading UBL of a kind that was never seen** takes 3.4 to 4.6 times what lxml needs to parse it (aim: twice). To walk the
  tree in Python costs two thirds of the parse; the rest are the fields, each a number, a day or a word that is checked, and the
  model. From the third file of a kind on none is parsed (decision 0033).
- **The payer's page** is written anew for a payer whose page says something new, which takes about three milliseconds more; in
  this measurement each of the two workers does that 200 times.
- **Memory of the day** is 80 MB, and over a million by less than half a megabyte more. About 58 MB are Python with Django, the
  driver and the programs of the house, 5 MB are languages.
- **Billing** shares what invoices of the very same lines have in common; the row with a price of its own for each line shows
  the run without that.
- A condition with `coalesce()` must not be what joins two tables: row security takes it for a call that may tell what it is
  given, and no index is used. An array or a case is seen through.
"""


def main() -> None:
    kept = json.loads(Path(sys.argv[1]).read_text() if sys.argv[1:] else MEASURED.read_text())
    print(page(kept), end="")


def page(kept: dict[str, Any]) -> str:
    return HEAD + "".join(_section(name, kept[name]) for name in NAMES if name in kept) + MISSES


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
