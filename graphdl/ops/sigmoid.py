"""sigmoid."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.ir.rewrites import both_orders, is_instruction, is_number, operands_of, rewrite

sigmoid = ElementwiseOp(
    "sigmoid",
    s.sigmoid,
    # SymPy's exp(-x)/(1+exp(-x))² is inf/inf at -100 in float32
    grads=lambda x, y: (y * (1.0 - y),),
    doc="""Return ``1 / (1 + exp(-x))``, accurate in both tails.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.sigmoid([-1000.0, 0.0, 1000.0])))["out"].tolist()
    [0.0, 0.5, 1.0]
    """,
)


@rewrite(
    "stabilise",
    "div",
    math="1/(1 + exp(x)) → σ(−x), exp(x)/(1 + exp(x)) → σ(x)",
    exact=False,
    examples=lambda gd, x: [1.0 / (1.0 + gd.exp(x)), gd.exp(x) / (1.0 + gd.exp(x))],
)
def _naive_sigmoid(node: Node) -> Node | None:
    above, below = node.inputs
    for one, e in both_orders(operands_of(below, "add") or ()):
        if is_number(one, 1) and is_instruction(e, "exp") and e.shape == node.shape:
            (x,) = e.inputs
            if is_number(above, 1):
                minus = operands_of(x, "neg")
                return sigmoid(minus[0] if minus else -x)  # type: ignore[no-any-return]
            if above is e:
                return sigmoid(x)  # type: ignore[no-any-return]
    return None


__all__ = ["sigmoid"]
