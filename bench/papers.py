"""The papers of issued invoices: made, hashed and stored by the clock, against typst alone on the very same input.

Invoices of six lines in two projects, with terms, an early discount and a payment slip with its code, each for another
customer.

- papers: `invoicing.due.make_wanted_papers` in a process of its own, as the application's role, from the first look to the last
  commit: rows read, words and figures said, pages set (PDF/A-3a, PDF/UA-1), bytes hashed and stored; one press, in two lanes.
- Yardstick: `typst.Compiler.compile` on what that run gave to the press, as the same standards, nothing read and nothing kept,
  on one core; the run reads and stores others on another core meanwhile, where there is one.
- Both have set one other paper before, so that fonts and templates are there.

"""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from uuid import UUID

from bench import house
from bench.measure import Row, Turns, peak_mb

BASE, NAME = "bench_papers_base", "bench_papers"
NOW, ON = datetime(2026, 11, 16, 9, tzinfo=UTC), date(2026, 11, 16)


def run(small: bool) -> Iterator[Row]:
    many, rounds = (40, 2) if small else (400, 3)
    vendor = _base(many)
    turns, peak, size = Turns([], []), 0.0, 0
    for _ in range(rounds):
        house.copy_books(BASE, NAME)
        seconds, inputs, _, _ = _in_a_process(typst_alone, vendor)
        turns.yardstick.append(seconds)
        assert inputs == many
        seconds, made, peak, size = _in_a_process(make_all, vendor)
        turns.form.append(seconds)
        assert made == many
    yield Row(
        "papers", f"{many:,} invoices of 6 lines, {size / many / 1024:.0f} KB each",
        f"{turns.seconds:.1f} s; {many / turns.seconds:,.0f} PDFs/s; {peak:.0f} MB",
        f"typst alone {many / turns.bare_seconds:,.0f} PDFs/s", f"{turns.ratio:.2f} ({turns.spread})", "at least 0.8",
        turns.ratio >= 0.8,
    )  # fmt: skip
    house.drop_books(BASE, NAME)


def make_all(vendor: UUID) -> tuple[float, int, float, int]:
    house.open_house(NAME)
    from goodterms.database.isolation import acting_for
    from goodterms.invoicing.due import make_wanted_papers
    from goodterms.invoicing.models import Paper

    _warm()
    with acting_for([vendor]):
        pass  # the connection is there, as in a worker
    began = time.perf_counter()
    made = make_wanted_papers(vendor_id=vendor, now=NOW)
    seconds = time.perf_counter() - began
    with acting_for([vendor]):
        size = sum(len(content or b"") for content in Paper.objects.values_list("content", flat=True))
    return seconds, made, peak_mb(), size


def typst_alone(vendor: UUID) -> tuple[float, int, float, int]:
    house.open_house(NAME)
    from goodterms.database.isolation import acting_for
    from goodterms.invoicing import paper
    from goodterms.invoicing.models import Invoice
    from goodterms.papers import press

    given: list[str] = []

    def keep(kind: str, text: str, *rest: Any) -> bytes:
        given.append(text)
        return b""

    with patch.object(press, "_set", keep), acting_for([vendor]):
        invoices = list(Invoice.objects.issued().select_related("customer").order_by("id"))
        paper.made(invoices, paper.around(vendor, [one.customer_id for one in invoices]))
    _warm()
    compiler, source = press._compiler(False), str(press.ROOM / "typst" / "invoice.typ")
    began = time.perf_counter()
    for text in given:
        compiler.compile(input=source, format="pdf", sys_inputs={"data": text}, pdf_standards=list(press.STANDARDS))
    return time.perf_counter() - began, len(given), peak_mb(), 0


def _warm() -> None:
    from goodterms.papers.tests.bills import an_invoice

    an_invoice()


def _base(count: int) -> UUID:
    """A vendor with so many invoices, issued together, whose papers are wanted and not made."""
    from goodterms.database.isolation import acting_for
    from goodterms.invoicing.actions import approve, change_letterhead, draft, issue_many
    from goodterms.invoicing.line import Line, Tax
    from goodterms.parties.actions import add_customer, add_vendor
    from goodterms.terms.actions import agree
    from goodterms.terms.rules import parse

    house.empty_books(BASE)
    house.move_in(BASE)
    vendor = add_vendor(
        slug="vendor", name="Vendor", currency="GBP", country="GB", timezone="Europe/London", email="office@vendor.example",
        address="14 Welsh Back\nBristol BS1 4RR", bank={"name": "Bank", "iban": "GB96SEVN30187700418203"}, by="operator",
        now=NOW,
    ).id  # fmt: skip
    usual = Tax("S", Decimal(20))
    lines = [
        Line(f"Work of part {n}\nas agreed in September", Decimal(n), Decimal("88.50"), usual, "h", project=f"Project {n // 4}")
        for n in range(1, 7)
    ]
    who: dict[str, Any] = {"by": "owner", "role": "owner", "now": NOW}
    with acting_for([vendor]):
        change_letterhead(vendor_id=vendor, texts={"trade": "Studio", "phone": "0117 496 0143"}, by="owner", now=NOW)
        agree(vendor_id=vendor, terms=parse("2/10 net 30"), from_on=date(2026, 1, 1), now=NOW, by="owner")
        keys = []
        for n in range(count):
            customer = add_customer(
                vendor_id=vendor, number=f"C-{n}", name=f"Firm {n}", currency="GBP", address=f"{n} High Street\nLeeds LS1",
                now=NOW, by="owner",
            )  # fmt: skip
            one = draft(vendor_id=vendor, customer_id=customer.id, lines=lines, work="Autumn", order_number=f"PO-{n}", **who)
            keys.append(approve(invoice_id=one.id, **who).id)
        issue_many(vendor_id=vendor, invoice_ids=keys, issued_on=ON, **who)
    return vendor


def _in_a_process(work: Callable[[UUID], tuple[float, int, float, int]], vendor: UUID) -> tuple[float, int, float, int]:
    house.checkpoint()
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, vendor).result()
