"""logsumexp."""

from __future__ import annotations

import math
from typing import Any

from graphdl.ir.kinds import CompositeOp, Contribution, ReduceOp, as_node, normalise_axes
from graphdl.ir.node import Node, make
from graphdl.ir.rewrites import is_instruction, picked, rewrite
from graphdl.ops.abs import abs
from graphdl.ops.cast import stop_gradient
from graphdl.ops.equal import equal
from graphdl.ops.exp import exp
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.log import log
from graphdl.ops.max import max
from graphdl.ops.reshape import reshape
from graphdl.ops.sum import sum
from graphdl.ops.where import where


def _expand(x: Node, *, axes: tuple[int, ...]) -> Node:
    """Shift by the largest element, unless that is infinite: -inf - -inf would be NaN."""
    top = stop_gradient(max(x, axes, keepdims=True, initial=-math.inf))
    shift = where(equal(abs(top), math.inf), 0.0, top)
    total = log(sum(exp(x - shift), axes, keepdims=True)) + shift
    kept = tuple(s for i, s in enumerate(x.shape) if i not in axes)
    return reshape(total, kept)


def _adjoint(node: Node, cotangent: Node) -> list[Contribution | None]:
    (x,) = node.inputs
    axes = node.attr("axes")
    share = exp(x - expand_dims(node, axes))
    return [(expand_dims(cotangent, axes) * share, "~{0} += ~{z}·exp({0} − {z})")]


_logsumexp = CompositeOp("logsumexp", _expand, adjoint=_adjoint, doc="log Σ exp, without overflow.")


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return ``log(sum(exp(x)))`` over axes (all by default), without overflow; -inf of nothing.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> round(float(gd.interpret(gd.Graph(gd.logsumexp(x)), {"x": [1000.0, 1000.0]})["out"]), 3)
    1000.693
    """
    node = as_node(x)
    axes = normalise_axes("logsumexp", axis, node.ndim)
    result = make(_logsumexp, [node], axes=axes)
    return expand_dims(result, axes) if keepdims else result


@rewrite(
    "stabilise",
    "log",
    math="log(Σ exp(x)) → logsumexp(x)",
    exact=False,
    examples=lambda gd, m: [gd.log(gd.sum(gd.exp(m), 1)), gd.log(gd.sum(gd.exp(m), 1)[1:])],
)
def _log_of_sum_of_exp(node: Node) -> Node | None:
    base, pick = picked(node.inputs[0])
    if not isinstance(base.op, ReduceOp) or base.op.combine != "add":
        return None
    (e,) = base.inputs
    if not is_instruction(e, "exp") or is_shifted(e.inputs[0]):
        return None
    return pick(logsumexp(e.inputs[0], base.attr("axes")))


def is_shifted(x: Node) -> bool:
    """Whether ``x`` is something minus its own maximum: then its exponentials are safe already."""
    if not is_instruction(x, "sub"):
        return False
    source, waiting = picked(x.inputs[0])[0], [x.inputs[1]]
    for _ in range(8):
        node = waiting.pop(0)
        if isinstance(node.op, ReduceOp):
            return node.op.combine == "max" and picked(node.inputs[0])[0] is source
        waiting += [i for i in node.inputs if node.op.kind in ("view", "elementwise")]
        if not waiting:
            break
    return False


__all__ = ["logsumexp"]
