"""cummax and cummin: NaN wins, ties go to the first, which alone gets the gradient."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import Contribution, PrefixOp
from graphdl.ir.node import Node, make
from graphdl.ops.cumsum import running
from graphdl.ops.scatter_add import scatter_add_along_axis


def _first_winner(argument: PrefixOp, node: Node, g: Node) -> list[Contribution | None]:
    """Add up each cotangent at the place of the element that is the winner there."""
    (x,), axis = node.inputs, node.attr("axis")
    winner = make(argument, [x], **dict(node.attrs))
    given = scatter_add_along_axis(g, winner, x.shape[axis], axis)
    return [(given, "~{0} += ~{z} at the first winner so far")]


_argmax = PrefixOp("cumargmax", "argmax", adjoint=None, doc="The place of the largest so far.")
_argmin = PrefixOp("cumargmin", "argmin", adjoint=None, doc="The place of the smallest so far.")
_cummax = PrefixOp(
    "cummax", "max", adjoint=lambda node, g: _first_winner(_argmax, node, g), doc="Largest so far."
)
_cummin = PrefixOp(
    "cummin", "min", adjoint=lambda node, g: _first_winner(_argmin, node, g), doc="Smallest so far."
)


def cummax(x: Any, axis: int = -1, *, reverse: bool = False) -> Node:
    """Return the largest element up to each place of an axis, as ``numpy.maximum.accumulate``.

    From a NaN on everything is NaN. Of equal elements the one that came first gets the gradient.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    axis : int
        Where to go along.
    reverse : bool
        Go from the last place to the first.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (4,))
    >>> gd.interpret(gd.Graph(gd.cummax(x)), {"x": [1, 3, 2, 4]})["out"].tolist()
    [1.0, 3.0, 3.0, 4.0]
    """
    return running(_cummax, x, axis, reverse)


def cummin(x: Any, axis: int = -1, *, reverse: bool = False) -> Node:
    """Return the smallest element up to each place of an axis; see :func:`cummax`.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.cummin(gd.input("x", ("N", 3)), axis=0)
    <cummin float32(N, 3)>
    """
    return running(_cummin, x, axis, reverse)


__all__ = ["cummax", "cummin"]
