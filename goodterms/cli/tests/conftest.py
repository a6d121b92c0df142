"""Decides that a test of the command line has an operator, and a data folder that nobody else writes to."""

from pathlib import Path

import pytest
from django.conf import settings

from goodterms.cli.tests.cast import Operator

NOW = "2026-11-16T10:20:00+00:00"


@pytest.fixture
def operator(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    monkeypatch.setattr(settings, "HOME", tmp_path / "home")
    monkeypatch.setattr(settings, "SMTP_URL", "")
    monkeypatch.setenv("GOODTERMS_NOW", NOW)
    return Operator(capsys, tmp_path)
