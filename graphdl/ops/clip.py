"""clip."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node
from graphdl.ops.maximum import maximum
from graphdl.ops.minimum import minimum


def clip(x: Any, min: Any = None, max: Any = None) -> Node:
    """Return ``minimum(maximum(x, min), max)``: ``x`` limited to ``[min, max]``.

    As NumPy's: where ``min`` exceeds ``max`` the result is ``max``; NaN in any operand is NaN.

    Parameters
    ----------
    x : array_like
        What is limited.
    min, max : array_like, optional
        Numbers or nodes that broadcast with ``x``; None is no bound. The gradient of what exceeds
        a bound goes to that bound; on a bound it still goes to ``x``.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.clip(x, -1, 1)), {"x": [-2, 0.5, 3]})["out"].tolist()
    [-1.0, 0.5, 1.0]
    """
    limited = as_node(x) if min is None else maximum(x, min)
    return limited if max is None else minimum(limited, max)


__all__ = ["clip"]
