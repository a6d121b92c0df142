"""The verbs of delivery: post a letter, withdraw it, send what is ready, and clear up after a worker that died."""

from goodterms.delivery.actions.doubts import close_doubts, resolve, resolve_found
from goodterms.delivery.actions.letters import Draft, bytes_of, post, withdraw
from goodterms.delivery.actions.owners import tell_owners
from goodterms.delivery.actions.sending import Sender, Why
from goodterms.delivery.actions.words import word, word_as_the_house

__all__ = [
    "Draft", "Sender", "Why", "bytes_of", "close_doubts", "post", "resolve", "resolve_found", "tell_owners", "withdraw", "word",
    "word_as_the_house",
]  # fmt: skip
