"""The goodterms command: finds the verb, opens the house, and says no in one sentence."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

from goodterms.values.refusal import Refused

# Each command is a module of this folder with `arguments(parser)` and `run(args) -> int | None`.
COMMANDS = {
    "up": "start web and worker until Ctrl-C",
    "migrate": "bring the database schema up to date",
    "vendor": "add vendors, list them, and say how one works",
    "customer": "list customers, and say how one takes its invoices",
    "import": "take over invoices from a file",
    "invoice": "list, draft and change invoices, enclose files, approve, issue, credit, correct, write as a file, check one",
    "schedule": "bill again and again: begin, preview, change, pause, end, and bill what is due",
    "project": "what is done for customers under one name: note it, see what waits to be billed, and bill it",
    "deposit": "bill a part of an agreed price ahead of the work",
    "progress": "agree what a project costs, and bill parts of it and the rest",
    "retainer": "what customers pay ahead: begin, top up, take work out, end",
    "payment": "record money that came in",
    "credit": "show what is kept for customers, give one a credit, and spend it",
    "rates": "show exchange rates, give one by hand, and show what was gained and lost by them",
    "welcome": "send a new customer the packet about what was agreed",
    "hold": "leave an invoice alone for a while",
    "release": "take up an invoice again that was held by hand",
    "cadence": "show and change the steps of reminders",
    "day": "run what is due on a day, once",
    "rehearse": "show what would go out on the coming days, and what would be held, and why",
    "aging": "show what is open, by age, as of any day",
    "measures": "show how fast we answer, how often we were right, and how content customers are",
    "prove": "recompute the invariants from the books",
    "outbox": "list letters, and resolve doubts about them",
    "member": "let people work for a vendor, and make their links",
    "key": "make and revoke keys for the API",
    "sample": "build the sample business",
    "shell": "open Django's shell as the application's role",
}


def main(argv: Sequence[str] | None = None) -> None:
    """Exit codes: 0 done, 1 refused or failed (a sentence on standard error), 2 usage."""
    sys.exit(run(sys.argv[1:] if argv is None else argv))


def run(argv: Sequence[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodterms.settings")
    args = parse(argv)
    try:
        done = _done(args)
        sys.stdout.flush()  # here, so that a reader who has gone is met here and not at the interpreter's end
        return done
    except Refused as no:
        print(no.sentence, file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped. What was committed stays; run the same command again to go on.", file=sys.stderr)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Only the module of the command that was named is imported: a cold start is mostly imports."""
    top = argparse.ArgumentParser(prog="goodterms", description="Get paid, and stay on good terms.", allow_abbrev=False)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    named = next((word for word in argv if word in COMMANDS), None)
    for word, says in COMMANDS.items():
        parser = commands.add_parser(word, help=says, description=says[0].upper() + says[1:] + ".", allow_abbrev=False)
        if word == named:
            _module(word).arguments(parser)
    return top.parse_args(argv)


def _module(command: str) -> Any:
    return importlib.import_module(f"goodterms.cli.{'imports' if command == 'import' else command}")


def _done(args: argparse.Namespace) -> int:
    """Open the house and do what was asked; the exit code."""
    import django

    django.setup()
    from django.db import OperationalError

    opened = False
    try:
        if args.command not in {"migrate", "up"} and not getattr(args, "without_books", False):
            _ready()
        opened = True
        return int(_module(args.command).run(args) or 0)
    except OperationalError as fault:
        what = "failed on the way; what was committed before stays" if opened else "did not answer, so nothing was done"
        raise Refused(f"The database {what}. It said: {' '.join(str(fault).split())}") from fault


def _ready() -> None:
    """A first start makes the schema; an older one is brought up to date where the server is our own."""
    from django.conf import settings

    from goodterms.database.migrate import migrate, pending

    if not pending():
        return
    if settings.DATABASE_URL and not settings.OWNER_URL:
        raise Refused("The database schema is older than this program. Nothing was done. Run: goodterms migrate")
    migrate()
