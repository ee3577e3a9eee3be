"""Add and Concat: branches that start from one input and are merged."""

from __future__ import annotations

from functools import reduce
from operator import add

from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ArgumentError, ShapeError
from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node, site_text
from graphdl.nn.container import Container, Step
from graphdl.ops.concat import concat


class _Merge(Container):
    """Branches, each applied to the layer's input."""

    def outputs(self, x: Node) -> list[Node]:
        """Return what the branches give."""
        if not self.steps:
            raise ArgumentError(f"{self.path} has no branches", site=site_text())
        return [as_node(branch(x)) for branch in self.steps]


class Add(_Merge):
    """Return the sum of what the branches give, all applied to the same input.

    Nodes that exist already are simply added, ``a + b``.

    Parameters
    ----------
    *branches : Layer or callable
        At least one; ``nn.Identity()`` passes the input on.
    name : str, optional
        The layer's name.

    Raises
    ------
    ShapeError
        When called, if shapes differ: nothing is broadcast.

    Examples
    --------
    >>> import graphdl as gd
    >>> both = gd.nn.Add(gd.nn.Dense(8, 4), gd.nn.Sequential(gd.nn.Dense(8, 4), gd.tanh))
    >>> both(gd.input("x", ("N", 8)))
    <add float32(N, 4)>
    >>> [p.name for p in both.params]
    ['add/dense1/w', 'add/dense1/b', 'add/sequential1/dense1/w', 'add/sequential1/dense1/b']
    """

    def build(self, x: Node) -> Node:
        """Add up."""
        outputs = self.outputs(x)
        if len({y.shape for y in outputs}) > 1:
            shapes = ", ".join(shape_text(y.shape) for y in outputs)
            raise ShapeError(
                f"{self.path}: branches of shapes {shapes}",
                site=site_text(),
                remedy="all must give one shape; use nn.Concat to join different ones",
            )
        return reduce(add, outputs)


class Concat(_Merge):
    """Join what the branches give along an axis, all applied to the same input.

    Nodes that exist already are joined by ``gd.concat([a, b], axis)``.

    Parameters
    ----------
    *branches : Layer or callable
        At least one; ``nn.Identity()`` passes the input on.
    axis : int
        Along which they are joined, by default the last.
    name : str, optional
        The layer's name.

    Raises
    ------
    ShapeError
        When called, if other axes differ.

    Examples
    --------
    >>> import graphdl as gd
    >>> net = gd.nn.Concat(gd.nn.Dense(8, 4), gd.nn.Identity())
    >>> net(gd.input("x", ("N", 8)))
    <concat float32(N, 12)>
    """

    def __init__(self, *branches: Step, axis: int = -1, name: str | None = None) -> None:
        super().__init__(*branches, name=name)
        self.axis = axis

    def build(self, x: Node) -> Node:
        """Join."""
        return concat(self.outputs(x), self.axis)
