"""Decides which providers there are, and which of them can take a payment for several vendors at once."""

from collections.abc import Iterable

from goodterms.parties.models import Vendor
from goodterms.payments.providers.interface import Heard, Order, Provider, Started, State
from goodterms.payments.providers.sandbox import Sandbox
from goodterms.values.refusal import Refused

__all__ = ["PROVIDERS", "Heard", "Order", "Provider", "Started", "State", "called", "serving"]

PROVIDERS: dict[str, Provider] = {"sandbox": Sandbox()}


def called(name: str) -> Provider:
    """The provider of that name; refuses another."""
    if name in PROVIDERS:
        return PROVIDERS[name]
    raise Refused("There is no way to pay like that. Choose one of those that are shown.", code="provider", field="way")


def serving(sums: Iterable[tuple[Vendor, str]]) -> list[Provider]:
    """Those that can take all of these (vendor, currency) in one go."""
    wanted = list(sums)
    return [one for one in PROVIDERS.values() if wanted and all(one.serves(*pair) for pair in wanted)]
