"""Sequential: layers one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from graphdl.ir.errors import ArgumentError, DuplicateNameError
from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node, site_text
from graphdl.nn.layer import Layer

Step = Callable[[Node], Node]
"""A layer, or any function from node to node."""


class Sequential(Layer):
    """Apply layers and functions, each to the result of the one before.

    Layers without a name are called by their kind and count: ``dense1``, ``dense2`` ...

    Parameters
    ----------
    *steps : Layer or callable
        What is applied, in order.
    name : str, optional
        A scope round all of them, and the first part of their parameters' paths.

    Examples
    --------
    >>> import graphdl as gd
    >>> net = gd.nn.Sequential(gd.nn.Dense(64, 32), gd.relu, gd.nn.Dense(32, 10))
    >>> net(gd.input("x", ("N", 64)))
    <add float32(N, 10)>
    >>> [p.name for p in net.params]
    ['dense1/w', 'dense1/b', 'dense2/w', 'dense2/b']
    """

    def __init__(self, *steps: Step, name: str | None = None) -> None:
        super().__init__(name)
        for step in steps:
            if not callable(step):
                raise ArgumentError(
                    f"Sequential takes layers and functions, not {step!r}", site=site_text()
                )
        self.steps = steps
        self.name = name or ""
        self._place_layers()

    @property
    def layers(self) -> Sequence[Layer]:
        """The layers among the steps, each once."""
        return list(dict.fromkeys(s for s in self.steps if isinstance(s, Layer)))

    def place(self, path: str, name: str) -> None:
        """Take a path and a name, and give the layers inside theirs."""
        super().place(path, name)
        self._place_layers()

    def _place_layers(self) -> None:
        count: Counter[str] = Counter()
        taken: dict[str, Layer] = {}
        for layer in self.layers:
            count[layer.kind] += 1
            layer.place(self.path, layer.given_name or f"{layer.kind}{count[layer.kind]}")
            if taken.setdefault(layer.name, layer) is not layer:
                raise DuplicateNameError(
                    f"two layers of {self.path or 'the model'} are named {layer.name!r}",
                    site=site_text(),
                    remedy="give each layer a name of its own",
                )

    def build(self, x: Node) -> Node:
        """Apply the steps in order."""
        for step in self.steps:
            x = as_node(step(x))
        return x
