"""Distributions of others that bring checks, as an installation would have them: modules and their metadata on the path."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from placet_verification.checks import check_kinds

ACME_SIZE = """
from placet_verification.checks import CheckKind, Parameters, Record

class SizeParameters(Parameters):
    at_most: int

def judge(wanted, found):
    large = found["bytes"] > wanted.at_most
    reason = "acme_too_large" if large else None
    return [Record(status="FAIL" if large else "PASS", metric="bytes", value=float(found["bytes"]), reason_code=reason)]

KIND = CheckKind(
    name="acme_size",
    version=3,
    purpose="The file has at most so many bytes.",
    parameters=SizeParameters,
    measure="placet_verification.adapters.evaluation.measures.artifact_safety:measure",
    judge=judge,
    runs_the_model=False,
)
"""


@contextmanager
def installed(folder: Path, source: str = ACME_SIZE, module: str = "acme_checks") -> Iterator[None]:
    """A distribution with `source`, whose `KIND` is an entry point, until the block ends."""
    place = folder / module
    metadata = place / f"{module}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[placet.checks]\nany = {module}:KIND\n")
    (place / f"{module}.py").write_text(source)
    sys.path.insert(0, str(place))
    _look_again()
    try:
        yield
    finally:
        sys.path.remove(str(place))
        sys.modules.pop(module, None)
        _look_again()


def _look_again() -> None:
    importlib.invalidate_caches()
    check_kinds.cache_clear()
