"""Decides when the embedded server starts: at the first connection, so that `--help` never starts one."""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL as Django knows it; every way to a connection (the worker's too) passes `get_connection_params`."""

    def get_connection_params(self) -> dict[str, Any]:
        if settings.EMBEDDED_HOME is not None:
            from goodterms.database.server import join

            self.settings_dict["HOST"] = str(join(settings.EMBEDDED_HOME, quick=settings.EMBEDDED_QUICK))
        return super().get_connection_params()
