"""The engine of pickles: a scikit-learn estimator, from bytes that have passed the gate, by a reader that knows the plan's list alone."""

import io
import pickle
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import sklearn

from placet_verification.adapters.evaluation.gates.pickle_file import allowed_globals
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.sessions.estimator import session_of
from placet_verification.adapters.evaluation.sessions.session import Session, failure

__all__ = ["open_session", "preload", "versions"]


def preload(rules: Mapping[str, Any]) -> None:
    """Import the modules of the plan's list: once the child is confined, no import succeeds. Raises `Refused` where one is missing."""
    for module in sorted({name.rpartition(".")[0] for name in allowed_globals(rules)}):
        try:
            import_module(module)
        except ImportError as error:
            raise Refused("format_not_installed", format="sklearn-pickle", library=module) from error


class _Reader(pickle.Unpickler):
    """Finds what is on the list, as an attribute of a module that is imported already."""

    def __init__(self, raw: bytes, allowed: frozenset[str]) -> None:
        super().__init__(io.BytesIO(raw), fix_imports=False)
        self._allowed = allowed

    def find_class(self, module_name: str, global_name: str) -> Any:
        name = f"{module_name}.{global_name}"
        if name not in self._allowed or "." in global_name:
            raise Refused("global_not_allowed", globals=[name[:200]])
        return getattr(sys.modules[module_name], global_name)


def open_session(raw: bytes, plan: Mapping[str, Any]) -> Session:
    """Raises `Refused`, whatever the objects of the file raise while they are made."""
    try:
        estimator = _Reader(raw, allowed_globals(plan["artifact"])).load()
    except Refused:
        raise
    except Exception as error:
        raise failure(error, "not_runnable") from error
    return session_of(estimator, plan)


def versions() -> dict[str, str]:
    """Of the library that runs these models."""
    return {"scikit-learn": sklearn.__version__}
