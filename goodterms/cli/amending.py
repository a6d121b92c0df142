"""Decides how an operator moves an invoice on or puts it right: approved, issued, credited, corrected, void, given up."""

from __future__ import annotations

import argparse
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from goodterms.cli.rates import rate_arguments
from goodterms.cli.viewer import BY, a_date, a_decimal, clock_of, exactly, on_behalf_of, say_json
from goodterms.values.days import day_in
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.invoicing.models import Invoice
    from goodterms.values.money import Money

HELP = {
    "approve": "approve a draft",
    "withholding": "say what is kept back of this draft for the tax office, whatever its customer's terms say",
    "send-back": "an approved one is a draft again, to be changed",
    "issue": "issue an approved one, and send it as its customer prefers",
    "later": "have an approved one issued by itself on a day to come",
    "credit": "write a credit note: over an amount, lines, tax rates, or all that is left",
    "correct": "credit all that is left, and draft it anew with the same lines",
    "void": "take one out of the books that nobody saw, or discard a draft",
    "write-off": "give up what is open, or a part of it",
    "recover": "what was given up is owed again",
}
VERBS = tuple(HELP)


def arguments(verbs: Any) -> list[argparse.ArgumentParser]:
    """A parser for each verb."""
    found = {}
    for verb, words in HELP.items():
        found[verb] = parser = verbs.add_parser(verb, help=words)
        parser.add_argument("number", metavar="NUMBER_OR_ID", help="its number, or its id while it has none")
        if verb in ("send-back", "credit", "correct", "void", "write-off"):
            parser.add_argument("--reason", required=True, help="why, in a sentence; it is kept")
        if verb in ("credit", "write-off", "recover"):
            parser.add_argument("--amount", type=a_decimal, metavar="AMOUNT", help="such as 1250.50 (default: all of it)")
        if verb == "later":
            parser.add_argument("--on", type=a_date, metavar="DATE", help="that day (default: none any more)")
        elif verb not in ("approve", "send-back", "withholding"):
            parser.add_argument("--on", type=a_date, metavar="DATE", help="the day of it in the books (default: today)")
        if verb in ("issue", "credit", "correct"):
            parser.add_argument("--unsent", action="store_true", help="do not send the document")
    found["issue"].add_argument(
        "--despite", default="", metavar="REASON", help="why it is issued without its customer's word, where it waits for that"
    )
    rate_arguments(found["issue"])
    kept = found["withholding"].add_mutually_exclusive_group(required=True)
    kept.add_argument("--percent", type=a_decimal, help="so much of the sum before tax; 0: nothing of this one")
    kept.add_argument("--as-agreed", action="store_true", help="as its customer's terms say, after all")
    found["withholding"].add_argument("--name", default="Withholding tax", help="of the tax, such as IRPF")
    found["credit"].add_argument(
        "--line", action="append", default=[], metavar="N[=AMOUNT]", help="this line, or so much of it before tax"
    )
    found["credit"].add_argument(
        "--rate", action="append", default=[], metavar="CATEGORY:PERCENT[=AMOUNT]", help="this tax rate, such as S:20=50.00"
    )
    return list(found.values())


def run(args: argparse.Namespace) -> None:
    from goodterms.cli.finding import invoice_meant

    with on_behalf_of(args.vendor) as vendor:
        now = clock_of(vendor)
        found = invoice_meant(vendor, args.number)
        who = {"invoice_id": found.id, "by": BY, "role": "owner", "now": now}
        answer = _do(args, found, day_in(vendor.timezone, now), who)
    if args.json:
        say_json(answer)
    else:
        said = "wait" if answer.get("waits_for_word") else "never" if answer.get("issues_on", found) is None else args.verb
        print(_SAID[said].format(**answer))


def _do(args: argparse.Namespace, found: Invoice, today: date, who: dict[str, Any]) -> dict[str, Any]:
    from goodterms.invoicing import actions

    name, on = found.number or str(found.id), getattr(args, "on", None) or today
    answer: dict[str, Any] = {"id": found.id, "invoice": name}
    match args.verb:
        case "approve" | "send-back" | "later" | "withholding":
            answer |= _prepared(args, today, who)
        case "issue":
            _keep_rate(args, found, on, who)
            issued = actions.issue(issued_on=on, send=not args.unsent, despite=args.despite, **who)
            answer |= {"invoice": issued.number or name, "waits_for_word": not issued.number}
        case "void" if found.issued_on is None:
            actions.discard(reason=args.reason, **who)
        case "void":
            actions.void(reason=args.reason, on=on, **who)
        case _:
            answer |= _put_right(args, found, on, who)
    return answer | _stands(found)


