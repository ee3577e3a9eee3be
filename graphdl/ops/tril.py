"""tril."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import as_node
from graphdl.ir.leaves import constant, iota
from graphdl.ir.node import Node, site_text
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.greater_equal import greater_equal
from graphdl.ops.where import where


def tril(x: Any, k: int = 0) -> Node:
    """Return ``x`` with zeros above the ``k``-th diagonal of its last two axes.

    Parameters
    ----------
    x : node or array_like
        At least two axes.
    k : int
        The last diagonal that is kept: 0 is the main one, -1 the one below.

    Raises
    ------
    ShapeError
        If ``x`` has fewer than two axes.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.tril(gd.ones((2, 3), "int32"))))["out"].tolist()
    [[1, 0, 0], [1, 1, 0]]
    """
    return part("tril", greater_equal, x, k)


def part(name: str, kept: Any, x: Any, k: int) -> Node:
    node = as_node(x)
    if node.ndim < 2:
        raise ShapeError(f"{name} of {shape_text(node.shape)}: two axes at least", site=site_text())
    rows, columns = expand_dims(iota(node.shape[-2]), 1), iota(node.shape[-1])
    zero = constant(0, node.dtype)
    return where(kept(rows + int(k), columns), node, zero)  # type: ignore[no-any-return]


__all__ = ["tril"]
