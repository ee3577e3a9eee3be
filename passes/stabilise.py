"""Numerical stabilisation: naive formulas in a form that neither overflows nor cancels.

``log(softmax(x))``, ``log(Σ exp(x))``, ``exp(x)/Σ exp(x)``, ``log(1 + x)``, ``log(sigmoid(x))`` and
their like. The rules stand in the files of the ops that they lead to. It runs on closed composites:
on a loss before it is differentiated, so that the gradient is stable too, and before expansion.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from graphdl.ir.graph import Graph
from graphdl.ir.leaves import argument
from graphdl.ir.node import Node, substitute
from graphdl.ir.rewrites import REWRITES
from graphdl.passes.rewriting import Rewriter, rewritten

RULES = REWRITES.setdefault("stabilise", [])
"""All rules of this pass: they stand in op files."""


def stabilise(graph: Graph, fired: Counter[str] | None = None) -> Graph:
    """Return the graph with naive formulas replaced by stable ones.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> naive = gd.Graph(gd.log(gd.sum(gd.exp(x))))
    >>> float(gd.interpret(naive, {"x": [1000.0, 0.0]})["out"])
    inf
    >>> float(gd.interpret(stabilise(naive), {"x": [1000.0, 0.0]})["out"])
    1000.0
    """
    return rewritten(graph, RULES, fired)


def stabilised(
    roots: Sequence[Node], wrt: Sequence[Node] = (), fired: Counter[str] | None = None
) -> list[Node]:
    """Return nodes with naive formulas below them replaced: what to differentiate.

    Parameters
    ----------
    roots : sequence of Node
        What is differentiated.
    wrt : sequence of Node
        What it is differentiated by: formulas are not changed across these, so that ``p`` stays in
        the way of ``log(p)``.
    fired : Counter, optional
        Receives how often each rule fired.

    Examples
    --------
    >>> import graphdl as gd
    >>> p = gd.softmax(gd.input("x", (3,)))
    >>> stabilised([gd.log(p)]), stabilised([gd.log(p)], wrt=[p])
    ([<log_softmax float32(3,)>], [<log float32(3,)>])
    """
    hidden = {w: argument(k, w.shape, w.dtype) for k, w in enumerate(wrt) if w.inputs}
    closed = substitute(roots, dict(hidden))
    mapping = Rewriter(RULES, fired=fired).run(closed)
    opened: dict[Node, Node] = {stand_in: node for node, stand_in in hidden.items()}
    return substitute([mapping[r] for r in closed], opened)
