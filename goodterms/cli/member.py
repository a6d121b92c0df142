"""`goodterms member`: who works for a vendor; the links by which somebody begins, or begins anew when all is lost."""

from __future__ import annotations

import argparse
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from goodterms.cli.viewer import BY, a_decimal, amount, clock, exactly, on_behalf_of, say_json
from goodterms.values.refusal import Refused

if TYPE_CHECKING:
    from goodterms.parties.directory import Listed
    from goodterms.parties.models import Member

Answer = tuple[dict[str, object], str]  # for programs, and for people


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="let somebody work for a vendor, and print the link for the first password")
    add.add_argument("--name", required=True)
    change = verbs.add_parser(
        "change", help="another role, or another sum up to which somebody approves; what is left out stays"
    )
    for verb in (add, change):
        verb.add_argument("--role", required=verb is add, help="owner, bookkeeper, approver, receivables manager or reader")
        verb.add_argument(
            "--approves-up-to",
            type=_sum_or_any,
            metavar="AMOUNT",
            help="such as 5000, with tax; or: any",
            default=None if verb is add else argparse.SUPPRESS,
        )
    link = verbs.add_parser("link", help="print a new link, for somebody who lost link or password; a second factor stays")
    reset = verbs.add_parser("reset", help="take away password, second factors and sessions, and print a link to begin anew")
    for verb in (add, change, link, reset):
        verb.add_argument("--email", required=True)
    listing = verbs.add_parser("list", help="list who works for a vendor")
    for verb in (add, change, link, reset, listing):
        verb.add_argument("--vendor", metavar="SLUG")
        verb.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    with on_behalf_of(args.vendor) as vendor:
        told = {"list": _listed, "reset": _reset, "change": _changed}.get(args.verb, _linked)
        answer, says = told(args, vendor)
    say_json(answer) if args.json else print(says)


def _sum_or_any(written: str) -> Decimal | None:
    return None if written == "any" else a_decimal(written)


def _limit(args: argparse.Namespace, vendor: Listed) -> int | None:
    """In minor units; none: any sum."""
    return None if args.approves_up_to is None else exactly(args.approves_up_to, vendor.currency).minor


def _changed(args: argparse.Namespace, vendor: Listed) -> Answer:
    from goodterms.parties.actions import change_member

    member = _met(args.email, vendor.id)
    assert member is not None
    limit = _limit(args, vendor) if "approves_up_to" in args else member.approves_up_to_minor
    changed = change_member(
        vendor_id=vendor.id, member_id=member.id, role=args.role or member.role, approves_up_to_minor=limit, now=clock(), by=BY
    )
    row = _row(changed, vendor)
    return row, _said(row, vendor)


def _linked(args: argparse.Namespace, vendor: Listed) -> Answer:
    from goodterms.parties.actions import invite

    member = _met(args.email, vendor.id, must_be=args.verb == "link")
    if args.verb == "add" and member is not None:
        raise Refused(f"{member.person.email} works here already. For a new link: goodterms member link", field="email")
    name, role = (member.person.name, member.role) if member else (args.name, args.role)
    member, secret = invite(
        vendor_id=vendor.id, email=args.email, name=name, role=role, now=clock(), by=BY, by_operator=True,
        approves_up_to_minor=member.approves_up_to_minor if member else _limit(args, vendor),
    )  # fmt: skip
    return _handed_over(member, str(secret))


def _reset(args: argparse.Namespace, vendor: Listed) -> Answer:
    from goodterms.parties.actions import reset_member

    member = _met(args.email, vendor.id)
    assert member is not None
    answer, says = _handed_over(*reset_member(vendor_id=vendor.id, member_id=member.id, asked_by=None, now=clock(), by=BY))
    return answer, f"Password, passkeys, codes and sessions of {member.person.name} are taken away.\n{says}"


def _met(email: str, vendor_id: UUID, must_be: bool = True) -> Member | None:
    from goodterms.parties.models import Member
    from goodterms.parties.rules import checked_address

    known = Member.objects.filter(vendor_id=vendor_id, person__email=checked_address(email), ended_at=None)
    member = known.select_related("person").first()
    if member is None and must_be:
        raise Refused(f"{email} does not work here. Let them: goodterms member add", field="email")
    return member


def _handed_over(member: Member, secret: str) -> Answer:
    from django.conf import settings

    link, name = f"{settings.BASE_URL}/account/invitation/{secret}/", member.person.name
    answer: dict[str, object] = {"id": str(member.id), "email": member.person.email, "role": member.role, "link": link}
    return answer, f"{link}\nThis is the only time that it is shown. It opens once, within seven days; hand it to {name} alone."


def _listed(_args: argparse.Namespace, vendor: Listed) -> Answer:
    from goodterms.parties.models import Member

    working = Member.objects.filter(vendor_id=vendor.id, ended_at=None).select_related("person").order_by("since_at", "id")
    rows = [_row(one, vendor) for one in working]
    lines = [_said(row, vendor) for row in rows]
    return {"members": rows}, "\n".join(lines) or "Nobody works here yet."


def _row(member: Member, vendor: Listed) -> dict[str, object]:
    limit = {"approves_up_to_minor": member.approves_up_to_minor, "currency": vendor.currency}
    return {"email": member.person.email, "name": member.person.name, "role": member.role, **limit}


def _said(row: dict[str, object], vendor: Listed) -> str:
    limit = row["approves_up_to_minor"]
    up_to = f", approves up to {amount(limit, vendor.currency)}" if isinstance(limit, int) else ""
    return f"{row['email']:<36} {row['role']:<20} {row['name']}{up_to}"
