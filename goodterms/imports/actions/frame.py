"""Decides what every import has around it: who may, the rows and their number, the faults that are told, and the note of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any, BinaryIO, TypeVar

from goodterms.imports.file import Mended, Numbered, as_mended, digest, positions, rows
from goodterms.imports.models import Import
from goodterms.imports.profile import Profile
from goodterms.imports.rules import Bad
from goodterms.imports.rules.sieve import LeftOut
from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.life import Role
from goodterms.parties.models import Vendor
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

BAD_MOST = 1_000


class Shelf:
    """A file that is open: its headings, where its columns are, and its rows, which are counted as they are read."""

    def __init__(self, sha256: bytes, headings: list[str], where: dict[str, int], numbered: Iterator[Numbered]) -> None:
        self.sha256 = sha256
        self.headings = headings
        self.where = where
        self.read = 0
        self._numbered = numbered

    @property
    def rows(self) -> Iterator[Numbered]:
        for self.read, row in enumerate(self._numbered, 1):  # noqa: B020  (the count is the shelf's own)
            yield row

    def sift(self, through: Callable[[Iterator[Numbered]], Iterator[Numbered]]) -> None:
        """Only those rows that come through."""
        self._numbered = through(self._numbered)

    def must_have_rows(self, left: LeftOut | None) -> None:
        if not self.read and not left:
            raise Refused("The file has headings and no rows.", code="file")


class Faults:
    """What is wrong with the rows: all lines are counted, the first thousand reasons are told."""

    def __init__(self) -> None:
        self._lines: set[int] = set()
        self._bad: list[Bad] = []

    def tell(self, found: list[Bad]) -> None:
        self._lines.update(bad.line for bad in found)
        self._bad += found[: max(0, BAD_MOST - len(self._bad))]

    def tell_each(self, found: Iterable[Bad]) -> None:
        for bad in found:
            self.tell([bad])

    def told(self) -> dict[str, Any]:
        return {"bad_count": len(self._lines), "bad": [bad._asdict() for bad in sorted(self._bad)]}


def must_be_theirs(role: Role) -> None:
    if role not in ("owner", "bookkeeper"):
        raise Refused("A book is taken over by the owner or a bookkeeper. Ask one of them.", code="role")


def opened(file: BinaryIO, profile: Profile, mended: Mended | None) -> Shelf:
    """A file from its beginning; refuses what is no table or lacks a column of the profile."""
    sha256 = digest(file)
    headings, numbered = rows(file, profile)
    return Shelf(sha256, headings, positions(headings, profile), as_mended(numbered, mended or {}))


Row = TypeVar("Row")


def checked(
    shelf: Shelf, check: Callable[[int, Sequence[str]], Row | list[Bad]], faults: Faults, left: LeftOut | None = None
) -> list[Row]:  # fmt: skip
    """The rows that are what the file is a book of; the others are told. Refuses a file without rows."""
    found: list[Row] = []
    for line, fields in shelf.rows:
        row = check(line, fields)
        faults.tell(row) if isinstance(row, list) else found.append(row)
    shelf.must_have_rows(left)
    return found


def note(vendor: Vendor, kind: str, name: str, sha256: bytes, answer: dict[str, Any], by: str, now: datetime) -> Import:
    """What was taken over, for the list of imports and the log."""
    source = Import(
        id=new_key(now), vendor=vendor, kind=kind, name=PurePath(name).name[:200], sha256=sha256, rows=answer["rows"],
        added=answer["new"], by=by, at=now,
    )  # fmt: skip
    source.save(force_insert=True)
    counts = {word: answer[word] for word in ("rows", "new", "unchanged")}
    record(at=now, deed=Deed(vendor.id, f"{kind}.imported", by, subject_id=source.id, channel="import", data=counts))
    return source
