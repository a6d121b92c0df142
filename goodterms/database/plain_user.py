"""Decides as which user the embedded server runs: ourselves, or, since PostgreSQL refuses root, somebody plain."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from goodterms.database.folder import CannotStart, give

# PostgreSQL sees number 65534 and the files stay root's: no account is made, nothing changes hands.
_NAMESPACE = ("unshare", "--user", "--map-user=65534", "--map-group=65534")


class As(TypedDict, total=False):
    """What subprocess needs to know to run as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class PlainUser:
    """How to run PostgreSQL's programs."""

    prefix: tuple[str, ...] = ()
    options: As | None = None


def plain_user(home: Path, postgres: Path) -> PlainUser:
    """A user who can run `postgres` and write in `home`, which root hands over if it must. Raises CannotStart."""
    if os.geteuid():
        return PlainUser()
    if _can(PlainUser(_NAMESPACE), home, postgres):
        return PlainUser(_NAMESPACE)
    for account in _accounts(home):
        candidate = PlainUser(options={"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []})
        if _can(candidate, home.parent, postgres, write=False):
            give(home, account.pw_uid, account.pw_gid)
            return candidate
    raise CannotStart(
        f"PostgreSQL does not run as root, and here no other account can reach both {home} and {postgres.parent}. "
        "Run Goodterms as an ordinary user, or set DATABASE_URL to a server of your own."
    )


def _can(who: PlainUser, folder: Path, postgres: Path, *, write: bool = True) -> bool:
    test = f'test {"-w" if write else "-x"} "$0" && exec "$1" --version'
    try:
        return not subprocess.run(
            [*who.prefix, "/bin/sh", "-c", test, folder, postgres],
            capture_output=True,
            check=False,
            **(who.options or {}),
        ).returncode
    except OSError:
        return False


def _accounts(home: Path) -> list[pwd.struct_passwd]:
    """Who might do: the owner of the folder, PostgreSQL's own account, nobody."""
    owner, names = home.stat().st_uid, ("postgres", "nobody")
    everybody = [account for account in pwd.getpwall() if account.pw_uid]
    return [a for a in everybody if a.pw_uid == owner] + [a for name in names for a in everybody if a.pw_name == name]
