"""A document that is cast is the one that is worked out value by value."""

import json
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from goodterms.imports.actions.frozen import Press
from goodterms.imports.rules import Good
from goodterms.parties.models import Vendor
from goodterms.terms.rules import parse

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
VENDOR = Vendor(name='Claybrook "100 %" Letterpress', country="GB", email="office@claybrook.example")
ISSUED = date(2026, 10, 2)


@given(
    number=WORDS, customer=WORDS, name=WORDS, work=WORDS, order=WORDS, minor=st.integers(1, 10**15),
    currency=st.sampled_from(["GBP", "JPY", "KWD"]), days=st.integers(0, 90), known=st.booleans(),
)  # fmt: skip
def test_what_is_cast_is_what_is_worked_out(
    number: str, customer: str, name: str, work: str, order: str, minor: int, currency: str, days: int, known: bool
) -> None:
    row = Good(
        1, number, customer, name, "", "", "", None, "GB", currency, minor, ISSUED, ISSUED + timedelta(days=days), None, False,
        None, work, order, parse(f"net {days}"),
    )  # fmt: skip
    ours: dict[str, Any] = {
        "number": customer, "name": name if not known else "As we know them", "legal_name": "", "address": "", "country": "GB",
        "tax_id": "",
    }  # fmt: skip
    press = Press(VENDOR)
    cast, whole = press.freeze(row, {customer: ours} if known else {}), press._by_parts(row, ours)
    assert (cast.seal, cast.price) == (whole.seal, whole.price)
    assert json.loads(cast.document) == json.loads(whole.document)
    assert json.loads(cast.terms) == json.loads(whole.terms)
