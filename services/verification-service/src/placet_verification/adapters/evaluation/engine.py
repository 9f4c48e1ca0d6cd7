"""The ONNX engine: one session on the processor, from bytes, and its exceptions as reasons."""

from collections.abc import Mapping, Sequence
from typing import Any

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as engine

from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["TYPES", "hold_against", "open_session", "run_session"]

TYPES = {"float32": "float", "float64": "double"}
"""The engine's names where they differ from the plan's."""

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
_OUT_OF_MEMORY = ("bad_alloc", "bad allocation", "Failed to allocate memory")


def open_session(raw: bytes) -> onnxruntime.InferenceSession:
    """One thread, no rewriting of the graph: exactly the registered model runs, and additions have one order."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    options.add_session_config_entry("session.load_model_format", "ONNX")  # it would guess from the bytes
    try:
        return onnxruntime.InferenceSession(raw, sess_options=options, providers=["CPUExecutionProvider"])
    except _ENGINE_ERRORS as error:
        raise _reason(error, "not_runnable") from error


def run_session(session: onnxruntime.InferenceSession, outputs: Sequence[str], batch: Mapping[str, Any]) -> list[Any]:
    """The outputs for one batch; raises `Refused`."""
    try:
        answer: list[Any] = session.run(list(outputs), dict(batch))
    except _ENGINE_ERRORS as error:
        raise _reason(error, "prediction_failed") from error
    return answer


def hold_against(declared: Mapping[str, Any], session: onnxruntime.InferenceSession) -> None:
    """Compares with the declared signature: names, types and fixed lengths; raises `Refused`."""
    for what, found in (("inputs", session.get_inputs()), ("outputs", session.get_outputs())):
        arguments = {argument.name: argument for argument in found}
        columns = declared[what]
        if columns and {column["name"] for column in columns} != arguments.keys():
            names = ", ".join(column["name"] for column in columns)
            raise Refused("signature_mismatch", what=what, expected=names, found=", ".join(arguments))
        for column in columns:
            argument = arguments[column["name"]]
            if not (_same_type(column["type"], argument.type) and _same_shape(column["shape"], argument.shape)):
                expected, got = f"{column['type']} {column['shape']}", f"{argument.type} {argument.shape}"
                raise Refused("signature_mismatch", what=what, name=column["name"], expected=expected, found=got)


def _same_type(declared: str, found: str) -> bool:
    """`float`, `float32` and `tensor(float)` say the same."""
    plain = declared.removeprefix("tensor(").removesuffix(")")
    return declared == found or TYPES.get(plain, plain) == found.removeprefix("tensor(").removesuffix(")")


def _same_shape(declared: Sequence[Any], found: Sequence[Any]) -> bool:
    """No lengths at all declare nothing; a name or null fits any length."""
    if not declared:
        return True
    pairs = zip(declared, found, strict=False)
    return len(declared) == len(found) and all(a == b for a, b in pairs if isinstance(a, int) and isinstance(b, int))


def _reason(error: Exception, otherwise: str) -> Refused:
    text = str(error)
    return Refused("memory_limit") if any(sign in text for sign in _OUT_OF_MEMORY) else Refused(otherwise, engine=text)
