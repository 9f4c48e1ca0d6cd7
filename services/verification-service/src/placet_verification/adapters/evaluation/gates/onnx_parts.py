"""The parts of an ONNX model, wherever they are: in the graph, in subgraphs, in function bodies, in training graphs."""

from collections import Counter
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, SparseTensorProto, TensorProto

from placet_verification.adapters.evaluation.refused import Refused

__all__ = ["annotations", "expanded_nodes", "nodes_of", "sparse_tensors_of", "tensors_of"]

_Call = tuple[str, str, str]


def nodes_of(model: ModelProto) -> Iterator[NodeProto]:
    """Every node."""
    for _, nodes in _bodies(model):
        yield from nodes


def tensors_of(model: ModelProto) -> Iterator[TensorProto]:
    """Every tensor but the two of a sparse one: initialisers, and what attributes hold."""
    for graph, _ in _bodies(model):
        if graph is not None:
            yield from graph.initializer
    for attribute in _every_attribute(model):
        yield from [attribute.t] if attribute.HasField("t") else []
        yield from attribute.tensors


def sparse_tensors_of(model: ModelProto) -> Iterator[SparseTensorProto]:
    """Every sparse tensor."""
    for graph, _ in _bodies(model):
        if graph is not None:
            yield from graph.sparse_initializer
    for attribute in _every_attribute(model):
        yield from [attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else []
        yield from attribute.sparse_tensors


def annotations(model: ModelProto) -> int:
    """Bytes of what nothing computes with: documentation and key-value pairs of the model, its graphs and nodes."""
    parts = [model, *model.functions, *(graph for graph, _ in _bodies(model) if graph is not None), *nodes_of(model)]
    return sum(len(part.doc_string) + sum(entry.ByteSize() for entry in part.metadata_props) for part in parts)


def expanded_nodes(model: ModelProto, enough: int) -> int:
    """The number of nodes once every call of a function is replaced by its body; above `enough` it is not counted further.

    A function that calls two others twice, which call two others twice, grows by a power of two with each. Raises `Refused` for one
    that calls itself.
    """
    functions = {_named(function.domain, function.name, function.overload): function for function in model.functions}
    calls = {name: Counter(_calls(function.node)) for name, function in functions.items()}
    try:
        order = list(TopologicalSorter({name: [call for call in made if call in functions] for name, made in calls.items()}).static_order())
    except CycleError as error:
        raise Refused("recursive_function", function=error.args[1][0][1]) from error
    sizes: dict[_Call, int] = {}
    for name in order:
        sizes[name] = min(_size(calls[name], sizes), enough + 1)
    training = [graph for info in model.training_info for graph in (info.initialization, info.algorithm)]
    bodies = [Counter(_calls(graph.node)) for graph in (model.graph, *training)]
    return max(sum(_size(made, sizes) for made in bodies), sum(made.total() for made in [*bodies, *calls.values()]))


def _size(calls: Counter[_Call], sizes: dict[_Call, int]) -> int:
    return sum(times * (1 + sizes.get(call, 0)) for call, times in calls.items())


def _calls(nodes: Iterable[NodeProto]) -> Iterator[_Call]:
    """The operators that these nodes and those of their subgraphs apply."""
    waiting = [list(nodes)]
    while waiting:
        level = waiting.pop()
        yield from (_named(node.domain, node.op_type, node.overload) for node in level)
        waiting += [list(graph.node) for graph in _graphs_of(_attributes(level))]


def _named(domain: str, name: str, overload: str) -> _Call:
    return ("" if domain == "ai.onnx" else domain, name, overload)


def _bodies(model: ModelProto) -> Iterator[tuple[GraphProto | None, list[NodeProto]]]:
    """Every list of nodes of the model, with the graph it belongs to (None for a function's)."""
    open_graphs = [model.graph, *(graph for info in model.training_info for graph in (info.initialization, info.algorithm))]
    for function in model.functions:
        nodes = list(function.node)
        yield None, nodes
        open_graphs += _graphs_of([*_attributes(nodes), *function.attribute_proto])
    while open_graphs:
        graph = open_graphs.pop()
        nodes = list(graph.node)
        yield graph, nodes
        open_graphs += _graphs_of(_attributes(nodes))


def _graphs_of(attributes: Iterable[AttributeProto]) -> Iterator[GraphProto]:
    for attribute in attributes:
        yield from [attribute.g] if attribute.HasField("g") else []
        yield from attribute.graphs


def _attributes(nodes: Iterable[NodeProto]) -> Iterator[AttributeProto]:
    return (attribute for node in nodes for attribute in node.attribute)


def _every_attribute(model: ModelProto) -> Iterator[AttributeProto]:
    for function in model.functions:
        yield from function.attribute_proto
    for _, nodes in _bodies(model):
        yield from _attributes(nodes)
