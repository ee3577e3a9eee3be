"""log."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node, operators
from graphdl.ir.rewrites import both_orders, is_instruction, is_number, operands_of, rewrite
from graphdl.ops.log1p import log1p

log = ElementwiseOp(
    "log",
    s.log,
    grads=lambda x, y: (1.0 / x,),
    doc="""Return the natural logarithm; -inf at ±0, NaN below. The derivative at ±0 is ±inf.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.log(1.0)), {})["out"])
    0.0
    """,
)


def _log1p(x: Node, node: Node) -> Node:
    result: Node = log1p(operators["broadcast_to"](x, node.shape))
    return result


@rewrite(
    "stabilise",
    "log",
    math="log(1 + x) → log1p(x), log(1 − x) → log1p(−x)",
    exact=False,
    examples=lambda gd, x: [gd.log(1.0 + x), gd.log(1.0 - x)],
)
def _log_near_one(node: Node) -> Node | None:
    (x,) = node.inputs
    for a, b in both_orders(operands_of(x, "add") or ()):
        if is_number(a, 1):
            return _log1p(b, node)
    if is_instruction(x, "sub") and is_number(x.inputs[0], 1):
        return _log1p(-x.inputs[1], node)
    return None


@rewrite(
    "stabilise",
    "log",
    math="log(exp(x)) → x",
    exact=False,
    examples=lambda gd, x: gd.log(gd.exp(x)),
)
def _log_of_exp(node: Node) -> Node | None:
    (x,) = node.inputs
    return x.inputs[0] if is_instruction(x, "exp") else None


__all__ = ["log"]
