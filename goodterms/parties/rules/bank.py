"""Decides what can be a bank account, who confirms that it changes, and from when it is used."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from goodterms.values.refusal import Refused

WAIT = timedelta(hours=48)
ASK_BANK = ("owner",)
CONFIRM_BANK = ("owner", "bookkeeper")
_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")  # ISO 9362
_SORT_CODE = re.compile(r"[0-9]{2}-?[0-9]{2}-?[0-9]{2}")
_ACCOUNT = re.compile(r"[0-9A-Z -]{4,34}")


def checked_bank(said: Mapping[str, str]) -> dict[str, str]:
    """The account as documents will carry it: the bank's name with an IBAN (and BIC), or with a sort code and account."""
    bank = {part: " ".join(said.get(part, "").split()) for part in ("name", "iban", "bic", "sort_code", "account")}
    if not bank["name"] or len(bank["name"]) > 70:
        raise Refused("Name the bank, in 70 letters at most.", code="bank", field="name")
    if bank["iban"]:
        bank |= {"iban": _checked_iban(bank["iban"]), "bic": _checked_bic(bank["bic"]), "sort_code": "", "account": ""}
    else:
        bank |= {**_checked_account(bank["sort_code"], bank["account"]), "bic": ""}
    return {part: value for part, value in bank.items() if value}


def may_ask(*, role: str, was_reset: bool) -> None:
    """Refuses everybody but an owner whose way in is their own: who was handed a link lately may be somebody else."""
    if role not in ASK_BANK:
        raise Refused(f"Your role here is {role}. An owner can ask for other bank details.", code="role")
    if was_reset:
        raise Refused(
            "Your sign-in was set anew less than 48 hours ago. Another owner can ask for this, or you when they are over.",
            code="reset",
        )


def may_confirm(
    *, asked_by: UUID, asked_at: datetime, person: UUID, role: str, member_since: datetime, was_reset: bool = False
) -> None:
    """Refuses everybody but a second person of weight, who worked here before the change was asked for, and to whom nobody
    handed a way in since two days before (`was_reset`): that link may have been used by who asks."""
    if role not in CONFIRM_BANK:
        raise Refused(f"Your role here is {role}. An owner or a bookkeeper can confirm this.", code="role")
    if person == asked_by:
        raise Refused("You asked for it, so you cannot confirm it. Another owner or a bookkeeper can.", code="same_person")
    if member_since > asked_at:
        raise Refused(
            "You began to work here after this was asked for. Somebody who was here before can confirm it.", code="newcomer"
        )
    if was_reset:
        raise Refused(
            "Your sign-in was set anew less than 48 hours before this was asked for, or since. Somebody else can confirm it.",
            code="reset",
        )


def spelled(bank: Mapping[str, str]) -> str:
    """`GB96 SEVN 3018 …`, grouped by four as on paper, or `30-18-77, 0041 8203`."""
    if iban := bank.get("iban", ""):
        return " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))
    return ", ".join(part for part in (bank.get("sort_code", ""), bank.get("account", "")) if part)


def used_from(confirmed_at: datetime) -> datetime:
    """The instant from which documents may carry the new account."""
    return confirmed_at + WAIT


def _checked_iban(written: str) -> str:
    from stdnum import iban  # here, since few callers check one
    from stdnum.exceptions import ValidationError

    try:
        return str(iban.validate(written))
    except ValidationError as wrong:
        raise Refused(
            f"{written[:42]!r} cannot be an IBAN: its check digits do not fit. Compare it with your bank's own paper.",
            code="bank",
            field="iban",
        ) from wrong


def _checked_bic(written: str) -> str:
    bic = written.replace(" ", "").upper()
    if bic and not _BIC.fullmatch(bic):
        raise Refused(f"{written[:20]!r} is not a BIC: it has 8 or 11 letters and digits.", code="bank", field="bic")
    return bic


def _checked_account(sort_code: str, account: str) -> dict[str, str]:
    if not account:
        raise Refused("Give an IBAN, or an account number with its sort code.", code="bank", field="iban")
    if not _ACCOUNT.fullmatch(account.upper()):
        raise Refused(f"{account[:40]!r} is not an account number.", code="bank", field="account")
    if sort_code and not _SORT_CODE.fullmatch(sort_code):
        raise Refused(f"{sort_code[:20]!r} is not a sort code; write it like 30-18-77.", code="bank", field="sort_code")
    digits = sort_code.replace("-", "")
    return {"sort_code": "-".join(digits[i : i + 2] for i in (0, 2, 4)) if digits else "", "account": account.upper()}
