"""The verbs of the log: record what was done, seal it, and remember what requests were answered."""

from goodterms.interactions.actions.answers import Answered, claim_answer, forget_answers, keep_answer
from goodterms.interactions.actions.log import Deed, reach, record, record_all
from goodterms.interactions.actions.seals import seal

__all__ = [
    "Answered",
    "Deed",
    "claim_answer",
    "forget_answers",
    "keep_answer",
    "reach",
    "record",
    "record_all",
    "seal",
]
