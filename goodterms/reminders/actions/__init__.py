"""The verbs of reminders: claim what the rules decided, take it back, keep a person's word about a message, cadences, words."""

from goodterms.reminders.actions.messages import edit_message, hold_message, release_message
from goodterms.reminders.actions.notices import Claimed, change_cadence, nominate, still_due, withdraw

__all__ = [
    "Claimed",
    "change_cadence",
    "edit_message",
    "hold_message",
    "nominate",
    "release_message",
    "still_due",
    "withdraw",
]
