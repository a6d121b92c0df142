"""The log is sealed row upon row: what is changed, taken out or moved afterwards is found."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from goodterms.database.isolation import acting_for
from goodterms.database.migrate import as_owner
from goodterms.interactions import due
from goodterms.interactions.actions import Deed, record_all, seal
from goodterms.interactions.models import Interaction, Seal
from goodterms.interactions.proof import prove_seals
from goodterms.interactions.rules import START, Logged, SealedRow, breaks, canonical, sealed
from goodterms.values.keys import new_key

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
VENDOR = UUID(int=1)


def a_row(number: int = 1, data: str = "{}", at: datetime = NOW) -> Logged:
    key = UUID(int=number)
    return Logged(key, VENDOR, at, "invoice.issued", "Tom", False, "desk", None, key, None, None, data)


def a_chain(count: int) -> list[SealedRow]:
    rows, head = [], START
    for seq in range(1, count + 1):
        row = a_row(seq)
        head = sealed(head, row)
        rows.append(SealedRow(seq, row.id, head, row))
    return rows


def test_a_row_is_written_down_in_one_way_only() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=7)))
    assert canonical(a_row(data='{"b": 1, "a": 2}', at=there)) == canonical(a_row(data='{"a":2,"b":1}'))
    assert b'"at":"2026-11-16T10:20:00.000000+00:00"' in canonical(a_row())


@pytest.mark.parametrize("field", Logged._fields)
def test_every_column_is_sealed(field: str) -> None:
    words = dict.fromkeys(("kind", "by", "channel"), "other")
    other: Any = {"at": NOW + timedelta(microseconds=1), "inbound": True, "data": '{"x":1}', **words}.get(field, uuid4())
    assert sealed(START, a_row()._replace(**{field: other})) != sealed(START, a_row())


@given(
    st.builds(
        Logged, st.uuids(), st.uuids(), st.datetimes(timezones=st.timezones()), st.text(), st.text(), st.booleans(), st.text(),
        st.none() | st.uuids(), st.none() | st.uuids(), st.none() | st.uuids(), st.none() | st.uuids(),
        st.dictionaries(st.text(), st.none() | st.text() | st.integers() | st.lists(st.text())).map(json.dumps),
    )
)  # fmt: skip
def test_a_row_is_written_down_as_json_would_write_it(row: Logged) -> None:
    try:
        at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    except OverflowError:  # in the first or last hours of the calendar
        return
    plain = {**row._asdict(), "at": at, "data": json.loads(row.data)}
    try:
        whole = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:  # half a character, which the database refuses
        return
    assert canonical(row) == whole


@given(st.integers(1, 12), st.data())
def test_one_change_anywhere_is_told_once_and_where(count: int, data: st.DataObject) -> None:
    chain = a_chain(count)
    assert list(breaks(chain)) == []
    at = data.draw(st.integers(0, count - 1))
    for row, why in ((a_row(999)._replace(id=chain[at].row.id), "changed"), (None, "missing")):  # type: ignore[union-attr]
        tampered = [*chain[:at], chain[at]._replace(row=row), *chain[at + 1 :]]
        assert [(found.seq, found.why) for found in breaks(tampered)] == [(at + 1, why)]


def test_a_row_cut_out_with_its_seal_leaves_a_gap() -> None:
    chain = a_chain(5)
    assert [(found.seq, found.why) for found in breaks([*chain[:2], *chain[3:]])] == [(4, "order")]


def log(vendor: UUID, count: int, at: datetime = NOW) -> None:
    record_all(at=at, deeds=[Deed(vendor, "invoice.issued", "Tom", data={"n": n, "é": "ü"}) for n in range(count)])


@pytest.mark.django_db
def test_all_rows_are_sealed_once_in_order_each_vendor_apart() -> None:
    one, other = new_key(NOW), new_key(NOW)
    with acting_for([one, other]):
        log(one, 7)
        log(other, 3)
        assert (due.seal(vendor_id=one), due.seal(vendor_id=other), due.seal(vendor_id=one)) == (7, 3, 0)
        log(one, 2, NOW - timedelta(days=1))  # committed later with an older key: chained at the end
        assert prove_seals(one) == (7, [], 2)
        assert due.seal(vendor_id=one) == 2
        assert list(Seal.objects.filter(vendor_id=one).order_by("seq").values_list("seq", flat=True)) == list(range(1, 10))
        assert prove_seals(one) == (9, [], 0)


@pytest.mark.django_db
def test_sealing_goes_on_where_a_batch_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "BATCH", 2)
    vendor = new_key(NOW)
    with acting_for([vendor]):
        log(vendor, 5)
        assert due.seal(vendor_id=vendor) == 5
        assert prove_seals(vendor) == (5, [], 0)


@pytest.mark.django_db
def test_the_application_can_neither_change_the_log_nor_its_seals() -> None:
    vendor = new_key(NOW)
    with acting_for([vendor]):
        log(vendor, 1)
        seal(vendor_id=vendor, most=10)
        for model in (Interaction, Seal):
            with pytest.raises(DatabaseError), transaction.atomic():
                model.objects.all().delete()
            with pytest.raises(DatabaseError), transaction.atomic():
                model.objects.update(vendor_id=vendor)


@pytest.mark.django_db(transaction=True)
def test_even_the_owner_cannot_tamper_unseen() -> None:
    vendor = new_key(NOW)
    with acting_for([vendor]):
        log(vendor, 4)
        due.seal(vendor_id=vendor)
        victims = list(Interaction.objects.order_by("id").values_list("id", flat=True))
    with as_owner(), acting_for([vendor]), connection.cursor() as cursor:
        for table in ("interaction", "seal"):
            cursor.execute(f"alter table interactions_{table} no force row level security, disable trigger frozen")
        cursor.execute("update interactions_interaction set by = 'Mallory' where id = %s", [victims[1]])
        cursor.execute("delete from interactions_seal where interaction_id = %s", [victims[2]])
        cursor.execute("delete from interactions_interaction where id = %s", [victims[2]])
        for table in ("interaction", "seal"):
            cursor.execute(f"alter table interactions_{table} force row level security, enable trigger frozen")
    with acting_for([vendor]):
        proof = prove_seals(vendor)
    assert [(one.interaction_id, one.why) for one in proof.broken] == [(victims[1], "changed"), (victims[3], "order")]
