"""Keeps a file on its way into the books: how its columns are read and what was mended, until it is taken over or let go."""

from collections.abc import Container
from dataclasses import fields, replace
from datetime import datetime
from io import BytesIO
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from goodterms.imports.actions.credits import import_credits
from goodterms.imports.actions.customers import import_customers
from goodterms.imports.actions.invoices import import_invoices
from goodterms.imports.actions.payments import import_payments
from goodterms.imports.file import Mended, Numbered, as_mended, digest, rows
from goodterms.imports.models import Import, SavedProfile, Upload
from goodterms.imports.profile import NEEDED, NEEDED_OF, Profile
from goodterms.imports.ready import Recognised, recognise
from goodterms.imports.rules import guess as guessing
from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.life import Role
from goodterms.parties.models import Vendor
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

BYTES_MAX = 20 * 1024 * 1024
NAME_MAX = 80


class Sight(NamedTuple):
    """What a file shows of itself: its headings, its first rows, what it holds or why it cannot be taken over yet."""

    headings: list[str]
    first: list[Numbered]
    answer: dict[str, Any] | None
    missing: str  # what has to be said before it can be checked; empty: it was checked


def keep(*, vendor_id: UUID, name: str, content: bytes, by: str, now: datetime, holds: str = "") -> Upload:
    """A file for its first look; `holds` is what it is a book of, where a person said so. An export of a system that is known
    is read as that, any other as its headings sound. Refuses what is no table, is empty or too large."""
    if len(content) > BYTES_MAX:
        raise Refused(f"The file is larger than {BYTES_MAX // 1024 // 1024} MB. Import it with: goodterms import.", code="size")
    digest(BytesIO(content))
    vendor = Vendor.objects.get(id=vendor_id)
    found = recognise(content, holds=holds)
    said = _recognised(found, vendor.currency) if found else _guessed(content, holds or "invoices", vendor.currency)
    upload = Upload(
        id=new_key(now), vendor=vendor, name=name[-200:], content=content, size=len(content), profile=said, by=by, at=now
    )
    upload.save(force_insert=True)
    record(
        at=now, deed=Deed(vendor_id, "import.begun", by, subject_id=upload.id, channel="import", data={"bytes": len(content)})
    )
    return upload


def _recognised(found: Recognised, currency: str) -> dict[str, Any]:
    reasons = dict.fromkeys(found.columns, f"as {found.ready.told.partition(',')[0]} has it")
    return found.said(currency) | {"from": found.ready.told, "reasons": reasons | {"dates": found.dates_reason}}


def _guessed(content: bytes, holds: str, currency: str) -> dict[str, Any]:
    encoding = guessing.encoding(content)
    said: dict[str, Any] = {
        "delimiter": guessing.delimiter(content[:100_000].decode(encoding, "replace")),
        "encoding": encoding,
        "holds": holds,
    }
    headings, numbered = rows(BytesIO(content), _lenient(said))
    found = guessing.guess(headings, [fields for _, fields in islice(numbered, guessing.SAMPLE)], holds)
    asks_terms = holds == "invoices" and "due" not in found.columns
    return said | {
        "columns": found.columns, "dates": list(found.dates), "decimal": found.decimal, "thousands": found.thousands,
        "currency": currency, "terms": "net 30" if asks_terms else "",
        "reasons": found.reasons | {"dates": found.dates_reason},
    }  # fmt: skip


def holds_of(upload: Upload) -> str:
    """What the file is a book of."""
    return str(upload.profile.get("holds", "invoices"))


def _import(upload: Upload, *, by: str, role: Role, now: datetime, dry_run: bool) -> dict[str, Any]:
    verb = _VERBS.get(holds_of(upload), import_invoices)
    answer: dict[str, Any] = verb(
        vendor_id=upload.vendor_id, file=BytesIO(upload.content), name=upload.name, profile=profile_of(upload), by=by,
        role=role, now=now, dry_run=dry_run, mended=mended_of(upload),
    )  # fmt: skip
    return answer


