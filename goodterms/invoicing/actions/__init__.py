"""The verbs of what is billed: draft, approve, issue, void, credit, charge, write off, hold. Each asks life.py first."""

from goodterms.invoicing.actions.choosing import choose_withholding, withhold_as_agreed
from goodterms.invoicing.actions.correct import Corrected, correct
from goodterms.invoicing.actions.credit_note import Credited, credit, left_of
from goodterms.invoicing.actions.dispatch import post_documents, send_copy, take_back, viewed
from goodterms.invoicing.actions.draft import Written, approve, discard, draft, edit, send_back, written
from goodterms.invoicing.actions.enclosing import enclose, take_out
from goodterms.invoicing.actions.expect import expect, expected_of
from goodterms.invoicing.actions.fee import charge_fee, waive_fee
from goodterms.invoicing.actions.forewarn import ask_first, remind_unanswered, would_surprise
from goodterms.invoicing.actions.hold import hold, release
from goodterms.invoicing.actions.hold_all import hold_all, release_all
from goodterms.invoicing.actions.issue import issue, issue_many
from goodterms.invoicing.actions.later import issue_later, issue_planned
from goodterms.invoicing.actions.letterhead import change_letterhead
from goodterms.invoicing.actions.loss import given_up_of, recover, write_off
from goodterms.invoicing.actions.many import Made, Wanted, draft_many, held_back, issue_new, tell_waiting
from goodterms.invoicing.actions.numbering import number_documents
from goodterms.invoicing.actions.on_account import credit_on_account
from goodterms.invoicing.actions.order import AskedFor, ask_for_order, supply_order
from goodterms.invoicing.actions.papers import make_papers, paper_bytes, proof_bytes, xml_bytes
from goodterms.invoicing.actions.readiness import Readiness, readiness_of
from goodterms.invoicing.actions.series import ensure_series
from goodterms.invoicing.actions.taken_over import Elsewhere, take_over_credits
from goodterms.invoicing.actions.taking_off import Taken, left_of_many, takers_of
from goodterms.invoicing.actions.void import void
from goodterms.invoicing.actions.word import Word, agree, let_lapse, object_to

__all__ = [
    "AskedFor",
    "Corrected",
    "Credited",
    "Elsewhere",
    "Made",
    "Readiness",
    "Taken",
    "Wanted",
    "Word",
    "Written",
    "agree",
    "approve",
    "ask_first",
    "ask_for_order",
    "change_letterhead",
    "charge_fee",
    "choose_withholding",
    "correct",
    "credit",
    "credit_on_account",
    "discard",
    "draft",
    "draft_many",
    "edit",
    "enclose",
    "ensure_series",
    "expect",
    "expected_of",
    "given_up_of",
    "held_back",
    "hold",
    "hold_all",
    "issue",
    "issue_later",
    "issue_many",
    "issue_new",
    "issue_planned",
    "left_of",
    "left_of_many",
    "let_lapse",
    "make_papers",
    "number_documents",
    "object_to",
    "paper_bytes",
    "post_documents",
    "proof_bytes",
    "readiness_of",
    "recover",
    "release",
    "release_all",
    "remind_unanswered",
    "send_back",
    "send_copy",
    "supply_order",
    "take_back",
    "take_out",
    "take_over_credits",
    "takers_of",
    "tell_waiting",
    "viewed",
    "void",
    "waive_fee",
    "withhold_as_agreed",
    "would_surprise",
    "write_off",
    "written",
    "xml_bytes",
]
