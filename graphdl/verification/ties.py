"""Numbers at which comparisons may be ties: proofs look at what is less or greater."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphdl.ir import scalar
from graphdl.ir.graph import Graph
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.leaves import CONSTANT
from graphdl.ir.node import Node

_USUAL = (0.0, 1.0, -1.0)
_MOST = 16


def numbers_to_tie(graph: Graph) -> list[float]:
    """Return numbers with which inputs are compared, perhaps: usual ones and those in the graph.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ("N",))
    >>> numbers_to_tie(gd.Graph(gd.where(x > 2.5, x, 0.0)))
    [0.0, 1.0, -1.0, 2.5]
    """
    written = (float(v) for node in graph.nodes for v in _numbers(node) if np.isfinite(v))
    return list(dict.fromkeys([*_USUAL, *written]))[:_MOST]


def _numbers(node: Node) -> Sequence[Any]:
    if isinstance(node.op, ElementwiseOp):
        body = scalar.walk(node.op.body(node.attrs))
        return [s.payload for s in body if s.instruction is None and not s.is_argument]
    value = node.attr("value") if node.op is CONSTANT else np.empty(0)
    return list(value.flat) if value.size == 1 else []
