"""Decides how figures are read as a person typed them: a comma stands between thousands, or the whole is no number."""

import re

_GROUPED = re.compile(r"[^\d,.]*\d{1,3}(,\d{3})+(\.\d*)?[^\d,.]*")


def without_commas(typed: str) -> str:
    """`1,250.00` or `1 250.00` as `1250.00`. Where a comma stands elsewhere it stays: `12,50` is then refused by whoever reads
    a number of it, and never taken for 1250."""
    plain = "".join(typed.split())
    return plain.replace(",", "") if _GROUPED.fullmatch(plain) else plain
