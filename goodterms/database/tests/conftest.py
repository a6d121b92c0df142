"""Fixtures for the stories of the embedded server."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from goodterms.database import folder
from goodterms.database.tests.server_users import User, lives, number, wait_until


@pytest.fixture
def enter() -> Iterator[Callable[..., User]]:
    """Lets a new user in; all are shown out at the end."""
    users: list[User] = []

    def enter(*arguments: str, **options: Any) -> User:
        users.append(User(*arguments, **options))
        return users[-1]

    yield enter
    for one in users:
        one.kill()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose server has run once and stopped. Copy it, for that costs less than a new one; do not join it."""
    home = tmp_path_factory.mktemp("made") / "pg"
    first = User()
    assert first.join(home) == str(home / "run")
    server = number(home)
    first.leave()
    wait_until(lambda: not lives(server))
    return home


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user can pass, unlike pytest's own. Ask for it before `enter`, whose users must leave first."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o711)
        yield Path(place)
        for home in Path(place).iterdir():
            wait_until(lambda home=home: not folder.recorded(home))  # type: ignore[misc]


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "pg"))
