"""The verbs of parties: vendors and their bank, members and invitations, customers and contacts, payers' own word, keys."""

from goodterms.parties.actions.attempts import turn_away
from goodterms.parties.actions.bank import ask_bank_change, confirm_bank_change, stop_bank_change, use_bank
from goodterms.parties.actions.customers import (
    add_contact,
    add_customer,
    change_contact,
    change_customer,
    change_preferences,
    end_contact,
)
from goodterms.parties.actions.introductions import (
    add_introduced,
    decline_introduction,
    introduce,
    withdraw_introduction,
)
from goodterms.parties.actions.invitations import accept_invitation, invite, refuse_used_up
from goodterms.parties.actions.keys import add_api_key, key_used, revoke_api_key
from goodterms.parties.actions.members import add_member, change_member, end_member, record_at_workplaces, set_single_keys
from goodterms.parties.actions.notes import note_customer
from goodterms.parties.actions.payers import change_wishes, resume_reminders, stop_reminders, verify_payer
from goodterms.parties.actions.resets import reset_member
from goodterms.parties.actions.vendors import add_vendor, change_vendor, move_clock
from goodterms.parties.actions.views import forget_view, save_view

__all__ = [
    "accept_invitation",
    "add_api_key",
    "add_contact",
    "add_customer",
    "add_introduced",
    "add_member",
    "add_vendor",
    "ask_bank_change",
    "change_contact",
    "change_customer",
    "change_member",
    "change_preferences",
    "change_vendor",
    "change_wishes",
    "confirm_bank_change",
    "decline_introduction",
    "end_contact",
    "end_member",
    "forget_view",
    "introduce",
    "invite",
    "key_used",
    "move_clock",
    "note_customer",
    "record_at_workplaces",
    "refuse_used_up",
    "reset_member",
    "resume_reminders",
    "revoke_api_key",
    "save_view",
    "set_single_keys",
    "stop_bank_change",
    "stop_reminders",
    "turn_away",
    "use_bank",
    "verify_payer",
    "withdraw_introduction",
]
