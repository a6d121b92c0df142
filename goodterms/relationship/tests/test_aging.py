"""What is owed as of any day is what a replay of the whole ledger says, to the cent."""

import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodterms.conversations.tests.cast import MONDAY, NOW, a_customer, an_invoice, settle, unsaved_vendor
from goodterms.database.isolation import acting_for
from goodterms.database.migrate import as_owner
from goodterms.invoicing.actions import credit_on_account
from goodterms.invoicing.actions.balance import lock_one, move
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.ledger.actions import reverse
from goodterms.ledger.models import Posting
from goodterms.parties.models import Customer, Vendor
from goodterms.relationship.measures.aging import aging, owed, query
from goodterms.relationship.rules import bucket

TOMORROW = MONDAY + timedelta(days=1)
EMPTY = {"invoices": 0, "open_minor": 0}


def aged(vendor: Vendor, as_of: date = MONDAY) -> dict[str, Any]:
    return aging(vendor_id=vendor.id, slug=vendor.slug, as_of=as_of, today=MONDAY)


def whole(vendor: Vendor, as_of: date) -> int:
    return sum(one["total_minor"] for one in aged(vendor, as_of)["currencies"])


def test_the_answer_has_the_documented_shape(vendor: Vendor, customer: Customer) -> None:
    an_invoice(customer, 364_800, number="1", due_on=date(2026, 12, 2))
    an_invoice(customer, 425_520, number="2", due_on=date(2026, 10, 31))
    an_invoice(a_customer(vendor, "Brandt"), 1_869_000, number="3", currency="EUR", due_on=date(2026, 8, 18))
    an_invoice(a_customer(vendor, "Juniper"), 5, number="4", due_on=date(2026, 8, 17))
    assert aged(vendor) == {
        "as_of": "2026-11-16",
        "vendor": "lindqvist-rowe",
        "currencies": [
            {
                "currency": "EUR", "invoices": 1, "customers": 1, "total_minor": 1_869_000, "unapplied_minor": 0,
                "buckets": {
                    "current": EMPTY, "1_30": EMPTY, "31_60": EMPTY,
                    "61_90": {"invoices": 1, "open_minor": 1_869_000}, "over_90": EMPTY,
                },
            },
            {
                "currency": "GBP", "invoices": 3, "customers": 2, "total_minor": 790_325, "unapplied_minor": 0,
                "buckets": {
                    "current": {"invoices": 1, "open_minor": 364_800}, "1_30": {"invoices": 1, "open_minor": 425_520},
                    "31_60": EMPTY, "61_90": EMPTY, "over_90": {"invoices": 1, "open_minor": 5},
                },
            },
        ],
    }  # fmt: skip


def test_nothing_owed_is_no_currency(vendor: Vendor) -> None:
    assert aged(vendor)["currencies"] == []


def test_a_payment_dated_tomorrow_does_not_count_today(vendor: Vendor, customer: Customer) -> None:
    paid, part = an_invoice(customer, 1_000, number="1"), an_invoice(customer, 1_000, number="2")
    settle(paid, 1_000, TOMORROW)
    settle(part, 300, TOMORROW)
    assert (whole(vendor, MONDAY), whole(vendor, TOMORROW)) == (2_000, 700)


def test_an_invoice_dated_tomorrow_is_not_owed_today(vendor: Vendor, customer: Customer) -> None:
    an_invoice(customer, 1_000, number="1", issued_on=TOMORROW, due_on=date(2026, 12, 17))
    assert (whole(vendor, MONDAY), whole(vendor, TOMORROW)) == (0, 1_000)


def test_a_payment_that_was_booked_late_counts_from_its_own_day(vendor: Vendor, invoice: Invoice) -> None:
    settle(invoice, 425_520, date(2026, 11, 2))
    assert [whole(vendor, date(2026, 11, day)) for day in (1, 2, 16)] == [425_520, 0, 0]


def test_granted_time_makes_nothing_younger(vendor: Vendor, invoice: Invoice) -> None:
    Invoice.objects.filter(id=invoice.id).update(chase_on=date(2026, 12, 18))
    assert aged(vendor)["currencies"][0]["buckets"]["1_30"]["invoices"] == 1


class Event(NamedTuple):
    """A part of what is open comes in (or all), or the last that came in is taken back: on its day, or on this one."""

    kind: Literal["all", "part", "back", "back_on_its_day"]
    invoice: int
    day: int


