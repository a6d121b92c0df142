"""The verbs of a relationship: a welcome when it begins, thanks when it pays, and how content they are."""

from goodterms.relationship.actions.thanks import AT_ONCE, answer_feedback, ask, thank
from goodterms.relationship.actions.welcome import Welcomed, send_welcome, welcome_waiting

__all__ = ["AT_ONCE", "Welcomed", "answer_feedback", "ask", "send_welcome", "thank", "welcome_waiting"]
