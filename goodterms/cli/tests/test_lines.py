"""A line says the same whatever file it stands in; and whatever stands in a file, it is read or refused in a sentence."""

import csv
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from goodterms.cli.items import ITEM_KEYS, items_said
from goodterms.cli.lines import ADJUSTMENT_KEYS, ON_INVOICE, adjustments_said, lines_said
from goodterms.cli.viewer import a_table
from goodterms.invoicing.line import Line, Tax
from goodterms.values.refusal import Refused

GIVEN = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1, max_size=20)
prices = st.decimals(0, 10_000, places=2)
taxes = st.sampled_from(
    [Tax("S", Decimal("20")), Tax("S", Decimal("5.5")), Tax("Z", Decimal(0)), Tax("AE", Decimal(0), "Reverse charge")]
)
lines = st.builds(
    Line, texts, st.decimals("0.01", 1_000, places=2), prices, taxes, texts, st.decimals(0, 100, places=2),
    includes_tax=st.booleans(),
)  # fmt: skip
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def as_said(line: Line) -> dict[str, Any]:
    """Only what is other than usual."""
    said = {
        "description": line.description, "quantity": str(line.quantity), "price": str(line.unit_price), "unit": line.unit,
        "discount_percent": str(line.discount_percent), "includes_tax": line.includes_tax, "tax_category": line.tax.category,
        "tax_percent": str(line.tax.rate), "tax_reason": line.tax.reason,
    }  # fmt: skip
    usual = {"includes_tax": False, "tax_reason": "", "tax_category": "S" if line.tax.rate else "Z"}
    return {name: value for name, value in said.items() if name not in usual or value != usual[name]}


@GIVEN
@given(st.lists(lines, min_size=1, max_size=4))
def test_a_line_says_the_same_in_json_and_in_csv(tmp_path: Path, some: list[Line]) -> None:
    said = [as_said(line) for line in some]
    file = tmp_path / "lines.json"
    file.write_text(json.dumps({"lines": said}))
    assert lines_said(a_table(file, "")["lines"], file) == some
    rows = [{"kind": "time", "done_on": "2026-11-12", **one} for one in said]
    names = sorted({name for row in rows for name in row})
    with (table := tmp_path / "items.csv").open("w", newline="", encoding="utf-8-sig") as out:
        writer = csv.DictWriter(out, names)
        writer.writeheader()
        writer.writerows({name: str(value) for name, value in row.items()} for row in rows)
    found = items_said(table)
    assert [one.line for one in found] == some
    assert {(one.kind, one.done_on, one.is_finished) for one in found} == {("time", date(2026, 11, 12), True)}


def tables(keys: frozenset[str], usual: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Nearly right: a good table with some of its keys saying anything."""
    wrong = st.dictionaries(st.sampled_from(sorted(keys)), anything, max_size=3)
    return st.lists(wrong.map(lambda odd: usual | odd) | anything, max_size=3) | anything


LINE = {"description": "x", "price": 1}
ITEM = LINE | {"kind": "time", "done_on": "2026-11-12"}
CHARGE = {"kind": "charge", "amount": 1, "reason": "x"}


@GIVEN
@given(tables(ON_INVOICE, LINE), tables(ADJUSTMENT_KEYS, CHARGE))
@example([LINE | {"quantity": Decimal("NaN")}], [CHARGE | {"amount": Decimal("-Infinity")}])
@example([LINE | {"tax_percent": Decimal("1E+999")}], [CHARGE | {"tax_percent": True}])
def test_whatever_stands_there_is_read_or_refused(some: Any, beside: Any) -> None:
    assert came_of(lambda: lines_said(some, Path("x.toml"), ON_INVOICE), some)
    assert came_of(lambda: adjustments_said(beside, Path("x.toml")), beside)


@GIVEN
@given(tables(ITEM_KEYS, ITEM).filter(lambda said: _as_json(said) is not None))
def test_whatever_was_done_is_read_or_refused(tmp_path: Path, some: Any) -> None:
    file = tmp_path / "x.json"
    file.write_text(str(_as_json({"items": some})))
    assert came_of(lambda: items_said(file), some)


def came_of(reading: Callable[[], list[Any]], said: Any) -> bool:
    """All of it, or a sentence that names the file; nothing else is raised."""
    try:
        return len(reading()) == len(said)
    except Refused as no:
        return any(name in no.sentence for name in ("x.toml", "x.json"))


def _as_json(said: Any) -> str | None:
    try:
        return json.dumps(said, default=float, allow_nan=True)
    except (TypeError, ValueError):  # a day, which JSON does not have; a number that is none
        return None


@pytest.mark.parametrize("figure", ["1_000", "１２", " 1", "1e3", "+1", "0x1", "", "1,5"])
def test_a_figure_in_words_is_written_plainly(figure: str) -> None:
    with pytest.raises(Refused, match="is not a number, so nothing was done"):
        lines_said([LINE | {"price": figure}], Path("x.toml"))
