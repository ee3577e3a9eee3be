"""silu, also called swish."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

_FAR = 1e3
"""σ(∓1000) is 0 and 1 in both dtypes: what is multiplied by these zeros is kept finite."""


def _silu_grad(x: s.Scalar, y: s.Scalar) -> tuple[s.Scalar]:
    near = s.minimum(s.maximum(x, -_FAR), _FAR)
    share = s.sigmoid(x)
    return (share * (1.0 + near * (1.0 - share)),)


silu = ElementwiseOp(
    "silu",
    s.silu,
    grads=_silu_grad,
    doc="""Return ``x · sigmoid(x)`` (Hendrycks & Gimpel, 2016, arXiv:1606.08415).

    Also called swish (Ramachandran et al., 2017, arXiv:1710.05941). At -inf the value is its
    limit, 0; NaN stays NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.silu(x)), {"x": [-1e4, 0.0, 1e4]})["out"].tolist()
    [-0.0, 0.0, 10000.0]
    """,
)
swish = silu

__all__ = ["silu", "swish"]