def read_as(*, upload_id: UUID, changes: dict[str, Any]) -> Upload:
    """How its columns and signs are read, from a person; the reasons of what was changed become theirs."""
    upload = _open(upload_id)
    known = {field.name for field in fields(Profile)}
    if unknown := sorted(set(changes) - known):
        raise Refused(f"{unknown[0]!r} is nothing a file is read by.", code="profile", field=unknown[0])
    reasons = {word: why for word, why in upload.profile.get("reasons", {}).items() if word not in changes}
    columns = changes.get("columns")
    if columns is not None:
        was = upload.profile["columns"]
        reasons |= {word: guessing.CHOICE for word, heading in columns.items() if was.get(word) != heading}
    upload.profile = {**upload.profile, **changes, "reasons": reasons}
    upload.save(update_fields=["profile"])
    return upload


def mend(*, upload_id: UUID, line: int, place: int | None, said: str | None) -> Upload:
    """What a person wrote in place of a field of a line, counted from 0; without a place the whole line is left out, or,
    where it was, taken up again."""
    upload = _open(upload_id)
    mended = dict(upload.mended)
    if place is None:
        if mended.get(str(line), {}) is None:
            del mended[str(line)]
        else:
            mended[str(line)] = None
    elif said is not None:
        mended[str(line)] = {**(mended.get(str(line)) or {}), str(place): said[:1_000]}
    upload.mended = mended
    upload.save(update_fields=["mended"])
    return upload


def look(*, upload: Upload, role: Role, now: datetime, first: int) -> Sight:
    """What the file holds as it is read now; nothing is written. `first`: rows to show as they are."""
    said = upload.profile
    headings, numbered = rows(BytesIO(upload.content), _lenient(said))
    shown = list(islice(as_mended(numbered, mended_of(upload)), first))
    missing = _missing(said, headings)
    if missing:
        return Sight(headings, shown, None, missing)
    answer = _import(upload, by=upload.by, role=role, now=now, dry_run=True)
    return Sight(headings, shown, answer, "")


def take_over(*, upload_id: UUID, by: str, role: Role, now: datetime) -> dict[str, Any]:
    """All of the file into the books, or nothing. A second press finds it taken, and does nothing more."""
    upload = Upload.objects.select_for_update().get(id=upload_id)
    if upload.taken_id is not None:
        return {"imported": True, "again": True}
    if missing := _missing(upload.profile, rows(BytesIO(_open(upload_id).content), _lenient(upload.profile))[0]):
        raise Refused(f"{missing} Nothing was imported.", code="profile")
    answer = _import(upload, by=by, role=role, now=now, dry_run=False)
    if not answer["imported"]:
        raise Refused(
            f"{answer['bad_count']} lines stop the file, so nothing was imported. Mend them or leave them out.", code="bad"
        )
    upload.taken = Import.objects.filter(vendor_id=upload.vendor_id).latest("at", "id")
    upload.content, upload.ended_at = b"", now
    upload.save(update_fields=["taken", "content", "ended_at"])
    return answer


def let_go(*, upload_id: UUID, by: str, now: datetime) -> None:
    """The file is not wanted; its bytes go, nothing was in the books."""
    upload = _open(upload_id)
    upload.content, upload.ended_at = b"", now
    upload.save(update_fields=["content", "ended_at"])
    record(at=now, deed=Deed(upload.vendor_id, "import.let_go", by, subject_id=upload.id, channel="import"))


def save_profile(*, upload_id: UUID, name: str, by: str, now: datetime) -> SavedProfile:
    """How this file is read, under a name, for the next file of the same program; in place of what had the name."""
    upload = _open(upload_id)
    if not name.strip() or len(name) > NAME_MAX:
        raise Refused(f"A way of reading needs a name of up to {NAME_MAX} signs.", code="name", field="name")
    data = {key: value for key, value in upload.profile.items() if key not in _ASIDE}
    kept, _ = SavedProfile.objects.update_or_create(
        vendor_id=upload.vendor_id, name=name.strip(), defaults={"data": data, "changed_at": now},
        create_defaults={"id": new_key(now), "data": data, "changed_at": now},
    )  # fmt: skip
    record(
        at=now, deed=Deed(upload.vendor_id, "profile.saved", by, subject_id=kept.id, channel="import", data={"name": kept.name})
    )
    return kept


