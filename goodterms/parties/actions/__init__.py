"""The verbs of parties: vendors and members, customers and contacts, payers' own word, keys."""

from goodterms.parties.actions.customers import add_contact, add_customer, change_preferences, end_contact
from goodterms.parties.actions.keys import add_api_key, key_used, revoke_api_key
from goodterms.parties.actions.payers import change_wishes, resume_reminders, stop_reminders, verify_payer
from goodterms.parties.actions.vendors import add_member, add_vendor, change_vendor, move_clock

__all__ = [
    "add_api_key",
    "add_contact",
    "add_customer",
    "add_member",
    "add_vendor",
    "change_preferences",
    "change_vendor",
    "change_wishes",
    "end_contact",
    "key_used",
    "move_clock",
    "resume_reminders",
    "revoke_api_key",
    "stop_reminders",
    "verify_payer",
]
