"""Decides who may look into the outbox, and how a letter there is shown: on this machine only, while no mail server is set."""

from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from functools import wraps
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from goodterms.desk.signin.sample import is_here
from goodterms.parties.directory import everyone

MOST = 500
POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# A letter is somebody else's page: no script, no form, no request, an origin of its own.
LETTER_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
HEADERS = ("Date", "From", "To", "Reply-To", "Message-ID", "List-Unsubscribe")


class Lying(NamedTuple):
    """A letter that lies in the outbox."""

    name: str
    at: datetime
    to: str
    subject: str


def may_look(request: HttpRequest) -> bool:
    """Only somebody at this machine, and only while letters are kept here because no mail server is set."""
    return not settings.SMTP_URL and is_here(request)


def only_here(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For everybody else there is no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, **given: str) -> HttpResponse:
        if not may_look(request):
            raise Http404
        return view(request, **given)

    return require_safe(guarded)


@only_here
def letters(request: HttpRequest) -> HttpResponse:
    """The letters in the outbox, newest first."""
    standing = next((one for one in everyone() if one.sandbox_now is not None), None)
    shown = {"letters": [_lying(path) for path in _newest()[:MOST]], "folder": _folder(), "most": MOST, "standing": standing}
    return HttpResponse(render_to_string("desk/outbox.html", shown, request), headers={"Content-Security-Policy": POLICY})


@only_here
def letter(request: HttpRequest, name: str) -> HttpResponse:
    """One letter: its headers, and both of its parts."""
    message = _message(name)
    text = message.get_body(("plain",))
    shown = {
        "name": name,
        "subject": str(message["Subject"] or ""),
        "headers": [(header, str(message[header])) for header in HEADERS if message[header]],
        "text": text.get_content() if text else "",
        "has_page": message.get_body(("html",)) is not None,
    }
    return HttpResponse(render_to_string("desk/letter.html", shown, request), headers={"Content-Security-Policy": POLICY})


@only_here
@xframe_options_sameorigin
def letter_page(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part alone, for the frame on the letter's page."""
    page = _message(name).get_body(("html",))
    if page is None:
        raise Http404
    return HttpResponse(page.get_content(), headers={"Content-Security-Policy": LETTER_POLICY})


def _folder() -> Path:
    return Path(settings.HOME) / "outbox"


def _newest() -> list[Path]:
    found = [(path.stat().st_mtime_ns, path.name, path) for path in _folder().glob("*.eml")]
    return [path for *_, path in sorted(found, reverse=True)]


def _lying(path: Path) -> Lying:
    with path.open("rb") as file:
        head = BytesHeaderParser(policy=policy.default).parse(file)
    written = head["Date"]
    at = written.datetime.astimezone(UTC) if written else datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Lying(path.name, at, str(head["To"] or ""), str(head["Subject"] or ""))


def _message(name: str) -> EmailMessage:
    """By a name that is in the folder, never by a path."""
    found = next((path for path in _newest() if path.name == name), None)
    if found is None:
        raise Http404
    return _read(found)


def _read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)
