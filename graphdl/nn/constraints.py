"""Constraints: functions that project a parameter's new value, after the optimizer's step.

A layer takes one (``Dense(..., constraint=max_norm(2.0))``) and shows it in ``layer.constraints``;
``gd.train_step(..., constraints=net.constraints)`` applies them, in the scope ``constraint``. Any
function from a node to a node of its shape and dtype will do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphdl.ir.arguments import check_public
from graphdl.ir.errors import ArgumentError
from graphdl.ir.node import Node, site_text
from graphdl.ops.maximum import maximum
from graphdl.ops.minimum import minimum
from graphdl.ops.sqrt import sqrt
from graphdl.ops.square import square
from graphdl.ops.sum import sum
from graphdl.ops.where import where

Constraint = Callable[[Node], Node]
"""From a new value to the nearest one, or a near one, that is allowed."""


def max_norm(limit: float = 2.0, axis: Any = 0) -> Constraint:
    """Return a constraint: vectors along ``axis`` that are longer than ``limit`` are shortened.

    With weights ``(in, out)`` and axis 0 these are the incoming weights of each unit (Srivastava
    et al., 2014, "Dropout"). Vectors that are short enough stay as they are, to the bit.

    Parameters
    ----------
    limit : float
        The largest Euclidean norm, above 0.
    axis : int or tuple of int
        The axes of one vector.

    Raises
    ------
    ArgumentError
        If the limit is not above 0.

    Examples
    --------
    >>> import graphdl as gd
    >>> w = gd.input("w", (2, 2))
    >>> shorter = gd.nn.constraints.max_norm(1.0)(w)
    >>> gd.interpret(gd.Graph(shorter), {"w": [[3.0, 0.5], [4.0, 0.0]]})["out"].round(3).tolist()
    [[0.60000..., 0.5], [0.80000..., 0.0]]
    """
    if not limit > 0:
        raise ArgumentError(f"max_norm: limit={limit}", site=site_text(), remedy="above 0")

    def shorten(w: Node) -> Node:
        # a quotient by 0 is inf, which the minimum turns into 1
        share: Node = minimum(limit / _norm(w, axis), 1.0)
        return w * share

    return shorten


def unit_norm(axis: Any = 0) -> Constraint:
    """Return a constraint: vectors along ``axis`` are scaled to length 1; zeros stay zeros.

    Examples
    --------
    >>> import graphdl as gd
    >>> w = gd.input("w", (2, 2))
    >>> scaled = gd.nn.constraints.unit_norm()(w)
    >>> gd.interpret(gd.Graph(scaled), {"w": [[2.0, 0.0], [0.0, 0.0]]})["out"].tolist()
    [[1.0, 0.0], [0.0, 0.0]]
    """

    def scale(w: Node) -> Node:
        norm = _norm(w, axis)
        safe: Node = where(norm > 0.0, norm, 1.0)
        return w / safe

    return scale


def non_negative(w: Node) -> Node:
    """Constrain to values of at least 0: negative ones become 0, NaN stays NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> w = gd.input("w", (2,))
    >>> gd.interpret(gd.Graph(non_negative(w)), {"w": [-1.0, 2.0]})["out"].tolist()
    [0.0, 2.0]
    """
    allowed: Node = maximum(w, 0.0)
    return allowed


def _norm(w: Node, axis: Any) -> Node:
    length: Node = sqrt(sum(square(w), axis, keepdims=True))
    return length


__all__ = ["Constraint", "max_norm", "non_negative", "unit_norm"]

check_public(globals())
