"""Decides who may approve a draft: up to their own limit, and never their own work where the vendor wants four eyes."""

from collections.abc import Collection

from goodterms.values.money import Money
from goodterms.values.refusal import Refused

WRITING = ("invoice.drafted", "invoice.edited")  # whoever did one of these wrote it


def may_approve(
    *,
    total: Money,
    by: str,
    written_by: Collection[str],
    up_to: Money | None = None,
    four_eyes: bool = False,
    is_program: bool = False,
) -> None:
    """Refuses, with whom to ask instead. People are known by the name that the log has: two of one name count as one, which
    refuses too much rather than too little. A program has no limit of its own, and is nobody's second pair of eyes."""
    if four_eyes and is_program:
        raise Refused(
            "Two people look at every invoice here, and a program is none of them. Somebody approves it at the desk.",
            code="four_eyes",
        )
    if four_eyes and by in written_by:
        raise Refused("You wrote this invoice, or a part of it, so somebody else approves it.", code="four_eyes")
    if up_to is None:
        return
    if up_to.currency != total.currency:
        raise Refused(
            f"You may approve up to {up_to}, and this invoice is in {total.currency}. Ask somebody without a limit.",
            code="limit",
        )
    if not up_to and total:
        raise Refused("You may write invoices, and somebody else approves them. Ask an owner or an approver.", code="limit")
    if up_to.minor < total.minor:
        raise Refused(f"You may approve up to {up_to}. Ask somebody with a higher limit.", code="limit")
