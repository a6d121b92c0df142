"""The verbs of money that came in: record, allocate, take back, refund, settle in another currency, say what was read."""

from goodterms.payments.actions.allocation import allocate, allocate_credit, deallocate
from goodterms.payments.actions.exchange import settle_in_other_currency
from goodterms.payments.actions.payment import record
from goodterms.payments.actions.reading import reading
from goodterms.payments.actions.refund import refund

__all__ = ["allocate", "allocate_credit", "deallocate", "reading", "record", "refund", "settle_in_other_currency"]
