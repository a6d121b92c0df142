"""`goodterms prove`: every invariant worked out again from the books, with the number of rows that were looked at."""

import argparse

from goodterms.cli.viewer import say_json


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--vendor", metavar="SLUG", help="only the rows of this vendor (default: every vendor, together)")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """1 when anything is broken: the books say one thing in two ways, and somebody has to look."""
    from goodterms.parties.directory import everyone, named
    from goodterms.proof.prove import prove

    vendors = [named(args.vendor)] if args.vendor else everyone()
    ok = True
    shown = []
    for proven in prove([vendor.id for vendor in vendors]):
        ok = ok and not proven.finding.broken
        shown.append(proven.as_json())
        if not args.json:
            _say(proven.invariant.id, proven.invariant.says, *proven.finding)
    if args.json:
        say_json({"ok": ok, "invariants": shown})
    return 0 if ok else 1


def _say(id: str, says: str, checked: int, broken: int, named: tuple[str, ...]) -> None:
    print(f"{id:<4} {says:<66} {checked:>12,}  {f'BROKEN in {broken:,}' if broken else 'holds'}", flush=True)
    for row in named:
        print(f"       {row}")
    if broken > len(named):
        print(f"       and {broken - len(named):,} more")
