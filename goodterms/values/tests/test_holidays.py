"""Public holidays are those of the library, and one country does not bring the other 250 into memory."""

import json
import subprocess
import sys

import pytest

OURS = """
import json, sys
from goodterms.values.days import holidays_in
found = {code: sorted(map(str, holidays_in(code, 2026))) for code in sys.argv[1:]}
print(json.dumps([found, sum(name.startswith("holidays.countries.") for name in sys.modules)]))
"""
THEIRS = """
import holidays, json, sys
known = holidays.list_supported_countries()
found = {code: sorted(map(str, holidays.country_holidays(code, years=2026))) if code in known else [] for code in sys.argv[1:]}
print(json.dumps([found, len(known)]))
"""
CODES = ("GB", "UK", "GG", "ID", "DE", "US", "PR", "NZ", "NL", "XX", "gb")


def told(program: str, *codes: str) -> tuple[dict[str, list[str]], int]:
    run = subprocess.run([sys.executable, "-c", program, *codes], capture_output=True, text=True, check=True)
    found, count = json.loads(run.stdout)
    return found, count


def test_the_holidays_are_the_librarys() -> None:
    ours, _ = told(OURS, *CODES)
    theirs, _ = told(THEIRS, *CODES)
    assert ours == theirs
    assert ours["XX"] == ours["gb"] == []
    assert "2026-12-25" in ours["GB"]


@pytest.mark.parametrize("code", ["GB", "ID", "XX"])
def test_one_country_is_imported_by_itself(code: str) -> None:
    _, modules = told(OURS, code)
    assert modules <= 1
