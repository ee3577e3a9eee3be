"""softmax and log_softmax."""

from __future__ import annotations

import math
from typing import Any

from graphdl.ir.kinds import CompositeOp, Contribution, ReduceOp, as_node, normalise_axis
from graphdl.ir.node import Node, make
from graphdl.ir.rewrites import is_instruction, picked, rewrite
from graphdl.ops.cast import stop_gradient
from graphdl.ops.exp import exp
from graphdl.ops.log import log
from graphdl.ops.logsumexp import is_shifted
from graphdl.ops.max import max
from graphdl.ops.reshape import Reshape
from graphdl.ops.sum import sum


def _shifted(x: Node, axis: int) -> Node:
    """Return ``x`` minus its largest element: no exponential of it overflows."""
    shifted: Node = x - stop_gradient(max(x, axis, keepdims=True, initial=-math.inf))
    return shifted


def _softmax_expand(x: Node, *, axis: int) -> Node:
    e: Node = exp(_shifted(x, axis))
    return e / sum(e, axis, keepdims=True)


def _softmax_adjoint(node: Node, g: Node) -> list[Contribution | None]:
    inner = sum(g * node, node.attr("axis"), keepdims=True)
    return [(node * (g - inner), "~{0} += {z}·(~{z} − Σ ~{z}·{z})")]


def _log_softmax_expand(x: Node, *, axis: int) -> Node:
    # the shift first: x - logsumexp(x) would cancel digits where x is large
    shifted = _shifted(x, axis)
    total: Node = log(sum(exp(shifted), axis, keepdims=True))
    return shifted - total


def _log_softmax_adjoint(node: Node, g: Node) -> list[Contribution | None]:
    total = sum(g, node.attr("axis"), keepdims=True)
    return [(g - exp(node) * total, "~{0} += ~{z} − exp({z})·Σ ~{z}")]


_softmax = CompositeOp(
    "softmax",
    _softmax_expand,
    adjoint=_softmax_adjoint,
    bounds=(0.0, 1.0),
    doc="Exponentials, scaled to sum to 1.",
)
_log_softmax = CompositeOp(
    "log_softmax",
    _log_softmax_expand,
    adjoint=_log_softmax_adjoint,
    bounds=(-math.inf, 0.0),
    doc="The logarithm of softmax.",
)


def softmax(x: Any, axis: int = -1) -> Node:
    """Return ``exp(x) / sum(exp(x))`` along an axis, without overflow; of nothing, nothing.

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
    """Return ``log(softmax(x))`` along an axis, computed as ``x - logsumexp(x)``.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.log_softmax([0.0, 1000.0])))["out"].tolist()
    [-1000.0, 0.0]
    """
    node = as_node(x)
    return make(_log_softmax, [node], axis=normalise_axis("log_softmax", axis, node.ndim))


@rewrite(
    "stabilise",
    "log",
    math="log(softmax(x)) → log_softmax(x), also of its elements",
    exact=False,
    examples=lambda gd, m: [gd.log(gd.softmax(m)), gd.log(gd.softmax(m)[:, 0])],
)
def _log_of_softmax(node: Node) -> Node | None:
    base, pick = picked(node.inputs[0])
    return pick(log_softmax(base.inputs[0], base.attr("axis"))) if base.op is _softmax else None


@rewrite(
    "stabilise",
    "div",
    math="exp(x) / Σ exp(x) → softmax(x)",
    exact=False,
    examples=lambda gd, m: gd.exp(m) / gd.sum(gd.exp(m), 1, keepdims=True),
)
def _naive_softmax(node: Node) -> Node | None:
    e, below = node.inputs
    total = below
    while isinstance(total.op, Reshape):
        total = total.inputs[0]
    if not isinstance(total.op, ReduceOp) or total.op.combine != "add" or total.inputs[0] is not e:
        return None
    axes: tuple[int, ...] = total.attr("axes")
    kept = tuple(1 if i in axes else s for i, s in enumerate(e.shape))
    if (1,) * (e.ndim - below.ndim) + below.shape != kept or not is_instruction(e, "exp"):
        return None
    (x,) = e.inputs
    if is_shifted(x):
        return None
    if len(axes) == 1:
        return softmax(x, axes[0])
    shifted = exp(x - stop_gradient(max(x, axes, keepdims=True, initial=-math.inf)))
    return shifted / sum(shifted, axes, keepdims=True)  # type: ignore[no-any-return]


__all__ = ["log_softmax", "softmax"]
