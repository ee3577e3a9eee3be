"""softplus."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.ir.rewrites import is_instruction, picked, rewrite


def _softplus(x: s.Scalar, *, beta: float = 1.0) -> s.Scalar:
    if not beta > 0:
        raise ArgumentError(f"softplus: beta={beta}", remedy="use a number above 0")
    # log(1 + exp(beta·x)) / beta without overflow, of beta·x neither
    if beta == 1:
        return s.maximum(x, 0.0) + s.log1p(s.exp(-abs(x)))
    return s.maximum(x, 0.0) + s.log1p(s.exp_product(-beta, abs(x))) / beta


softplus = ElementwiseOp(
    "softplus",
    _softplus,
    grads=lambda x, y, *, beta: (s.sigmoid(x if beta == 1 else beta * x),),
    doc="""Return ``log(1 + exp(beta · x)) / beta``, finite for every finite ``x``.

    The larger ``beta`` (1 by default), the closer to relu. An ``ArgumentError`` is raised unless
    ``beta > 0``.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> gd.interpret(gd.Graph(gd.softplus(x)), {"x": [-1e4, 1e4]})["out"].tolist()
    [0.0, 10000.0]
    """,
)


@rewrite(
    "stabilise",
    "log",
    math="log(σ(x)) → −softplus(−x), also of its elements",
    exact=False,
    examples=lambda gd, x: [gd.log(gd.sigmoid(x)), gd.log(gd.sigmoid(x)[1:])],
)
def _log_of_sigmoid(node: Node) -> Node | None:
    base, pick = picked(node.inputs[0])
    return pick(-softplus(-base.inputs[0])) if is_instruction(base, "sigmoid") else None


@rewrite(
    "stabilise",
    "log1p",
    math="log1p(−σ(x)) → −softplus(x), also of its elements",
    exact=False,
    examples=lambda gd, x: [gd.log1p(-gd.sigmoid(x)), gd.log1p(-gd.sigmoid(x)[1:])],
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


@rewrite(
    "stabilise",
    "log1p",
    math="log1p(exp(x)) → softplus(x)",
    exact=False,
    examples=lambda gd, x: gd.log1p(gd.exp(x)),
)
def _log1p_of_exp(node: Node) -> Node | None:
    (x,) = node.inputs
    return softplus(x.inputs[0]) if is_instruction(x, "exp") else None


__all__ = ["softplus"]
