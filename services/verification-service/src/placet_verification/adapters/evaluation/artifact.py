"""Artifact safety: the checks of an ONNX file before the engine loads it.

"Executes no code" is not "safe": a file of 66 bytes can ask for 40 GB, and a loop of 232 bytes runs for ever. So, on the parsed
file and never on its words:

1. the size of the file, 2. it is ONNX, 3. the standard's domains only, 4. no control flow unless allowed, 5. no data outside the
file, 6. numbers of nodes and of initialiser bytes. Subgraphs and function bodies are walked like the graph itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import onnx
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto

from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["CONTROL_FLOW", "DOMAINS", "refuse_unsafe"]

DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})
CONTROL_FLOW = frozenset({"Loop", "If", "Scan", "SequenceMap"})


def refuse_unsafe(raw: bytes, rules: Mapping[str, Any]) -> None:
    """Raise `Refused` unless the file keeps the plan's `artifact` rules."""
    if len(raw) > rules["max_bytes"]:  # 1
        raise Refused("artifact_too_large", bytes=len(raw), allowed=rules["max_bytes"])
    model = _parsed(raw)  # 2
    for domain in [entry.domain for entry in model.opset_import] + [function.domain for function in model.functions]:
        _refuse_domain(domain, "opset_import")  # 3
    nodes = initializer_bytes = 0
    for node in _nodes(model):
        _refuse_domain(node.domain, node.op_type)  # 3
        if node.op_type in CONTROL_FLOW and node.op_type not in rules["allow_operators"]:  # 4
            raise Refused("unsafe_operator", operator=node.op_type)
        nodes += 1
    for tensor in _tensors(model):
        if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:  # 5
            raise Refused("external_data", tensor=tensor.name)
        initializer_bytes += tensor.ByteSize()
    if nodes > rules["max_nodes"]:  # 6
        raise Refused("too_many_nodes", nodes=nodes, allowed=rules["max_nodes"])
    if initializer_bytes > rules["max_initializer_bytes"]:  # 6
        raise Refused("initializers_too_large", bytes=initializer_bytes, allowed=rules["max_initializer_bytes"])


def _parsed(raw: bytes) -> ModelProto:
    try:
        model = onnx.load_model_from_string(raw)
    except MemoryError:
        raise
    except Exception as error:  # which one depends on how protobuf was built; each says that it can't be read
        raise Refused("not_onnx") from error
    # protobuf reads almost any bytes as unknown fields, and no bytes at all as an empty message
    if model.ir_version < 1 or not model.opset_import or not model.graph.output:
        raise Refused("not_onnx")
    return model


def _refuse_domain(domain: str, operator: str) -> None:
    if domain not in DOMAINS:
        raise Refused("unsafe_domain", domain=domain, operator=operator)


def _graphs(nodes: Iterable[NodeProto]) -> Iterator[GraphProto]:
    return _graphs_of(_attributes(nodes))


def _graphs_of(attributes: Iterable[AttributeProto]) -> Iterator[GraphProto]:
    for attribute in attributes:
        yield from [attribute.g] if attribute.HasField("g") else []
        yield from attribute.graphs


def _attributes(nodes: Iterable[NodeProto]) -> Iterator[AttributeProto]:
    return (attribute for node in nodes for attribute in node.attribute)


def _bodies(model: ModelProto) -> Iterator[tuple[GraphProto | None, list[NodeProto]]]:
    """Every list of nodes of the model, with the graph it belongs to (None for a function's)."""
    training = [graph for info in model.training_info for graph in (info.initialization, info.algorithm)]
    open_graphs = [model.graph, *training]
    for function in model.functions:
        nodes = list(function.node)
        yield None, nodes
        open_graphs += _graphs(nodes)
        open_graphs += _graphs_of(function.attribute_proto)
    while open_graphs:
        graph = open_graphs.pop()
        nodes = list(graph.node)
        yield graph, nodes
        open_graphs += _graphs(nodes)


def _nodes(model: ModelProto) -> Iterator[NodeProto]:
    for _, nodes in _bodies(model):
        yield from nodes


def _tensors(model: ModelProto) -> Iterator[TensorProto]:
    attributes = [default for function in model.functions for default in function.attribute_proto]
    for graph, nodes in _bodies(model):
        attributes += _attributes(nodes)
        if graph is not None:
            yield from graph.initializer
            for sparse in graph.sparse_initializer:
                yield from (sparse.values, sparse.indices)
    for attribute in attributes:
        yield from [attribute.t] if attribute.HasField("t") else []
        yield from attribute.tensors
        for sparse in [attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else attribute.sparse_tensors:
            yield from (sparse.values, sparse.indices)
