"""A vendor, files and profiles for the stories of taking over a book."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from goodterms.imports.actions import import_invoices
from goodterms.imports.profile import Profile
from goodterms.parties.actions import add_vendor
from goodterms.parties.models import Vendor

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[3] / "examples"
HEADINGS = ("No", "Client", "Name", "Email", "Raised", "Due", "Amount", "Cur", "Paid", "Query", "Paper until", "What")
PROFILE = Profile(
    columns={
        "number": "No", "customer": "Client", "name": "Name", "email": "Email", "issued": "Raised", "due": "Due",
        "amount": "Amount", "currency": "Cur", "settled": "Paid", "disputed": "Query", "paperless": "Paper until",
        "work": "What",
    },
    dates=("day/month/year",),
    thousands=",",
    terms="net 30",
)  # fmt: skip
ROW = {
    "No": "CL-611", "Client": "C1", "Name": "Tobacco Factory Theatres", "Email": "box@tft.example", "Raised": "02/10/2026",
    "Due": "01/11/2026", "Amount": "640.00", "Cur": "GBP", "Paid": "", "Query": "", "Paper until": "", "What": "Letterpress",
}  # fmt: skip


def a_vendor(slug: str = "cotham") -> Vendor:
    return add_vendor(
        slug=slug, name="Cotham Letterpress", currency="GBP", country="GB", timezone="Europe/London",
        email=f"{slug}@vendor.example", now=NOW, by="operator",
    )  # fmt: skip


def a_file(*rows: dict[str, str], headings: Sequence[str] = HEADINGS) -> BytesIO:
    """A CSV file with these rows, each ROW but for what is named."""
    lines = [",".join(headings)]
    for row in rows:
        said = ROW | row
        lines.append(",".join('"' + said[name].replace('"', '""') + '"' for name in headings))
    return BytesIO(("\r\n".join(lines) + "\r\n").encode("utf-8", "surrogateescape"))


def take(vendor: Vendor, *rows: dict[str, str], until: date | None = None, **more: Any) -> dict[str, Any]:
    """Take over a file with these rows."""
    asked: dict[str, Any] = {"file": a_file(*rows), "name": "open-oct.csv", "profile": PROFILE, "by": "Tom"}
    asked = {**asked, "role": "owner", "now": NOW, **more}
    return import_invoices(vendor_id=vendor.id, until=until, **asked)
