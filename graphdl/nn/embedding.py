"""Embedding: a table of vectors, looked up by number."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dtypes import float32
from graphdl.ir.errors import ArgumentError, DTypeError
from graphdl.ir.leaves import Initializer
from graphdl.ir.node import Node, site_text
from graphdl.nn.constraints import Constraint
from graphdl.nn.init import normal
from graphdl.nn.layer import Layer
from graphdl.nn.regularizers import Regularizer
from graphdl.ops.gather import gather


class Embedding(Layer):
    """Return row ``id`` of the table for each id.

    Ids that come straight from an input are checked, and a bad one raises before anything changes;
    computed ones are clipped. The gradient of ids that occur several times adds up. To tie the
    output layer of a language model: ``nn.Dense(size, vocabulary, w=embedding["w"].T)``.

    Parameters
    ----------
    vocabulary : int
        Number of rows; ids lie in ``[0, vocabulary)``.
    size : int
        Length of a row.
    init : initializer, array or number, optional
        First values of ``w`` of shape ``(vocabulary, size)``, by default normal with standard
        deviation 1.
    constraint, regularizer : callable, optional
        Of ``w``.
    dtype : dtype
        Of ``w``.
    name : str, optional
        The layer's name.

    Raises
    ------
    DTypeError
        When called, if ids are no integers.
    IndexRangeError
        When run, if an id is out of range.

    Examples
    --------
    >>> import graphdl as gd
    >>> table = gd.nn.Embedding(1000, 16)
    >>> table(gd.input("ids", ("N", 20), "int32"))
    <gather float32(N, 20, 16)>
    >>> table.params
    [<param 'embedding/w' float32(1000, 16)>]
    """

    def __init__(
        self,
        vocabulary: int,
        size: int,
        *,
        init: Initializer | Any = None,
        constraint: Constraint | None = None,
        regularizer: Regularizer | None = None,
        dtype: Any = float32,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        sizes: tuple[Any, ...] = (vocabulary, size)
        if not all(isinstance(s, int) and s > 0 for s in sizes):
            raise ArgumentError(
                f"Embedding({vocabulary!r}, {size!r}): sizes are positive whole numbers",
                site=site_text(),
            )
        self.declare(
            "w",
            sizes,
            dtype,
            init=normal(std=1.0) if init is None else init,
            constraint=constraint,
            regularizer=regularizer,
        )

    def build(self, x: Node) -> Node:
        """Look up."""
        if not x.dtype.is_integer:
            raise DTypeError(
                f"{self.path}: ids must be integers, not {x.dtype}",
                site=site_text(),
                remedy='declare them with gd.input("ids", shape, "int32")',
            )
        return gather(self["w"], x)
