"""lgamma and its derivatives: digamma, polygamma."""

from __future__ import annotations

import operator
from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node, site_text

HIGHEST = 100
"""Derivatives beyond this one leave the range of a float64 on the way."""

lgamma = ElementwiseOp(
    "lgamma",
    s.lgamma,
    grads=lambda x, y: (s.digamma(x),),
    doc="""Return ``log |Γ(x)|``; inf at the poles 0, -1, -2 ... and at ±inf.

    The derivative is digamma, which is NaN at -inf and at the poles below 0: it tends to -inf on
    one side of them and to inf on the other. Errors are relative to ``max(1, |value|)``.

    Examples
    --------
    >>> import graphdl as gd
    >>> round(float(gd.interpret(gd.Graph(gd.lgamma(5.0)), {})["out"]), 6)
    3.178054
    """,
)
digamma = ElementwiseOp(
    "digamma",
    s.digamma,
    grads=lambda x, y: (s.polygamma(1.0, x),),
    doc="""Return ψ(x), the derivative of ``log |Γ(x)|``.

    As SciPy's psi: -inf at 0, inf at -0, NaN at the poles -1, -2 ... and at -inf. Errors are
    relative to ``max(1, |value|)``.

    Examples
    --------
    >>> import graphdl as gd
    >>> round(float(gd.interpret(gd.Graph(gd.digamma(1.0)), {})["out"]), 6)
    -0.577216
    """,
)
_polygamma = ElementwiseOp(
    "polygamma", s.polygamma, grads=lambda n, x, y: (None, s.polygamma(n + 1.0, x))
)


def polygamma(n: int, x: Any) -> Node:
    """Return the n-th derivative of digamma.

    For odd ``n`` the poles 0, -1, -2 ... give inf; for even ``n`` they are NaN, except that ±0
    gives ∓inf as its side says. 0 at inf for ``n > 0``, NaN at -inf. Errors are relative to
    ``max(1, |value|)``; below 0 they grow with ``n`` for even ``n`` from 6 on.

    Parameters
    ----------
    n : int
        From 0, which is digamma, to 100, whose own derivative is NaN.
    x : array_like
        Floating; integers become float32.

    Raises
    ------
    ArgumentError
        If ``n`` is no such number.

    Examples
    --------
    >>> import graphdl as gd
    >>> round(float(gd.interpret(gd.Graph(gd.polygamma(1, 1.0)), {})["out"]), 6)
    1.644934
    """
    try:
        order = operator.index(n)
    except TypeError:
        order = -1
    if not 0 <= order <= HIGHEST:
        raise ArgumentError(
            f"polygamma: n={n!r}",
            site=site_text(),
            remedy=f"use a whole number from 0 to {HIGHEST}",
        )
    result: Node = digamma(x) if order == 0 else _polygamma(float(order), x)
    return result


__all__ = ["digamma", "lgamma", "polygamma"]
