"""Lambda and Identity: layers without parameters, from a function and from none."""

from __future__ import annotations

from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node, site_text
from graphdl.nn.container import Step
from graphdl.nn.layer import Layer


class Lambda(Layer):
    """Apply a function from node to node, in a scope of its own.

    Models take bare functions too; as a layer a function has a name in diagrams and summaries.

    Parameters
    ----------
    function : callable
        What is applied.
    name : str, optional
        The layer's name.

    Raises
    ------
    ArgumentError
        If the function cannot be called.

    Examples
    --------
    >>> import graphdl as gd
    >>> centre = gd.nn.Lambda(lambda x: x - gd.mean(x, 0), name="centre")
    >>> centre(gd.input("x", ("N", 8)))
    <subtract float32(N, 8)>
    """

    def __init__(self, function: Step, *, name: str | None = None) -> None:
        super().__init__(name)
        if not callable(function):
            raise ArgumentError(f"Lambda takes a function, not {function!r}", site=site_text())
        self.function = function

    def build(self, x: Node) -> Node:
        """Call the function."""
        return as_node(self.function(x))


class Identity(Layer):
    """Return the input: a branch that does nothing.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ("N", 8))
    >>> gd.nn.Identity()(x) is x
    True
    """

    def build(self, x: Node) -> Node:
        """Do nothing."""
        return x
