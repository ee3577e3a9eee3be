"""Expansion of composites: each becomes the sub-graph that it stands for, nested ones too."""

from __future__ import annotations

from collections import Counter

from graphdl.ir.graph import Graph
from graphdl.ir.kinds import CompositeOp
from graphdl.ir.node import Node
from graphdl.ir.rewrites import Rewrite
from graphdl.passes.rewriting import rewritten


def expand(graph: Graph, fired: Counter[str] | None = None) -> Graph:
    """Return the graph without composites; what is inside one has a scope inside its scope.

    Examples
    --------
    >>> import graphdl as gd
    >>> g = expand(gd.Graph(gd.softmax(gd.input("x", ("N", 3)))))
    >>> [n.op.name for n in g.nodes]
    ['input', 'max', 'reshape', 'stop_gradient', 'subtract', 'exp', 'sum', 'reshape', 'divide']
    >>> {n.origins[0].scope for n in g.nodes[1:]}
    {'softmax'}
    """
    return rewritten(graph, RULES, fired)


def _opened(node: Node) -> Node:
    assert isinstance(node.op, CompositeOp)
    return node.op.expanded(node)


RULES = [
    Rewrite(
        "expand", "opened", ("composite",), "composite → its expansion", _opened,
        examples=lambda gd, m: [gd.softmax(m), gd.logsumexp(m, 1)],
    )
]  # fmt: skip
