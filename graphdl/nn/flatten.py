"""Flatten: images to vectors."""

from __future__ import annotations

from graphdl.ir.node import Node
from graphdl.nn.layer import Layer
from graphdl.ops.flatten import flatten


class Flatten(Layer):
    """Merge all axes from ``start`` on into one, row-major.

    Parameters
    ----------
    start : int
        The first axis that is merged; the default keeps the batch.
    name : str, optional
        The layer's name.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.nn.Flatten()(gd.input("x", ("N", 8, 8)))
    <reshape float32(N, 64)>
    """

    def __init__(self, start: int = 1, *, name: str | None = None) -> None:
        super().__init__(name)
        self.start = start

    def build(self, x: Node) -> Node:
        """Reshape."""
        return flatten(x, self.start)
