"""eye: the identity matrix and its neighbours."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dim_parsing import as_size
from graphdl.ir.dims import Size
from graphdl.ir.dtypes import float32
from graphdl.ir.leaves import iota
from graphdl.ir.node import Node
from graphdl.ops.cast import cast
from graphdl.ops.equal import equal
from graphdl.ops.expand_dims import expand_dims


def eye(n: Size | str, m: Size | str | None = None, k: int = 0, dtype: Any = float32) -> Node:
    """Return a matrix with ones on its ``k``-th diagonal and zeros elsewhere.

    Parameters
    ----------
    n, m : int or str
        Number of rows, and of columns (as many by default).
    k : int
        Which diagonal: above the main one if positive, below if negative.
    dtype : dtype, optional
        Default float32.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.eye(2, 3, 1)))["out"].tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    rows, columns = iota(as_size(n)), iota(as_size(n if m is None else m))
    return cast(equal(expand_dims(rows, 1) + int(k), columns), dtype)


__all__ = ["eye"]
