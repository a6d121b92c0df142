"""Decides how the audit trail says what was done about the desk itself."""

from collections.abc import Callable, Mapping
from typing import Any

_FIELDS = {
    "legal_name": "legal name",
    "tax_id": "tax id",
    "opens_at": "opening hour",
    "closes_at": "closing hour",
    "answer_hours": "our word",
    "extension_days_max": "more time",
    "feed_days_max": "news of payments",
}
_SAYS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "vendor.added": lambda data: "set up this desk",
    "vendor.changed": lambda data: f"changed {', '.join(sorted(_FIELDS.get(column, column) for column in data))}",
    "bank.asked": lambda data: "asked for other bank details",
    "bank.confirmed": lambda data: "confirmed other bank details",
    "bank.stopped": lambda data: "stopped a change of bank details",
    "bank.changed": lambda data: "brought other bank details into use",
    "member.added": lambda data: f"added {data.get('name', 'somebody')} as {data['role']}",
    "member.invited": lambda data: f"made a link for {data['name']}",
    "member.accepted": lambda data: "accepted the invitation",
    "member.changed": lambda data: f"made {data['name']} {data['role']}",
    "member.ended": lambda data: f"ended the work of {data['name']}",
    "key.added": lambda data: f"made the key {data['name']}",
    "key.revoked": lambda data: "withdrew a key",
    "person.signed_in": lambda data: f"signed in with {data['with']}",
    "person.factor_added": lambda data: "added a second factor: " + data["factor"],
    "person.factor_removed": lambda data: "removed a second factor: " + data["factor"],
    "person.password_changed": lambda data: "changed the password",
}
KINDS = tuple(_SAYS)


def said(kind: str, data: Mapping[str, Any]) -> str:
    """What somebody did, to follow their name."""
    return _SAYS[kind](data)
