"""Decides when the letters of the door leave: at once, by the real clock, also from a sandbox; somebody waits for them."""

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Thread

from django.conf import settings
from django.db import connection, transaction

from goodterms.access.letters import Errand, written
from goodterms.database.isolation import acting_for
from goodterms.delivery import due as delivery
from goodterms.delivery.actions import post
from goodterms.delivery.channels.carrier import Carrier, by_smtp, into_folder
from goodterms.delivery.channels.smtp import Relay
from goodterms.parties.models import Vendor
from goodterms.reminders.actions import still_due

KINDS = ("code", "link")


def soon(errand: Errand | None, clock: Callable[[], datetime]) -> None:
    """Write and send the letter when the request is answered, and not before its rows are committed. Should this process end
    first, the letter was not written, and they ask for another. `clock`: the door's, read again at each mark before a dot."""
    if errand is not None and errand.vendors:
        transaction.on_commit(lambda: Thread(target=_alone, args=(errand, clock)).start())


def write(errand: Errand) -> None:
    """The letter, ready to leave."""
    with acting_for(errand.vendors):
        post(letters=[written(errand)], now=errand.at)


def send(errand: Errand, clock: Callable[[], datetime]) -> None:
    """Only letters of the door: what a sandbox has planned for another day stays where it is."""
    with acting_for(errand.vendors):
        is_sandbox = not Vendor.objects.filter(sandbox_now=None).exists()
    delivery.send(vendors=errand.vendors, carrier=_carrier(is_sandbox), clock=clock, recheck=still_due, kinds=KINDS)


def _alone(errand: Errand, clock: Callable[[], datetime]) -> None:
    try:
        write(errand)
        send(errand, clock)
    except Exception:
        logging.getLogger(__name__).exception("A letter of the kind %s could not be sent.", errand.kind)
    finally:
        connection.close()


def _carrier(is_sandbox: bool) -> Carrier:
    if settings.SMTP_URL and not is_sandbox:
        return by_smtp(Relay.from_url(settings.SMTP_URL), lanes=1)
    return into_folder("email", settings.HOME / "outbox", ".eml")
