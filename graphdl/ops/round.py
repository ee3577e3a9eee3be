"""round."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.dtypes import float64
from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import ElementwiseOp, as_node
from graphdl.ir.node import Node, operators, site_text
from graphdl.ops.rint import rint
from graphdl.ops.rounding import of_floats


def _decimal(x: s.Scalar, *, decimals: int) -> s.Scalar:
    """Round a multiple; what overflows on the way has no decimals left to round."""
    scale = 10.0 ** abs(decimals)
    if decimals < 0:
        return s.round_even(x / scale) * scale
    return s.select(s.absolute(x * scale) < float("inf"), s.round_even(x * scale) / scale, x)


_round = ElementwiseOp("round", _decimal, grads=lambda x, y, *, decimals: (None,))


def round(x: Any, decimals: int = 0) -> Node:
    """Return ``x`` rounded to a number of decimals, ties to the even neighbour, as NumPy does.

    With decimals ``x·10ᵈ`` is rounded and divided by ``10ᵈ``. The derivative is 0 everywhere.

    Parameters
    ----------
    x : array_like
        Integers stay integers.
    decimals : int
        Digits after the point, at most 300; negative: before it.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.constant([2.5, 1.257, -31.0], "float64")
    >>> [gd.interpret(gd.Graph(gd.round(x, d)), {})["out"].tolist() for d in (0, 2, -1)]
    [[2.0, 1.0, -31.0], [2.5, 1.26, -31.0], [0.0, 0.0, -30.0]]
    """
    node = as_node(x)
    if abs(decimals) > 300:
        raise ArgumentError(f"round: {decimals} decimals", site=site_text())
    if decimals == 0:
        return of_floats(rint, node)
    if node.dtype.is_float:
        return _round(node, decimals=int(decimals))  # type: ignore[no-any-return]
    if decimals > 0:
        return node
    wide = operators["cast"](node, float64)
    rounded: Node = operators["cast"](_round(wide, decimals=int(decimals)), node.dtype)
    return rounded


__all__ = ["round"]
