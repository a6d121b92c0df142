"""Decides which agreed uses of EN 16931 are spoken here, and how a document says which one it follows (BT-24, BT-23)."""

from dataclasses import dataclass
from typing import Literal

from goodterms.values.refusal import Refused

Syntax = Literal["ubl", "cii"]
BILLING = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"  # BT-23: the process of Peppol, which XRechnung asks for as well


@dataclass(frozen=True, slots=True)
class Profile:
    """One use: its word for people, BT-24 and BT-23, the syntaxes it may be written in, and its level in a hybrid PDF."""

    word: str
    name: str
    guideline: str  # BT-24
    process: str = ""  # BT-23
    syntaxes: tuple[Syntax, ...] = ("ubl", "cii")
    level: str = ""  # ConformanceLevel of Factur-X; empty: not for a hybrid
    file_name: str = "factur-x.xml"


EN16931 = Profile("en16931", "EN 16931", "urn:cen.eu:en16931:2017", level="EN 16931")
PEPPOL = Profile(
    "peppol", "Peppol BIS Billing 3", "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0", BILLING,
    syntaxes=("ubl",),
)  # fmt: skip
XRECHNUNG = Profile(
    "xrechnung", "XRechnung 3.0", "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0", BILLING,
    level="XRECHNUNG", file_name="xrechnung.xml",
)  # fmt: skip
FACTURX = Profile("facturx", "Factur-X EN 16931", EN16931.guideline, syntaxes=("cii",), level="EN 16931")
EXTENDED = Profile(
    "extended", "Factur-X EXTENDED", "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended", syntaxes=("cii",),
    level="EXTENDED",
)  # fmt: skip
PROFILES = (EN16931, PEPPOL, XRECHNUNG, FACTURX, EXTENDED)


def profile_named(word: str) -> Profile:
    """By its word; refuses another one."""
    for profile in PROFILES:
        if profile.word == word:
            return profile
    raise Refused(
        f"{word!r} is not a profile of electronic invoices; there are {', '.join(each.word for each in PROFILES)}.",
        code="profile",
    )


def profile_of(guideline: str) -> Profile | None:
    """Which use a document says it follows (BT-24); nothing for one that we do not speak. Older versions of XRechnung and
    the spellings of Factur-X count as what they became."""
    said = guideline.strip()
    for profile in PROFILES:
        if said == profile.guideline:
            return profile
    if "xrechnung" in said or "xoev-de" in said:
        return XRECHNUNG
    if "poacc:billing:3" in said:
        return PEPPOL
    if said.endswith(":extended"):
        return EXTENDED
    return EN16931 if said.startswith(EN16931.guideline) else None
