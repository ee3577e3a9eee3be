"""Structural equality of graphs: same names, same nodes, same order; origins do not count."""

from __future__ import annotations

from graphdl.ir.graph import Graph
from graphdl.ir.node import Node, structural_key, topological


def same_structure(a: Graph, b: Graph) -> bool:
    """Return whether two graphs compute the same by the same nodes under the same names.

    Names and order of inputs, outputs and updates count; scopes, source lines and rules do not.
    Linear in the number of nodes.

    Examples
    --------
    >>> import graphdl as gd
    >>> def build():
    ...     x = gd.input("x", ("N",))
    ...     return gd.Graph(gd.exp(x) + 1.0)
    >>> same_structure(build(), build())
    True
    """
    numbers: dict[object, int] = {}
    return _signature(a, numbers) == _signature(b, numbers)


def _signature(graph: Graph, numbers: dict[object, int]) -> object:
    """Return names and numbers of what a graph shows; equal structures share their numbers."""
    of: dict[Node, int] = {}
    for node in topological([*graph.inputs, *graph.nodes]):
        key = structural_key(node, (of[i] for i in node.inputs))
        of[node] = numbers.setdefault(key, len(numbers))
    return (
        graph.name,
        [of[i] for i in graph.inputs],
        [(name, of[node]) for name, node in graph.outputs.items()],
        [(of[target], of[value]) for target, value in graph.updates.items()],
    )
