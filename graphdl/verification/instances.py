"""A node alone, small: its op on fresh inputs, so that its derivative rule can be looked at.

Sizes are replaced by 1, 2 and 3, equal ones by equal ones; the kinds treat all sizes alike. Views
and assemblies, whose attributes hold sizes, keep them; only symbolic dims get values there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Dim, Size, evaluate, symbols
from graphdl.ir.dtypes import DType, float64
from graphdl.ir.errors import GraphdlError, ShapeError
from graphdl.ir.graph import Graph, static_shape
from graphdl.ir.interpreter import static_attrs
from graphdl.ir.leaves import input
from graphdl.ir.node import Node, make
from graphdl.passes.derivative import reverse
from graphdl.passes.expand import expand

_SIZES = ((2, 3, 2, 3), (3, 2, 2, 1), (1, 1, 1, 1), (2, 2, 1, 1), (2, 1, 1, 2), (1, 2, 2, 1))
_FIRST_DIMS = (2, 3, 4, 6, 10, 20)
"""What replaces the different sizes of a node, in the order in which its inputs show them."""

_MOST_ELEMENTS = 40
_MOST_INSTANCES = 4
MOST_MOVED = 500_000
"""Elements that a view may have to be followed at full size."""


_REFUSALS = (GraphdlError, ValueError, TypeError, LookupError, ArithmeticError)
"""How an op, or a rule from outside, may say that it does not take these sizes."""


@dataclass(frozen=True, eq=False)
class Instance:
    """One node on inputs of its own, and its derivative rule applied to a cotangent.

    Attributes
    ----------
    inputs : tuple of Node
        Named ``x0``, ``x1`` ...
    output : Node
        The op applied to them.
    cotangent : Node
        An input, of the output's shape.
    wrt : tuple of Node
        The floating inputs.
    adjoints : tuple of Node
        What the rule gives each of ``wrt``.
    """

    inputs: tuple[Node, ...]
    output: Node
    cotangent: Node
    wrt: tuple[Node, ...]
    adjoints: tuple[Node, ...]


def instances(node: Node) -> list[Instance]:
    """Return some small instances of a node, the smallest first; its own sizes if it has none."""
    if node.op.kind in ("view", "assembly"):
        whole = _instance(bound(node))
        if elements(whole) <= MOST_MOVED:
            return [whole]
    found: list[Instance] = []
    for sizes in _SIZES if any(_is_free(s) for i in node.inputs for s in i.shape) else ((),):
        try:
            made = _instance(_shrunk(node, sizes))
        except _REFUSALS:
            continue
        if elements(made) <= _MOST_ELEMENTS:
            found.append(made)
    return sorted(found, key=elements)[:_MOST_INSTANCES] or [_instance(bound(node))]


def element(node: Node) -> Instance:
    """Return one element of an elementwise node."""
    return _instance(make(node.op, _fresh(node, [()] * len(node.inputs)), **dict(node.attrs)))


def _instance(output: Node) -> Instance:
    cotangent = input("c", output.shape, output.dtype)
    wrt = tuple(dict.fromkeys(i for i in output.inputs if i.dtype.is_float))
    adjoints = reverse([output], [cotangent], wrt, warn=False)
    for variable, adjoint in zip(wrt, adjoints, strict=True):
        if adjoint.shape != variable.shape:
            raise ShapeError(
                f"the rule of {output!r} gives {shape_text(adjoint.shape)} for an input of "
                f"{shape_text(variable.shape)}"
            )
    return Instance(output.inputs, output, cotangent, wrt, tuple(adjoints))


def _is_free(size: Size) -> bool:
    return isinstance(size, Dim) or size > 1


def _shrunk(node: Node, sizes: Sequence[int]) -> Node:
    """Apply the op to small inputs."""
    small: dict[Size, int] = {}
    for source in node.inputs:
        for size in source.shape:
            if _is_free(size):
                small.setdefault(size, sizes[len(small) % len(sizes)] if sizes else 1)
    shapes = [tuple(small.get(s, s) for s in i.shape) for i in node.inputs]
    fresh = _fresh(node, shapes)
    return make(node.op, fresh, **dict(node.attrs))


def _fresh(node: Node, shapes: Sequence[Any]) -> list[Node]:
    """Return an input for each operand; equal operands stay equal."""
    made: dict[Node, Node] = {}
    for source, shape in zip(node.inputs, shapes, strict=True):
        made.setdefault(source, input(f"x{len(made)}", shape, _wide(source.dtype)))
    return [made[source] for source in node.inputs]


def _wide(dtype: DType) -> DType:
    """Return float64 for all floats: constants of a rule shall be as exact as they were written."""
    return float64 if dtype.is_float else dtype


def bound(node: Node) -> Node:
    """Return the node on fresh inputs of its own sizes, dims replaced by small numbers."""
    names = {
        n for s in (*node.shape, *(s for i in node.inputs for s in i.shape)) for n in symbols(s)
    }
    for value in (v for _, v in node.attrs):
        parts = value if isinstance(value, tuple) else (value,)
        names.update(n for p in parts if isinstance(p, Dim) for n in symbols(p))
    env = _with_elements(node, sorted(names))
    fresh = _fresh(node, [static_shape(i.shape, env) for i in node.inputs])
    attrs = tuple(static_attrs(node, env).items())
    dtype = _wide(node.dtype)
    return Node(node.op, tuple(fresh), attrs, static_shape(node.shape, env), dtype, node.origins)


def _with_elements(node: Node, names: Sequence[str]) -> dict[str, int]:
    """Return values of dims, 2 and 3 if these leave elements to say something about.

    Of no elements all is true, and a sum of one is that element.
    """
    sizes = [s for n in (node, *node.inputs) for s in n.shape if isinstance(s, Dim)]
    choices = [
        {name: first + place % 2 for place, name in enumerate(names)} for first in _FIRST_DIMS
    ]
    for least in (2, 1):
        for env in choices:
            if all(evaluate(s, env) >= least for s in sizes):
                return env
    return choices[0]


def elements(instance: Instance) -> int:
    """Return how many numbers an instance is about."""
    total = 0
    for node in (*instance.inputs, instance.output):
        count = 1
        for size in node.shape:
            count *= evaluate(size, {})
        total += count
    return total


def is_wide(instance: Instance) -> bool:
    """Whether an input has an axis longer than 1."""
    return any(s not in (0, 1) for i in instance.inputs for s in i.shape)


def opened(instance: Instance) -> Graph:
    """Return value ``y`` and adjoints ``d0``, ``d1`` ... of an instance, composites expanded."""
    roots = {"y": instance.output, **{f"d{k}": a for k, a in enumerate(instance.adjoints)}}
    return expand(Graph(roots, inputs=[*dict.fromkeys(instance.inputs), instance.cotangent]))
