"""Composites: named sub-graphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphdl.ir.dims import Shape
from graphdl.ir.dtypes import DType
from graphdl.ir.kinds.gather import IndexedOp
from graphdl.ir.kinds.op import Adjoint, Op, as_node
from graphdl.ir.node import Attrs, Node, body_scope, make, operators, topological


@dataclass(frozen=True, eq=False)
class Body:
    """A closed sub-graph: positional arguments and results."""

    arguments: tuple[Node, ...]
    results: tuple[Node, ...]


class CompositeOp(Op):
    """A named sub-graph: softmax, a layer, a loss.

    Parameters
    ----------
    expand : callable
        From input nodes (positional) and attributes (keyword) to a node or a tuple of nodes.
    adjoint : Adjoint, optional
        A derivative that is better than the expansion's; tests check it against that.
    bounds : tuple of float, optional
        Between which numbers results are for finite inputs, which interval arithmetic does not see
        in the expansion: its shares are at most 1.
    """

    kind = "composite"

    def __init__(
        self,
        name: str,
        expand: Callable[..., Any],
        *,
        adjoint: Adjoint | None = None,
        bounds: tuple[float, float] | None = None,
        doc: str | None = None,
    ) -> None:
        self.expand = expand
        self.bounds = bounds
        self.adjoint = adjoint
        self._bodies: dict[object, Body] = {}
        super().__init__(name, doc)

    def body(self, inputs: Sequence[Node], attrs: Attrs) -> Body:
        """Return the sub-graph for inputs of these shapes and dtypes (made once for each)."""
        given = tuple((k, v) for k, v in attrs if k != "output")
        key = (tuple((i.shape, i.dtype) for i in inputs), given)
        if key not in self._bodies:
            arguments = tuple(
                operators["argument"](k, i.shape, i.dtype) for k, i in enumerate(inputs)
            )
            with body_scope(self.name):
                result = self.expand(*arguments, **dict(given))
            results = result if isinstance(result, tuple) else (result,)
            self._bodies[key] = Body(arguments, results)
        return self._bodies[key]

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Return what the expansion gives."""
        results = self.body(inputs, tuple(attrs.items())).results
        result = results[attrs.get("output", 0)]
        return result.shape, result.dtype

    def expanded(self, node: Node) -> Node:
        """Return the expansion of a node of this op, on the node's own inputs."""
        body = self.body(node.inputs, node.attrs)
        values = dict(zip(body.arguments, node.inputs, strict=True))
        result = body.results[dict(node.attrs).get("output", 0)]
        outer = node.origins[0]
        for inner in topological([result]):
            if inner not in values:
                path = inner.origins[0].scope
                inside = outer._replace(scope=f"{outer.scope}/{path}" if outer.scope else path)
                inputs = tuple(values[i] for i in inner.inputs)
                attrs = inner.attrs
                if isinstance(inner.op, IndexedOp):  # an argument may be an input now
                    attrs = inner.op.rechecked(inputs, attrs)
                values[inner] = Node(inner.op, inputs, attrs, inner.shape, inner.dtype, (inside,))
        return values[result]

    def __call__(self, *args: Any, **attrs: Any) -> Any:
        """Apply the op; several outputs come as a tuple."""
        inputs = [as_node(a) for a in args]
        count = len(self.body(inputs, tuple(attrs.items())).results)
        if count == 1:
            return make(self, inputs, **attrs)
        return tuple(make(self, inputs, **attrs, output=k) for k in range(count))
