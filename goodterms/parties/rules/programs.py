"""Decides what may be kept of a party for programs: the parts of its address, and where its electronic invoices go."""

import re
from collections.abc import Mapping
from typing import Any

from goodterms.values.refusal import Refused

# How a customer takes invoices; empty: they did not say, so as PDF.
FORMATS = [
    ("", "not said"), ("pdf", "PDF"), ("facturx", "Factur-X / ZUGFeRD"), ("extended", "Factur-X / ZUGFeRD EXTENDED"),
    ("xrechnung", "XRechnung"), ("peppol", "Peppol BIS Billing 3"), ("ubl", "UBL (EN 16931)"), ("cii", "CII (EN 16931)"),
]  # fmt: skip
FOR_PROGRAMS = ("street", "city", "post_code", "region", "endpoint_scheme", "endpoint_id")
_SCHEME = re.compile(r"[0-9]{4}|[A-Z]{2}")
_MOST = 200
_LONGEST = 60


def checked_for_programs(changes: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, str]:
    """`changes` by column as they are kept, `known` being what stands there; a scheme (EAS) and an id go together."""
    texts = {name: " ".join(changes[name].split()) for name in (*FOR_PROGRAMS, "buyer_reference") if name in changes}
    for name, text in texts.items():
        if len(text) > _MOST or not text.isprintable():
            raise Refused(f"{text[:40]!r} cannot be kept: it has at most {_MOST} signs.", code="programs", field=name)
    both = {name: texts.get(name, known.get(name, "")) for name in ("endpoint_scheme", "endpoint_id")}
    if bool(both["endpoint_scheme"]) != bool(both["endpoint_id"]):
        missing = "endpoint_id" if both["endpoint_scheme"] else "endpoint_scheme"
        raise Refused(
            "An electronic address is a scheme and an id, such as 0204 and 04011000-12345-12.", code="programs", field=missing
        )
    if both["endpoint_scheme"] and not _SCHEME.fullmatch(both["endpoint_scheme"]):
        raise Refused(
            f"{both['endpoint_scheme']!r} is not a scheme of electronic addresses; write it like 0088 (GLN) or EM (e-mail).",
            code="programs", field="endpoint_scheme",
        )  # fmt: skip
    return texts


def checked_wants(changes: Mapping[str, Any]) -> dict[str, str]:
    """What a customer asks of the invoices themselves, by column: their format, and what has to come with each."""
    found: dict[str, str] = {}
    if "invoice_format" in changes:
        found["invoice_format"] = said = str(changes["invoice_format"]).strip().lower()
        if said not in dict(FORMATS):
            known = ", ".join(word for word, _ in FORMATS if word)
            raise Refused(
                f"{said[:40]!r} is not a format of invoices; there are {known}.", code="programs", field="invoice_format"
            )
    if "enclosure_required" in changes:
        found["enclosure_required"] = said = " ".join(str(changes["enclosure_required"]).split())
        if len(said) > _LONGEST or not said.isprintable():
            raise Refused(
                f"Say in {_LONGEST} signs at most what has to come with an invoice, like signed timesheet.",
                code="programs", field="enclosure_required",
            )  # fmt: skip
    return found
