"""The verbs of money that came in: record, allocate, take back, refund, settle in another currency,
send a payer to a provider and hear from it, say what was read; what was kept back; and the rates at which money counts."""

from goodterms.payments.actions.allocation import allocate, allocate_credit, deallocate
from goodterms.payments.actions.checkout import Paying, open_checkouts, paying_key
from goodterms.payments.actions.exchange import Exchanged, exchange, settle_in_other_currency
from goodterms.payments.actions.fixing import TypedRate, fix_what_waits, give_rate, give_rate_for, give_rate_in, read_rates
from goodterms.payments.actions.giving_back import give_back, mark_asked, resolve_refund
from goodterms.payments.actions.hearing import hear, look_after, resolve_doubt, work
from goodterms.payments.actions.many import Incoming, record_many
from goodterms.payments.actions.payment import record
from goodterms.payments.actions.reading import reading
from goodterms.payments.actions.refund import refund, refund_credit, refund_freeing
from goodterms.payments.actions.withholding import certify, take_back_withheld, withhold

__all__ = [
    "Exchanged",
    "Incoming",
    "Paying",
    "TypedRate",
    "allocate",
    "allocate_credit",
    "certify",
    "deallocate",
    "exchange",
    "fix_what_waits",
    "give_back",
    "give_rate",
    "give_rate_for",
    "give_rate_in",
    "hear",
    "look_after",
    "mark_asked",
    "open_checkouts",
    "paying_key",
    "read_rates",
    "reading",
    "record",
    "record_many",
    "refund",
    "refund_credit",
    "refund_freeing",
    "resolve_doubt",
    "resolve_refund",
    "settle_in_other_currency",
    "take_back_withheld",
    "withhold",
    "work",
]
