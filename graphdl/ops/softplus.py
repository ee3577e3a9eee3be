"""softplus."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.ir.rewrites import is_instruction, picked, rewrite

softplus = ElementwiseOp(
    "softplus",
    # log(1 + exp(x)) without overflow for large x
    lambda x: s.maximum(x, 0.0) + s.log1p(s.exp(-abs(x))),
    grads=lambda x, y: (s.sigmoid(x),),
    doc="Return ``log(1 + exp(x))``, finite for every finite ``x``.",
)


@rewrite("stabilise", "log", math="log(σ(x)) → −softplus(−x), also of its elements", exact=False)
def _log_of_sigmoid(node: Node) -> Node | None:
    base, pick = picked(node.inputs[0])
    return pick(-softplus(-base.inputs[0])) if is_instruction(base, "sigmoid") else None


@rewrite(
    "stabilise", "log1p", math="log1p(−σ(x)) → −softplus(x), also of its elements", exact=False
)
def _log_of_other_sigmoid(node: Node) -> Node | None:
    (x,) = node.inputs
    above, pick_above = picked(x)
    if not is_instruction(above, "neg"):
        return None
    base, pick = picked(above.inputs[0])
    if not is_instruction(base, "sigmoid"):
        return None
    return pick_above(pick(-softplus(base.inputs[0])))


@rewrite("stabilise", "log1p", math="log1p(exp(x)) → softplus(x)", exact=False)
def _log1p_of_exp(node: Node) -> Node | None:
    (x,) = node.inputs
    return softplus(x.inputs[0]) if is_instruction(x, "exp") else None


__all__ = ["softplus"]
