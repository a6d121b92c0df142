"""The verbs of access: come in by a link or by figures, ask for either, end sessions, and say that it is somebody else."""

from goodterms.access.actions.codes import ask_for_code, open_by_code
from goodterms.access.actions.links import ask_for_link, not_me, open_by_link
from goodterms.access.actions.sessions import Opened, end_all, end_session

__all__ = ["Opened", "ask_for_code", "ask_for_link", "end_all", "end_session", "not_me", "open_by_code", "open_by_link"]
