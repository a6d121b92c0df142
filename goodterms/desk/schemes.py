"""Decides which schemes of electronic addresses (EAS) a form offers: those of this part of the world, and what is kept."""

SCHEMES = [
    ("", "None"), ("EM", "E-mail (EM)"), ("0088", "GLN (0088)"), ("0060", "D-U-N-S (0060)"), ("0204", "Leitweg-ID (0204)"),
    ("0106", "KvK, Netherlands (0106)"), ("0190", "OIN, Netherlands (0190)"), ("0192", "Norway (0192)"),
    ("0007", "Sweden (0007)"), ("0184", "Denmark, CVR (0184)"), ("0208", "Belgium, KBO (0208)"),
    ("0009", "France, SIRET (0009)"), ("0151", "Australia, ABN (0151)"), ("9930", "Germany, VAT (9930)"),
    ("9932", "United Kingdom, VAT (9932)"), ("9944", "Netherlands, VAT (9944)"), ("9957", "France, VAT (9957)"),
    ("9915", "Austria, VAT (9915)"),
]  # fmt: skip


def offered(current: str) -> list[tuple[str, str]]:
    """The list, and the scheme that stands there already if it is none of it."""
    return SCHEMES if any(code == current for code, _ in SCHEMES) else [*SCHEMES, (current, current)]
