"""`goodterms key`: keys for the API, each for one vendor; the secret is shown once."""

import argparse
from uuid import UUID

from goodterms.cli.viewer import BY, clock_of, on_behalf_of, say_json


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="make a key")
    add.add_argument("name", help="what it is for, such as 'time tracking'")
    add.add_argument("--scope", action="append", required=True, metavar="SCOPE", help="what it may do (more than once)")
    revoke = verbs.add_parser("revoke", help="end a key at once")
    revoke.add_argument("id", type=UUID)
    listing = verbs.add_parser("list", help="list the keys")
    for verb in (add, revoke, listing):
        verb.add_argument("--vendor", metavar="SLUG")
        verb.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    from goodterms.parties.actions import add_api_key, revoke_api_key

    with on_behalf_of(args.vendor) as vendor:
        if args.verb == "add":
            key, secret = add_api_key(vendor_id=vendor.id, name=args.name, scopes=args.scope, by=BY, now=clock_of(vendor))
            answer: dict[str, object] = {"id": str(key.id), "name": key.name, "scopes": key.scopes, "secret": secret}
            says = f"{secret}\nThis is the only time that it is shown. Send it as: Authorization: Bearer KEY"
        elif args.verb == "revoke":
            revoke_api_key(vendor_id=vendor.id, key_id=args.id, by=BY, now=clock_of(vendor))
            answer, says = {"id": str(args.id), "revoked": True}, "Revoked."
        else:
            answer, says = _listed(vendor.id)
    say_json(answer) if args.json else print(says)


def _listed(vendor_id: UUID) -> tuple[dict[str, object], str]:
    from goodterms.parties.models import ApiKey

    rows = list(ApiKey.objects.filter(vendor_id=vendor_id).order_by("created_at").values("id", "name", "scopes", "revoked_at"))
    lines = [f"{row['id']}  {row['name']}  {' '.join(row['scopes'])}{'  revoked' * bool(row['revoked_at'])}" for row in rows]
    return {"keys": rows}, "\n".join(lines) or "No keys yet."
