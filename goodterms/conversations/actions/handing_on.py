"""Decides what "not me, ask somebody else" does: the vendor is asked to, and nobody sees more than before."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from goodterms.conversations.actions.questions import ask
from goodterms.conversations.models import Conversation
from goodterms.conversations.rules import check_right_person
from goodterms.parties.rules import shown_address


@transaction.atomic
def hand_on(
    *,
    invoice_id: UUID,
    name: str,
    address: str,
    by: str,
    now: datetime,
    words: str = "",
    asking: str = "Please ask {name} <{address}> about this invoice.",
    channel: str = "portal",
    payer_id: UUID | None = None,
    key: UUID | None = None,
) -> Conversation:
    """They name the right person for an invoice. It is a question to the vendor, who decides whom to write to: an address that
    a customer typed gets no letter and no page by itself, and whoever names it keeps what they may see. `asking`: how it is
    said, in the asker's language."""
    check_right_person(name)
    told = asking.format(name=" ".join(name.split()), address=shown_address(address))
    return ask(
        invoice_ids=[invoice_id], words=f"{told}\n\n{words}" if words.strip() else told, by=by, now=now, channel=channel,
        payer_id=payer_id, key=key,
    )  # fmt: skip
