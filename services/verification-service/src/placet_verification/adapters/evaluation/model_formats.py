"""The formats of models by the names that the registry gives them: the gate that reads a file first, and the engine that runs it.

Both are imported when a trial needs them: `prepare` is called before the child is confined.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any

from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.sessions.session import Session

__all__ = ["FORMATS", "open_session", "prepare", "refuse_unsafe", "versions"]

_GATES = "placet_verification.adapters.evaluation.gates"
_SESSIONS = "placet_verification.adapters.evaluation.sessions"


@dataclass(frozen=True, slots=True)
class _Format:
    """Modules: `gate` has `refuse_unsafe`, `engine` has `open_session` and `versions`, and `preload` where the plan names types."""

    gate: str
    engine: str
    by_types: bool = False


FORMATS: Mapping[str, _Format] = MappingProxyType(
    {
        "onnx": _Format(f"{_GATES}.onnx_file", f"{_SESSIONS}.onnx_session"),
        "lightgbm": _Format(f"{_GATES}.lightgbm_file", f"{_SESSIONS}.lightgbm_session"),
        "sklearn-pickle": _Format(f"{_GATES}.pickle_file", f"{_SESSIONS}.pickle_session", by_types=True),
        "skops": _Format(f"{_GATES}.skops_file", f"{_SESSIONS}.skops_session", by_types=True),
        "xgboost": _Format(f"{_GATES}.xgboost_file", f"{_SESSIONS}.xgboost_session"),
    }
)


def prepare(request: Mapping[str, Any]) -> None:
    """Import what the trial's formats need. Raises `Refused` where a library that runs a model of the trial is not installed."""
    loads = bool(request["plan"]["dataset"]) or "signature" in request["measures"]
    for whose in ("", "champion_"):
        format_ = request[f"{whose}format"]
        if format_ not in FORMATS:
            continue
        import_module(FORMATS[format_].gate)
        if loads and not request[f"{whose}obstacle"]:
            engine = _engine(format_)
            if FORMATS[format_].by_types:
                engine.preload(request["plan"]["artifact"])


def refuse_unsafe(format_: str, raw: bytes, rules: Mapping[str, Any]) -> None:
    """Raise `Refused` unless the file is of its format and keeps the plan's `artifact` rules."""
    import_module(_known(format_).gate).refuse_unsafe(raw, rules)


def open_session(format_: str, raw: bytes, plan: Mapping[str, Any]) -> Session:
    """The model, loaded once its file was found safe; raises `Refused`."""
    refuse_unsafe(format_, raw, plan["artifact"])
    session: Session = _engine(format_).open_session(raw, plan)
    return session


def versions(format_: str) -> dict[str, str]:
    """Of the libraries that ran models of this format; none where none was loaded."""
    engine = sys.modules.get(FORMATS[format_].engine) if format_ in FORMATS else None
    found: dict[str, str] = engine.versions() if engine else {}
    return found


def _engine(format_: str) -> Any:
    try:
        return import_module(_known(format_).engine)
    except ModuleNotFoundError as error:
        raise Refused("format_not_installed", format=format_, library=str(error.name)) from error
    except OSError as error:  # of the system's loader: the library is here, and another one that it is linked to is not
        raise Refused("format_not_installed", format=format_, library=str(error).partition(":")[0]) from error


def _known(format_: str) -> _Format:
    if format_ not in FORMATS:
        raise Refused("format_not_supported", format=format_)
    return FORMATS[format_]
