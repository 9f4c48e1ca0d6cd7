"""`placet` as it is typed, in the test's own process."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from placet_client.__main__ import main
from placet_client.commands.extension import Command

__all__ = ["Ended", "Placet", "command_line"]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Placet = Callable[..., Ended]


def command_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path, added: Iterable[Command] | None = None
) -> Placet:
    """Runs a command; no token is named, and no service is there unless a test says where.

    `added` are the commands beside the client's own, by default all that are installed.
    """
    for service in ("REGISTRY", "VERIFICATION", "APPROVAL", "AUDIT"):
        monkeypatch.setenv(f"PLACET_{service}_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PLACET_DATA_DIR", str(folder / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.delenv("PLACET_PROFILE", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("PLACET_TOKEN", raising=False)
    monkeypatch.delenv("PLACET_TOKEN_FILE", raising=False)

    def run(*words: object) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words], added)
        captured = capsys.readouterr()
        return Ended(int(ended.value.code or 0), captured.out, captured.err)

    return run
