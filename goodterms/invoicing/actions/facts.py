"""Decides what is known of an invoice when a verb asks whether it may: read under the invoice's lock."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.invoicing.life import Facts, Role, may
from goodterms.values.refusal import Refused


class Known(NamedTuple):
    """The facts of an invoice, and for which reasons it is held."""

    facts: Facts
    reasons: frozenset[str]


def must(*, verb: str, invoice_ids: Sequence[UUID], role: Role, today: date) -> list[Known]:
    """Lock the invoices and ask their life whether `verb` may be done to each; what is known of them, in the order given."""
    known = known_of(invoice_ids=invoice_ids, today=today)
    if missing := set(invoice_ids) - set(known):
        raise Refused(f"There is no invoice {min(missing)} here.", code="invoice", field="invoice")
    for one in known.values():
        by_hand = "manual" in one.reasons  # what staff release is what staff set: a promise is not theirs to end
        may(verb, one.facts._replace(held=by_hand) if verb == "release" else one.facts, role, today)
    return [known[key] for key in invoice_ids]


def known_of(*, invoice_ids: Sequence[UUID], today: date) -> dict[UUID, Known]:
    """What is known of invoices (never of credit notes), locked in the order of their keys. Locks first: a statement that
    waits would read holds and credit notes as they were before it waited."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from invoicing_invoice where id = any(%s::uuid[]) and kind = 'invoice' order by id for update",
            [list(invoice_ids)],
        )
        cursor.execute(_FACTS, [today, [key for (key,) in cursor.fetchall()]])
        return {key: _known(plain, frozenset(reasons)) for key, *plain, reasons in cursor.fetchall()}


def _known(plain: list[Any], reasons: frozenset[str]) -> Known:
    held = bool(reasons - {"disputed", "question_open"})
    return Known(Facts._make((*plain, held, "disputed" in reasons, "question_open" in reasons)), reasons)


_FACTS = """
select i.id, i.approved_at, i.issued_on, i.due_on, i.voided_at, i.total_minor, i.open_minor,
       (select coalesce(sum(c.total_minor), 0)::bigint from invoicing_invoice c
        where c.corrects_id = i.id and c.kind = 'credit_note' and c.issued_on is not null and c.voided_at is null),
       exists (select from interactions_interaction d
               where d.vendor_id = i.vendor_id and d.customer_id = i.customer_id and d.invoice_id = i.id
                 and d.channel in ('email', 'post', 'portal', 'call') and d.kind not like 'order.%%'
                 and d.kind not like 'forewarning.%%'),
       array(select distinct h.reason from invoicing_hold h
             where h.invoice_id = i.id and h.ended_at is null and (h.until_on is null or h.until_on >= %s::date))
from invoicing_invoice i where i.id = any(%s::uuid[])
"""
