"""nan_to_num."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp, as_node
from graphdl.ir.node import Node

INFINITY = float("inf")


_nan_to_num = ElementwiseOp(
    "nan_to_num",
    lambda x, *, nan, posinf, neginf: s.select(
        s.not_equal(x, x),
        nan,
        s.select(s.equal(x, INFINITY), posinf, s.select(s.equal(x, -INFINITY), neginf, x)),
    ),
    grads=lambda x, y, *, nan, posinf, neginf: (s.select(s.isfinite(x), 1.0, 0.0),),
)


def nan_to_num(
    x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Node:
    """Return ``x`` with finite numbers in the place of NaN and infinities.

    The derivative is 1 where ``x`` is finite and 0 elsewhere.

    Parameters
    ----------
    x : array_like
        Integers stay as they are.
    nan, posinf, neginf : float
        What stands for NaN, inf and -inf; None: the largest number of the dtype, or its opposite.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.constant([1.0, float("nan"), float("-inf")])
    >>> gd.interpret(gd.Graph(gd.nan_to_num(x, neginf=-9.0)), {})["out"].tolist()
    [1.0, 0.0, -9.0]
    """
    node = as_node(x)
    if not node.dtype.is_float:
        return node
    largest = float(np.finfo(node.dtype.numpy).max)
    return _nan_to_num(  # type: ignore[no-any-return]
        node,
        nan=float(nan),
        posinf=largest if posinf is None else float(posinf),
        neginf=-largest if neginf is None else float(neginf),
    )


__all__ = ["nan_to_num"]
