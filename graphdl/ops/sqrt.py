"""sqrt, rsqrt, cbrt."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.ir.rewrites import is_instruction, rewrite
from graphdl.ops.greater_equal import greater_equal
from graphdl.ops.integer_power import integer_power
from graphdl.ops.where import where

sqrt = ElementwiseOp(
    "sqrt",
    s.sqrt,
    grads=lambda x, y: (0.5 / y,),
    doc="""Return the square root; NaN below 0, -0 at -0. The derivative at 0 is inf, at -0
    -inf.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.sqrt(9.0)), {})["out"])
    3.0
    """,
)
rsqrt = ElementwiseOp(
    "rsqrt",
    lambda x: 1.0 / s.sqrt(x),
    grads=lambda x, y: (-0.5 * (y / x),),  # y³ is rounded twice
    doc="""Return ``1 / √x``; NaN below 0. At 0 the value is inf, the derivative -inf.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.rsqrt(4.0)), {})["out"])
    0.5
    """,
)
cbrt = ElementwiseOp(
    "cbrt",
    s.cbrt,
    grads=lambda x, y: ((1.0 / y) * (1.0 / y) / 3.0,),  # 1/y² would lose the side of 0
    doc="""Return the real cubic root, negative below 0.

    The derivative at 0 is inf; the second is -inf at 0 and inf at -0.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.cbrt(-8.0)), {})["out"])
    -2.0
    """,
)


@rewrite(
    "stabilise",
    "mul",
    integer_power,
    math="√x·√x → x for x ≥ 0, NaN for x < 0",
    exact=False,
    examples=lambda gd, x: [gd.sqrt(x) * gd.sqrt(x), gd.sqrt(x) ** 2],
)
def _root_squared(node: Node) -> Node | None:
    """At 0, infinity times zero would hide that the derivative is 1."""
    first, last = node.inputs[0], node.inputs[-1]
    squared = len(node.inputs) == 2 or node.attr("n") == 2
    if first is not last or not squared or not is_instruction(first, "sqrt"):
        return None
    (x,) = first.inputs
    return where(greater_equal(x, 0.0), x, float("nan"))  # type: ignore[no-any-return]


__all__ = ["cbrt", "rsqrt", "sqrt"]
