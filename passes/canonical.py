"""Canonical form: what differs only in the order of commuting operands is computed once.

``a + b`` and ``b + a``, ``a > b`` and ``b < a`` are one value (bit for bit, NaN counts as one
value). The first of them stays as it was written, so that the rest reads as its author wrote it.
Minimum and maximum aren't among them: which zero they return may depend on the order.
"""

from __future__ import annotations

from collections import Counter

from graphdl.ir.graph import Graph
from graphdl.ir.node import Node
from graphdl.ir.rewrites import instruction_of
from graphdl.passes.rewriting import Rewriter, structure

COMMUTATIVE = frozenset(("add", "mul", "eq", "ne", "and", "or", "xor"))
MIRRORED = {"gt": "lt", "ge": "le"}


def canonical(graph: Graph, fired: Counter[str] | None = None) -> Graph:
    """Return the graph with one node for everything that is equal by commuting operands.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, y = gd.input("x", ()), gd.input("y", ())
    >>> [n.op.name for n in canonical(gd.Graph((x + y) * (y + x))).nodes]
    ['input', 'input', 'add', 'multiply']
    """
    rewriter = Rewriter((), commuted)
    mapping = rewriter.run(graph.roots)
    if all(mapping[r] is r for r in graph.roots):
        return graph
    result = graph.replace(mapping)
    if fired is not None:
        fired["canonical: a + b = b + a"] += len(graph.nodes) - len(result.nodes)
    return result


def commuted(node: Node) -> object:
    """Return what makes a node equal to another, whatever the order of commuting operands."""
    instruction = instruction_of(node)
    if instruction is None:
        return structure(node)
    name = instruction.name
    if name in COMMUTATIVE:
        a, b = node.inputs
        pair = (a, b) if id(a) <= id(b) else (b, a)
        return (name, pair, node.shape, node.dtype)
    if name in MIRRORED:
        return (MIRRORED[name], node.inputs[::-1], node.shape, node.dtype)
    if name in MIRRORED.values():
        return (name, node.inputs, node.shape, node.dtype)
    return structure(node)
