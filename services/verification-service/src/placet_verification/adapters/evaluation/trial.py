"""One trial from bytes to measurements: check the artifact, read the data set, run the model, measure."""

import hashlib
import resource
import sys
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime

from placet_verification.adapters.evaluation.artifact import refuse_unsafe
from placet_verification.adapters.evaluation.dataset import read_csv
from placet_verification.adapters.evaluation.engine import hold_against, open_session
from placet_verification.adapters.evaluation.measuring import measure
from placet_verification.adapters.evaluation.prediction import predict
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["try_model"]


def try_model(artifact: bytes, dataset: bytes, request: Mapping[str, Any]) -> dict[str, Any]:
    """The child's answer; raises `Refused`.

    1. Both have the digests of the request. 2. The artifact is safe to load. 3. The data set is as the plan says.
    4. The engine loads the model, which is as declared. 5. It predicts. 6. What it predicted is measured.
    """
    plan = request["plan"]
    for what, raw in (("artifact", artifact), ("dataset", dataset)):  # 1
        if hashlib.sha256(raw).hexdigest() != request[f"{what}_sha256"]:
            raise Refused(f"{what}_digest_mismatch")
    refuse_unsafe(artifact, plan["artifact"])  # 2
    data = read_csv(dataset, plan)  # 3
    session = open_session(artifact)  # 4
    if request["signature"]:
        hold_against(request["signature"], session)
    begun = time.perf_counter()
    predictions = predict(session, data, plan)  # 5
    predicted = time.perf_counter()
    found = measure(plan, data.labels, predictions)  # 6
    return {
        "status": "measured",
        "measurements": found,
        "engine_versions": _versions(),
        "observations": {
            "rows": len(data),
            "prediction_ms": round(1000 * (predicted - begun), 3),
            "latency_ms_per_row": round(1000 * (predicted - begun) / len(data), 6),
            "measuring_ms": round(1000 * (time.perf_counter() - predicted), 3),
            "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        },
    }


def _versions() -> dict[str, str]:
    return {
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "numpy": np.__version__,
        "onnx": onnx.__version__,
        "onnxruntime": onnxruntime.__version__,
    }
