"""selu."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ops.elu import below

# The fixed point for mean 0 and variance 1 (Klambauer et al., 2017, arXiv:1706.02515, eq. 14).
_SELU_ALPHA = 1.6732632423543772848170429916717


_SELU_SCALE = 1.0507009873554804934193349852946


selu = ElementwiseOp(
    "selu",
    lambda x: s.select(x > 0.0, _SELU_SCALE * x, _SELU_SCALE * _SELU_ALPHA * s.expm1(below(x))),
    grads=lambda x, y: (
        s.select(x > 0.0, _SELU_SCALE, _SELU_SCALE * _SELU_ALPHA * s.exp(below(x))),
    ),
    doc="""Return ``1.0507 · elu(x, 1.67326)``: keeps mean 0 and variance 1 from layer to layer.

    Klambauer et al., 2017, arXiv:1706.02515; weights are drawn by ``gd.nn.init.lecun()``. The
    derivative at 0 is that from below, 1.75810. NaN stays NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> gd.interpret(gd.Graph(gd.selu(x)), {"x": [-1e4, 1.0]})["out"].round(4).tolist()
    [-1.758100..., 1.0506999...]
    """,
)


__all__ = ["selu"]
