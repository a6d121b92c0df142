"""Decides what is done once a request is answered: beside it, on a connection of its own, if its rows were committed."""

import logging
from collections.abc import Callable
from threading import Thread

from django.db import connection, transaction


def afterwards(deed: Callable[[], None], name: str) -> None:
    """Do it when the transaction is committed. Whoever asked does not wait, and cannot tell by their watch what was done.
    Should this process end first, it was not done; `name` is what the log calls it then."""
    transaction.on_commit(lambda: Thread(target=alone, args=(deed, name)).start())


def alone(deed: Callable[[], None], name: str) -> None:
    """Do it now; a fault is logged, for nobody waits who could be told."""
    try:
        deed()
    except Exception:
        logging.getLogger(__name__).exception("%s: this could not be done.", name)
    finally:
        connection.close()
