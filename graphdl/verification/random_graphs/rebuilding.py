"""A graph built anew: nodes replaced, sizes changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.ir import dims, leaves
from graphdl.ir.dims import Dim, Shape, Size, evaluate, symbols
from graphdl.ir.errors import ShapeError
from graphdl.ir.graph import Graph
from graphdl.ir.kinds import IndexedOp
from graphdl.ir.node import Node, topological


def only(graph: Graph, outputs: Mapping[str, Node], updates: Mapping[Node, Node]) -> Graph:
    """Return a graph of some roots, with the inputs that they need."""
    return Graph(outputs, updates=updates, name=graph.name)


def replaced(graph: Graph, mapping: Mapping[Node, Node]) -> Graph:
    """Return the graph with nodes replaced by others of the same shapes and dtypes."""
    values = dict(mapping)
    for node in topological(graph.roots):
        if node not in values:
            values[node] = on_inputs(node, [values[i] for i in node.inputs])
    return only(
        graph,
        {k: values[v] for k, v in graph.outputs.items()},
        {s: values[v] for s, v in graph.updates.items()},
    )


def on_inputs(node: Node, inputs: Sequence[Node]) -> Node:
    """Return a node on other inputs; indices that are inputs now are checked."""
    if all(a is b for a, b in zip(node.inputs, inputs, strict=True)):
        return node
    attrs = node.attrs
    if isinstance(node.op, IndexedOp):
        attrs = node.op.rechecked(inputs, attrs)
    return Node(node.op, tuple(inputs), attrs, node.shape, node.dtype, node.origins)


def fresh(node: Node, taken: set[str]) -> Node:
    """Return an input in place of a node, under a new name."""
    name = next(f"x{k}" for k in range(len(taken) + 1) if f"x{k}" not in taken)
    taken.add(name)
    return leaves.input(name, node.shape, node.dtype)


def names(graph: Graph) -> set[str]:
    """Return the names of all leaves."""
    return {n.name for n in (*graph.inputs, *graph.state)}


def resized(graph: Graph, old: Size, new: int) -> Graph:
    """Return the graph with one size, or dim, changed wherever it stands.

    Raises
    ------
    GraphdlError, LookupError, TypeError, ValueError
        If an op does not take the new sizes.
    """
    values: dict[Node, Node] = {}
    for node in graph.nodes:
        inputs = [values[i] for i in node.inputs]
        values[node] = _resized_node(node, inputs, old, new)
    updates = {values[s]: values[v] for s, v in graph.updates.items()}
    return only(graph, {k: values[v] for k, v in graph.outputs.items()}, updates)


def _resized_node(node: Node, inputs: Sequence[Node], old: Size, new: int) -> Node:
    if node.op.kind == "leaf":
        return _resized_leaf(node, old, new)
    unchanged = tuple((k, v) for k, v in node.attrs)
    changed = tuple((k, _changed(v, old, new)) for k, v in node.attrs)
    wanted = tuple(_changed(s, old, new) for s in node.shape)
    for attrs in dict.fromkeys((changed, unchanged)) if _is_hashable(changed) else (changed,):
        try:
            shape, dtype = node.op.infer(tuple(inputs), dict(attrs))
        except (ValueError, TypeError, LookupError):
            continue
        if shape == wanted and dtype is node.dtype:
            return Node(node.op, tuple(inputs), attrs, shape, dtype, node.origins)
    raise ShapeError(f"{node!r} does not take other sizes")


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _resized_leaf(node: Node, old: Size, new: int) -> Node:
    shape: Shape = tuple(_changed(s, old, new) for s in node.shape)
    attrs = {k: _changed(v, old, new) for k, v in node.attrs}
    for key, value in attrs.items():
        if isinstance(value, np.ndarray) and shape != node.shape:
            attrs[key] = np.resize(value, tuple(evaluate(s, {}) for s in shape))
    return Node(node.op, (), tuple(attrs.items()), shape, node.dtype, node.origins)


def _changed(value: Any, old: Size, new: int) -> Any:
    """Replace a size in an attribute or shape: a number itself, a dim in all expressions."""
    if isinstance(value, tuple):
        return tuple(_changed(v, old, new) for v in value)
    if isinstance(value, Dim) and isinstance(old, Dim):
        left = {s: (new if s in symbols(old) else None) for s in symbols(value)}
        return _partly(value, left)
    if type(value) is int and value == old:
        return new
    return value


def _partly(size: Dim, values: Mapping[str, int | None]) -> Size:
    """Evaluate a size where some of its dims have values."""
    found: Size = dims.fold(
        size,
        lambda name: dims.symbol(name) if values[name] is None else values[name],
        lambda numerator, denominator: numerator // denominator,
    )
    return found
