"""Decides what may be written in a row of parties: names, columns, nothing twice; and what a change was."""

from typing import Any

from django.db import IntegrityError, transaction

from goodterms.parties.models import ApiKey, Contact, Customer, Member, Payer, Vendor
from goodterms.parties.rules import checked_wishes
from goodterms.values.refusal import Refused


def a_name(text: str, field: str = "name") -> str:
    """A name as it is kept; refuses what a spreadsheet would run as a formula (T10) or nobody can read."""
    name = " ".join(text.split())
    if not name or len(name) > 200 or name[0] in "=+-@" or not name.isprintable():
        raise Refused(f"{text[:60]!r} cannot be a {field}: it needs 1 to 200 letters and no formula.", code="name", field=field)
    return name


def address_lines(text: str) -> str:
    """An address as it stands on an envelope: its lines, without blanks around them."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return "\n".join(line for line in lines if line)[:500]


def insert(row: Vendor | Member | Customer | Contact | ApiKey, taken: str, field: str) -> None:
    _save(row, taken, field, is_new=True)


def rewrite(row: Contact, taken: str, field: str) -> None:
    _save(row, taken, field, is_new=False)


def _save(row: Vendor | Member | Customer | Contact | ApiKey, taken: str, field: str, *, is_new: bool) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=is_new, force_update=not is_new)
    except IntegrityError as clash:
        if "unique" not in str(clash):
            raise
        raise Refused(taken, code="taken", field=field) from clash


def must_know(changes: dict[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(changes) - known):
        raise Refused(f"{unknown[0]!r} is not something that can be set here.", code="preferences", field=unknown[0])


def change(row: Vendor | Customer | Payer, changes: dict[str, Any]) -> dict[str, Any]:
    """Set what differs; what was and what is, by column."""
    checked = checked_wishes(changes)
    data = {
        column: {"was": _plain(getattr(row, column)), "is": _plain(value)}
        for column, value in checked.items()
        if _plain(getattr(row, column)) != _plain(value)
    }
    for column in data:
        setattr(row, column, checked[column])
    if data:
        row.save(update_fields=list(data))
    return data


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | list) else str(value)
