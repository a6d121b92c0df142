"""Decides whether a page is light or dark: as the browser's cookie says, else as the system does."""

from django.http import HttpRequest

THEMES = ("light", "dark")
COOKIE = "goodterms_theme"


def theme(request: HttpRequest) -> dict[str, str]:
    """For templates: the theme that was chosen, or nothing."""
    chosen = request.COOKIES.get(COOKIE, "")
    return {"theme": chosen if chosen in THEMES else ""}
