"""`placet` as it is typed, in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from placet_client.__main__ import main


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Placet = Callable[..., Ended]


@pytest.fixture
def placet(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Placet:
    """Runs a command; nobody is signed in, and no service is there unless a test says where."""
    for service in ("REGISTRY", "VERIFICATION", "APPROVAL", "AUDIT"):
        monkeypatch.setenv(f"PLACET_{service}_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PLACET_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("PLACET_TOKEN", raising=False)
    monkeypatch.delenv("PLACET_TOKEN_FILE", raising=False)

    def run(*words: object) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        captured = capsys.readouterr()
        return Ended(int(ended.value.code or 0), captured.out, captured.err)

    return run
