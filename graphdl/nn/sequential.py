"""Sequential: layers one after the other."""

from __future__ import annotations

from typing import Any

from graphdl.ir.node import Node
from graphdl.nn.container import Container, Step, applied


class Sequential(Container):
    """Apply layers and functions, each to the result of the one before.

    Layers without a name are called by their kind and count: ``dense1``, ``dense2`` ... ``net[0]``
    is the first step, ``net["dense2"]`` a layer by name, ``net[:2]`` a Sequential of the same
    layers; ``len(net)``, iteration and ``net.add(step)`` do what they say.

    Parameters
    ----------
    *steps : Layer or callable
        What is applied, in order.
    name : str, optional
        A scope round all of them, and the first part of their parameters' paths.

    Raises
    ------
    ArgumentError
        If a step cannot be called.
    DuplicateNameError
        If two layers have one name.

    Examples
    --------
    >>> import graphdl as gd
    >>> net = gd.nn.Sequential(gd.nn.Dense(64, 32), gd.relu, gd.nn.Dense(32, 10))
    >>> net(gd.input("x", ("N", 64)))
    <add float32(N, 10)>
    >>> [p.name for p in net.params]
    ['dense1/w', 'dense1/b', 'dense2/w', 'dense2/b']
    >>> net[:2](gd.input("x", ("N", 64)))
    <relu float32(N, 32)>
    """

    def __init__(self, *steps: Step, name: str | None = None) -> None:
        super().__init__(*steps, name=name or "")

    def __getitem__(self, key: Any) -> Any:
        """Return a step, several of them as a Sequential, or what has that name inside."""
        if not isinstance(key, slice):
            return super().__getitem__(key)
        self._all()  # the parameters keep the names they have in the whole
        return Sequential(*self.steps[key], name=self.name)

    def build(self, x: Node) -> Node:
        """Apply the steps in order."""
        return applied(self.steps, x)
