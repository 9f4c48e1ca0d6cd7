"""`placet` as it is where nothing but the client is installed."""

from pathlib import Path

import pytest

from command_line import Placet, command_line


@pytest.fixture
def placet(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Placet:
    """Without the commands that other distributions add."""
    return command_line(capsys, monkeypatch, tmp_path, added=())
