"""The coefficient of determination."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node
from graphdl.losses.checks import check_same_shape
from graphdl.losses.labels import as_float
from graphdl.ops.equal import equal
from graphdl.ops.mean import mean
from graphdl.ops.square import square
from graphdl.ops.sum import sum
from graphdl.ops.where import where


def r2(prediction: Any, target: Any) -> Node:
    """Return ``1 - Σ(t - p)² / Σ(t - mean(t))²``: 1 is perfect, 0 no better than the mean.

    Of several columns it is the mean of their values. Where targets do not vary it is 1 for a
    perfect prediction and else 0, as in scikit-learn.

    Parameters
    ----------
    prediction, target : node or array_like
        Of one shape, examples along the first axis.

    Raises
    ------
    ShapeError
        If the shapes differ, or have no axis.

    Examples
    --------
    >>> import graphdl as gd
    >>> p, t = gd.input("p", ("N",)), gd.input("t", ("N",))
    >>> data = {"p": [1.0, 2.0, 2.0], "t": [1.0, 2.0, 3.0]}
    >>> float(gd.interpret(gd.Graph(gd.metrics.r2(p, t)), data)["out"])
    0.5
    """
    given, wanted = as_float(prediction), as_float(as_node(target))
    check_same_shape("r2", given, wanted)
    missed = sum(square(wanted - given), 0)
    varied = sum(square(wanted - mean(wanted, 0, keepdims=True)), 0)
    constant = equal(varied, 0.0)
    share = missed / where(constant, 1.0, varied)
    return mean(1.0 - where(constant, where(equal(missed, 0.0), 0.0, 1.0), share))
