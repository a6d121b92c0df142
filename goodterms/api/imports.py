"""Decides how programs take a book over from elsewhere: looked at first, then taken once and whole, or not at all."""

from io import BytesIO
from typing import Annotated, Any, Literal

from ninja import Router
from pydantic import Field, StringConstraints

from goodterms.api.door import Request, operation
from goodterms.api.invoices import said_by
from goodterms.api.shapes import Content, Day, In, Name, Out, Yes, decoded
from goodterms.imports import actions
from goodterms.imports.actions.electronic import import_electronic
from goodterms.imports.profile import Profile, read_profile
from goodterms.imports.ready import ready_profile
from goodterms.values.refusal import Refused

router = Router()


class TableIn(In):
    """A table as CSV, and how it is read: an export of a system that is known, or a profile of one's own."""

    name: Annotated[Name, Field(description="The file's, for the log.")] = "import.csv"
    content: Content
    system: Annotated[Literal["quickbooks", "xero", "stripe"] | None, Field(description="Whose export it is.")] = None
    dates: Annotated[Name, Field(description="day/month/year or month/day/year, where an export does not tell.")] = ""
    profile: Annotated[str, StringConstraints(max_length=20_000), Field(description="TOML, as docs/import.md says.")] = ""
    dry_run: Annotated[Yes, Field(description="Only what it holds: nothing is written.")] = False


class BookIn(TableIn):
    until: Annotated[Day | None, Field(description="Take only what was known at the end of that day.")] = None


class ElectronicIn(In):
    """Invoices of the vendor's own: UBL, CII, or PDFs with one inside."""

    files: Annotated[list["ElectronicFile"], Field(min_length=1, max_length=100)]
    dry_run: Annotated[Yes, Field(description="Only what they hold: nothing is written.")] = False


class ElectronicFile(In):
    name: Name
    content: Content


class FaultOut(Out):
    """What has to be mended first, and where: a line and column of a table, or a file and term of an electronic invoice."""

    line: int | None = None
    column: str | None = None
    file: str | None = None
    term: str | None = None
    reason: str


class LeftOutOut(Out):
    """A line that is not taken over, its document, and why."""

    line: int
    number: str
    reason: str


class ImportedOut(Out):
    """What was found, and whether it was taken over: never where anything is `bad`. `counts`: what the file holds besides, by
    word; `totals`: its sums in minor units, by currency."""

    imported: bool
    dry_run: bool
    bad_count: int
    bad: list[FaultOut]
    counts: dict[str, int]
    totals: list[dict[str, str | int]]
    credits: list[dict[str, str | int]] = []
    left_out_lines: list[LeftOutOut] = []


@operation(router, "POST", "/customers/", "customers:write", ImportedOut)
def import_customers(request: Request, asked: TableIn) -> Any:
    """Take over customers, who pays there, and their terms; those that are known are left as they are."""
    return _told(actions.import_customers(**_table(request, asked, "customers")))


@operation(router, "POST", "/invoices/", "invoices:write", ImportedOut)
def import_invoices(request: Request, asked: BookIn) -> Any:
    """Take over invoices with their customers, what was paid on them, and credit notes that name none."""
    return _told(actions.import_invoices(until=asked.until, **_table(request, asked, "invoices")))


@operation(router, "POST", "/credits/", "invoices:write", ImportedOut)
def import_credits(request: Request, asked: TableIn) -> Any:
    """Take over credit notes, each on the invoice that it corrects or for the customer whose credit it is."""
    return _told(actions.import_credits(**_table(request, asked, "credits")))


@operation(router, "POST", "/payments/", "payments:write", ImportedOut)
def import_payments(request: Request, asked: TableIn) -> Any:
    """Take over payments on the invoices that they name; what those do not take is kept for the customer."""
    return _told(actions.import_payments(**_table(request, asked, "payments")))


@operation(router, "POST", "/electronic/", "invoices:write", ImportedOut)
def import_files(request: Request, asked: ElectronicIn) -> Any:
    """Take over electronic invoices, each with all that it says."""
    files = [(one.name, decoded(one.content)) for one in asked.files]
    who = {"vendor_id": request.auth.vendor.id, **said_by(request)}
    return _told(import_electronic(files=files, dry_run=asked.dry_run, **who))


def _table(request: Request, asked: TableIn, holds: str) -> dict[str, Any]:
    vendor, file = request.auth.vendor, BytesIO(decoded(asked.content))
    profile = _profile(file, asked, holds, vendor.currency)
    who = {"vendor_id": vendor.id, **said_by(request)}
    return {"file": file, "name": asked.name, "profile": profile, "dry_run": asked.dry_run, **who}


def _profile(file: BytesIO, asked: TableIn, holds: str, currency: str) -> Profile:
    if bool(asked.system) == bool(asked.profile):
        raise Refused("Say whose export it is, or how its columns are read: one of both.", code="profile", field="profile")
    if asked.system:
        return ready_profile(file, system=asked.system, holds=holds, currency=currency, dates=asked.dates)
    if asked.dates:
        raise Refused("A profile says itself how dates are written; dates go with system.", code="profile", field="dates")
    return read_profile(asked.profile, holds)


def _told(answer: dict[str, Any]) -> dict[str, Any]:
    own = {"imported", "dry_run", "bad_count"}
    counts = {word: said for word, said in answer.items() if isinstance(said, int) and word not in own}
    return {**answer, "credits": answer.get("credits", []), "counts": counts}
