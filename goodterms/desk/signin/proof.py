"""Decides whether somebody who is signed in showed two factors, or came by the sample's button to a sandbox."""

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from goodterms.parties.models import Person, Vendor

SAMPLE = "sample"  # in a session: came by the button on the front page


def is_proven(request: HttpRequest, person: Person) -> bool:
    """A passkey, or a password and a code; or a first factor was set up in this very session."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, person))


def may_enter(request: HttpRequest, person: Person, vendor: Vendor) -> bool:
    """The desk of a vendor opens to two factors; that of a sandbox also to the people of the sample."""
    return is_proven(request, person) or (vendor.sandbox_now is not None and bool(request.session.get(SAMPLE)))
