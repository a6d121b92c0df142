"""Decides how the ways to pay are called, and how a page says why no money moved."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from goodterms.payments.providers import Provider


class Way(NamedTuple):
    """A way to pay: its name in forms, its title and a line about it."""

    name: str
    title: str
    line: str


def ways(providers: Sequence[Provider], by_transfer: bool) -> list[Way]:
    """Providers first, since they are one press; then the transfer that one types oneself."""
    found = [_of_provider(one.name) for one in providers]
    return [*found, Way("transfer", _("Transfer it yourself"), _("references, QR code"))] if by_transfer else found


def _of_provider(name: str) -> Way:
    known = {
        "sandbox": Way(
            name, _("Sandbox bank"), _("A pretend bank, to try it: no money moves. You approve all of it on one page.")
        ),
    }
    return known.get(name, Way(name, name.capitalize(), ""))


def failure(why: str, count: int) -> tuple[str, str]:
    """How a failure is called, and what happened, without blame."""
    known = {
        "declined": (_("Declined"), _("The bank did not take the payment.")),
        "cancelled": (_("Cancelled"), _("The payment was called off at the bank.")),
        "late": (_("Not approved in time"), _("The bank waited for your approval and then closed the request.")),
    }
    return known.get(why, (_("Not paid"), _("The bank could not make the payment.")))
