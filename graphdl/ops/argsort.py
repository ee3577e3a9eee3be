"""argsort."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import OrderOp, as_node, normalise_axis
from graphdl.ir.node import Node, make

_argsort = OrderOp("argsort", "The places of the elements in the order of their values.")


def argsort(x: Any, axis: int = -1, *, descending: bool = False) -> Node:
    """Return the places of the elements along an axis in sorted order, int64.

    The order is stable in both directions: equal elements, as both zeros are, keep theirs. NaN
    counts as larger than everything: it comes last, and first if descending.

    Parameters
    ----------
    x : node or array_like
        Any shape with at least one axis.
    axis : int
        Where to sort along.
    descending : bool
        The largest first.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (4,))
    >>> gd.interpret(gd.Graph(gd.argsort(x)), {"x": [3, 1, 2, 1]})["out"].tolist()
    [1, 3, 2, 0]
    """
    node = as_node(x)
    return make(
        _argsort,
        [node],
        axis=normalise_axis("argsort", axis, node.ndim),
        descending=bool(descending),
    )


__all__ = ["argsort"]