DAYS = st.integers(-100, 2)
INVOICES = st.lists(st.tuples(st.integers(1, 9_999), DAYS, st.integers(0, 45), st.booleans()), min_size=1, max_size=5)
EVENTS = st.lists(
    st.builds(Event, st.sampled_from(["all", "part", "back", "back_on_its_day"]), st.integers(0, 4), DAYS), max_size=12
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(INVOICES, EVENTS, DAYS)
def test_any_day_equals_a_plain_replay(
    vendor: Vendor, customer: Customer, billed: list[tuple[int, int, int, bool]], events: list[Event], day: int
) -> None:
    with transaction.atomic():
        live(customer, billed, events)
        for as_of in (MONDAY, TOMORROW, MONDAY + timedelta(days=day), date(2027, 1, 1)):
            assert found(aged(vendor, as_of)) == replayed(as_of)
            counted, alone = (owed(vendor_id=vendor.id, as_of=as_of, today=MONDAY, with_customers=yes) for yes in (True, False))
            assert alone == [row._replace(customers=0) for row in counted]
        transaction.set_rollback(True)


def live(customer: Customer, billed: list[tuple[int, int, int, bool]], events: list[Event]) -> None:
    """Bill, then let each event happen to its invoice, where it can."""
    invoices = [
        an_invoice(
            customer, minor, number=str(n), issued_on=_day(issued), due_on=_day(issued + term),
            currency="EUR" if euros else "GBP",
        )
        for n, (minor, issued, term, euros) in enumerate(billed)
    ]  # fmt: skip
    came_in: dict[int, list[tuple[Any, int, date]]] = defaultdict(list)
    for kind, which, day in events:
        n, on = which % len(invoices), _day(day)
        invoice = Invoice.objects.get(id=invoices[n].id)
        minor = invoice.open_minor if kind == "all" else invoice.open_minor // 2
        if kind in ("all", "part") and minor:
            came_in[n].append((settle(invoice, minor, on), minor, on))
        elif kind.startswith("back") and came_in[n]:
            entry, minor, then = came_in[n].pop()
            on = then if kind == "back_on_its_day" else max(then, on)
            reverse(vendor_id=customer.vendor_id, entry_ids=[entry], effective_on=on, now=NOW)
            move(changes=[(lock_one(invoice_id=invoice.id), minor, on)], again=True)


def test_what_they_have_to_their_credit_is_told_beside_it_as_of_any_day(vendor: Vendor, customer: Customer) -> None:
    an_invoice(customer, 10_000, number="1", due_on=date(2026, 12, 2))
    line = Line("Late delivery", Decimal(1), Decimal(40), Tax("Z", Decimal(0)))
    credit_on_account(
        vendor_id=vendor.id, customer_id=customer.id, lines=[line], reason="We were late", issued_on=MONDAY, currency="EUR",
        number="CM-1", by="Tom", role="owner", now=NOW,
    )  # fmt: skip
    told = {one["currency"]: (one["total_minor"], one["unapplied_minor"]) for one in aged(vendor)["currencies"]}
    assert told == {"EUR": (0, 4_000), "GBP": (10_000, 0)}
    before = {one["currency"]: one["unapplied_minor"] for one in aged(vendor, MONDAY - timedelta(days=1))["currencies"]}
    assert before == {"GBP": 0}


def replayed(as_of: date) -> dict[tuple[str, str], tuple[int, int]]:
    """Every posting up to the day, added up for each invoice that was issued by then."""
    sums: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for invoice in Invoice.objects.filter(issued_on__lte=as_of):
        assert invoice.due_on is not None
        postings = Posting.objects.filter(invoice_id=invoice.id, account="receivable", effective_on__lte=as_of)
        if left := sum(posting.minor for posting in postings):
            key = invoice.currency, bucket(invoice.due_on, as_of)
            sums[key] = (sums[key][0] + 1, sums[key][1] + left)
    return dict(sums)


def found(answer: dict[str, Any]) -> dict[tuple[str, str], tuple[int, int]]:
    return {
        (one["currency"], name): (part["invoices"], part["open_minor"])
        for one in answer["currencies"]
        for name, part in one["buckets"].items()
        if part["invoices"]
    }


@pytest.mark.django_db(transaction=True)
def test_each_statement_uses_its_index_as_the_application() -> None:
    vendors = [unsaved_vendor(f"vendor-{n}") for n in range(10)]  # of few, reading all costs the planner no more than one
    with acting_for([one.id for one in vendors]), connection.cursor() as cursor:
        for one in vendors:
            one.save(force_insert=True)
            cursor.execute(_A_FIFTH_OPEN, [one.id, a_customer(one).id, NOW])
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("vacuum analyze invoicing_invoice")
    with acting_for([vendors[0].id]), connection.cursor() as cursor:
        cursor.execute("select current_user")
        assert cursor.fetchone() == ("goodterms_app",)
        for past, index, condition in (
            (False, "invoice_open_(?:by_due|of_customer)", "vendor_id ="),
            (True, "invoice_as_of", "settled_on >"),
        ):
            cursor.execute("explain (costs off) " + query(past), {"vendor": vendors[0].id, "on": MONDAY})
            plan = "\n".join(line for (line,) in cursor.fetchall())
            used = re.search(rf"(?:using|Index Scan on) {index}\b.*\n +Index Cond: (.*)", plan)
            assert used, plan
            assert condition in used[1]


def test_an_invoice_of_another_vendor_is_never_counted(vendor: Vendor, invoice: Invoice) -> None:
    other = unsaved_vendor("penhale")
    with acting_for([vendor.id, other.id]):
        other.save(force_insert=True)
        an_invoice(a_customer(other), 1, number="PP-1")
        assert whole(vendor, MONDAY) == 425_520


def _day(offset: int) -> date:
    return MONDAY + timedelta(days=offset)


_A_FIFTH_OPEN = """
insert into invoicing_invoice
  (id, vendor_id, customer_id, kind, number, work, order_number, currency, issued_on, due_on, net_minor, tax_minor, total_minor,
   terms, document, on_paper, created_by, created_at, approved_by, void_reason, open_minor, settled_on, in_parts)
select gen_random_uuid(), %s, %s, 'invoice', n::text, '', '', 'GBP', '2025-01-01', '2025-01-31', 100, 0, 100, '{}', '{}', false,
       '', %s, '', '', case n %% 5 when 0 then 100 else 0 end,
       case n %% 5 when 0 then date '9999-12-31' else date '2025-02-01' + n %% 28 end, n %% 40 = 0
from generate_series(1, 4000) as n
"""
