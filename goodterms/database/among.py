"""Decides how rows are asked for by many keys: in one array, where Django's `in` writes a parameter for each key."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import BooleanField, F, Func, Value

from goodterms.database.arrays import array


def among(field: str, keys: Iterable[UUID]) -> Func:
    """A condition for `filter`: the same rows as by `field__in`, and one statement whatever the number of keys, so that it is
    planned once."""
    return Func(
        F(field), Value(array(keys)), template="%(expressions)s::uuid[])", arg_joiner=" = any(", output_field=BooleanField()
    )
