"""expm1."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.ir.rewrites import is_instruction, is_number, rewrite

expm1 = ElementwiseOp(
    "expm1",
    s.expm1,
    grads=lambda x, y: (s.exp(x),),
    doc="""Return ``exp(x) - 1``, exact also near 0; -0 stays -0.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.constant(1e-30)
    >>> float(gd.interpret(gd.Graph(gd.expm1(x) / x), {})["out"])
    1.0
    """,
)


@rewrite(
    "stabilise",
    "sub",
    math="exp(x) − 1 → expm1(x), 1 − exp(x) → −expm1(x)",
    exact=False,
    examples=lambda gd, x: [gd.exp(x) - 1.0, 1.0 - gd.exp(x)],
)
def _exp_minus_one(node: Node) -> Node | None:
    a, b = node.inputs
    if is_instruction(a, "exp") and is_number(b, 1) and a.shape == node.shape:
        return expm1(a.inputs[0])  # type: ignore[no-any-return]
    if is_instruction(b, "exp") and is_number(a, 1) and b.shape == node.shape:
        return -expm1(b.inputs[0])  # type: ignore[no-any-return]
    return None


__all__ = ["expm1"]
