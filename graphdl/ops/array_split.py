"""array_split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphdl.ir.kinds import as_node, normalise_axis
from graphdl.ir.node import Node
from graphdl.ops.split import between, parts, sections


def array_split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Node]:
    """Return parts of ``x`` along an axis that differ by at most one in size, larger ones first.

    Parameters and errors are those of :func:`split`; any number of parts is right, also of a
    symbolic axis.

    Examples
    --------
    >>> import graphdl as gd
    >>> [part.shape for part in gd.array_split(gd.input("x", (7, 2)), 3)]
    [(3, 2), (2, 2), (2, 2)]
    """
    node = as_node(x)
    place = normalise_axis("array_split", axis, node.ndim)
    if isinstance(indices_or_sections, Sequence):
        return between(node, indices_or_sections, place)
    count, size = sections("array_split", indices_or_sections), node.shape[place]
    return parts(node, [(size + (count - 1 - i)) // count for i in range(count)], place)


__all__ = ["array_split"]
