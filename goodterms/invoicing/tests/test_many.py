"""Invoices that come about together are the same as those that came about one after the other."""

from decimal import Decimal
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import Wanted, approve, draft, draft_many, issue, issue_new, many
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.models import Line as LineRow
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor, must_be_true
from goodterms.invoicing.totals import totals
from goodterms.ledger.models import Posting
from goodterms.parties.models import Customer
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db(transaction=True)
LINES = st.lists(
    st.builds(
        Line, st.sampled_from(("Work", "Tab\tand \\ and\nbreak", "“Ü”")),
        st.decimals(Decimal("0.01"), 1000, places=2), st.decimals(0, 10_000, places=4),
        st.sampled_from((Tax("S", Decimal(20)), Tax("S", Decimal("7.7")), Tax("E", Decimal(0), "Exempt by law"))),
        st.sampled_from(("", "h")), st.sampled_from((Decimal(0), Decimal("12.5"))), project=st.sampled_from(("", "Range")),
    ),
    min_size=1, max_size=4,
)  # fmt: skip
NOT_THE_SAME = {"id", "invoice_id", "series_id", "vendor_id", "customer_id", "entry_id", "document_sha256", "document_id"}


def kept(query: Any) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name not in NOT_THE_SAME} for row in query.values()]


def books(customer: Customer) -> dict[str, list[dict[str, Any]]]:
    return {
        "invoices": [{**row, "document": _of_nobody(row["document"])} for row in kept(Invoice.objects.order_by("seq"))],
        "lines": kept(LineRow.objects.order_by("invoice__seq", "position")),
        "postings": kept(Posting.objects.order_by("id")),
        "deeds": sorted(kept(Interaction.objects.all()), key=lambda row: (row["kind"], str(row["data"]))),
    }


def _of_nobody(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "customer": {**document["customer"], "number": ""}}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINES, min_size=1, max_size=2))
def test_together_or_one_after_the_other_is_the_same(all_lines: list[list[Line]]) -> None:
    all_lines = [*all_lines, all_lines[0]]  # what the first and the last have in common is worked out once
    found = []
    for together in (True, False):
        vendor = a_vendor()
        with acting_for([vendor.id]):
            customer = a_customer(vendor.id)
            if together:
                wanted = [Wanted(customer.id, "GBP", lines, "Range", "ST-1") for lines in all_lines]
                issue_new(vendor_id=vendor.id, wanted=wanted, issued_on=TODAY, approved_by="Maud", by="Maud", now=NOW)
            else:
                says: dict[str, Any] = {"by": "Maud", "role": "owner", "now": NOW}
                for lines in all_lines:
                    one = draft(
                        vendor_id=vendor.id, customer_id=customer.id, lines=lines, work="Range", order_number="ST-1", **says
                    )
                    approve(invoice_id=one.id, **says)
                    issue(invoice_id=one.id, issued_on=TODAY, **says)
            must_be_true(vendor.id)
            found.append(books(customer))
    assert found[0] == found[1]


def test_what_invoices_have_in_common_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Mock(side_effect=totals)
    monkeypatch.setattr(many, "totals", asked)
    same, other = ((Line("Work", Decimal(1), Decimal(price), Tax("S", Decimal(20))),) for price in (100, 200))
    vendor = a_vendor()
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        wanted = [Wanted(customer.id, currency, lines) for lines in (same, other, same) for currency in ("GBP", "JPY")]
        draft_many(vendor_id=vendor.id, wanted=wanted, by="Maud", now=NOW)
        assert asked.call_count == 4
        found = sorted(Invoice.objects.values_list("currency", "total_minor"))
        assert found == [("GBP", 12000), ("GBP", 12000), ("GBP", 24000), ("JPY", 120), ("JPY", 120), ("JPY", 240)]
        assert LineRow.objects.count() == 6


def test_drafts_together_wait_for_approval_and_can_be_issued() -> None:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        line = Line("Work", Decimal(1), Decimal(100), Tax("S", Decimal(20)))
        [made] = draft_many(vendor_id=vendor.id, wanted=[Wanted(customer.id, "GBP", [line])], by="Maud", now=NOW)
        assert Invoice.objects.draft().get().total_minor == 120_00
        approve(invoice_id=made.invoice_id, by="Elin", role="owner", now=NOW)
        assert issue(invoice_id=made.invoice_id, issued_on=TODAY, by="Elin", role="owner", now=NOW).open_minor == 120_00


def test_one_without_its_purchase_order_refuses_all() -> None:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        line = Line("Work", Decimal(1), Decimal(100), Tax("S", Decimal(20)))
        wanted = [Wanted(a_customer(vendor.id, order_required=asks).id, "GBP", [line]) for asks in (False, True)]
        with pytest.raises(Refused, match="takes no invoice without a purchase order"):
            issue_new(vendor_id=vendor.id, wanted=wanted, issued_on=TODAY, approved_by="x", by="x", now=NOW)
    with acting_for([vendor.id]):
        assert Invoice.objects.count() == 0
