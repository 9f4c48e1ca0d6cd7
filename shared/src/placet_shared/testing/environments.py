"""What a process that a test starts finds around it."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["clean_environment", "is_setting", "traversable_folder"]

# An installation that the developer may have, and what a terminal or a traced caller sets.
OTHERS = ("PLACET_", "OTEL_", "COLUMNS", "TRACEPARENT")


def is_setting(variable: str) -> bool:
    """Whether an environment variable would change what is tested; those of the tests' own start with PLACET_TEST_ or PLACET_REQUIRE_."""
    return variable.startswith("PLACET_") and not variable.startswith(("PLACET_TEST_", "PLACET_REQUIRE_"))


def clean_environment(**more: str) -> dict[str, str]:
    """This process's variables and its way to find modules, without settings of another installation, and with these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}
    return {**inherited, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **more}


@contextmanager
def traversable_folder(prefix: str = "placet-tests-") -> Iterator[Path]:
    """A folder that every account may pass through: started by root, PostgreSQL runs under one that can't enter pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
