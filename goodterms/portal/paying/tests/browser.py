"""A payer's browser that was let in, for tests of the paying step: it looks, presses, and reads what the page says."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import UUID

from django.db import connection
from django.test import Client

from goodterms.access.models import Session
from goodterms.database.isolation import acting_for
from goodterms.database.ways_in import tell
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import NOW
from goodterms.payments.tests.press import Press
from goodterms.portal.door import COOKIE
from goodterms.values.keys import new_key

_secrets = count(1)
TABLES = (
    "payments_checkout", "payments_checkoutitem", "payments_providerevent", "payments_sandboxpayment", "payments_payment",
    "payments_allocation", "ledger_entry", "ledger_posting", "invoicing_invoice", "interactions_interaction", "delivery_letter",
)  # fmt: skip


@dataclass
class Browser:
    """Sandra's. `notice_id`: she came by a letter's link and proved nothing else."""

    press: Press
    notice_id: UUID | None = None
    client: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        assert self.press.payer_id is not None
        secret = f"secret {next(_secrets)}"
        with acting_for(self.press.ids):
            tell(payer=str(self.press.payer_id))
            Session.objects.create(
                id=new_key(NOW), payer_id=self.press.payer_id, secret_sha256=sha256(secret.encode()).hexdigest(),
                notice_id=self.notice_id, opened_at=NOW, expires_at=NOW + timedelta(days=3_650),
            )  # fmt: skip
        self.client.cookies[COOKIE] = secret

    def get(self, address: str, status: int = 200) -> str:
        answer = self.client.get(address)
        assert answer.status_code == status, (answer.status_code, address)
        return words(answer.content)

    def choose(self, *invoices: Invoice, status: int = 200, **more: str) -> str:
        return self.get(address_of(invoices, **more), status)

    def pay(self, *invoices: Invoice, key: str = "", **more: str) -> Any:
        """Open the step, and press Pay with the key that stands on it."""
        page = self.client.get(address_of(invoices)).content.decode()
        key = key or re.findall(r'name="key" value="([^"]+)"', page)[0]
        given = {"way": "sandbox", "key": key, "invoice": [str(one.id) for one in invoices], **more}
        return self.client.post("/pay/now/", given)

    def decide(self, address: str, decision: str) -> str:
        """What the bank's button leads to."""
        answer = self.client.post(address, {"decision": decision}, follow=True)
        assert answer.status_code == 200
        return words(answer.content)

    def state(self) -> list[str]:
        """A hash of each table, to see that nothing changed."""
        with acting_for(self.press.ids), connection.cursor() as cursor:
            return [self._hash(cursor, table) for table in TABLES]

    def _hash(self, cursor: Any, table: str) -> str:
        cursor.execute(f"select count(*) || md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t")
        return str(cursor.fetchone()[0])


def address_of(invoices: Sequence[Invoice], **more: str) -> str:
    words = [f"invoice={one.id}" for one in invoices] + [f"{name.replace('_', '-')}={word}" for name, word in more.items()]
    return "/pay/now/?" + "&".join(words)


def words(content: bytes) -> str:
    """What a page says, without its marks."""
    said = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", content.decode().partition("</head>")[2])).split())
    return re.sub(r" ([.,])", r"\1", said)
