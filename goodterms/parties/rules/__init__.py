"""Decides who is who: which address is whose, which tax id can be true, how a payer is treated, and who may see what."""

from goodterms.parties.rules.bank import ASK_BANK, CONFIRM_BANK, WAIT, checked_bank, may_ask, may_confirm, spelled, used_from
from goodterms.parties.rules.names import checked_address, fold, payer_key, shown_address
from goodterms.parties.rules.programs import FOR_PROGRAMS, FORMATS, checked_for_programs, checked_wants
from goodterms.parties.rules.tax import checked_tax_id, vat_id
from goodterms.parties.rules.treatment import (
    HOURS,
    LIMITS,
    WEEKEND,
    Treatment,
    Wishes,
    checked_wishes,
    is_within,
    said,
    treatment,
)
from goodterms.parties.rules.viewer import ROLES, SCOPES, Viewer, checked_scopes, key_hash

__all__ = [
    "ASK_BANK",
    "CONFIRM_BANK",
    "FORMATS",
    "FOR_PROGRAMS",
    "HOURS",
    "LIMITS",
    "ROLES",
    "SCOPES",
    "WAIT",
    "WEEKEND",
    "Treatment",
    "Viewer",
    "Wishes",
    "checked_address",
    "checked_bank",
    "checked_for_programs",
    "checked_scopes",
    "checked_tax_id",
    "checked_wants",
    "checked_wishes",
    "fold",
    "is_within",
    "key_hash",
    "may_ask",
    "may_confirm",
    "payer_key",
    "said",
    "shown_address",
    "spelled",
    "treatment",
    "used_from",
    "vat_id",
]
