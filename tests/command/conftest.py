"""Things to type commands about."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from placet_client import Client, Registration
from placet_client.answers.registry import Version


@pytest.fixture
def artifact(tmp_path: Path) -> Callable[[str], Path]:
    """A file with the bytes that are asked for, by default its name."""

    def write(name: str, content: bytes | None = None) -> Path:
        file = tmp_path / name
        file.write_bytes(name.encode() if content is None else content)
        return file

    return write


@pytest.fixture
def alice(installation: Any) -> Iterator[Client]:
    """A developer with one client, which remembers what it has seen."""
    with installation.client("alice") as placet:
        yield placet


@pytest.fixture
def register(alice: Client, artifact: Callable[..., Path]) -> Callable[..., Version]:
    """A version of a model."""

    def register_version(model: str, content: bytes | None = None) -> Version:
        wanted = Registration(model, artifact(f"{model}.onnx", content), "onnx", lineage={"trained_by": ["alice"]})
        return alice.registry.register(wanted).version

    return register_version


def larger_of_two(weight: float) -> bytes:
    """An ONNX model P = 1 / (1 + exp(-weight · (a - b))) of X = [a, b]."""
    weights = numpy_helper.from_array(np.array([[weight], [-weight]], dtype=np.float32), "w")
    nodes = [helper.make_node("MatMul", ["X", "w"], ["z"]), helper.make_node("Sigmoid", ["z"], ["P"])]
    inputs = [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["rows", 2])]
    outputs = [helper.make_tensor_value_info("P", TensorProto.FLOAT, ["rows", 1])]
    graph = helper.make_graph(nodes, "g", inputs, outputs, initializer=[weights])
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


@pytest.fixture
def good_model() -> bytes:
    return larger_of_two(1.0)


@pytest.fixture
def bad_model() -> bytes:
    return larger_of_two(-1.0)


@pytest.fixture
def dataset(artifact: Callable[..., Path]) -> Path:
    """200 rows; the label says whether a is larger than b."""
    rows = [f"{a},{b},{int(a > b)}" for a in range(20) for b in range(10)]
    return artifact("data.csv", "\n".join(["a,b,larger", *rows, ""]).encode())


@pytest.fixture
def plan(artifact: Callable[..., Path], dataset: Path) -> Callable[[str, str], Path]:
    """A plan for an environment, with a data set by digest."""

    def write(environment: str, sha256: str) -> Path:
        text = PLAN.format(environment=environment, sha256=sha256)
        return artifact("plan.yaml", text.encode())

    return write


PLAN = """\
kind: Plan
name: larger-{environment}
environment: {environment}
task: binary
dataset:
  sha256: {sha256}
  label: larger
inputs:
  - name: X
    columns: [a, b]
prediction:
  scores: P
  classes: [0, 1]
  positive: 1
checks:
  - id: auc
    metric: roc_auc
    comparator: ">="
    threshold: 0.9
"""
