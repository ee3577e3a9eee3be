"""cumsum."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import Contribution, PrefixOp, as_node, normalise_axis
from graphdl.ir.node import Node, make
from graphdl.ops.reshape import reshape


def _adjoint(node: Node, g: Node) -> list[Contribution | None]:
    back = {**dict(node.attrs), "reverse": not node.attr("reverse")}
    return [(make(_cumsum, [g], **back), "~{0} += Σ ~{z} from here on")]


_cumsum = PrefixOp("cumsum", "add", adjoint=_adjoint, doc="Add up what came so far.")


def running(op: PrefixOp, x: Any, axis: int | None, reverse: bool, exclusive: bool = False) -> Node:
    """Apply a running combination of one input; without an axis to the flattened input."""
    node = as_node(x)
    if axis is None:
        node = reshape(node, (-1,))
    place = 0 if axis is None else normalise_axis(op.name, axis, node.ndim)
    if op.combine in ("add", "mul") and not node.dtype.is_float:
        node = node.astype("int64")
    return make(op, [node], axis=place, reverse=reverse, exclusive=exclusive)


def cumsum(
    x: Any, axis: int | None = None, *, reverse: bool = False, exclusive: bool = False
) -> Node:
    """Return the sum of all elements up to each place of an axis; of integers and bools int64.

    ``y[i] = x[0] + … + x[i]``, added up in this order. The gradient is the sum from each place on.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    axis : int or None
        Where to go along; None flattens first, as in NumPy.
    reverse : bool
        Go from the last place to the first.
    exclusive : bool
        Leave the place's own element out: the first sum is 0.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (4,))
    >>> gd.interpret(gd.Graph(gd.cumsum(x)), {"x": [1, 2, 3, 4]})["out"].tolist()
    [1.0, 3.0, 6.0, 10.0]
    """
    return running(_cumsum, x, axis, reverse, exclusive)


__all__ = ["cumsum"]
