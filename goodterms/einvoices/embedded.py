"""Decides which attachment of a PDF is the invoice for programs, and unpacks no more of it than the guard allows."""

from __future__ import annotations

from io import BytesIO

from goodterms.einvoices.guard import BYTES_MAX
from goodterms.values.refusal import Refused

# Names by which Factur-X, ZUGFeRD and XRechnung know their XML, the newest first.
NAMES = ("factur-x.xml", "xrechnung.xml", "zugferd-invoice.xml")
ATTACHMENTS_MAX = 100


def xml_inside(pdf: bytes) -> tuple[str, bytes]:
    """The name and the bytes of the XML in a hybrid invoice; refuses a PDF without one."""
    import pikepdf

    limit()
    try:
        with pikepdf.open(BytesIO(pdf)) as file:
            names = list(file.attachments)[:ATTACHMENTS_MAX]
            name = _chosen(names)
            return name, file.attachments[name].get_file().read_bytes()
    except pikepdf.PasswordError:
        raise Refused("The PDF asks for a password, so nothing was read.", code="pdf") from None
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, KeyError, RecursionError, MemoryError):
        raise Refused("The PDF is broken, or holds more than an invoice does. Nothing was read.", code="pdf") from None


def limit() -> None:
    """Packed streams unpack to what an XML may have at most, for all of the process: qpdf knows no other way."""
    from pikepdf import settings

    settings.set_qpdf_limits(
        flate_max_memory=BYTES_MAX, run_length_max_memory=BYTES_MAX, png_max_memory=BYTES_MAX, tiff_max_memory=BYTES_MAX,
        max_stream_filters=4,
    )  # fmt: skip


def _chosen(names: list[str]) -> str:
    by_name = {name.lower(): name for name in names}
    for known in NAMES:
        if known in by_name:
            return by_name[known]
    others = [name for name in names if name.lower().endswith(".xml")]
    if len(others) == 1:
        return others[0]
    said = "more than one XML" if others else "no XML"
    raise Refused(f"The PDF holds {said}, so it is not an electronic invoice.", code="pdf")
