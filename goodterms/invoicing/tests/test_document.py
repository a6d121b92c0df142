"""A mould writes what each document would be by itself, whatever stands in it."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from goodterms.invoicing import document
from goodterms.invoicing.document import Blank, Mould, canonical

LINE: dict[str, Any] = {
    "position": 1, "project": "", "description": "", "quantity": Decimal("1.50"), "unit": "", "unit_price": Decimal(0),
    "discount_percent": Decimal(0), "discount_amount": Decimal(0), "includes_tax": False, "tax_category": "O",
    "tax_percent": Decimal(0), "tax_reason": "100 % of it", "net_minor": 0,
}  # fmt: skip


def a_document(**said: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    facts = dict.fromkeys(document.OF_INVOICE, "") | {
        "kind": "invoice", "number": said["number"], "issued_on": said["on"], "total_minor": said["minor"],
        "document": {"vendor": {"name": said["vendor"]}, "customer": said["customer"]},
    }  # fmt: skip
    return facts, [LINE | {"description": said["number"], "unit_price": said["price"], "net_minor": said["minor"]}]


@given(
    st.text(), st.text(), st.dictionaries(st.text(), st.text()), st.dates(), st.integers(0, 10**15),
    st.decimals(0, 10**6, places=2),
)  # fmt: skip
@example('"%(minor)s"\\', "Ünder % \u2028", {"%s": "\x00"}, date(2026, 2, 28), 0, Decimal("640.00"))
def test_a_cast_has_the_seal_of_the_document(
    vendor: str, number: str, customer: dict[str, str], on: date, minor: int, price: Decimal
) -> None:
    own = {"number": number, "customer": customer, "on": on, "minor": minor, "price": price}
    mould = Mould.of_document(*a_document(vendor=vendor, **{name: Blank(name) for name in own}))
    written = {name: canonical(value) for name, value in own.items()}
    assert mould.seal(written) == document.digest(*a_document(vendor=vendor, **own), [])
    held = Mould({"customer": Blank("customer"), "of": vendor})
    assert json.loads(held.cast(written)) == {"customer": customer, "of": vendor}
