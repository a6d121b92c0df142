"""Decides where the database is and which secret belongs to this installation."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


def data_folder() -> Path:
    """GOODTERMS_HOME; else `.goodterms` beside the program in a checkout, else the user's data folder."""
    if given := os.environ.get("GOODTERMS_HOME"):
        return Path(given).expanduser().absolute()
    beside = Path(__file__).parents[2]
    if (beside / "pyproject.toml").exists():
        return beside / ".goodterms"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "goodterms"


def embedded_home(home: Path) -> Path:
    return home / "postgres"


def from_url(url: str) -> dict[str, Any]:
    """Django's names for the parts of a PostgreSQL address; without one, those of the embedded server's application role."""
    if not url:
        return {"NAME": "goodterms", "USER": "goodterms_app", "PORT": "5432"}
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise SystemExit(f"DATABASE_URL starts with {parts.scheme!r}; Goodterms needs postgresql://user:password@host/name.")
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
    }


def install_key(home: Path) -> str:
    """The secret of this installation: GOODTERMS_SECRET, else a file of mode 0600 in the data folder, made at first use."""
    if given := os.environ.get("GOODTERMS_SECRET"):
        return given
    path = home / "secret"
    try:
        return path.read_text()
    except FileNotFoundError:
        home.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"secret.{os.getpid()}.{secrets.token_hex(4)}")
    fresh.touch(0o600)
    fresh.write_text(secrets.token_urlsafe(48))
    try:
        os.link(fresh, path)  # the first of two starts wins; both read the same
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text()
