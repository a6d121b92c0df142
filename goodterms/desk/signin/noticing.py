"""Decides what is noticed of a sign-in that failed, after it was answered: no stranger learns by it who works here."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.db import transaction
from django.http import HttpRequest

from goodterms.database.afterwards import afterwards
from goodterms.database.ways_in import tell
from goodterms.desk.door import clock
from goodterms.parties.actions import turn_away
from goodterms.parties.models import Person

Who = Callable[[], Person | None]


def turned_away(request: HttpRequest, way: str, who: Who) -> None:
    """Keep it, where whoever works there will see it. `who` is asked later too, so that it takes no time that tells."""
    address = str(get_adapter(request).get_client_ip(request))
    afterwards(lambda: keep(way, who, address), "A failed sign-in")


def keep(way: str, who: Who, address: str) -> None:
    """What was put off."""
    with transaction.atomic():
        tell(signin="on")
        turn_away(person=who(), way=way, address=address, now=clock())


def by_address(email: str) -> Person | None:
    """Whoever signs in with it."""
    return Person.objects.filter(email=email.strip().lower()).first()
