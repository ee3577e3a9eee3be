"""Maxout: the largest of several linear maps."""

from __future__ import annotations

from functools import partial
from typing import Any

from graphdl.ir.errors import ArgumentError
from graphdl.ir.node import site_text
from graphdl.nn.dense import Dense
from graphdl.ops.maxout import maxout


class Maxout(Dense):
    """Return the largest of ``pieces`` linear maps for each output.

    Goodfellow et al., 2013, arXiv:1302.4389. Its ``w`` has shape ``(inputs, outputs * pieces)``.

    Parameters
    ----------
    inputs, outputs : int
        Sizes of the last axis before and after.
    pieces : int
        How many maps compete.
    **options
        ``bias``, ``init``, ``name`` ... as of :class:`Dense`.

    Raises
    ------
    ShapeError
        When called, if the input's last axis is not of size ``inputs``.

    Examples
    --------
    >>> import graphdl as gd
    >>> layer = gd.nn.Maxout(8, 4, 3)
    >>> layer(gd.input("x", ("N", 8)))
    <maxout float32(N, 4)>
    >>> layer.params
    [<param 'maxout/w' float32(8, 12)>, <param 'maxout/b' float32(12,)>]
    """

    def __init__(self, inputs: int, outputs: int, pieces: int, **options: Any) -> None:
        count: Any = pieces
        if not (isinstance(count, int) and count > 0):
            raise ArgumentError(
                f"Maxout({inputs}, {outputs}, {pieces!r}): pieces is a positive whole number",
                site=site_text(),
            )
        super().__init__(inputs, outputs * pieces, partial(maxout, pieces=pieces), **options)
