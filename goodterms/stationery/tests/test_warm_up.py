"""What a worker reads before the first page: all of it, and the collector never goes through it again."""

import gc
from collections.abc import Iterator

import pytest
from django.template import Engine


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    gc.collect()
    gc.freeze()


def test_every_template_is_read_before_it_is_asked_for() -> None:
    from goodterms import wsgi  # which warms up as it is read, so not while tests are collected

    wsgi.warm_up()
    cached = Engine.get_default().template_loaders[0].get_template_cache  # type: ignore[attr-defined]
    assert {"desk/today/page.html", "portal/base.html", "404.html"} <= cached.keys()


def test_the_collector_leaves_alone_what_stays() -> None:
    from goodterms import wsgi

    gc.unfreeze()
    before = len(gc.get_objects())
    wsgi.warm_up()
    assert gc.get_freeze_count() > before / 2
    assert len(gc.get_objects()) < before / 10
