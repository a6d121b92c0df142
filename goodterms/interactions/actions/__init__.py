"""The verbs of the log: record what was done, seal it, and remember what requests were answered."""

from goodterms.interactions.actions.answers import Answered, claim_answer, forget_answers, keep_answer
from goodterms.interactions.actions.log import Contact, Deed, reach, record, record_all, take_turns, unreach
from goodterms.interactions.actions.seals import seal

__all__ = [
    "Answered",
    "Contact",
    "Deed",
    "claim_answer",
    "forget_answers",
    "keep_answer",
    "reach",
    "record",
    "record_all",
    "seal",
    "take_turns",
    "unreach",
]
