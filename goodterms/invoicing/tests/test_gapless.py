"""Decides that numbers of a series run without a gap, whoever issues at the same time and whatever is rolled back."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.invoicing.actions import approve, credit, draft, issue, issue_many
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice, Series
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor, must_be_true
from goodterms.ledger.models import Entry
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

TOM: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}
ISSUERS, EACH = 20, 4


class CutError(Exception):
    """The line is cut after everything was written."""


@pytest.mark.django_db(transaction=True)
def test_twenty_issuers_who_often_fail_leave_no_gap() -> None:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        line = [Line("Work", Decimal(1), Decimal(10), Tax("S", Decimal(20)))]
        keys = [draft(vendor_id=vendor.id, customer_id=customer.id, lines=line, **TOM).id for _ in range(ISSUERS * EACH)]
        for key in keys:
            approve(invoice_id=key, **TOM)
    gate = Barrier(ISSUERS)

    def issuer(which: int) -> int:
        """Issues its invoices: two alone, two together; every third attempt is cut off and rolled back."""
        mine = keys[which * EACH : (which + 1) * EACH]
        done = 0
        gate.wait(30)
        try:
            for number, batch in enumerate([mine[:1], mine[1:2], mine[2:]]):
                try:
                    with acting_for([vendor.id]):
                        if len(batch) == 1:
                            issue(invoice_id=batch[0], issued_on=TODAY, **TOM)
                        else:
                            issue_many(vendor_id=vendor.id, invoice_ids=batch, issued_on=TODAY, **TOM)
                        if (which + number) % 3 == 0:
                            raise CutError
                    done += len(batch)
                except CutError:
                    pass
        finally:
            connection.close()
        return done

    with ThreadPoolExecutor(ISSUERS) as threads:
        done = sum(threads.map(issuer, range(ISSUERS)))
    with acting_for([vendor.id]):
        numbered = list(Invoice.objects.exclude(seq=None).order_by("seq").values_list("seq", "number"))
        assert numbered == [(n, f"2026-{n:04d}") for n in range(1, done + 1)]
        assert 0 < done < ISSUERS * EACH
        assert Series.objects.get().next == done + 1
        assert Entry.objects.count() == done
        must_be_true(vendor.id)


@pytest.mark.django_db(transaction=True)
def test_twenty_credits_at_once_never_give_back_more_than_is_left() -> None:
    """Each asks for a seventh of it: seven are written, the others are refused, and their numbers leave no gap."""
    vendor = a_vendor()
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        lines = [Line("Work", Decimal(1), Decimal(700), Tax("S", Decimal(20)))]
        one = draft(vendor_id=vendor.id, customer_id=customer.id, lines=lines, **TOM)
        approve(invoice_id=one.id, **TOM)
        issue(invoice_id=one.id, issued_on=TODAY, **TOM)
    gate = Barrier(ISSUERS)
    part = Money(120_00, "GBP")
    ways: list[dict[str, Any]] = [{"amount": part}, {"lines": {1: Money(100_00, "GBP")}}]

    def writer(which: int) -> bool:
        gate.wait(30)
        try:
            with acting_for([vendor.id]):
                credit(invoice_id=one.id, reason="Twice", issued_on=TODAY, **ways[which % 2], **TOM)
        except Refused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(ISSUERS) as threads:
        assert sum(threads.map(writer, range(ISSUERS))) == 7
    with acting_for([vendor.id]):
        notes = list(Invoice.objects.filter(kind="credit_note").order_by("seq").values_list("seq", "total_minor"))
        assert notes == [(n, 120_00) for n in range(1, 8)]
        assert Invoice.objects.get(id=one.id).open_minor == 0
        must_be_true(vendor.id)
