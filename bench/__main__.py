"""`python -m bench [NAME …] [--small] [--json FILE]`: runs the benchmarks that are named, or all, and prints their table."""

import argparse
import importlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from bench import house
from bench.measure import Row

NAMES = ("import", "day", "rehearsal", "aging", "payments", "smtp", "cold", "pages", "portal", "billing", "papers", "einvoices")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)} (default: all)")
    parser.add_argument("--small", action="store_true", help="small books: shows that it runs, not how fast")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the rows here, those of other benchmarks stay")
    args = parser.parse_args()
    if unknown := set(args.names) - set(NAMES):
        parser.error(f"there is no {min(unknown)!r}; there are {', '.join(NAMES)}")
    house.open_house()
    for name in args.names or NAMES:
        rows = []
        for row in _module(name).run(args.small):
            print(_line(row), flush=True)
            rows.append(row._asdict())
            if args.json:
                _keep(args.json, name, rows, args.small)


def _module(name: str) -> Any:
    return importlib.import_module(f"bench.{'imports' if name == 'import' else name}")


def _line(row: Row) -> str:
    verdict = {True: "met", False: "MISSED", None: ""}[row.is_met]
    return "  ".join(filter(None, (row.bench, row.what, row.figure, row.yardstick, row.ratio, row.aim, verdict, row.note)))


def _keep(path: Path, name: str, rows: list[dict[str, Any]], small: bool) -> None:
    """Measured when, and the rows, by benchmark."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    kept[name] = {"on": f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}", "small": small, "rows": rows}
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
