"""Vendors are kept apart by the database itself, whatever the program forgets."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from goodterms.database.isolation import FLEETING, acting_for, danger, keys_across, looking_up, open_tables
from goodterms.delivery.models import Body, Letter
from goodterms.parties.models import Customer, Payer, Vendor
from goodterms.values.keys import new_key

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def a_vendor(slug: str) -> Vendor:
    vendor = Vendor(
        id=new_key(NOW), slug=slug, name=slug, email=f"{slug}@vendor.example", country="GB", currency="GBP",
        timezone="Europe/London", created_at=NOW,
    )  # fmt: skip
    with acting_for([vendor.id]):
        vendor.save(force_insert=True)
    return vendor


def a_customer(vendor: UUID, number: str = "1") -> Customer:
    return Customer.objects.create(
        id=new_key(NOW), vendor_id=vendor, number=number, name="C", folded="c", currency="GBP", created_at=NOW
    )


def test_the_application_owns_nothing_and_cannot_bypass() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_user")
        assert cursor.fetchone() == ("goodterms_app",)
    assert danger() is None


def test_every_table_of_a_vendor_has_row_security() -> None:
    assert open_tables() == []


def test_a_forgotten_filter_gives_no_row() -> None:
    ours, theirs = a_vendor("ours"), a_vendor("theirs")
    with acting_for([theirs.id]):
        a_customer(theirs.id)
    with acting_for([ours.id]):
        assert list(Customer.objects.all()) == []
    assert list(Customer.objects.all()) == []
    assert list(Vendor.objects.all()) == []
    with acting_for([theirs.id]):
        assert Customer.objects.count() == 1


def test_a_row_for_another_vendor_is_refused() -> None:
    ours, theirs = a_vendor("ours"), a_vendor("theirs")
    with pytest.raises(ProgrammingError, match="row-level security"), acting_for([ours.id]):
        a_customer(theirs.id)


def test_what_was_declared_inside_ends_inside() -> None:
    ours, theirs = a_vendor("ours"), a_vendor("theirs")
    for vendor in (ours, theirs):
        with acting_for([vendor.id]):
            a_customer(vendor.id)
    with acting_for([ours.id]):
        with acting_for([ours.id, theirs.id]):
            assert Customer.objects.count() == 2
        with pytest.raises(ZeroDivisionError), acting_for([theirs.id]):
            raise ZeroDivisionError
        assert [customer.vendor_id for customer in Customer.objects.all()] == [ours.id]


def test_a_key_to_another_vendors_row_is_refused() -> None:
    ours, theirs = a_vendor("ours"), a_vendor("theirs")
    with acting_for([theirs.id]):
        parent = a_customer(theirs.id)
    with acting_for([ours.id]):
        child = a_customer(ours.id)
    with pytest.raises(IntegrityError, match="same_vendor"), acting_for([ours.id]):
        Customer.objects.filter(id=child.id).update(parent_id=parent.id)


def test_every_key_between_vendors_tables_carries_the_vendor() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select conname from pg_constraint where contype = 'f' and conname like '%%same_vendor'")
        present = {name for (name,) in cursor.fetchall()}
        cursor.execute(
            "select c.conrelid::regclass::text, c.conname from pg_constraint c where contype = 'f'"
            " and cardinality(conkey) = 1 and conrelid::regclass::text = any(%s) and confrelid::regclass::text = any(%s)",
            [[table for table, _, _ in keys_across()], [target for _, _, target in keys_across()]],
        )
        assert cursor.fetchall() == []
    assert present == {f"{table}_{column}_same_vendor" for table, column, _ in keys_across()}


def test_a_vendor_sees_only_the_payers_it_lists() -> None:
    vendor = a_vendor("ours")
    with acting_for([vendor.id]), transaction.atomic():
        Payer(id=new_key(NOW), address="a@payer.example", created_at=NOW).save(force_insert=True)
        assert list(Payer.objects.all()) == []


def test_the_directory_lists_vendors_only_while_it_is_asked_for() -> None:
    a_vendor("ours")
    with looking_up("directory", "on"):
        assert Vendor.objects.count() == 1
    assert Vendor.objects.count() == 0


def test_what_is_in_the_books_can_be_deleted_by_nobody_who_serves() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
            " and (has_table_privilege(oid, 'delete') or has_table_privilege(oid, 'truncate'))"
        )
        deletable = {name for (name,) in cursor.fetchall()}
    assert deletable == {name for name in connection.introspection.table_names() if name.startswith(FLEETING)}
    books = {name for name in deletable if name.startswith(("parties", "payments", "delivery", "reminders", "ledger"))}
    assert books == {"parties_savedview"}  # a sentence somebody named for themselves


def test_one_vendor_alone_neither_changes_nor_drops_what_several_say_together() -> None:
    ours, theirs = a_vendor("ours"), a_vendor("theirs")
    both = [ours.id, theirs.id]
    with acting_for(both):
        letter = Letter.objects.create(
            id=new_key(NOW), vendors=both, kind="notice", channel="email", recipient="a@payer.example", dedupe_key="1",
            message_id="1", not_before=NOW, created_at=NOW,
        )  # fmt: skip
        Body.objects.create(letter=letter, vendors=both, subject="s", packed=b"", sha256=b"")
    with acting_for([ours.id]):
        assert Letter.objects.count() == 1
        assert Letter.objects.update(state="cancelled", vendors=[ours.id]) == 0
        assert list(Letter.objects.select_for_update(skip_locked=True)) == []
        for model in (Body, Letter):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                model.objects.all()._raw_delete("default")
    with acting_for(both):
        assert Letter.objects.select_for_update().get().state == "ready"
