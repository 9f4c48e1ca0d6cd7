"""ONNX files made for tests: honest ones, and those of an attacker."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import FunctionProto, NodeProto, OperatorSetIdProto, TensorProto, ValueInfoProto, helper, numpy_helper

OPSET = helper.make_opsetid("", 17)


def _finished(
    nodes: Sequence[NodeProto], inputs: Sequence[ValueInfoProto], outputs: Sequence[ValueInfoProto],
    *, initializer: Sequence[TensorProto] = (), opsets: Sequence[OperatorSetIdProto] = (OPSET,), functions: Sequence[FunctionProto] = (),
) -> bytes:  # fmt: skip
    graph = helper.make_graph(nodes, "g", inputs, outputs, initializer=initializer)
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, functions=functions)
    return bytes(model.SerializeToString())


def _floats(name: str, *shape: int | str) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


X = _floats("X", "rows", 2)
P = _floats("P", "rows", 1)


def logistic(weights: Sequence[float] = (2.0, -1.0), bias: float = 0.1) -> bytes:
    """P = 1 / (1 + exp(-(X·w + b)))."""
    initializer = [
        numpy_helper.from_array(np.array(weights, dtype=np.float32).reshape(-1, 1), "w"),
        numpy_helper.from_array(np.array([bias], dtype=np.float32), "b"),
    ]
    nodes = [
        helper.make_node("MatMul", ["X", "w"], ["h"]),
        helper.make_node("Add", ["h", "b"], ["z"]),
        helper.make_node("Sigmoid", ["z"], ["P"]),
    ]
    return _finished(nodes, [_floats("X", "rows", len(weights))], [P], initializer=initializer)


def of_first_column() -> bytes:
    """P = 1 / (1 + exp(-first column)), whatever the second one is, NaN too."""
    initializer = [numpy_helper.from_array(np.array([0], dtype=np.int64), "first")]
    nodes = [helper.make_node("Gather", ["X", "first"], ["x"], axis=1), helper.make_node("Sigmoid", ["x"], ["P"])]
    return _finished(nodes, [X], [P], initializer=initializer)


def linear(weights: Sequence[float]) -> bytes:
    """P = X·w."""
    initializer = [numpy_helper.from_array(np.array(weights, dtype=np.float32).reshape(-1, 1), "w")]
    return _finished([helper.make_node("MatMul", ["X", "w"], ["P"])], [_floats("X", "rows", len(weights))], [P], initializer=initializer)


def of_words(scores: Mapping[str, float]) -> bytes:
    """P by the text itself, and 0 for any other text."""
    opsets = [OPSET, helper.make_opsetid("ai.onnx.ml", 3)]
    words: dict[str, Any] = {"keys_strings": list(scores), "values_floats": list(scores.values()), "default_float": 0.0}
    node = helper.make_node("LabelEncoder", ["X"], ["P"], domain="ai.onnx.ml", **words)
    texts = helper.make_tensor_value_info("X", TensorProto.STRING, ["rows", 1])
    return _finished([node], [texts], [P], opsets=opsets)


def softmax(weights: NDArray[np.float64]) -> bytes:
    """P = softmax(X·W), one column a class."""
    initializer = [numpy_helper.from_array(weights.astype(np.float32), "w")]
    nodes = [helper.make_node("MatMul", ["X", "w"], ["z"]), helper.make_node("Softmax", ["z"], ["P"], axis=1)]
    return _finished(nodes, [_floats("X", "rows", weights.shape[0])], [_floats("P", "rows", weights.shape[1])], initializer=initializer)


def endless() -> bytes:
    """A loop without an end whose body does nothing."""
    return _looping([helper.make_node("Identity", ["state"], ["next"])], ["x"])


def hungry() -> bytes:
    """A loop whose state is twice as large each time round."""
    return _looping([helper.make_node("Concat", ["state", "state"], ["next"], axis=0)], ["x"])


def _looping(step: Sequence[NodeProto], state: Sequence[str]) -> bytes:
    body = helper.make_graph(
        [helper.make_node("Identity", ["keep"], ["keep_on"]), *step],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("keep", TensorProto.BOOL, []),
            helper.make_tensor_value_info("state", TensorProto.FLOAT, None),
        ],
        [helper.make_tensor_value_info("keep_on", TensorProto.BOOL, []), helper.make_tensor_value_info("next", TensorProto.FLOAT, None)],
    )
    nodes = [
        helper.make_node("Constant", [], ["yes"], value=helper.make_tensor("t", TensorProto.BOOL, [], [True])),
        helper.make_node("ReduceMax", ["X"], ["x"], axes=[1]),
        helper.make_node("Loop", ["", "yes", *state], ["P"], body=body),
    ]
    return _finished(nodes, [X], [P])


def hidden_loop() -> bytes:
    """The same inside the body of a function."""
    model = onnx.load_model_from_string(endless())
    function = helper.make_function("ai.onnx", "Quiet", ["X"], ["P"], list(model.graph.node), [OPSET])
    return _finished([helper.make_node("Quiet", ["X"], ["P"], domain="ai.onnx")], [X], [P], functions=[function])


def forty_gigabytes() -> bytes:
    """A few bytes that ask for a tensor of 10^10 floats."""
    initializer = [numpy_helper.from_array(np.array([100_000, 100_000], dtype=np.int64), "shape")]
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["huge"], value=helper.make_tensor("v", TensorProto.FLOAT, [1], [1.0])),
        helper.make_node("ReduceMax", ["huge"], ["most"], keepdims=0),
        helper.make_node("ReduceMax", ["X"], ["x"], axes=[1]),
        helper.make_node("Add", ["x", "most"], ["P"]),
    ]
    return _finished(nodes, [X], [P], initializer=initializer)


def external_data() -> bytes:
    """Weights that lie in a file of the host."""
    model = onnx.load_model_from_string(logistic())
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../../etc/hostname")
    return bytes(model.SerializeToString())


def foreign_domain() -> bytes:
    """An operator that is not the standard's."""
    opsets = [OPSET, helper.make_opsetid("com.example", 1)]
    return _finished([helper.make_node("Run", ["X"], ["P"], domain="com.example")], [X], [P], opsets=opsets)


