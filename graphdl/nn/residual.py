"""Residual: what is computed is added to the input."""

from __future__ import annotations

from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node, site_text
from graphdl.nn.container import Container, Step, applied


class Residual(Container):
    """Return ``x + steps(x)`` (He et al., 2015, arXiv:1512.03385).

    Parameters
    ----------
    *steps : Layer or callable
        What is applied, in order, as in :class:`Sequential`.
    projection : Layer or callable, optional
        What the input goes through before it is added, where shapes differ.
    name : str, optional
        The layer's name.

    Raises
    ------
    ShapeError
        When called, if both shapes differ: nothing is broadcast.

    Examples
    --------
    >>> import graphdl as gd
    >>> block = gd.nn.Residual(gd.nn.Dense(8, 8, "relu"), gd.nn.Dense(8, 8))
    >>> block(gd.input("x", ("N", 8)))
    <add float32(N, 8)>
    >>> wider = gd.nn.Residual(gd.nn.Dense(8, 16), projection=gd.nn.Dense(8, 16, bias=False))
    >>> [p.name for p in wider.params]
    ['residual/projection/w', 'residual/dense1/w', 'residual/dense1/b']
    """

    def __init__(
        self, *steps: Step, projection: Step | None = None, name: str | None = None
    ) -> None:
        super().__init__(*steps, name=name)
        self.projection = projection

    def build(self, x: Node) -> Node:
        """Apply the steps and add."""
        y = applied(self.steps, x)
        carried = x if self.projection is None else as_node(self.projection(x))
        if carried.shape != y.shape:
            raise ShapeError(
                f"{self.path}: {shape_text(carried.shape)} cannot be added to "
                f"{shape_text(y.shape)}",
                site=site_text(),
                remedy="let the steps keep the shape, or pass projection=nn.Dense(...)",
            )
        return carried + y
