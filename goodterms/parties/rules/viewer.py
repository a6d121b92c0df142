"""Decides who is asking and what they may see: a member in a role, a program with scopes, or a payer."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from goodterms.values.refusal import Refused

ROLES = ("owner", "bookkeeper", "approver", "receivables manager", "reader")
NOUNS = ("customers", "contacts", "terms", "invoices", "payments", "conversations", "notices", "measures")
SCOPES = frozenset(f"{noun}:{act}" for noun in NOUNS for act in ("read", "write"))


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking. A payer sees what is theirs at each of `vendor_ids`; others all of these vendors."""

    name: str  # as the log will say it
    vendor_ids: frozenset[UUID]
    role: str = ""
    scopes: frozenset[str] = frozenset()
    payer_id: UUID | None = None

    def needs(self, scope: str) -> None:
        """Refuses a program whose key does not carry `scope`, such as "invoices:read"; to write implies to read."""
        noun, _, act = scope.partition(":")
        if scope in self.scopes or (act == "read" and f"{noun}:write" in self.scopes):
            return
        raise Refused(f"This key may not do that: it needs the scope {scope}.", code="scope")


def checked_scopes(scopes: Iterable[str]) -> list[str]:
    """The scopes in order, each once; refuses an unknown one and none at all."""
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        what = f"{unknown[0]!r} is not a scope" if unknown else "A key needs at least one scope"
        raise Refused(f"{what}; there are {', '.join(sorted(SCOPES))}.", code="scope", field="scopes")
    return wanted


def key_hash(secret: str) -> str:
    """What is kept of the secret of a key. Plain sha256: 256 random bits need no slow hash."""
    return sha256(secret.encode()).hexdigest()
