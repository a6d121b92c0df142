"""Decides what carries the letters of a channel: a mail server, or a folder where one can look whether a letter lies there."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

from django.conf import settings

from goodterms.delivery.channels.commit import Committer
from goodterms.delivery.channels.outbox import Press, file_of, put_all
from goodterms.delivery.channels.smtp import Relay, send_all
from goodterms.delivery.channels.supply import Letters
from goodterms.delivery.rules import Verdict

LANES = 4


class Carry(Protocol):
    """Carries each letter, asks the committer for its mark, and settles each."""

    async def __call__(self, letters: Letters, committer: Committer) -> Counter[Verdict]: ...


class Carrier(NamedTuple):
    """How letters of a channel leave, and how many at once."""

    channel: str  # email, post
    carry: Carry
    server: str  # noted on each letter with its mark
    lanes: int = 1
    holds: Callable[[str], bool] | None = None  # whether the letter with this Message-ID lies there, where one can look


def mail(is_sandbox: bool = False, lanes: int = LANES) -> Carrier:
    """The mail server that is set, else the outbox folder; a sandbox never writes to anybody."""
    if settings.SMTP_URL and not is_sandbox:
        return by_smtp(Relay.from_url(settings.SMTP_URL), lanes=lanes)
    return into_folder("email", settings.HOME / "outbox", ".eml")


def printer(press: Press) -> Carrier:
    """The folder of pages to print, one file a letter, as the press sets them."""
    return into_folder("post", settings.HOME / "print", ".pdf", press)


def by_smtp(relay: Relay, *, lanes: int = LANES) -> Carrier:
    """E-mail by a mail server; the number of lanes is also the number of letters that a kill can leave in doubt."""

    async def carry(letters: Letters, committer: Committer) -> Counter[Verdict]:
        return await send_all(letters, relay, committer, lanes=lanes)

    return Carrier("email", carry, relay.host, lanes)


def into_folder(channel: str, folder: Path, ending: str, press: Press = bytes) -> Carrier:
    """One file a letter, such as `outbox/….eml` or, for the printer, `print/….pdf`."""

    async def carry(letters: Letters, committer: Committer) -> Counter[Verdict]:
        return await put_all(letters, folder, committer, ending, press)

    return Carrier(channel, carry, folder.name, holds=partial(_lies_in, folder, ending))


def _lies_in(folder: Path, ending: str, message_id: str) -> bool:
    return file_of(folder, message_id, ending).is_file()
