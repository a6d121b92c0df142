"""Decides the reference that a payer copies into a bank: RF and two check digits before the number (ISO 11649), or the
27 figures that a Swiss QR-IBAN asks for and takes no payment without (SIX, QR-bill 2.3)."""

MOST = 21  # letters and digits after the check digits
_TABLE = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)  # modulo 10, recursive


def reference_for(number: str, iban: str) -> str:
    """Of the document `number`, as the account takes it; nothing where there is none."""
    return qr_reference(number) if is_qr_iban(iban) else structured_reference(number)


def structured_reference(number: str) -> str:
    """`RF92VP260331` for VP-26-0331; nothing where the number is too long or has no letter or digit to carry."""
    plain = "".join(sign for sign in number.upper() if sign.isascii() and sign.isalnum())
    if not plain or len(plain) > MOST:
        return ""
    return f"RF{98 - int(_digits(plain + 'RF00')) % 97:02d}{plain}"


def is_qr_iban(iban: str) -> bool:
    """Whether the account takes payments by their QR reference alone: its bank's number is 30000 to 31999."""
    plain = "".join(iban.split()).upper()
    return plain[:2] in ("CH", "LI") and plain[4:9].isdigit() and 30000 <= int(plain[4:9]) <= 31999


def qr_reference(number: str) -> str:
    """26 figures, and the one by which they are checked: the figures of the number, after zeros."""
    plain = "".join(sign for sign in number if sign.isascii() and sign.isdigit())[-26:].rjust(26, "0")
    carry = 0
    for sign in plain:
        carry = _TABLE[(carry + int(sign)) % 10]
    return f"{plain}{(10 - carry) % 10}"


def shown(reference: str) -> str:
    """As people read and copy it: `RF92 VP26 0331`, or `21 00000 00003 …`."""
    if not reference.isdigit():
        return in_fours(reference)
    return " ".join([reference[:2], *(reference[at : at + 5] for at in range(2, len(reference), 5))])


def in_fours(reference: str) -> str:
    """In groups of four, as an IBAN is written."""
    return " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))


def _digits(text: str) -> str:
    return "".join(str(int(sign, 36)) for sign in text)
