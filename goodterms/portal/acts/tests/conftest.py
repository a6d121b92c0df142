"""Sandra again, whom two vendors list."""

from goodterms.portal.tests.conftest import _noon, world

__all__ = ["_noon", "world"]
