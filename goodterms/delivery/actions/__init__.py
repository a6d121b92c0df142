"""The verbs of delivery: post a letter, withdraw it, send what is ready, and clear up after a worker that died."""

from goodterms.delivery.actions.letters import Draft, bytes_of, post, resolve, withdraw
from goodterms.delivery.actions.sending import Sender, Why

__all__ = ["Draft", "Sender", "Why", "bytes_of", "post", "resolve", "withdraw"]
