"""Constant folding: what depends on constants only is computed now, by the interpreter."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np

from graphdl.ir.graph import Graph
from graphdl.ir.interpreter import run
from graphdl.ir.leaves import CONSTANT, constant
from graphdl.ir.node import Node
from graphdl.ir.rewrites import Rewrite, uniform
from graphdl.passes.rewriting import rewritten

MOST_RESULTS = 1024
"""Elements of a folded array, so that the emitted source doesn't grow."""
MOST_OPERANDS = 1 << 16
"""Elements of an operand, so that folding takes no time."""


def fold(graph: Graph, fired: Counter[str] | None = None) -> Graph:
    """Return the graph with small constant expressions computed.

    NaN, infinities, the sign of zero and wrap-around of integers come out as at run time.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> two = gd.constant(1.0) + gd.constant(1.0)
    >>> fold(gd.Graph(x * two)).nodes[1].attr("value")
    array(2., dtype=float32)
    """
    return rewritten(graph, RULES, fired)


def _folded(node: Node) -> Node | None:
    if not node.inputs or any(not _is_known(i, node) for i in node.inputs):
        return None
    shapes = [i.shape for i in (node, *node.inputs)]
    known = [tuple(s for s in shape if isinstance(s, int)) for shape in shapes]
    sizes = [math.prod(shape) for shape in known]
    if known != shapes or sizes[0] > MOST_RESULTS or max(sizes) > MOST_OPERANDS:
        return None
    if node.op.kind == "view" and sizes[0] > sizes[1]:
        return None  # repeating costs nothing, and it shows that all elements are one number
    values: dict[Node, np.ndarray] = {}
    run([node], values, {}, False)
    return constant(values[node])


def _is_known(operand: Node, user: Node) -> bool:
    """Whether an operand is a constant, or one number that a scatter starts from."""
    start = user.op.kind == "scatter" and operand is user.inputs[0]
    return operand.op is CONSTANT or (start and uniform(operand) is not None)


_KINDS = (
    "elementwise", "reduce", "contract", "view", "assembly", "gather", "scatter", "composite",
    "prefix", "order",
)  # fmt: skip


def _examples(gd: Any) -> list[Node]:
    """One a kind."""
    a, k = gd.constant([4.0, 1.0]), gd.constant([1, 0])
    return [
        a * 3.0, gd.sum(a), a @ a, gd.flip(a), gd.concat([a, a]), gd.gather(a, k),
        gd.scatter_add(a, k, 2), gd.roll(a, 1), gd.cumsum(a), gd.argsort(a),
    ]  # fmt: skip


RULES = [Rewrite("fold", "folded", _KINDS, "f(constants) → constant", _folded, examples=_examples)]
