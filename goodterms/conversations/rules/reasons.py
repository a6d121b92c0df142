"""Decides which reasons, wishes and outcomes a dispute can have, and how they are called in plain words.

Reasons and wishes are the codes of the Peppol Invoice Response 3 (OPStatusReason, OPStatusAction), so that a dispute can
be read from such a message, and written as one.
"""

from collections.abc import Mapping

from goodterms.values.refusal import Refused

REASONS: Mapping[str, Mapping[str, str]] = {
    "NON": {"en": "No issue", "id": "Tidak ada masalah"},
    "REF": {"en": "Order number or reference", "id": "Nomor pesanan atau referensi"},
    "LEG": {"en": "Legal details", "id": "Keterangan hukum"},
    "REC": {"en": "Sent to the wrong party", "id": "Terkirim ke pihak yang salah"},
    "QUA": {"en": "Quality", "id": "Mutu"},
    "DEL": {"en": "Not delivered", "id": "Belum diterima"},
    "PRI": {"en": "Price", "id": "Harga"},
    "QTY": {"en": "Quantity", "id": "Jumlah"},
    "ITM": {"en": "Wrong item", "id": "Barang atau jasa tidak sesuai"},
    "PAY": {"en": "Payment terms", "id": "Syarat pembayaran"},
    "UNR": {"en": "Not ordered", "id": "Tidak dipesan"},
    "FIN": {"en": "Discount, fee or interest", "id": "Potongan, biaya atau bunga"},
    "PPD": {"en": "Partly paid already", "id": "Sudah dibayar sebagian"},
    "OTH": {"en": "Something else", "id": "Hal lain"},
}
ACTIONS: Mapping[str, Mapping[str, str]] = {
    "NOA": {"en": "Nothing to do", "id": "Tidak perlu tindakan"},
    "PIN": {"en": "Tell us more", "id": "Mohon keterangan"},
    "NIN": {"en": "Send a new invoice", "id": "Kirim faktur baru"},
    "CNF": {"en": "Credit all of it", "id": "Kredit seluruhnya"},
    "CNP": {"en": "Credit a part", "id": "Kredit sebagian"},
    "CNA": {"en": "Pay it back", "id": "Kembalikan pembayaran"},
    "OTH": {"en": "Something else", "id": "Hal lain"},
}
RESOLUTIONS: Mapping[str, tuple[str, ...]] = {
    "question": ("answered", "withdrawn"),
    "dispute": ("answered", "credited", "corrected", "withdrawn", "granted", "refused"),
    "request": ("granted", "refused", "withdrawn"),
}
NEED_WORDS = ("OTH", "PPD")  # rules R002 and R004 of the message
NOT_CONTENT = ("NON", "PPD")  # no fault of the invoice: nothing is wrong, or it crossed with a payment


def say(table: Mapping[str, Mapping[str, str]], code: str, language: str) -> str:
    """The plain words of a code in `language` ("en", "id"; a region is ignored), English where there is no other."""
    words = table[code]
    return words.get(language.replace("_", "-").partition("-")[0].lower(), words["en"])


def check_dispute(*, reason: str, wants: str, words: str, disputed_minor: int | None, total_minor: int) -> None:
    """Refuses a dispute that nobody could act on. `disputed_minor` None means the whole invoice."""
    if reason not in REASONS or reason == "NON":
        choices = ", ".join(code for code in REASONS if code != "NON")
        raise Refused("Say what is wrong with one of {choices}.", code="reason", field="reason", choices=choices)
    if wants and wants not in ACTIONS:
        choices = ", ".join(ACTIONS)
        raise Refused("Say what would settle it with one of {choices}.", code="wants", field="wants", choices=choices)
    if not words.strip() and "OTH" in (reason, wants):
        raise Refused("Please say in a few words what it is.", code="words", field="words")
    if not words.strip() and reason in NEED_WORDS:
        raise Refused("Please say what was paid, and when.", code="words", field="words")
    if disputed_minor is not None and not 0 < disputed_minor <= total_minor:
        raise Refused("Dispute an amount above nothing, and no more than was billed.", code="amount", field="disputed_minor")


def check_resolution(kind: str, resolution: str) -> None:
    """Refuses an outcome that this kind of conversation cannot have."""
    if resolution not in RESOLUTIONS[kind]:
        raise Refused(
            "A {kind} ends as one of {choices}, not as '{resolution}'.",
            code="resolution",
            field="resolution",
            kind=kind,
            choices=", ".join(RESOLUTIONS[kind]),
            resolution=resolution,
        )


def is_about_content(*, kind: str, reason: str, resolution: str) -> bool:
    """Whether it counts against the accuracy of the invoice: each dispute that was not taken back, and each question, unless
    somebody found that the invoice was right (NON) or that payments crossed (PPD). Requests for time never count."""
    return kind in ("question", "dispute") and reason not in NOT_CONTENT and resolution != "withdrawn"


def check_right_person(name: str) -> None:
    """Refuses to hand an invoice on to nobody."""
    if not name.strip() or len(name) > 200:
        raise Refused("Name the person who deals with it.", code="name", field="name")
