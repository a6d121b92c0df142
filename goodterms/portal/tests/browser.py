"""Decides how tests come to the portal: as anybody, by a letter's link, or proven by six figures; and how they only look."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from goodterms.access.actions.sessions import let_in
from goodterms.access.tests.world import NOW, PAYER, World
from goodterms.database.isolation import acting_for
from goodterms.portal.door import COOKIE


def by_link(world: World) -> Client:
    """A browser in which the button of the letter's page was pressed."""
    client = Client()
    assert client.post(reverse("portal-link", kwargs={"token": world.token})).status_code == 302
    return client


def proven(world: World, now: datetime = NOW) -> Client:
    """A browser that showed six figures."""
    client = Client()
    with acting_for([one.id for one in world.vendors]):
        opened = let_in(payer_id=PAYER, notice_id=None, agent="", now=now, before=None)
    client.cookies[COOKIE] = opened.secret
    return client


@contextmanager
def only_looking() -> Iterator[None]:
    """Within it PostgreSQL refuses whatever writes or locks."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set local transaction_read_only = on")
        yield
        transaction.set_rollback(True)


def words(answer: HttpResponse | Any) -> str:
    """The page without its line breaks."""
    return " ".join(answer.content.decode().split())
