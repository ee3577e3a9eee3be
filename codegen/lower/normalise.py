"""The last rewriting before kernels: what has no loops, and updates that compute nothing."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl.ir import kinds
from graphdl.ir.graph import Graph
from graphdl.ir.node import Node, make, operators, origin_of, rebuild, topological


def normalise(graph: Graph) -> Graph:
    """Return the graph without combinations over axes of size 1 and with computed updates only.

    An update whose value is a leaf or a view is given a copy, because the leaf may be overwritten
    before the update is stored.
    """
    mapping: dict[Node, Node] = {}
    for node in topological(graph.roots):
        moved = rebuild(node, [mapping[i] for i in node.inputs])
        with origin_of(node.origins[0]):
            mapping[node] = _without_unit_axes(moved)
    updates: dict[Node, Node] = {}
    for state, value in graph.updates.items():
        new = mapping[value]
        with origin_of(value.origins[0]):
            plain = new.op.kind in ("leaf", "view") and value is not state
            updates[state] = operators["identity"](new) if plain else new
    outputs = {k: mapping[v] for k, v in graph.outputs.items()}
    return Graph(outputs, updates=updates, name=graph.name, inputs=graph.inputs)


def _without_unit_axes(node: Node) -> Node:
    """Drop axes of size 1 from a reduction; one over nothing else is no reduction at all."""
    if isinstance(node.op, kinds.PrefixOp):
        return _prefix_of_one(node)
    if isinstance(node.op, kinds.OrderOp) and node.shape[node.attr("axis")] == 1:
        return operators["zeros"](node.shape, node.dtype)
    if not isinstance(node.op, kinds.ReduceOp):
        return node
    (x,), axes = node.inputs, node.attr("axes")
    ones = [a for a in axes if x.shape[a] == 1]
    if not ones:
        return node
    left = _shifted([a for a in axes if a not in ones], ones)
    flat = operators["reshape"](x, tuple(s for i, s in enumerate(x.shape) if i not in ones))
    if left:
        return make(node.op, [flat], axes=left)
    if node.op.gives_index:
        return operators["zeros"](node.shape, node.dtype)
    return operators["cast"](flat, dtype=node.dtype)


def _prefix_of_one(node: Node) -> Node:
    """Return a running combination along an axis of size 1 as what it is: its first element."""
    assert isinstance(node.op, kinds.PrefixOp)
    if node.shape[node.attr("axis")] != 1:
        return node
    if node.op.gives_index or (node.attr("exclusive") and node.op.combine != "mul"):
        return operators["zeros"](node.shape, node.dtype)
    if node.attr("exclusive"):
        return operators["broadcast_to"](operators["constant"](1, node.dtype), node.shape)
    first = operators["cast"](node.inputs[-1], dtype=node.dtype)
    return operators["broadcast_to"](first, node.shape)


def _shifted(axes: Sequence[int], dropped: Sequence[int]) -> tuple[int, ...]:
    return tuple(a - sum(1 for d in dropped if d < a) for a in axes)
