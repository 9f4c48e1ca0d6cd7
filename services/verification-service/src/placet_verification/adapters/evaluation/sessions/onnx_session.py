"""The ONNX engine: one session on the processor, from bytes, and its exceptions as reasons."""

from collections.abc import Mapping, Sequence
from typing import Any

import onnx
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as engine

from placet_verification.adapters.evaluation.sessions.session import Argument, Session, failure

__all__ = ["open_session", "versions"]

_ENGINE_ERRORS = (
    engine.EPFail,
    engine.EngineError,
    engine.Fail,
    engine.InvalidArgument,
    engine.InvalidGraph,
    engine.InvalidProtobuf,
    engine.ModelLoaded,
    engine.ModelLoadCanceled,
    engine.ModelRequiresCompilation,
    engine.NoModel,
    engine.NoSuchFile,
    engine.NotFound,
    engine.NotImplemented,
    engine.RuntimeException,
)


class _OnnxSession:
    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self.inputs = [Argument(found.name, [found.type], found.shape) for found in session.get_inputs()]
        self.outputs = [Argument(found.name, [found.type], found.shape) for found in session.get_outputs()]

    def run(self, outputs: Sequence[str], batch: Mapping[str, Any]) -> list[Any]:
        try:
            answer: list[Any] = self._session.run(list(outputs), dict(batch))
        except _ENGINE_ERRORS as error:
            raise failure(error, "prediction_failed") from error
        return answer


def open_session(raw: bytes, plan: Mapping[str, Any]) -> Session:
    """One thread, no rewriting of the graph: exactly the registered model runs, and additions have one order."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    options.add_session_config_entry("session.load_model_format", "ONNX")  # it would guess from the bytes
    try:
        return _OnnxSession(onnxruntime.InferenceSession(raw, sess_options=options, providers=["CPUExecutionProvider"]))
    except _ENGINE_ERRORS as error:
        raise failure(error, "not_runnable") from error


def versions() -> dict[str, str]:
    """Of the libraries that run these models."""
    return {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}
