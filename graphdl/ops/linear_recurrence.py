"""linear_recurrence: the first-order recurrence that closes all running derivatives."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dtypes import float32
from graphdl.ir.kinds import (
    Contribution,
    PrefixOp,
    as_node,
    broadcast,
    common_dtype,
    normalise_axis,
)
from graphdl.ir.node import Node, make
from graphdl.ops.sum import sum_to


def pulled_back(a: Node, g: Node, *, axis: int, reverse: bool, exclusive: bool) -> Node:
    """Return the adjoint of each state of a recurrence: ``s[i] = g[i] + a[i+1]·s[i+1]``.

    Where the recurrence gives the state before each place, ``g`` stands one place later.
    """
    back = {"axis": axis, "reverse": not reverse, "exclusive": True}
    if exclusive:
        return make(_linear, [a, g], **back)
    return g + make(_linear, [a, a * g], **back)


def _adjoint(node: Node, g: Node) -> list[Contribution | None]:
    """Go back through ``h[i] = a[i]·h[i-1] + b[i]``: b receives s, and a receives s·h[i-1]."""
    (a, b), attrs = node.inputs, dict(node.attrs)
    state = pulled_back(a, g, **attrs)
    before = node if attrs["exclusive"] else make(_linear, [a, b], **attrs | {"exclusive": True})
    return [
        (
            sum_to(state * before, a.shape),
            "~{0} += s·{z} before, where s = ~{z} + {0}·s from behind",
        ),
        (sum_to(state, b.shape), "~{1} += s, where s = ~{z} + {0}·s from behind"),
    ]


_linear = PrefixOp("linear_recurrence", "linear", adjoint=_adjoint, doc="``h = a·h + b``.")


def linear_recurrence(a: Any, b: Any, axis: int = -1, *, reverse: bool = False) -> Node:
    """Return the states of ``h[i] = a[i]·h[i-1] + b[i]`` along an axis, starting with ``b[0]``.

    Exponential moving averages, discounted returns, and the scans of state-space models are such
    recurrences. ``a[0]`` is not read, and gets a gradient of 0; put a first state ``h`` into the
    first element of ``b`` as ``a[0]·h + b[0]``.

    Parameters
    ----------
    a, b : node or array_like
        Factors and additions; they broadcast. Integers become float32.
    axis : int
        Where to go along, of the shape that they broadcast to.
    reverse : bool
        Go from the last place to the first.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (4,))
    >>> graph = gd.Graph(gd.linear_recurrence(0.5, x))
    >>> gd.interpret(graph, {"x": [8, 0, 0, 1]})["out"].tolist()
    [8.0, 4.0, 2.0, 2.0]
    """
    common = common_dtype([a, b])
    dtype = common if common.is_float else float32
    nodes = [as_node(v, dtype) for v in (a, b)]
    shape = broadcast("linear_recurrence", [n.shape for n in nodes])
    place = normalise_axis("linear_recurrence", axis, len(shape))
    return make(_linear, nodes, axis=place, reverse=reverse, exclusive=False)


__all__ = ["linear_recurrence"]
