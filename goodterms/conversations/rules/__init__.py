"""Decides about words between us and them: whose clock runs, what a reason means, who gets time, whether a word was kept."""

from goodterms.conversations.rules.extensions import Verdict, grant
from goodterms.conversations.rules.files import AT_MOST, SIZE_MAX, Checked, File, check_count, check_file, check_size
from goodterms.conversations.rules.hours import Hours, answer_due_at, business_minutes, settle_due_at
from goodterms.conversations.rules.parts import check_parts
from goodterms.conversations.rules.promises import (
    CLEARING_DAYS,
    Judgement,
    Word,
    check_changes,
    check_promise,
    expected_on,
    held_until,
    judge,
    pauses,
    settles_by,
)
from goodterms.conversations.rules.reasons import (
    ACTIONS,
    REASONS,
    RESOLUTIONS,
    check_dispute,
    check_resolution,
    check_right_person,
    is_about_content,
    say,
)

__all__ = [
    "ACTIONS",
    "AT_MOST",
    "CLEARING_DAYS",
    "REASONS",
    "RESOLUTIONS",
    "SIZE_MAX",
    "Checked",
    "File",
    "Hours",
    "Judgement",
    "Verdict",
    "Word",
    "answer_due_at",
    "business_minutes",
    "check_changes",
    "check_count",
    "check_dispute",
    "check_file",
    "check_parts",
    "check_promise",
    "check_resolution",
    "check_right_person",
    "check_size",
    "expected_on",
    "grant",
    "held_until",
    "is_about_content",
    "judge",
    "pauses",
    "say",
    "settle_due_at",
    "settles_by",
]
