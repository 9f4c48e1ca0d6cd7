"""The gate of ONNX files.

"Executes no code" is not "safe": a file of 66 bytes can ask for 40 GB, and a loop of 232 bytes runs for ever. So, on the parsed
file and never on its words:

1. the size of the file, 2. it is ONNX, all of it, and nothing else besides, 3. the standard's domains only, 4. no control flow unless
allowed, 5. no data outside the file, 6. every tensor has as many elements as it says, 7. numbers of nodes, of initialiser bytes and
of bytes that nothing computes with. Subgraphs and function bodies are walked like the graph itself.
"""

from collections.abc import Mapping
from typing import Any

import onnx
from onnx import ModelProto, NodeProto

from placet_verification.adapters.evaluation.gates import onnx_tensors as tensors
from placet_verification.adapters.evaluation.gates.onnx_parts import annotations, expanded_nodes, nodes_of, sparse_tensors_of, tensors_of
from placet_verification.adapters.evaluation.gates.other_formats import other_format
from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["CONTROL_FLOW", "DOMAINS", "METADATA_LIMIT", "refuse_unsafe"]

DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})
CONTROL_FLOW = frozenset({"Loop", "If", "Scan", "SequenceMap"})
METADATA_LIMIT = 16 * 1024**2
"""Bytes of documentation and key-value pairs; exporters write some kilobytes."""
_MOST_TOLD = 2**53
"""A sparse tensor may say any length, and a result has a digest: canonical JSON has no larger integers."""


def refuse_unsafe(raw: bytes, rules: Mapping[str, Any]) -> None:
    """Raise `Refused` unless the file keeps the plan's `artifact` rules."""
    if len(raw) > rules["max_bytes"]:  # 1
        raise Refused("artifact_too_large", bytes=len(raw), allowed=rules["max_bytes"])
    model = _parsed(raw)  # 2
    _refuse_domains(model)  # 3
    for node in nodes_of(model):
        _refuse_node(node, rules["allow_operators"])  # 3, 4
    initializer_bytes = 0
    for tensor in tensors_of(model):
        tensors.refuse_external(tensor)  # 5
        initializer_bytes += tensors.checked_bytes(tensor)  # 6
    for sparse in sparse_tensors_of(model):
        initializer_bytes += tensors.dense_bytes(sparse)  # 6
    if (nodes := expanded_nodes(model, rules["max_nodes"])) > rules["max_nodes"]:  # 7
        raise Refused("too_many_nodes", nodes=nodes, allowed=rules["max_nodes"])
    if initializer_bytes > rules["max_initializer_bytes"]:  # 7
        told = min(initializer_bytes, _MOST_TOLD)
        raise Refused("initializers_too_large", bytes=told, allowed=rules["max_initializer_bytes"])
    if (metadata := annotations(model)) > METADATA_LIMIT:  # 7
        raise Refused("metadata_too_large", bytes=metadata, allowed=METADATA_LIMIT)


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
    if other := other_format(raw):
        raise Refused("two_formats", other=other)
    known = ModelProto()
    known.CopyFrom(model)
    known.DiscardUnknownFields()
    if unknown := model.ByteSize() - known.ByteSize():
        raise Refused("unknown_fields", bytes=unknown)
    return model


def _refuse_domains(model: ModelProto) -> None:
    imports = [*model.opset_import, *(entry for function in model.functions for entry in function.opset_import)]
    for domain in [entry.domain for entry in imports] + [function.domain for function in model.functions]:
        if domain not in DOMAINS:
            raise Refused("unsafe_domain", domain=domain, operator="opset_import")


def _refuse_node(node: NodeProto, allowed: list[str]) -> None:
    if node.domain not in DOMAINS:
        raise Refused("unsafe_domain", domain=node.domain, operator=node.op_type)
    # a graph in an attribute is control flow, whatever the operator is called
    controls = node.op_type in CONTROL_FLOW or any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute)
    if controls and node.op_type not in allowed:
        raise Refused("unsafe_operator", operator=node.op_type)
