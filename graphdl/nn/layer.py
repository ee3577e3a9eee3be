"""What all layers share: a name, parameters made once, and a scope round what they build."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

from graphdl.ir.dtypes import float32
from graphdl.ir.errors import DuplicateNameError
from graphdl.ir.kinds import as_node
from graphdl.ir.leaves import param, state
from graphdl.ir.node import Node, body_scope, current_scope, scope, site_text
from graphdl.ir.state import declare


class _Declaration(NamedTuple):
    """A parameter, or untrained state, before the layer has its place in a model."""

    shape: tuple[int, ...]
    dtype: Any
    init: Any
    trained: bool


class Layer(ABC):
    """A part of a model: call it with a node to build its graph.

    A layer makes its parameters when they are first needed, under the path it then has: its name,
    after that of the model it is in and of the scopes that were open. From then on they stay:
    calling a layer twice shares them. To write a layer, :meth:`declare` parameters in
    ``__init__`` and use them by name, ``self["w"]``, in :meth:`build`.

    Parameters
    ----------
    name : str, optional
        Default: the class's name in lower case, numbered inside of a model.

    Examples
    --------
    >>> import graphdl as gd
    >>> class Scale(gd.nn.Layer):
    ...     def __init__(self, size, name=None):
    ...         super().__init__(name)
    ...         self.declare("factor", (size,), init=gd.nn.init.ones())
    ...
    ...     def build(self, x):
    ...         return x * self["factor"]
    >>> scale = Scale(3)
    >>> scale(gd.input("x", ("N", 3)))
    <multiply float32(N, 3)>
    >>> scale.params
    [<param 'scale/factor' float32(3,)>]
    """

    def __init__(self, name: str | None = None) -> None:
        self.given_name = name
        self.name = self.kind if name is None else name
        self._prefix = current_scope()
        self._declared: dict[str, _Declaration] = {}
        self._made: dict[str, Node] | None = None

    @property
    def kind(self) -> str:
        """The class's name in lower case."""
        return type(self).__name__.lower()

    @property
    def layers(self) -> Sequence[Layer]:
        """The layers inside this one, in order."""
        return ()

    @abstractmethod
    def build(self, x: Node) -> Node:
        """Return the layer's output; runs in the layer's scope."""

    def __call__(self, x: Any) -> Node:
        """Return the layer's output for an input."""
        if not self.name:
            return self.build(as_node(x))
        with scope(self.name):
            return self.build(as_node(x))

    def declare(
        self,
        name: str,
        shape: Sequence[int],
        dtype: Any = float32,
        *,
        init: Any = None,
        trained: bool = True,
    ) -> None:
        """Announce a parameter (or, with ``trained=False``, state) of static shape.

        Raises
        ------
        DuplicateNameError
            If this layer has one of that name.
        """
        if name in self._declared:
            raise DuplicateNameError(
                f"{self.name} declares {name!r} twice", site=site_text(), remedy="rename one"
            )
        self._declared[name] = _Declaration(tuple(shape), dtype, init, trained)

    def __getitem__(self, name: str) -> Node:
        """Return a parameter or state of the layer by the name it was declared with."""
        return self._own()[name]

    @property
    def params(self) -> list[Node]:
        """The parameters of this layer and of those inside, in order."""
        return [n for n in self._all() if n.op.name == "param"]

    @property
    def state(self) -> list[Node]:
        """What is not trained: running statistics and the like."""
        return [n for n in self._all() if n.op.name == "state"]

    def place(self, path: str, name: str) -> None:
        """Become part of a model: take a path and a name, unless parameters are there already."""
        if self._made is None:
            self._prefix, self.name = path, name

    @property
    def path(self) -> str:
        """The path below which the parameters stand."""
        return "/".join(p for p in (self._prefix, self.name) if p)

    def _all(self) -> list[Node]:
        nested = [n for layer in self.layers for n in layer._all()]
        return list(dict.fromkeys([*self._own().values(), *nested]))

    def _own(self) -> dict[str, Node]:
        if self._made is None:
            owner = object()
            with body_scope(self.path):  # wherever the first call may stand
                self._made = {k: _make(k, d) for k, d in self._declared.items()}
            for node in self._made.values():
                declare(node, owner)
        return self._made


def _make(name: str, d: _Declaration) -> Node:
    return (param if d.trained else state)(name, d.shape, d.dtype, init=d.init)
