"""PReLU: a leaky relu that learns its slopes."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dtypes import float32
from graphdl.ir.errors import ShapeError
from graphdl.ir.leaves import Initializer
from graphdl.ir.node import Node, site_text
from graphdl.nn.constraints import Constraint
from graphdl.nn.layer import Layer
from graphdl.nn.regularizers import Regularizer
from graphdl.ops.prelu import prelu


class PReLU(Layer):
    """Return ``x`` above 0 and ``slope * x`` elsewhere (He et al., 2015, arXiv:1502.01852).

    Parameters
    ----------
    channels : int
        Size of the last axis, a slope each; 1 shares one slope.
    init : initializer, array or number
        First value of the slopes.
    constraint, regularizer : callable, optional
        Of the slopes.
    dtype : dtype
        Of the slopes.
    name : str, optional
        The layer's name.

    Raises
    ------
    ShapeError
        When called, if there are several slopes and the last axis has another size.

    Examples
    --------
    >>> import graphdl as gd
    >>> layer = gd.nn.PReLU(8)
    >>> layer(gd.input("x", ("N", 8)))
    <prelu float32(N, 8)>
    >>> layer.params
    [<param 'prelu/slope' float32(8,)>]
    """

    def __init__(
        self,
        channels: int = 1,
        *,
        init: Initializer | Any = 0.25,
        constraint: Constraint | None = None,
        regularizer: Regularizer | None = None,
        dtype: Any = float32,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.channels = channels
        self.declare(
            "slope",
            (channels,),
            dtype,
            init=init,
            constraint=constraint,
            regularizer=regularizer,
        )

    def build(self, x: Node) -> Node:
        """Apply the slopes."""
        if self.channels != 1 and (not x.ndim or x.shape[-1] != self.channels):
            raise ShapeError(
                f"{self.path}: PReLU({self.channels}) got {shape_text(x.shape)}, "
                f"whose last axis is not {self.channels}",
                site=site_text(),
                remedy="give it the size of the last axis, or 1 for one slope",
            )
        y: Node = prelu(x, self["slope"])
        return y
