"""What all layers share: a name, parameters made once, and a scope round what they build."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dtypes import float32
from graphdl.ir.errors import DuplicateNameError, ShapeError, UnknownNameError
from graphdl.ir.kinds import as_node
from graphdl.ir.leaves import PARAM, STATE, constant, param, state
from graphdl.ir.node import Node, body_scope, current_scope, scope, site_text
from graphdl.ir.state import declare
from graphdl.nn.constraints import Constraint
from graphdl.nn.regularizers import Regularizer


class _Declaration(NamedTuple):
    """A parameter, or untrained state, before the layer has its place in a model."""

    shape: tuple[int, ...]
    dtype: Any
    init: Any
    trained: bool
    constraint: Constraint | None
    regularizer: Regularizer | None


class Layer(ABC):
    """A part of a model: call it with a node to build its graph.

    A layer makes its parameters when they are first needed, under the path it then has: its name,
    after that of the model it is in and of the scopes that were open. From then on they stay:
    calling a layer twice shares them. To write a layer, :meth:`declare` parameters in
    ``__init__`` and use them by name, ``self["w"]``, in :meth:`build`. Layers that become
    attributes are parts of it, named like the attribute.

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
    ...         self.mix = gd.nn.Dense(size, size)
    ...
    ...     def build(self, x):
    ...         return self.mix(x * self["factor"])
    >>> scale = Scale(3)
    >>> scale(gd.input("x", ("N", 3)))
    <add float32(N, 3)>
    >>> [p.name for p in scale.params]
    ['scale/factor', 'scale/mix/w', 'scale/mix/b']
    """

    def __init__(self, name: str | None = None) -> None:
        self.given_name = name
        self.name = self.kind if name is None else name
        self._prefix = current_scope()
        self._declared: dict[str, _Declaration] = {}
        self._made: dict[str, Node] | None = None

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if isinstance(value, Layer):
            self._place_layers()

    @property
    def kind(self) -> str:
        """The class's name in lower case."""
        return type(self).__name__.lower()

    @property
    def layers(self) -> Sequence[Layer]:
        """The layers inside this one, in order, each once."""
        return list(self._names())

    def _names(self) -> dict[Layer, str]:
        """Return what the layers inside are called here."""
        return {v: v.given_name or k for k, v in vars(self).items() if isinstance(v, Layer)}

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
        constraint: Constraint | None = None,
        regularizer: Regularizer | None = None,
    ) -> None:
        """Announce a parameter (or, with ``trained=False``, state) of static shape.

        Its constraint becomes part of :attr:`constraints`, its regulariser of :attr:`penalty`.

        Raises
        ------
        DuplicateNameError
            If this layer has one of that name.
        """
        if name in self._declared:
            raise DuplicateNameError(
                f"{self.name} declares {name!r} twice", site=site_text(), remedy="rename one"
            )
        self._declared[name] = _Declaration(
            tuple(shape), dtype, init, trained, constraint, regularizer
        )

    def __getitem__(self, name: Any) -> Any:
        """Return a parameter or state by the name it was declared with, or a layer inside.

        Raises
        ------
        UnknownNameError
            If there is none of that name.
        """
        if name in self._declared:
            return self._own()[name]
        inside = {layer.name: layer for layer in self.layers}
        if name not in inside:
            raise UnknownNameError(
                f"{self.path or 'the model'} has no {name!r}",
                site=site_text(),
                remedy=f"it has {', '.join([*self._declared, *inside]) or 'nothing inside'}",
            )
        return inside[name]

    @property
    def params(self) -> list[Node]:
        """The parameters of this layer and of those inside, in order."""
        return [n for n in self._all() if n.op is PARAM]

    @property
    def state(self) -> list[Node]:
        """What is not trained: running statistics and the like."""
        return [n for n in self._all() if n.op is STATE]

    @property
    def constraints(self) -> dict[Node, Constraint]:
        """Parameter -> its constraint, of this layer and of those inside, for ``train_step``."""
        return {n: d.constraint for n, d in self._all().items() if d.constraint}

    @property
    def regularizers(self) -> dict[Node, Regularizer]:
        """Parameter -> its regulariser, of this layer and of those inside."""
        return {n: d.regularizer for n, d in self._all().items() if d.regularizer}

    @property
    def penalty(self) -> Node:
        """The sum of all regularisers on their parameters: a scalar to add to the loss.

        Without any it is 0.

        Raises
        ------
        ShapeError
            If a regulariser gives no scalar.
        """
        with scope("penalty"):
            terms = [regularizer(node) for node, regularizer in self.regularizers.items()]
            for term in terms:
                if term.shape != ():
                    raise ShapeError(
                        f"a regulariser of {self.path or 'the model'} gives "
                        f"{shape_text(term.shape)}",
                        site=site_text(),
                        remedy="a penalty is a scalar: reduce it with gd.sum",
                    )
            return sum(terms[1:], start=terms[0]) if terms else constant(0.0)

    def place(self, path: str, name: str) -> None:
        """Become part of a model: take a path and a name, unless parameters are there already."""
        if self._made is None:
            self._prefix, self.name = path, name
        self._place_layers()

    def _place_layers(self) -> None:
        """Give the layers inside their path and names."""
        taken: dict[str, Layer] = {}
        for layer, name in self._names().items():
            layer.place(self.path, name)
            if taken.setdefault(layer.name, layer) is not layer:
                raise DuplicateNameError(
                    f"two layers of {self.path or 'the model'} are named {layer.name!r}",
                    site=site_text(),
                    remedy="give each layer a name of its own",
                )

    @property
    def path(self) -> str:
        """The path below which the parameters stand."""
        return "/".join(p for p in (self._prefix, self.name) if p)

    def _all(self) -> dict[Node, _Declaration]:
        """Return all parameters and state, the layer's own first, with what is known of them."""
        found = {node: self._declared[name] for name, node in self._own().items()}
        for layer in self.layers:
            found.update(layer._all())
        return found

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
