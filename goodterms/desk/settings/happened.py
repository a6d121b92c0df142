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
    "plan_parts_max": "payment in parts",
    "plan_days_max": "payment in parts",
    "plan_minor_max": "payment in parts",
    "four_eyes": "four eyes",
    "forewarn_percent": "asking before a surprise",
    "forewarn_minor": "asking before a surprise",
    "silence_days": "asking before a surprise",
    "feed_days_max": "news of payments",
    "trade": "what the firm does",
    "phone": "telephone",
    "company_number": "company number",
}
_WRONG = {"password": "wrong password", "code": "wrong code", "passkey": "passkey refused", "link": "a link that was used up"}


def _turned_away(data: Mapping[str, Any]) -> str:
    """After "somebody": that they did not get in, and where the count of the hour ends."""
    meant = f" as {data['as']}" if data["as"] else ""
    more = " Others within the hour are not listed." if data["last"] else ""
    return f"was not let in{meant} from {data['from']}: {_WRONG[data['with']]}.{more}"


_SAYS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "vendor.added": lambda data: "set up this desk",
    "vendor.changed": lambda data: f"changed {', '.join(sorted({_FIELDS.get(column, column) for column in data}))}",
    "letterhead.changed": lambda data: f"changed the papers: {', '.join(_FIELDS.get(one, one) for one in data['changed'])}",
    "numbers.changed": lambda data: f"changed the numbers: the next {data['kind'].replace('_', ' ')} is {data['number']}",
    "rates.read": lambda data: f"read exchange rates of {data['source']} up to {data['until']}, {data['new']} of them new",
    "rate.given": lambda data: f"gave a rate: 1 {data['currency']} is {data['rate']} {data['base']} ({data['source']})",
    "rate.ended": lambda data: f"ended the rate by hand from {data['currency']} to {data['base']}",
    "bank.asked": lambda data: "asked for other bank details",
    "bank.confirmed": lambda data: "confirmed other bank details",
    "bank.stopped": lambda data: "stopped a change of bank details",
    "bank.changed": lambda data: "brought other bank details into use",
    "member.added": lambda data: f"added {data.get('name', 'somebody')} as {data['role']}",
    "member.invited": lambda data: f"made a link for {data['name']}",
    "person.reset": lambda data: f"took away password, passkeys and codes of {data['name']}, for a new beginning",
    "member.accepted": lambda data: "accepted the invitation",
    "member.changed": lambda data: f"made {data['name']} {data['role']}",
    "member.ended": lambda data: f"ended the work of {data['name']}",
    "key.added": lambda data: f"made the key {data['name']}",
    "key.revoked": lambda data: "withdrew a key",
    "person.signed_in": lambda data: f"signed in with {data['with']}",
    "person.turned_away": _turned_away,
    "person.factor_added": lambda data: "added a second factor: " + data["factor"],
    "person.factor_removed": lambda data: "removed a second factor: " + data["factor"],
    "person.password_changed": lambda data: "changed the password",
}
TRIES = ("person.turned_away",)
KINDS = tuple(kind for kind in _SAYS if kind not in TRIES)


def said(kind: str, data: Mapping[str, Any]) -> str:
    """What somebody did, to follow their name."""
    return _SAYS[kind](data)
