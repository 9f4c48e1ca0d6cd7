"""The engine of skops files: a scikit-learn estimator of allowed types, from bytes that have passed the gate."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import sklearn
import skops
import skops.io

from placet_verification.adapters.evaluation.gates.skops_file import allowed_types
from placet_verification.adapters.evaluation.gates.skops_types import MODULES
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.sessions.estimator import session_of
from placet_verification.adapters.evaluation.sessions.session import Session, failure

__all__ = ["open_session", "preload", "versions"]


def preload(rules: Mapping[str, Any]) -> None:
    """Import the modules of all allowed types: once the child is confined, no import succeeds. Raises `Refused` where one is missing."""
    for module in {*MODULES, *(name.rpartition(".")[0] for name in rules.get("allow_types", ()))}:
        try:
            import_module(module)
        except ImportError as error:
            raise Refused("format_not_installed", format="skops", library=module) from error


def open_session(raw: bytes, plan: Mapping[str, Any]) -> Session:
    """skops looks at the types once more, by its own reading of the file."""
    allowed = allowed_types(plan["artifact"])
    try:
        strange = sorted(set(skops.io.get_untrusted_types(data=raw)) - allowed)
        estimator = None if strange else skops.io.loads(raw, trusted=sorted(allowed))
    except Exception as error:  # what the objects of the file raise while they are made
        raise failure(error, "not_runnable") from error
    if strange:
        raise Refused("type_not_allowed", types=strange[:20])
    return session_of(estimator, plan)


def versions() -> dict[str, str]:
    """Of the libraries that run these models."""
    return {"skops": skops.__version__, "scikit-learn": sklearn.__version__}
