"""What the static gate refuses, by the smallest file that tries it."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import AttributeProto, FunctionProto, ModelProto, SparseTensorProto, TensorProto, helper, numpy_helper

from placet_verification.adapters.evaluation.gates import onnx_file
from placet_verification.adapters.evaluation.gates.onnx_file import refuse_unsafe
from placet_verification.adapters.evaluation.refused import Refused
from placet_verification.adapters.evaluation.sessions.onnx_session import open_session
from placet_verification.checks import conclude
from placet_verification.domain.result import Evaluation
from placet_verification.ports import Refusal

from .. import builders, onnx_models

RULES = builders.plan()["artifact"]
ML = helper.make_opsetid("ai.onnx.ml", 3)


def changed(change: Callable[[ModelProto], object], model: bytes | None = None) -> bytes:
    """An honest model after one change."""
    loaded = onnx.load_model_from_string(model or onnx_models.logistic())
    change(loaded)
    return bytes(loaded.SerializeToString())


def refused(raw: bytes, **rules: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        refuse_unsafe(raw, RULES | rules)
    return caught.value


def with_tensor(tensor: TensorProto) -> bytes:
    return changed(lambda model: model.graph.initializer.append(tensor))


def tensor(type_: int, dims: list[int], **data: Any) -> TensorProto:
    return TensorProto(name="t", data_type=type_, dims=dims, **data)


@pytest.mark.parametrize(
    "lie",
    [
        tensor(TensorProto.FLOAT, [100_000, 100_000], raw_data=bytes(4)),
        tensor(TensorProto.FLOAT, [100_000, 100_000], float_data=[1.0]),
        tensor(TensorProto.FLOAT, [100_000, 100_000]),
        tensor(TensorProto.FLOAT, [2**40, 2**40], raw_data=bytes(4)),
        tensor(TensorProto.FLOAT, [-1, -1], raw_data=bytes(4)),
        tensor(TensorProto.FLOAT, [1], raw_data=bytes(4), float_data=[1.0]),
        tensor(TensorProto.FLOAT, [1], float_data=[1.0], int32_data=[1]),
        tensor(TensorProto.FLOAT16, [2], raw_data=bytes(8)),
        tensor(TensorProto.FLOAT16, [2], int32_data=[1]),
        tensor(TensorProto.BFLOAT16, [2], float_data=[1.0, 1.0]),
        tensor(TensorProto.STRING, [10**10], string_data=[b"x"]),
        tensor(TensorProto.STRING, [1], raw_data=b"x"),
        tensor(TensorProto.INT4, [10**10], raw_data=b"x"),
        tensor(TensorProto.COMPLEX64, [1], float_data=[1.0]),
        tensor(TensorProto.UNDEFINED, [0]),
        tensor(99, [0]),
        tensor(TensorProto.FLOAT, [1], raw_data=bytes(4), segment=TensorProto.Segment(begin=0, end=10**10)),
    ],
    ids=lambda tensor: f"type {tensor.data_type} dims {list(tensor.dims)}",
)
def test_a_tensor_that_says_more_or_less_than_it_holds_is_refused(lie: TensorProto) -> None:
    assert refused(with_tensor(lie)).reason_code == "tensor_mismatch"
    constant = helper.make_node("Constant", [], ["c"], value=lie)
    assert refused(changed(lambda model: model.graph.node.append(constant))).reason_code == "tensor_mismatch"


@pytest.mark.parametrize("type_", sorted(set(TensorProto.DataType.values()) - {TensorProto.UNDEFINED}))
@pytest.mark.parametrize("raw", [True, False])
def test_a_tensor_of_every_type_as_exporters_write_it_passes(type_: int, raw: bool) -> None:
    """27 and 28 are of six bits, which the engine does not have either."""
    if type_ == TensorProto.STRING:
        written = tensor(type_, [3], string_data=[b"a", b"b", b"c"])
    else:
        values = np.ones(3, dtype=helper.tensor_dtype_to_np_dtype(type_))
        written = numpy_helper.from_array(values, "t") if raw else helper.make_tensor("t", type_, [3], values)
    if type_ in (27, 28):
        assert refused(with_tensor(written)).reason_code == "tensor_mismatch"
    else:
        refuse_unsafe(with_tensor(written), RULES)


def test_a_sparse_tensor_counts_as_the_engine_makes_it() -> None:
    """99 bytes were seen to take 400 MB."""
    sparse = helper.make_sparse_tensor(
        tensor(TensorProto.FLOAT, [1], float_data=[1.0]), tensor(TensorProto.INT64, [1], int64_data=[0]), [100_000, 100_000]
    )
    for raw in (
        changed(lambda model: model.graph.sparse_initializer.append(sparse)),
        changed(lambda model: model.graph.node.append(helper.make_node("Constant", [], ["c"], sparse_value=sparse))),
    ):
        assert refused(raw).reason_code == "initializers_too_large"


def test_a_tensor_of_any_length_fails_the_check_with_its_reason(tmp_path: Path) -> None:
    sparse = helper.make_sparse_tensor(
        tensor(TensorProto.FLOAT, [1], float_data=[1.0]), tensor(TensorProto.INT64, [1], int64_data=[0]), [2**40, 2**40]
    )
    document = builders.plan_without_data({"id": "safe", "check": "artifact_safety"})
    raw = changed(lambda model: model.graph.sparse_initializer.append(sparse))
    found = builders.measured_here(builders.trial(tmp_path, raw, None, document))
    assert isinstance(found, Evaluation)
    [judgement] = conclude(document, {"plan_sha256": builders.SHA}, found).judgements
    assert (judgement.status, judgement.worst.reason_code) == ("FAIL", "initializers_too_large")


def test_an_attribute_that_has_one_sparse_tensor_and_several_hides_none() -> None:
    outside = TensorProto(name="far", data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    honest = helper.make_sparse_tensor(tensor(TensorProto.FLOAT, [0]), tensor(TensorProto.INT64, [0]), [1])
    both = AttributeProto(name="value", sparse_tensor=honest, sparse_tensors=[SparseTensorProto(values=outside)])
    node = helper.make_node("Constant", [], ["c"])
    node.attribute.append(both)
    assert refused(changed(lambda model: model.graph.node.append(node))).reason_code == "external_data"


@pytest.mark.parametrize("place", ["function", "default", "training", "subgraph"])
def test_control_flow_and_outside_data_are_found_wherever_they_are(place: str) -> None:
    loop, outside = onnx.load_model_from_string(onnx_models.endless()), onnx.load_model_from_string(onnx_models.external_data())

    def put(inner: ModelProto) -> Callable[[ModelProto], object]:
        attribute = AttributeProto(name="body", type=AttributeProto.GRAPH, g=inner.graph)
        function = helper.make_function("ai.onnx.ml", "F", ["x"], ["y"], list(inner.graph.node), [onnx_models.OPSET])
        function.attribute_proto.append(AttributeProto(name="w", type=AttributeProto.TENSORS, tensors=inner.graph.initializer))
        with_default = FunctionProto(name="F", domain="ai.onnx.ml", attribute_proto=[attribute])
        node = helper.make_node("Loop", ["", ""], ["z"])
        node.attribute.append(attribute)
        return {
            "function": lambda model: model.functions.append(function),
            "default": lambda model: model.functions.append(with_default),
            "training": lambda model: model.training_info.add().algorithm.CopyFrom(inner.graph),
            "subgraph": lambda model: model.graph.node.append(node),
        }[place]

    assert refused(changed(put(loop))).reason_code == "unsafe_operator"
    assert refused(changed(put(outside)), allow_operators=["Loop"]).reason_code == "external_data"


def test_a_graph_in_any_operators_attribute_is_control_flow() -> None:
    node = helper.make_node("Relu", ["X"], ["z"], body=onnx.load_model_from_string(onnx_models.logistic()).graph)
    found = refused(changed(lambda model: model.graph.node.append(node)))
    assert (found.reason_code, found.facts) == ("unsafe_operator", {"operator": "Relu"})


def test_a_foreign_domain_that_only_a_function_imports_is_refused() -> None:
    function = helper.make_function("ai.onnx.ml", "F", ["x"], ["y"], [], [helper.make_opsetid("com.example", 1)])
    assert refused(changed(lambda model: model.functions.append(function))).reason_code == "unsafe_domain"


def functions(*bodies: list[str]) -> bytes:
    """F0, F1, …, each of which applies the operators of its list."""
    made = [
        helper.make_function(
            "ai.onnx.ml", f"F{number}", ["x"], ["y"],
            [helper.make_node(called, ["x"], ["y"], domain="ai.onnx.ml" if called[0] == "F" else "") for called in body],
            [onnx_models.OPSET, ML],
        )
        for number, body in enumerate(bodies)
    ]  # fmt: skip
    call = helper.make_node("F0", ["X"], ["z"], domain="ai.onnx.ml")

    def change(model: ModelProto) -> None:
        model.functions.extend(made)
        model.graph.node.append(call)

    return changed(change)


def test_functions_that_grow_by_powers_of_two_count_as_what_they_become() -> None:
    depth = 1000
    doubling = [[f"F{number + 1}", f"F{number + 1}"] for number in range(depth)]
    found = refused(functions(*doubling, ["Identity"]))
    assert found.reason_code == "too_many_nodes"
    refuse_unsafe(functions(["F1", "F1"], ["Identity"]), RULES | {"max_nodes": 3 + 1 + 2 * 2})
    assert refused(functions(["F1", "F1"], ["Identity"]), max_nodes=7).facts == {"nodes": 8, "allowed": 7}


def test_a_function_that_calls_itself_is_refused() -> None:
    assert refused(functions(["F1"], ["F0"])).reason_code == "recursive_function"


def test_functions_that_are_never_called_count_too() -> None:
    unused = [["Identity"] * 50]
    assert refused(functions(["Identity"], *unused), max_nodes=50).reason_code == "too_many_nodes"


def archive() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr("data.pkl", b"cos\nsystem\n")
    return written.getvalue()


def test_a_zip_at_the_end_of_a_model_is_found() -> None:
    """PyTorch would load the same bytes as a pickle."""
    raw = onnx_models.logistic() + field(6, archive())  # as the model's documentation
    assert zipfile.is_zipfile(io.BytesIO(raw))
    assert refused(raw).facts == {"other": "ZIP"}


def field(number: int, content: bytes) -> bytes:
    """Bytes of a protobuf message: a field with this content."""
    tag = number << 3 | 2
    return varint(tag) + varint(len(content)) + content


def varint(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)


def test_a_tar_or_an_hdf5_around_a_model_is_found() -> None:
    header = tarfile.TarInfo("model").tobuf()
    model = onnx_models.logistic()
    for other, content in (("TAR", header[2 + 3 :]), ("HDF5", bytes(512 - 5) + b"\x89HDF\r\n\x1a\n")):
        raw = b"\x08\x08" + field(6, content) + model  # the documentation of the model, which comes first
        assert refused(raw).facts == {"other": other}


def test_a_file_that_the_engine_would_take_for_its_own_format_is_refused_twice() -> None:
    """The engine looks at four bytes and would load a flatbuffer that the gate has not read."""
    raw = changed(lambda model: setattr(model, "producer_name", "ORTM and more"))
    assert raw[4:8] == b"ORTM"
    assert refused(raw).facts == {"other": "ORT"}
    assert [output.name for output in open_session(raw, {}).outputs] == ["P"]


def test_fields_that_the_standard_does_not_have_are_refused_at_any_depth() -> None:
    hidden = field(7, field(5, field(200, b"hidden")))  # in an initialiser, in the graph
    for content in (field(200, b"hidden"), hidden):
        assert refused(onnx_models.logistic() + content).reason_code == "unknown_fields"


def test_documentation_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_file, "METADATA_LIMIT", 1000)
    refuse_unsafe(changed(lambda model: setattr(model, "doc_string", "x" * 1000)), RULES)
    for change in (
        lambda model: setattr(model, "doc_string", "x" * 1001),
        lambda model: setattr(model.graph.node[0], "doc_string", "x" * 1001),
        lambda model: model.metadata_props.add(key="k", value="x" * 1001),
        lambda model: model.graph.metadata_props.add(key="k", value="x" * 1001),
    ):
        assert refused(changed(change)).reason_code == "metadata_too_large"


def test_graphs_in_graphs_deeper_than_protobuf_reads_are_no_model() -> None:
    deep = b""
    for _ in range(5000):
        deep = field(1, field(5, field(6, deep)))  # a node, its attribute, a graph
    assert refused(field(7, deep)).reason_code == "not_onnx"


async def test_weights_beyond_the_memory_are_said_to_be_so(tmp_path: Path) -> None:
    """The file is whole and within the plan's limits: the memory is what ends it."""
    weights = numpy_helper.from_array(np.zeros(40 * 1024**2, dtype=np.float32), "big")
    document = builders.plan(limits={"wall_clock_seconds": 30, "memory_mib": 256})
    report = await builders.try_out(tmp_path, with_tensor(weights), builders.labelled_rows(), document)
    assert report.finding == Refusal("memory_limit")
