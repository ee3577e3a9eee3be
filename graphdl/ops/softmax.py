"""softmax and log_softmax."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import CompositeOp, Contribution, as_node, normalise_axis
from graphdl.ir.node import Node, make
from graphdl.ops.cast import stop_gradient
from graphdl.ops.exp import exp
from graphdl.ops.logsumexp import logsumexp
from graphdl.ops.max import max
from graphdl.ops.sum import sum


def _softmax_expand(x: Node, *, axis: int) -> Node:
    e = exp(x - stop_gradient(max(x, axis, keepdims=True)))
    return e / sum(e, axis, keepdims=True)


def _softmax_adjoint(node: Node, g: Node) -> list[Contribution | None]:
    inner = sum(g * node, node.attr("axis"), keepdims=True)
    return [(node * (g - inner), "~{0} += {z}·(~{z} − Σ ~{z}·{z})")]


def _log_softmax_expand(x: Node, *, axis: int) -> Node:
    return x - logsumexp(x, axis, keepdims=True)


def _log_softmax_adjoint(node: Node, g: Node) -> list[Contribution | None]:
    total = sum(g, node.attr("axis"), keepdims=True)
    return [(g - exp(node) * total, "~{0} += ~{z} − exp({z})·Σ ~{z}")]


_softmax = CompositeOp(
    "softmax", _softmax_expand, adjoint=_softmax_adjoint, doc="Exponentials, scaled to sum to 1."
)
_log_softmax = CompositeOp(
    "log_softmax",
    _log_softmax_expand,
    adjoint=_log_softmax_adjoint,
    doc="The logarithm of softmax.",
)


def softmax(x: Any, axis: int = -1) -> Node:
    """Return ``exp(x) / sum(exp(x))`` along an axis, without overflow.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> gd.interpret(gd.Graph(gd.softmax(x)), {"x": [3.0, 3.0]})["out"].tolist()
    [0.5, 0.5]
    """
    node = as_node(x)
    return make(_softmax, [node], axis=normalise_axis("softmax", axis, node.ndim))


def log_softmax(x: Any, axis: int = -1) -> Node:
    """Return ``log(softmax(x))`` along an axis, computed as ``x - logsumexp(x)``."""
    node = as_node(x)
    return make(_log_softmax, [node], axis=normalise_axis("log_softmax", axis, node.ndim))


__all__ = ["log_softmax", "softmax"]
