"""Decides when the letters of the door leave: at once, by the real clock, also from a sandbox; somebody waits for them."""

from collections.abc import Callable
from datetime import datetime

from goodterms.access.letters import Errand, written
from goodterms.database.afterwards import afterwards
from goodterms.database.isolation import acting_for
from goodterms.delivery import due as delivery
from goodterms.delivery.actions import post
from goodterms.delivery.channels.carrier import mail
from goodterms.parties.models import Vendor
from goodterms.reminders.actions import still_due

KINDS = ("code", "link")


def soon(errand: Errand | None, clock: Callable[[], datetime]) -> None:
    """Write and send the letter when the request is answered, and not before its rows are committed. Should this process end
    first, the letter was not written, and they ask for another. `clock`: the door's, read again at each mark before a dot."""
    if errand is not None and errand.vendors:
        afterwards(lambda: _leave(errand, clock), f"A letter of the kind {errand.kind}")


def write(errand: Errand) -> None:
    """The letter, ready to leave."""
    with acting_for(errand.vendors):
        post(letters=[written(errand)], now=errand.at)


def send(errand: Errand, clock: Callable[[], datetime]) -> None:
    """Only letters of the door: what a sandbox has planned for another day stays where it is."""
    with acting_for(errand.vendors):
        is_sandbox = not Vendor.objects.filter(sandbox_now=None).exists()
    delivery.send(vendors=errand.vendors, carrier=mail(is_sandbox, lanes=1), clock=clock, recheck=still_due, kinds=KINDS)


def _leave(errand: Errand, clock: Callable[[], datetime]) -> None:
    write(errand)
    send(errand, clock)
