"""One trial from bytes to measurements: check the artifact, read the data, run the model, measure."""

import hashlib
import json
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from placet_verification.adapters.evaluation import model_formats
from placet_verification.adapters.evaluation.declared_signature import hold_against
from placet_verification.adapters.evaluation.inputs import Files, Format, Inputs
from placet_verification.adapters.evaluation.peak_memory import peak_memory_bytes
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["Measure", "measuring_functions", "try_model"]

Measure = Callable[[list[Mapping[str, Any]], Inputs], Mapping[str, Any]]

logger = logging.getLogger(__name__)


def measuring_functions(measures: Mapping[str, str]) -> dict[str, Measure]:
    """Imported by `package.module:function`; what they bring is there before the limits are. Raises `Refused`."""
    found = {}
    for kind, place in measures.items():
        module, _, function = place.partition(":")
        try:
            found[kind] = getattr(import_module(module), function)
        except (ImportError, AttributeError) as error:
            logger.exception("a measuring function can't be imported")
            raise Refused("check_not_installed", check=kind, measure=place) from error
    return found


def try_model(files: Files, request: Mapping[str, Any], measures: Mapping[str, Measure]) -> dict[str, Any]:
    """The child's answer; raises `Refused`.

    1. All files have the digests of the request. 2. Where the plan runs the model: the artifact is safe to load, the model is as it was
    registered, the data are as the plan says, and the model predicts. 3. Each kind of check measures; the part that it calls
    `observed`, such as durations, goes into the observations and is no part of what was measured.
    """
    plan = request["plan"]
    _refuse_other_bytes("artifact", "artifact", files.artifact, request["artifact_sha256"])  # 1
    if files.champion is not None:
        _refuse_other_bytes("champion", "champion", files.champion, request["champion_sha256"])
    for use, raw in files.datasets.items():
        _refuse_other_bytes("dataset", use, raw, request["datasets"][use])
    formats = [Format(request[f"{whose}format"], request[f"{whose}obstacle"]) for whose in ("", "champion_")]
    inputs = Inputs(plan, files, request["signature"], request["further_columns"], *formats)
    observed = _predicted(inputs) if plan["dataset"] else {}  # 2
    begun = time.perf_counter()
    measured: dict[str, dict[str, Any]] = {}
    for kind, measure in measures.items():  # 3
        measured |= _measured(measure, [check for check in plan["checks"] if check["check"] == kind], inputs)
    of_checks = {check: found.pop("observed") for check, found in measured.items() if "observed" in found}
    return {
        "status": "measured",
        "measured": measured,
        "engine_versions": _versions(formats),
        "observations": {
            **observed,
            **({"checks": of_checks} if of_checks else {}),
            "measuring_ms": round(1000 * (time.perf_counter() - begun), 3),
            "peak_memory_bytes": peak_memory_bytes(),
        },
    }


def _refuse_other_bytes(what: str, use: str, raw: bytes, sha256: str) -> None:
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise Refused(f"{what}_digest_mismatch", input=use)


def _predicted(inputs: Inputs) -> dict[str, Any]:
    """Have everything made that other checks measure; gives the times."""
    if inputs.signature:
        hold_against(inputs.signature, inputs.session)
    rows = len(inputs.data)
    _ = inputs.session  # loading is no part of the latency
    begun = time.perf_counter()
    _ = inputs.predictions
    milliseconds = 1000 * (time.perf_counter() - begun)
    return {"rows": rows, "prediction_ms": round(milliseconds, 3), "latency_ms_per_row": round(milliseconds / rows, 6)}


def _measured(measure: Measure, checks: list[Mapping[str, Any]], inputs: Inputs) -> dict[str, dict[str, Any]]:
    """A fault of the measuring function is an error of its checks alone, and it speaks for no others."""
    try:
        found = measure(checks, inputs)
        return {check["id"]: _plain(found[check["id"]]) for check in checks}
    except (Refused, MemoryError):
        raise
    except Exception:
        logger.exception("a check could not be measured")
        return {check["id"]: {"failed": True} for check in checks}


def _plain(found: Mapping[str, Any]) -> dict[str, Any]:
    """As the parent will read it; TypeError or ValueError for what is no JSON object."""
    plain = json.loads(json.dumps(dict(found), allow_nan=False))
    assert isinstance(plain, dict)
    return plain


def _versions(formats: Sequence[Format]) -> dict[str, str]:
    found = {"python": ".".join(str(part) for part in sys.version_info[:3]), "numpy": np.__version__}
    for format_ in formats:
        found |= model_formats.versions(format_.name)
    return found | ({"pyarrow": sys.modules["pyarrow"].__version__} if "pyarrow" in sys.modules else {})
