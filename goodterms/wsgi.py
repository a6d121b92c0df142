"""The door for web servers, and what a worker reads before the first page is asked of it."""

import gc
import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application
from django.template import Engine
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodterms.settings")
application = get_wsgi_application()


def warm_up() -> None:
    """Read the code and the templates of all pages, then leave them out of the collector's rounds.

    They stay as long as the process does. A round through all of them would hold up whoever asks at that moment, several
    times as long as their page takes.
    """
    get_resolver().url_patterns  # noqa: B018 - it imports every page
    templates = Engine.get_default()
    for folder in map(Path, templates.dirs):
        for path in folder.rglob("*.html"):
            templates.get_template(path.relative_to(folder).as_posix())
    gc.collect()
    gc.freeze()


warm_up()
