"""What layers made of other layers share: steps that are numbered, indexed and added to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node, site_text
from graphdl.nn.layer import Layer

Step = Callable[[Node], Node]
"""A layer, or any function from node to node."""


class Container(Layer):
    """A layer made of layers and functions: its length, items and iteration are theirs.

    Layers without a name are called by their kind and count: ``dense1``, ``dense2`` ...

    Raises
    ------
    ArgumentError
        If a step cannot be called.
    DuplicateNameError
        If two layers have one name.
    """

    def __init__(self, *steps: Step, name: str | None = None) -> None:
        super().__init__(name)
        self.steps: list[Step] = []
        for step in steps:
            self._append(step)
        self._place_layers()

    def add(self, step: Step) -> None:
        """Append a layer or a function."""
        self._append(step)
        self._place_layers()

    def _append(self, step: Step) -> None:
        if not callable(step):
            raise ArgumentError(
                f"{type(self).__name__} takes layers and functions, not {step!r}", site=site_text()
            )
        self.steps.append(step)

    def _names(self) -> dict[Layer, str]:
        count: Counter[str] = Counter()
        names: dict[Layer, str] = {}
        for layer in self.steps:
            if isinstance(layer, Layer) and layer not in names:
                count[layer.kind] += 1
                names[layer] = layer.given_name or f"{layer.kind}{count[layer.kind]}"
        return {**super()._names(), **names}

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __getitem__(self, key: Any) -> Any:
        """Return the step at a position, or what has that name inside."""
        return self.steps[key] if isinstance(key, int) else super().__getitem__(key)


def applied(steps: Sequence[Step], x: Node) -> Node:
    """Return the result of steps, each applied to that of the one before."""
    for step in steps:
        x = as_node(step(x))
    return x
