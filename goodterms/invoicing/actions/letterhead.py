"""Decides what stands at the head of a vendor's papers from now on; papers that were made stay as they are."""

from datetime import datetime
from uuid import UUID

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.logo import checked_colour, checked_logo
from goodterms.invoicing.models import Letterhead
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

TEXTS = {"trade": 80, "phone": 40, "company_number": 40}
WORDS = {"trade": "what the firm does", "phone": "the telephone", "company_number": "the company number"}


def change_letterhead(
    *, vendor_id: UUID, texts: dict[str, str], by: str, now: datetime, logo: bytes | None = None, without_logo: bool = False
) -> Letterhead:  # fmt: skip
    """`texts`: trade, phone, company_number, colour; what is left out stays. With `logo` another picture, or none at all.
    What is the same already changes nothing."""
    running = Letterhead.objects.select_for_update().filter(vendor_id=vendor_id, ended_at=None).first()
    row = Letterhead(id=new_key(now), vendor_id=vendor_id, by=by, since_at=now)
    for name in (*TEXTS, "colour", "logo", "logo_type"):
        setattr(row, name, getattr(running, name) if running else getattr(row, name))
    for name, most in TEXTS.items():
        if name in texts:
            setattr(row, name, _text(name, texts[name], most))
    if "colour" in texts:
        row.colour = checked_colour(texts["colour"])
    if logo is not None:
        row.logo, row.logo_type = checked_logo(logo)
    elif without_logo:
        row.logo, row.logo_type = None, ""
    changed = _changed(running, row)
    if running and not changed:
        return running
    if running:
        running.ended_at = now
        running.save(update_fields=["ended_at"])
    row.save(force_insert=True)
    record(at=now, deed=Deed(vendor_id, "letterhead.changed", by, subject_id=row.id, data={"changed": changed}))
    return row


def _text(name: str, written: str, most: int) -> str:
    plain = " ".join(written.replace("\0", "").split())
    if len(plain) > most:
        raise Refused(f"{WORDS[name].capitalize()} has {most} signs at most.", code="letterhead", field=name)
    return plain


def _changed(was: Letterhead | None, row: Letterhead) -> list[str]:
    names = (*TEXTS, "colour", "logo_type")
    changed = [name for name in names if (getattr(was, name) if was else "") != getattr(row, name)]
    pictures = (bytes(one.logo) if one and one.logo else b"" for one in (was, row))
    return changed if len({*pictures}) == 1 else [*(name for name in changed if name != "logo_type"), "logo"]
