"""erf and erfc."""

from __future__ import annotations

import math

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.ir.rewrites import is_instruction, is_number, rewrite
from graphdl.ops.slopes import vanishing

_SLOPE = 2.0 / math.sqrt(math.pi)

erf = ElementwiseOp(
    "erf",
    s.erf,
    grads=lambda x, y: (vanishing(x, _SLOPE * s.exp(-(x * x))),),
    doc="""Return the error function, ``2/√π`` times the integral of ``exp(-t²)`` from 0 to ``x``.

    Examples
    --------
    >>> import graphdl as gd
    >>> round(float(gd.interpret(gd.Graph(gd.erf(0.5)), {})["out"]), 6)
    0.5205
    """,
)
erfc = ElementwiseOp(
    "erfc",
    s.erfc,
    grads=lambda x, y: (vanishing(x, -_SLOPE * s.exp(-(x * x))),),
    doc="""Return ``1 - erf(x)``, exact also where that is tiny; 0 at inf, 2 at -inf.

    Examples
    --------
    >>> import graphdl as gd
    >>> round(float(gd.interpret(gd.Graph(gd.erfc(0.5)), {})["out"]), 6)
    0.4795
    """,
)


@rewrite(
    "stabilise",
    "sub",
    math="1 − erf(x) → erfc(x)",
    exact=False,
    examples=lambda gd, x: 1.0 - gd.erf(x),
)
def _one_minus_erf(node: Node) -> Node | None:
    a, b = node.inputs
    if is_number(a, 1) and is_instruction(b, "erf") and b.shape == node.shape:
        return erfc(b.inputs[0])  # type: ignore[no-any-return]
    return None


__all__ = ["erf", "erfc"]
