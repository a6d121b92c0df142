"""Decides who should hear from us today, in which step and on which channel, and every reason against it."""

from goodterms.reminders.rules.bundle import Nomination, Notice, bundle, wording_kind
from goodterms.reminders.rules.cadence import STEADY, Cadence, Step, carrying, next_step
from goodterms.reminders.rules.courtesy import (
    CONTACT_LIMITS,
    HOURS,
    WORDS,
    invoice_reasons,
    payer_reasons,
    reasons_against,
)
from goodterms.reminders.rules.facts import Channel, Facts, Moment, PayerFacts, VendorFacts
from goodterms.reminders.rules.forward import Decision, Item, Verdict, decide, forward, items
from goodterms.reminders.rules.own_words import LONGEST, Foreword, checked_words

__all__ = [
    "CONTACT_LIMITS",
    "HOURS",
    "LONGEST",
    "STEADY",
    "WORDS",
    "Cadence",
    "Channel",
    "Decision",
    "Facts",
    "Foreword",
    "Item",
    "Moment",
    "Nomination",
    "Notice",
    "PayerFacts",
    "Step",
    "VendorFacts",
    "Verdict",
    "bundle",
    "carrying",
    "checked_words",
    "decide",
    "forward",
    "invoice_reasons",
    "items",
    "next_step",
    "payer_reasons",
    "reasons_against",
    "wording_kind",
]
