"""embedding: rows of a table by number."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node, site_text
from graphdl.ops.gather import gather


def embedding(table: Any, ids: Any) -> Node:
    """Return row ``id`` of the table for each id.

    Parameters
    ----------
    table : node or array_like
        Of shape ``(vocabulary, size)``; not empty.
    ids : node or array_like
        Integers in ``[0, vocabulary)``; there is no counting from the end. Those straight from an
        input are checked before anything is stored, computed ones are clipped.

    Returns
    -------
    node
        Of the shape of ``ids`` with an axis for the row. The gradient of ids that repeat adds up.

    Raises
    ------
    ShapeError, DTypeError, IndexRangeError
        If the table has not two axes or is empty, ids are no integers, or one is out of range.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.embedding(gd.input("table", (100, 8)), gd.input("ids", ("N", 5), "int32"))
    <gather float32(N, 5, 8)>
    """
    node = as_node(table)
    if node.ndim != 2:
        raise ShapeError(
            f"embedding: a table has two axes, not {shape_text(node.shape)}", site=site_text()
        )
    return gather(node, ids)


__all__ = ["embedding"]
