"""Decides how what was done is read out of a file: tables of TOML or JSON, or rows of CSV under the names of the same keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodterms.cli.lines import LINE_KEYS, Table, line_in, rows_of
from goodterms.cli.viewer import a_table
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.billing.actions import Work

ITEM_KEYS = LINE_KEYS | {"kind", "done_on", "done_by", "team", "is_finished", "waits_for", "reference"}
_NEEDED = ("description", "price", "kind", "done_on")


def items_said(path: Path) -> list[Work]:
    """All that a file says was done; one wrong item refuses all of them."""
    found = [_item(table) for table in _tables(path)]
    if not found:
        raise Refused(f"{path} says of nothing that was done. Nothing was noted.", code="file")
    return found


def _tables(path: Path) -> list[Table]:
    what = f"an item has {', '.join(_NEEDED)}"
    if path.suffix.lower() == ".csv":
        return [Table(row, f"Line {line} in {path}", what, ITEM_KEYS, _NEEDED) for line, row in rows_of(path)]
    whole = Table(a_table(path, "nothing was noted"), str(path), "it has items, such as [[items]]", {"items"}, ("items",))
    items = whole.said["items"]
    if not isinstance(items, list):
        raise whole.no("its items are tables, such as [[items]]. Nothing was noted.")
    return [Table(one, f"Item {at} in {path}", what, ITEM_KEYS, _NEEDED) for at, one in enumerate(items, 1)]


def _item(table: Table) -> Work:
    from goodterms.billing.actions import Work
    from goodterms.billing.models import Item

    kind, kinds = table.text("kind"), [word for word, _ in Item.KINDS]
    if kind not in kinds:
        raise table.no(f"kind is one of {', '.join(kinds)}, not {kind[:40]!r}. Nothing was noted.")
    said: dict[str, Any] = {name: table.text(name) for name in ("done_by", "waits_for", "reference", "team")}
    is_finished = table.yes("is_finished", usual=True)
    return Work(line_in(table), kind, table.day("done_on"), is_finished=is_finished, **said)
