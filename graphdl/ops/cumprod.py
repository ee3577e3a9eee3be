"""cumprod."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import Contribution, PrefixOp
from graphdl.ir.node import Node, make
from graphdl.ops.cumsum import running
from graphdl.ops.linear_recurrence import pulled_back


def _adjoint(node: Node, g: Node) -> list[Contribution | None]:
    """Multiply what comes before by what comes after: no division, so that zeros are fine."""
    (x,), attrs = node.inputs, dict(node.attrs)
    before = node if attrs["exclusive"] else make(_cumprod, [x], **attrs | {"exclusive": True})
    math = "~{0} += s·(Π {0} before), where s = ~{z} + {0}·s from behind"
    return [(before * pulled_back(x, g, **attrs), math)]


_cumprod = PrefixOp("cumprod", "mul", adjoint=_adjoint, doc="Multiply what came so far.")


def cumprod(
    x: Any, axis: int | None = None, *, reverse: bool = False, exclusive: bool = False
) -> Node:
    """Return the product of all elements up to each place of an axis; of integers int64.

    ``y[i] = x[0] · … · x[i]``. The gradient divides by nothing: it is exact with zeros among the
    elements, and so are further derivatives.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    axis : int or None
        Where to go along; None flattens first, as in NumPy.
    reverse : bool
        Go from the last place to the first.
    exclusive : bool
        Leave the place's own element out: the first product is 1.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (4,))
    >>> gd.interpret(gd.Graph(gd.cumprod(x)), {"x": [1, 2, 3, 4]})["out"].tolist()
    [1.0, 2.0, 6.0, 24.0]
    """
    return running(_cumprod, x, axis, reverse, exclusive)


__all__ = ["cumprod"]