def not_a_number() -> bytes:
    """Predicts NaN."""
    nodes = [
        helper.make_node("ReduceMax", ["X"], ["m"], axes=[1]),
        helper.make_node("Sub", ["m", "m"], ["zero"]),
        helper.make_node("Div", ["zero", "zero"], ["P"]),
    ]
    return _finished(nodes, [X], [P])


def of_doubles() -> bytes:
    """Wants float64 where the plan says float32."""
    doubles = helper.make_tensor_value_info("X", TensorProto.DOUBLE, ["rows", 2])
    nodes = [helper.make_node("ReduceMax", ["X"], ["m"], axes=[1]), helper.make_node("Cast", ["m"], ["P"], to=TensorProto.FLOAT)]
    return _finished(nodes, [doubles], [P])


def unknown_operator() -> bytes:
    """A name that no operator of the standard has."""
    return _finished([helper.make_node("Frobnicate", ["X"], ["P"])], [X], [P])


def of_its_batch() -> bytes:
    """Predicts for a row by the mean of all rows beside it."""
    nodes = [
        helper.make_node("ReduceMean", ["X"], ["mean"], axes=[0], keepdims=1),
        helper.make_node("Sub", ["X", "mean"], ["centred"]),
        helper.make_node("ReduceMax", ["centred"], ["z"], axes=[1]),
        helper.make_node("Sigmoid", ["z"], ["P"]),
    ]
    return _finished(nodes, [X], [P])


def enormous() -> bytes:
    """P = 1e200 times the first column, whose square no number holds."""
    initializer = [
        numpy_helper.from_array(np.array([0], dtype=np.int64), "first"),
        numpy_helper.from_array(np.array([1e200], dtype=np.float64), "factor"),
    ]
    nodes = [
        helper.make_node("Gather", ["X", "first"], ["x"], axis=1),
        helper.make_node("Cast", ["x"], ["wide"], to=TensorProto.DOUBLE),
        helper.make_node("Mul", ["wide", "factor"], ["P"]),
    ]
    return _finished(nodes, [X], [helper.make_tensor_value_info("P", TensorProto.DOUBLE, ["rows", 1])], initializer=initializer)


