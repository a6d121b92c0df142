"""Keeps a word among ourselves about a customer: in the log, and never shown to them."""

from datetime import datetime
from uuid import UUID

from goodterms.interactions.actions import Deed, record
from goodterms.interactions.models import Interaction
from goodterms.parties.models import Customer
from goodterms.values.refusal import Refused

LONGEST_NOTE = 2_000


def note_customer(*, vendor_id: UUID, customer_id: UUID, words: str, by: str, now: datetime, key: str = "") -> None:
    """Write down what colleagues should know. The log keeps it; a newer note can say that an old one is over. The same `key`
    again writes nothing."""
    said = words.strip().replace("\0", "")
    if not said:
        raise Refused("There is nothing in this note yet.", code="words", field="words")
    if len(said) > LONGEST_NOTE:
        raise Refused(f"A note has at most {LONGEST_NOTE} letters.", code="words", field="words")
    if not Customer.objects.select_for_update().filter(vendor_id=vendor_id, id=customer_id).exists():
        raise Refused("There is no such customer.", code="not_found", field="customer")
    told = Interaction.objects.filter(vendor_id=vendor_id, customer_id=customer_id, kind="customer.noted")
    if key and told.filter(data__key=key).exists():
        return
    data = {"words": said} | ({"key": key} if key else {})
    record(at=now, deed=Deed(vendor_id, "customer.noted", by, customer_id, channel="desk", data=data))