def use_profile(*, upload_id: UUID, profile_id: UUID) -> Upload:
    """Read the file as an earlier one was."""
    upload = _open(upload_id)
    kept = SavedProfile.objects.filter(vendor_id=upload.vendor_id, id=profile_id).first()
    if kept is None or kept.data.get("holds", "invoices") != holds_of(upload):
        raise Refused("There is no such saved way of reading.", code="not_found", field="profile")
    upload.profile = {**kept.data, "reasons": dict.fromkeys(kept.data["columns"], f"as in “{kept.name}”")}
    upload.save(update_fields=["profile"])
    return upload


def profile_of(upload: Upload) -> Profile:
    """As the import takes it; refuses what cannot be read."""
    given: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in upload.profile.items() if key not in _ASIDE
    }
    return Profile(**given)


def headings_of(upload: Upload) -> list[str]:
    """The headings of the file, as it is cut now."""
    return rows(BytesIO(upload.content), _lenient(upload.profile))[0]


def lines_of(upload: Upload, wanted: Container[int]) -> list[Numbered]:
    """Some lines of the file, as they are written or mended."""
    _, numbered = rows(BytesIO(upload.content), _lenient(upload.profile))
    return [(line, fields) for line, fields in as_mended(numbered, mended_of(upload)) if line in wanted]


def mended_of(upload: Upload) -> Mended:
    return {
        int(line): None if change is None else {int(place): said for place, said in change.items()}
        for line, change in upload.mended.items()
    }


def _open(upload_id: UUID) -> Upload:
    upload = Upload.objects.select_for_update().filter(id=upload_id).first()
    if upload is None:
        raise Refused("There is no such file.", code="not_found", field="upload")
    if upload.ended_at is not None:
        raise Refused("This file was taken over or let go before. Begin with the file again.", code="ended")
    return upload


def _missing(said: dict[str, Any], headings: list[str]) -> str:
    """What must be said by a person before the file can be checked, as a sentence."""
    columns = said["columns"]
    holds = said.get("holds", "invoices")
    lacking = [word for word in NEEDED_OF[holds] if columns.get(word) not in headings]
    if lacking:
        return f"Say which column is the {_SAID[holds, lacking[0]]}."
    if holds in _EITHER and not _EITHER[holds][0] & set(columns):
        return _EITHER[holds][1]
    if holds == "credits" and columns.get("issued") not in headings and not said.get("balances"):
        return "Say which column is the day of issue."
    if holds == "customers":
        return ""
    if unsaid := next((words for name, words in _SIGNS if not said[name]), ""):
        return unsaid
    if holds == "invoices" and "due" not in columns and "terms" not in columns and not said.get("terms"):
        return "Say which column has the due date, or the terms that hold for all lines."
    return ""


_SIGNS = (
    ("dates", "Say how dates are written: no line decides whether the day or the month comes first."),
    ("decimal", "Say how amounts are written: a lone point or comma could be either in all lines."),
)
_EITHER = {
    "credits": (
        {"customer", "invoice"},
        "Say which column is the invoice that each corrects, or the customer whose credit it is.",
    ),
    "payments": ({"customer", "invoices"}, "Say which column is the customer, or which has the invoices that were paid."),
}
_VERBS: dict[str, Any] = {"credits": import_credits, "customers": import_customers, "payments": import_payments}
_ASIDE = ("reasons", "from")  # what the page tells of a profile, and no profile has
_SAID = {
    ("invoices", "number"): "invoice number",
    ("invoices", "customer"): "customer",
    ("invoices", "issued"): "day of issue",
    ("invoices", "amount"): "amount",
    ("credits", "number"): "credit note’s number",
    ("credits", "amount"): "amount",
    ("customers", "number"): "customer’s number or name",
    ("payments", "received"): "day on which it was received",
    ("payments", "amount"): "amount",
}


def _lenient(said: dict[str, Any]) -> Profile:
    """A profile that cuts the file into rows, whatever is not yet known of its columns."""
    plain = Profile(columns=dict.fromkeys(NEEDED, "?"), currency="EUR", terms="net 30")
    line, report = said.get("heading_line", 1), bool(said.get("report"))
    return replace(plain, delimiter=said["delimiter"], encoding=said["encoding"], heading_line=line, report=report)
