"""Is the same story told in the same bytes, once, and does it stay in the house?"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from goodterms.database.isolation import acting_for
from goodterms.invoicing import numbers
from goodterms.invoicing.models import Invoice, Series
from goodterms.parties.actions import move_clock
from goodterms.parties.directory import everyone
from goodterms.parties.models import Vendor
from goodterms.proof.prove import prove
from goodterms.sample import days, tables, telling
from goodterms.sample.tests.house import House
from goodterms.values.refusal import Refused


def test_no_letter_left_the_house_though_a_mail_server_is_set(house: House) -> None:
    assert house.told.found["sent"] > 100
    assert len(list((house.home / "outbox").glob("*.eml"))) == house.told.found["sent"]
    assert len(list((house.home / "print").glob("*.pdf"))) == house.told.found["printed"] > 0


def test_it_is_told_once(house: House) -> None:
    with pytest.raises(Refused, match=r"here already: Lindqvist Rowe, .* Nothing was done\."):
        telling.tell()


def test_the_next_invoice_of_each_vendor_continues_its_numbers(inside: House) -> None:
    usual = {one.vendor_id: one for one in Series.objects.filter(code="invoice")}
    following = {slug: usual[vendor.id] for slug, vendor in inside.vendors.items()}
    said = {slug: numbers.render(one.pattern, one.next, date(2026, 11, 16)) for slug, one in following.items()}
    last = Invoice.objects.filter(number__startswith="LR-2026-").latest("number").number
    assert said == {
        "lindqvist-rowe": f"LR-2026-{int(last[-4:]) + 1:04d}", "penhale-print": "PP-4516", "vermeer": "VP-26-0332",
        "oakside-it": "OK-10923",
    }  # fmt: skip
    assert not Invoice.objects.filter(number__in=said.values()).exists()


def test_the_clock_of_a_sandbox_goes_forward_only(inside: House) -> None:
    penhale = inside.vendors["penhale-print"]
    with pytest.raises(Refused, match="A clock goes forward"):
        move_clock(vendor_id=penhale.id, to=days.END - telling.LATER, now=days.END, by="Jory Penhale")
    with transaction.atomic():
        move_clock(vendor_id=penhale.id, to=days.END + telling.LATER, now=days.END, by="Jory Penhale")
        assert Vendor.objects.get(id=penhale.id).sandbox_now == days.END + telling.LATER
        transaction.set_rollback(True)


def test_the_books_prove_true(house: House) -> None:
    proven = list(prove(house.ids))
    assert len(proven) > 15
    assert [one.invariant.id for one in proven if one.finding.broken] == []


def test_the_same_story_has_the_same_rows_and_the_same_letters(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _two_weeks(monkeypatch)
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)  # counters begin anew, both times
    first = _told_into(tmp_path / "first", monkeypatch)
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    second = _told_into(tmp_path / "second", monkeypatch)
    assert first == second
    assert len(first) > 20


def _two_weeks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short piece of the story: what was billed in its first month, a question, a promise, and some days of January."""
    begin, end = date(2026, 1, 5), datetime(2026, 1, 16, 10, 20, tzinfo=UTC)
    monkeypatch.setattr(days, "FIRST_DAY", begin)
    for module in (days, telling):
        monkeypatch.setattr(module, "END", end)
    billed = [row for row in tables.billed() if row.issued_on < date(2026, 1, 1)]
    cut = [row if row.paid_on and row.paid_on <= end.date() else row._replace(paid_on=None) for row in billed]
    asked = tables.said()[0]._replace(number="LR-2025-0210", asked_at=datetime.fromisoformat("2026-01-08T10:05"), minutes=30)
    word = tables.promised()[0]._replace(
        number="LR-2025-0211", made_at=datetime.fromisoformat("2026-01-07T10:05"), promised_on=date(2026, 1, 20)
    )
    told: dict[str, Any] = {kind: [] if isinstance(rows, list) else rows for kind, rows in tables.told().items()}
    for name, rows in (("billed", cut), ("said", [asked]), ("promised", [word]), ("told", told)):
        monkeypatch.setattr(tables, name, lambda rows=rows: rows)


def _told_into(home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Tell it; a digest for each table with rows, and for each letter."""
    monkeypatch.setattr(settings, "HOME", home)
    assert telling.tell().found["sent"] > 5
    with acting_for([vendor.id for vendor in everyone()]), connection.cursor() as cursor:
        tables_ = {table: _digest(cursor, table) for table in _tables(cursor)}
    letters = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in _letters(home)}
    return {table: digest for table, digest in tables_.items() if digest} | letters


def _letters(home: Path) -> Iterator[Path]:
    yield from (home / "outbox").iterdir()


def _tables(cursor: Any) -> list[str]:
    cursor.execute("select relname from pg_class where relrowsecurity and relkind in ('r', 'p') order by 1")
    return [name for (name,) in cursor.fetchall()]


def _digest(cursor: Any, table: str) -> str:
    cursor.execute(f"select md5(string_agg(words, chr(10) order by words)) from (select t::text as words from {table} t) rows")
    return str(cursor.fetchone()[0] or "")
