"""Every document that the books can hold is right by the rules of CEN, Peppol and XRechnung, with the sums of the books."""

import os
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from goodterms.einvoices import documents, model
from goodterms.einvoices.check import check
from goodterms.einvoices.profiles import EN16931, FACTURX, PEPPOL, XRECHNUNG, Profile, Syntax
from goodterms.einvoices.terms import recorded, told
from goodterms.invoicing.electronic import electronic
from goodterms.invoicing.line import Tax
from goodterms.invoicing.tests.issued import Case, cases

COUNT = int(os.environ.get("GOODTERMS_EINVOICES", "30"))
WAYS: list[tuple[Profile, Syntax]] = [
    (EN16931, "ubl"), (EN16931, "cii"), (PEPPOL, "ubl"), (XRECHNUNG, "ubl"), (XRECHNUNG, "cii"), (FACTURX, "cii"),
]  # fmt: skip
S19 = Tax("S", Decimal(19))


@pytest.mark.long
@settings(max_examples=COUNT, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_any_document_of_ours_is_right_by_the_official_rules(case: Case) -> None:
    for profile, syntax in WAYS:
        said = electronic(case.issued, profile)
        check_sums(said.invoice.sums, case)
        xml = documents.write(said.invoice, syntax)
        fatal = check(xml, profile).fatal
        if any(each.term == "BT-112" for each in said.missing):
            assert any("DEC" in each.rule for each in fatal)
            assert case.issued.currency == "KWD"
        else:
            assert [(each.rule, each.said, each.place) for each in fatal] == []
            assert said.missing == ()
        read = documents.read(xml)
        assert read.lost == ()
        assert dict(told(recorded(read.invoice))) == dict(told(recorded(said.invoice)))


def check_sums(sums: model.Sums | None, case: Case) -> None:
    assert sums is not None
    ours = case.sums
    assert (sums.lines, sums.net, sums.tax) == (ours.line_sum.major, ours.net.major, ours.tax.major)
    assert (sums.total, sums.payable) == (ours.total.major, ours.payable.major)
    assert ((sums.allowances or 0), (sums.charges or 0)) == (ours.allowances.major, ours.charges.major)
    assert (sums.prepaid or 0) == ours.prepaid.major
