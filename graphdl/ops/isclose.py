"""isclose, allclose, array_equal: comparisons of arrays as tests make them."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp, as_node
from graphdl.ir.leaves import constant
from graphdl.ir.node import Node, operators
from graphdl.ops.equal import equal


def _close(
    x: s.Scalar, y: s.Scalar, *, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> s.Scalar:
    near = s.logical_and(abs(x - y) <= atol + rtol * abs(y), s.isfinite(y))
    found = s.logical_or(near, s.equal(x, y))
    both = s.logical_and(s.isnan(x), s.isnan(y))
    return s.logical_or(found, both) if equal_nan else found


isclose = ElementwiseOp(
    "isclose",
    _close,
    doc="""Return whether ``|x - y| <= atol + rtol·|y|``; an infinity is close to itself only.

    ``x`` and ``y`` broadcast; integers become float32 first. NaN is close to nothing, with
    ``equal_nan=True`` to NaN. The result is bool and has no derivative.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> gd.interpret(gd.Graph(gd.isclose(x, 1)), {"x": [1.000001, 1.1]})["out"].tolist()
    [True, False]
    """,
)


def allclose(
    x: Any, y: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Node:
    """Return whether all elements are close, a bool scalar: see :func:`isclose`.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> bool(gd.interpret(gd.Graph(gd.allclose(x, 1)), {"x": [1.000001, 1.0]})["out"])
    True
    """
    return operators["all"](isclose(x, y, rtol=rtol, atol=atol, equal_nan=equal_nan))


def array_equal(x: Any, y: Any) -> Node:
    """Return whether two arrays have the same shape and equal elements, a bool scalar.

    Shapes are compared when the graph is built, and nothing broadcasts; NaN equals nothing.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> bool(gd.interpret(gd.Graph(gd.array_equal(x, [1, 2])), {"x": [1, 2]})["out"])
    True
    """
    if as_node(x).shape != as_node(y).shape:
        return constant(False)
    return operators["all"](equal(x, y))


__all__ = ["allclose", "array_equal", "isclose"]