def _put_right(args: argparse.Namespace, found: Invoice, on: date, who: dict[str, Any]) -> dict[str, Any]:
    from goodterms.invoicing import actions
    from goodterms.values.money import Money

    match args.verb:
        case "credit":
            note = actions.credit(reason=args.reason, issued_on=on, send=not args.unsent, **_how_much(args, found), **who).note
            return _note(note)
        case "correct":
            done = actions.correct(reason=args.reason, issued_on=on, send=not args.unsent, **who)
            return _note(done.credited.note) | {"draft": done.draft.id}
        case "write-off":
            given_up = actions.write_off(reason=args.reason, on=on, amount=_money(args.amount, found), **who)
            return {"minor": given_up.minor, "currency": found.currency}
        case _:
            amount = _money(args.amount, found) or Money(actions.given_up_of(found.id), found.currency)
            actions.recover(amount=amount, on=on, **who)
            return {"minor": amount.minor, "currency": found.currency}


def _chosen(args: argparse.Namespace, who: dict[str, Any]) -> dict[str, str] | str | None:
    """What is kept back of it then, or that its terms decide."""
    from goodterms.invoicing import actions, chosen
    from goodterms.terms.rules import Withholding

    if args.as_agreed:
        actions.withhold_as_agreed(**who)
        return "as agreed"
    kept = Withholding(args.name, args.percent) if args.percent else None
    said: dict[str, str] | None = actions.choose_withholding(withholding=kept, **who).document[chosen.KEY]
    return said


def _prepared(args: argparse.Namespace, today: date, who: dict[str, Any]) -> dict[str, Any]:
    """What moves an invoice on before it counts."""
    from goodterms.invoicing import actions

    if args.verb == "approve":
        actions.approve(**who)
    elif args.verb == "send-back":
        actions.send_back(reason=args.reason, **who)
    elif args.verb == "withholding":
        return {"withholding": _chosen(args, who)}
    else:
        return {"issues_on": actions.issue_later(on=args.on, today=today, **who).issues_on}
    return {}


def _keep_rate(args: argparse.Namespace, found: Invoice, on: date, who: dict[str, Any]) -> None:
    from goodterms.payments.actions import TypedRate, give_rate_for

    if args.rate is not None:
        typed = TypedRate(args.rate, args.rate_source, args.rate_on)
        give_rate_for(invoice_id=found.id, typed=typed, on=on, by=who["by"], now=who["now"])


def _note(note: Invoice) -> dict[str, Any]:
    return {"credit_note": note.number, "total_minor": note.total_minor, "currency": note.currency}


def _stands(found: Invoice) -> dict[str, Any]:
    found.refresh_from_db()
    return {"open_minor": found.open_minor}


def _how_much(args: argparse.Namespace, found: Invoice) -> dict[str, Any]:
    """What was said to be credited; the action says what does not go together."""
    lines = {_whole(at): _part(sum_, found) for at, _, sum_ in (said.partition("=") for said in args.line)}
    rates = {rate_said(at): _part(sum_, found) for at, _, sum_ in (said.partition("=") for said in args.rate)}
    return {"amount": _money(args.amount, found), "lines": lines or None, "rates": rates or None}


def _money(major: Decimal | None, found: Invoice) -> Money | None:
    return None if major is None else exactly(major, found.currency)


def _part(written: str, found: Invoice) -> Money | None:
    try:
        return _money(a_decimal(written) if written else None, found)
    except argparse.ArgumentTypeError as odd:
        raise Refused(f"{odd}. Nothing was done.") from odd


def _whole(written: str) -> int:
    if not (written.isascii() and written.isdigit() and len(written) < 7):
        raise Refused(f"{written[:20]!r} is no line; write it like 2, or 2=50.00. Nothing was done.")
    return int(written)


def rate_said(written: str) -> tuple[str, Decimal]:
    """`S:20`"""
    category, _, percent = written.partition(":")
    try:
        return category, a_decimal(percent)
    except argparse.ArgumentTypeError as odd:
        raise Refused(f"{written[:20]!r} is no tax rate; write it like S:20, or S:20=50.00. Nothing was done.") from odd


_SAID = {
    "approve": "{invoice} is approved. It can be issued.",
    "withholding": "What is kept back of {invoice} for the tax office is as said.",
    "send-back": "{invoice} is a draft again, to be changed.",
    "issue": "{invoice} is issued.",
    "wait": "{invoice} is more than its customer expects, so it waits for their word and is not issued yet.",
    "later": "{invoice} is issued by itself on {issues_on}.",
    "never": "{invoice} is issued on no day by itself.",
    "credit": "Credit note {credit_note} over {invoice} is written.",
    "correct": "Credit note {credit_note} over {invoice} is written, and the draft {draft} stands in for it.",
    "void": "{invoice} is void.",
    "write-off": "What was open of {invoice} is given up as said.",
    "recover": "What was given up of {invoice} is owed again as said.",
}
