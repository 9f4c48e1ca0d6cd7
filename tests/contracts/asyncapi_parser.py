"""The official parser of AsyncAPI documents: a program for Node.js, installed by its committed lock outside the repository."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

__all__ = ["Parser", "install_parser"]

PROGRAM = Path(__file__).with_name("official_parser")
INSTALL_WITHIN = PARSE_WITHIN = 240.0
QUIETLY = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")


class Parser:
    """An installed one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def errors_of(self, documents: Mapping[str, Any], folder: Path) -> dict[str, list[str]]:
        """Name of each document → what the parser says against it; `folder` is for their files."""
        files = {name: folder / f"{name}.json" for name in documents}
        for name, file in files.items():
            file.write_text(json.dumps(documents[name]))
        command = ["node", "parse.mjs", *map(str, files.values())]
        ran = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, timeout=PARSE_WITHIN, check=False)
        assert ran.returncode == 0, ran.stderr
        errors = json.loads(ran.stdout)
        return {name: errors[str(file)] for name, file in files.items()}


def install_parser() -> Parser:
    """From the cache, or by `npm ci` the first time. Without Node.js the test is skipped, with PLACET_REQUIRE_NODE=1 it fails."""
    files = sorted(PROGRAM.iterdir())
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "placet"
    folder = cache / f"asyncapi-parser-{digest[:16]}"
    if shutil.which("node") is None or (not folder.is_dir() and shutil.which("npm") is None):
        _do_without("there is no Node.js with npm here")
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        _install(folder, files)
    return Parser(folder)


def _install(folder: Path, files: list[Path]) -> None:
    """Beside its place and then moved there whole, so that two who install at once do not mix."""
    made = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        for file in files:
            shutil.copy(file, made)
        ran = subprocess.run(["npm", "ci", *QUIETLY], cwd=made, capture_output=True, text=True, timeout=INSTALL_WITHIN, check=False)
        if ran.returncode != 0:
            _do_without(f"npm can't install the parser: {ran.stderr[-500:]}")
        with suppress(OSError):  # another one was faster
            made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _do_without(reason: str) -> None:
    if os.environ.get("PLACET_REQUIRE_NODE") == "1":
        raise AssertionError(reason)
    pytest.skip(f"AsyncAPI documents are not shown to the official parser: {reason}")
