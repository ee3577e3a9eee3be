"""Reshape: other axes behind the batch."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl.ir.dims import Size
from graphdl.ir.node import Node
from graphdl.nn.layer import Layer
from graphdl.ops.reshape import reshape


class Reshape(Layer):
    """Bring the axes from ``start`` on into another shape, row-major.

    Parameters
    ----------
    shape : sequence of int
        The new sizes; one may be -1.
    start : int
        The first axis that is replaced; the default keeps the batch.
    name : str, optional
        The layer's name.

    Raises
    ------
    ShapeError
        When called, if the numbers of elements differ.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.nn.Reshape((8, -1))(gd.input("x", ("N", 64)))
    <reshape float32(N, 8, 8)>
    """

    def __init__(self, shape: Sequence[Size], start: int = 1, *, name: str | None = None) -> None:
        super().__init__(name)
        self.shape, self.start = tuple(shape), start

    def build(self, x: Node) -> Node:
        """Reshape."""
        return reshape(x, (*x.shape[: self.start], *self.shape))
