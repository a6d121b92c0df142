"""Deposits, parts and final invoices are right by the official rules of each use, and say what they are and what was before."""

import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from goodterms.billing.rules import invoice_line, less_line, price_of, shares
from goodterms.einvoices import documents, model
from goodterms.einvoices.check import check
from goodterms.einvoices.profiles import EN16931, EXTENDED, FACTURX, PEPPOL, XRECHNUNG, Profile, Syntax
from goodterms.einvoices.terms import recorded, told
from goodterms.invoicing.electronic import electronic
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.tests.issued import Case, issued
from goodterms.invoicing.totals import TaxGroup
from goodterms.values.money import Money

COUNT = int(os.environ.get("GOODTERMS_EINVOICES", "24")) // 2
WAYS: list[tuple[Profile, Syntax]] = [
    (EN16931, "ubl"), (EN16931, "cii"), (PEPPOL, "ubl"), (XRECHNUNG, "ubl"), (XRECHNUNG, "cii"), (FACTURX, "cii"),
    (EXTENDED, "cii"),
]  # fmt: skip
S19, S16, S7 = Tax("S", Decimal(19)), Tax("S", Decimal(16)), Tax("S", Decimal(7))
KITCHEN = Line("Kitchen", Decimal(1), Decimal(10_000), S19)


def billed(case: Case, part: str, earlier: list[TaxGroup]) -> Case:
    """The document as it says what it is, and which it takes off."""
    came = [
        {
            "position": len(case.issued.lines) - len(earlier) + at, "number": f"PP-{at}", "issued_on": "2026-09-01",
            "net_minor": group.taxable.minor, "tax_minor": 0, "part": "deposit",
        }
        for at, group in enumerate(earlier, 1)
    ]  # fmt: skip
    document: dict[str, Any] = {**case.issued.document, "part": part, **({"earlier": came} if came else {})}
    return replace(case, issued=replace(case.issued, document=document))


def a_deposit(lines: list[Line], minor: int) -> list[Line]:
    price = price_of("EUR", lines)
    return [invoice_line(share, "Deposit", "Shop") for share in shares(price, [], Money(minor, "EUR"))]


def a_final(lines: list[Line], minors: list[int]) -> tuple[list[Line], list[TaxGroup]]:
    price, gone = price_of("EUR", lines), list[TaxGroup]()
    for minor in minors:
        for share in shares(price, gone, Money(minor, "EUR")):
            gone.append(TaxGroup(share.tax.category, share.tax.rate, share.net, share.tax_amount, share.tax.reason))
    return [*lines, *(less_line(group, "Less deposit", "Shop") for group in gone)], gone


@st.composite
def parts(draw: st.DrawFn) -> Case:
    taxes = draw(st.sampled_from([[S19], [S19, S7], [Tax("AE", Decimal(0), "Reverse charge")], [Tax("Z", Decimal(0)), S7]]))
    lines = [
        Line(f"Line {at}", Decimal(1), Decimal(draw(st.integers(10_00, 900_000))) / 100, draw(st.sampled_from(taxes)))
        for at in range(draw(st.integers(1, 4)))
    ]
    whole = sum(group.taxable.minor for group in price_of("EUR", lines))
    if draw(st.booleans()):
        part = draw(st.sampled_from(["deposit", "progress"]))
        return billed(issued(a_deposit(lines, draw(st.integers(1, whole)))), part, [])
    shares_ = draw(st.lists(st.integers(1, whole // 4), min_size=1, max_size=4))
    final, gone = a_final(lines, shares_)
    return billed(issued(final), "final", gone)


def must_be_right(case: Case) -> None:
    for profile, syntax in WAYS:
        said = electronic(case.issued, profile)
        assert said.missing == ()
        xml = documents.write(said.invoice, syntax)
        found = check(xml, profile)
        assert [(each.rule, each.said, each.place) for each in found.fatal] == []
        assert "BR-DE-17" not in {each.rule for each in found.findings}
        read = documents.read(xml)
        assert (read.lost, dict(told(recorded(read.invoice)))) == ((), dict(told(recorded(said.invoice))))


@pytest.mark.long
@settings(max_examples=COUNT, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(case=parts())
def test_any_part_of_a_price_is_right_by_the_official_rules(case: Case) -> None:
    must_be_right(case)


@pytest.mark.parametrize(
    ("part", "codes"),
    [
        ("deposit", {"en16931": "386", "facturx": "386", "extended": "386", "peppol": "386", "xrechnung": "326"}),
        ("progress", {"en16931": "326", "facturx": "326", "extended": "326", "peppol": "380", "xrechnung": "326"}),
        ("final", dict.fromkeys(("en16931", "facturx", "extended", "peppol", "xrechnung"), "380")),
    ],
)
def test_each_use_is_told_what_it_is_in_a_code_that_it_takes(part: str, codes: dict[str, str]) -> None:
    case = billed(issued(a_deposit([KITCHEN], 3000_00)), part, [])
    assert {profile.word: electronic(case.issued, profile).invoice.type_code for profile, _ in WAYS} == codes
    must_be_right(case)


def test_the_final_invoice_names_each_earlier_one_and_takes_it_off_at_its_own_rate() -> None:
    """16 per cent when the deposit was billed: VAT Directive, art. 65 and 95."""
    older = TaxGroup("S", Decimal(16), Money(3000_00, "EUR"), Money(480_00, "EUR"), "")
    case = billed(issued([KITCHEN, less_line(older, "Less deposit PP-1", "Shop")]), "final", [older])
    must_be_right(case)
    said = electronic(case.issued, PEPPOL).invoice
    assert [(one.number, str(one.issued_on)) for one in said.preceding] == [("PP-1", "2026-09-01")]
    assert (said.lines[1].quantity, said.lines[1].net, said.lines[1].tax_rate) == (
        Decimal(-1), Decimal("-3000.00"), Decimal(16),
    )  # fmt: skip
    told = electronic(case.issued, EXTENDED).invoice
    assert [(one.number, one.type_code) for one in told.preceding] == [("PP-1", "386")]
    assert [line.preceding for line in told.lines] == [None, model.Preceding("PP-1", date(2026, 9, 1), "386")]
    assert [(one.rate, one.taxable, one.tax) for one in said.taxes] == [
        (Decimal(16), Decimal("-3000.00"), Decimal("-480.00")), (Decimal(19), Decimal("10000.00"), Decimal("1900.00")),
    ]  # fmt: skip
    assert said.sums is not None
    assert said.sums == model.Sums(
        lines=Decimal("7000.00"), net=Decimal("7000.00"), tax=Decimal("1420.00"), total=Decimal("8420.00"),
        payable=Decimal("8420.00"),
    )  # fmt: skip