def of_company() -> bytes:
    """P by the first column, and the opposite for a row that comes alone."""
    initializer = [numpy_helper.from_array(np.array([number], dtype=np.int64), name) for name, number in (("first", 0), ("one", 1))]
    nodes = [
        helper.make_node("Gather", ["X", "first"], ["x"], axis=1),
        helper.make_node("Neg", ["x"], ["opposite"]),
        helper.make_node("Shape", ["X"], ["rows"], start=0, end=1),
        helper.make_node("Equal", ["rows", "one"], ["alone"]),
        helper.make_node("Where", ["alone", "opposite", "x"], ["z"]),
        helper.make_node("Sigmoid", ["z"], ["P"]),
    ]
    return _finished(nodes, [X], [P], initializer=initializer)


def drawing() -> bytes:
    """Predicts at random, whatever the row."""
    nodes = [helper.make_node("ReduceMax", ["X"], ["m"], axes=[1]), helper.make_node("RandomUniformLike", ["m"], ["P"])]
    return _finished(nodes, [X], [P])


def of_batches_of(rows: int) -> bytes:
    """Takes that many rows at once and no other number."""
    nodes = [helper.make_node("ReduceMax", ["X"], ["m"], axes=[1]), helper.make_node("Sigmoid", ["m"], ["P"])]
    return _finished(nodes, [_floats("X", rows, 2)], [_floats("P", rows, 1)])


OF_EVERY_TYPE = {"x": "float64", "region": "string", "children": "int64", "married": "bool"}
"""The inputs of the next one, each a column."""


def of_every_type() -> bytes:
    """P = sigmoid(x + weight of the region - children / 2 + married), where a region that it does not know weighs -3."""
    weights = {"north": 1.0, "south": -1.0, "east": 0.5, "west": 0.0}
    known: dict[str, Any] = {"keys_strings": list(weights), "values_floats": list(weights.values()), "default_float": -3.0}
    nodes = [
        helper.make_node("LabelEncoder", ["region"], ["of_region"], domain="ai.onnx.ml", **known),
        helper.make_node("Cast", ["x"], ["of_x"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["children"], ["counted"], to=TensorProto.FLOAT),
        helper.make_node("Constant", [], ["half"], value=helper.make_tensor("h", TensorProto.FLOAT, [1], [-0.5])),
        helper.make_node("Mul", ["counted", "half"], ["of_children"]),
        helper.make_node("Cast", ["married"], ["of_married"], to=TensorProto.FLOAT),
        helper.make_node("Sum", ["of_x", "of_region", "of_children", "of_married"], ["z"]),
        helper.make_node("Sigmoid", ["z"], ["P"]),
    ]
    types = {"x": TensorProto.DOUBLE, "region": TensorProto.STRING, "children": TensorProto.INT64, "married": TensorProto.BOOL}
    inputs = [helper.make_tensor_value_info(name, type_, ["rows", 1]) for name, type_ in types.items()]
    return _finished(nodes, inputs, [P], opsets=[OPSET, helper.make_opsetid("ai.onnx.ml", 3)])


def classifier(*, zip_map: bool) -> bytes:
    """What converters of scikit-learn write: the model's own decision, and probabilities as a tensor or as one map a row."""
    opsets = [OPSET, helper.make_opsetid("ai.onnx.ml", 3)]
    coefficients: dict[str, Any] = {"coefficients": [-2.0, 1.0, 2.0, -1.0], "intercepts": [-0.1, 0.1], "classlabels_ints": [0, 1]}
    outputs = ["label", "raw" if zip_map else "P"]
    nodes = [helper.make_node("LinearClassifier", ["X"], outputs, domain="ai.onnx.ml", post_transform="SOFTMAX", **coefficients)]
    label = helper.make_tensor_value_info("label", TensorProto.INT64, ["rows"])
    if not zip_map:
        return _finished(nodes, [X], [label, _floats("P", "rows", 2)], opsets=opsets)
    nodes.append(helper.make_node("ZipMap", ["raw"], ["P"], domain="ai.onnx.ml", classlabels_int64s=[0, 1]))
    of_floats = helper.make_map_type_proto(TensorProto.INT64, helper.make_tensor_type_proto(TensorProto.FLOAT, []))
    maps = helper.make_value_info("P", helper.make_sequence_type_proto(of_floats))
    return _finished(nodes, [X], [label, maps], opsets=opsets)
