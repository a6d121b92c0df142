"""What a worker reads before the first page: all of it, and the collector never goes through it again."""

import gc
from collections.abc import Iterator

import pytest
from django.template import Engine

from goodterms import wsgi


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_every_template_is_read_before_it_is_asked_for() -> None:
    wsgi.warm_up()
    cached = Engine.get_default().template_loaders[0].get_template_cache  # type: ignore[attr-defined]
    assert {"desk/today/page.html", "portal/base.html", "404.html"} <= cached.keys()


def test_the_collector_leaves_alone_what_stays() -> None:
    gc.unfreeze()
    before = len(gc.get_objects())
    wsgi.warm_up()
    assert gc.get_freeze_count() > before / 2
    assert len(gc.get_objects()) < before / 10
