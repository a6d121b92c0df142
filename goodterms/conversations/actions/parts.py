"""Decides what paying in two parts is: a promise of the first, and time for the rest, both or neither."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from goodterms.conversations.actions.extensions import Asked, request_extension
from goodterms.conversations.actions.promises import promise
from goodterms.conversations.actions.threads import locked_invoices
from goodterms.conversations.rules import check_parts
from goodterms.values.money import Money


@transaction.atomic
def in_two_parts(
    *,
    invoice_id: UUID,
    first: Money,
    first_on: date,
    rest_on: date,
    by: str,
    now: datetime,
    channel: str = "portal",
    payer_id: UUID | None = None,
    key: UUID | None = None,
) -> Asked:
    """`first` by `first_on`, the rest by `rest_on`. Within the vendor's rule both hold at once; else a person decides about the
    time, with both parts in words, and nothing is promised before."""
    [invoice] = locked_invoices([invoice_id])
    check_parts(first=first, open_=Money(invoice.open_minor, invoice.currency), first_on=first_on, rest_on=rest_on)
    words = (
        f"In two parts, please: {first.major} {first.currency} by {first_on.day} {first_on:%B %Y},"
        f" and the rest by {rest_on.day} {rest_on:%B %Y}."
    )
    asked = request_extension(
        invoice_id=invoice_id, until_on=rest_on, words=words, by=by, now=now, channel=channel, payer_id=payer_id
    )
    if asked.verdict.answer == "granted":
        promise(
            invoice_id=invoice_id, promised_on=first_on, minor=first.minor, by=by, now=now, channel=channel, payer_id=payer_id,
            key=key,
        )  # fmt: skip
    return asked
