"""cast and stop_gradient: the value passes, changed only in dtype."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.dtypes import as_dtype
from graphdl.ir.kinds import ElementwiseOp, as_node
from graphdl.ir.node import Node, operators

_cast = ElementwiseOp(
    "cast",
    lambda x, *, dtype: s.cast(x, dtype),
    grads=lambda x, y, *, dtype: (1.0,),
    accepts="any",
    doc="Convert to a dtype.",
)
stop_gradient = ElementwiseOp(
    "stop_gradient",
    lambda x: x,
    grads=lambda x, y: (None,),
    accepts="any",
    doc="""Return ``x`` as if it were a constant: no gradient passes.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ())
    >>> (g,) = gd.grad(gd.stop_gradient(x) * x, [x])
    >>> float(gd.interpret(gd.Graph(g), {"x": 3.0})["out"])
    3.0
    """,
)


def cast(x: Any, dtype: Any) -> Node:
    """Return ``x`` in another dtype.

    Anything but 0 becomes True, NaN too. Integers that are too large keep their low bits. Floats
    are rounded toward zero; NaN and what lies beyond int32 or int64 become its least value, and
    uint8 has the low 8 bits of the int32. (This is what NumPy does on x86. On processors where it
    does otherwise the NumPy target and the interpreter do so too.) The gradient passes between
    floats only.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    dtype : dtype
        bool, uint8, int32, int64, float32 or float64, by name or as NumPy's.

    Raises
    ------
    DTypeError
        If there is no such dtype.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.cast(x, "int32")), {"x": [1.9, -1.9, 0]})["out"].tolist()
    [1, -1, 0]
    """
    node, target = as_node(x), as_dtype(dtype)
    if node.dtype is target:
        return node
    return _cast(node, dtype=target)  # type: ignore[no-any-return]


operators["cast"] = cast
operators["identity"] = stop_gradient

__all__ = ["cast", "stop_gradient"]
