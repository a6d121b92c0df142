"""A database that was migrated from nothing holds what the models say: every column, its type, its keys and its indexes."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model

pytestmark = pytest.mark.django_db
Field = Any  # which has more than its stubs know of


def models() -> list[type[Model]]:
    return [one for one in apps.get_models() if one._meta.managed and not one._meta.proxy]


def columns() -> Iterator[tuple[str, Field]]:
    for model in models():
        for field in model._meta.local_concrete_fields:
            yield model._meta.db_table, field


def asked(statement: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: list[tuple[str, ...]] = cursor.fetchall()
    return found


def in_short(kind: str) -> str:
    """A type without its length, by PostgreSQL's own name for it."""
    [(name,)] = asked(f"select to_regtype('{re.sub(r'[(].*[)]| COLLATE.*', '', kind)}')::text")
    return name or kind


def test_every_column_is_there_with_its_type() -> None:
    found = {
        (table, column): (kind, empty)
        for table, column, kind, empty in asked("""
            select c.relname, a.attname, a.atttypid::regtype::text, not a.attnotnull
            from pg_attribute a join pg_class c on c.oid = a.attrelid
            where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
              and a.attnum > 0 and not a.attisdropped""")
    }
    kinds = {kind: in_short(kind) for _, field in columns() if (kind := field.db_type(connection))}
    said = {
        (table, field.column): (kinds[kind], field.null or field.generated)
        for table, field in columns()
        if (kind := field.db_type(connection))
    }
    assert len(said) > 500
    assert {key: (found.get(key), one) for key, one in said.items() if found.get(key) != one} == {}


def test_every_reference_is_kept_by_a_key() -> None:
    found = set(
        asked("""
            select k.conrelid::regclass::text, a.attname, k.confrelid::regclass::text
            from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any(k.conkey)
            where k.contype = 'f'""")
    )
    said = {
        (table, field.column, field.related_model._meta.db_table)
        for table, field in columns()
        if field.is_relation and field.db_constraint
    }
    assert len(said) > 25
    assert said - found == set()


def test_every_index_and_constraint_that_a_model_names_is_there() -> None:
    found = {name for (name,) in asked("select relname from pg_class union all select conname from pg_constraint")}
    said = {one.name for model in models() for one in (*model._meta.indexes, *model._meta.constraints)}
    assert len(said) > 50
    assert said - found == set()
