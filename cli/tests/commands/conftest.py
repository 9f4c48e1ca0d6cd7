"""`placet` with the commands of both distributions."""

from pathlib import Path

import pytest

from command_line import Placet, command_line


@pytest.fixture
def placet(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Placet:
    return command_line(capsys, monkeypatch, tmp_path)
