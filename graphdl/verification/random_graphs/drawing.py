"""Draws a whole graph: steps, outputs, updates, gradients."""

from __future__ import annotations

import random
import warnings
from collections.abc import Collection, Iterable

from graphdl.differentiation import grad
from graphdl.ir import dims as sizes
from graphdl.ir.dtypes import DType, bool_, int32
from graphdl.ir.graph import Graph
from graphdl.ir.leaves import INPUT, input, is_state
from graphdl.ir.node import Node, topological
from graphdl.ops import FUNCTIONS
from graphdl.passes.derivative import GradientWarning
from graphdl.verification.random_graphs.builder import FLAVOURS, Builder, Integer
from graphdl.verification.random_graphs.case import Case
from graphdl.verification.random_graphs.families import families
from graphdl.verification.random_graphs.known import Known, alike

_MOST_VARIABLES = 4


def random_case(
    seed: int,
    name: str | None = None,
    *,
    nodes: int | None = None,
    dtype: DType | None = None,
    ops: Collection[str] | None = None,
    gradient: bool | None = None,
) -> Case:
    """Return the case of a seed: `draw` with that seed as its source of chance."""
    rng = random.Random(seed)
    return draw(rng.randint, name or f"g{seed}", nodes, dtype, ops, gradient)


def draw(
    integer: Integer,
    name: str,
    nodes: int | None = None,
    dtype: DType | None = None,
    ops: Collection[str] | None = None,
    gradient: bool | None = None,
) -> Case:
    """Draw a graph.

    Parameters
    ----------
    integer : Integer
        The source of chance.
    name : str
        Of the graph.
    nodes : int, optional
        Number of steps; most make one node. By default 2 to 16.
    dtype : DType, optional
        Of all floats; by default they are mixed, most of them float32.
    ops : collection of str, optional
        Functions that may be applied; by default all of the catalogue.
    gradient : bool, optional
        Whether outputs include a loss and its gradients; by default in half of the graphs.
    """
    chosen = families(None if ops is None else frozenset(ops))
    flavour = dtype or FLAVOURS[integer(0, len(FLAVOURS) - 1)]
    builder = Builder(integer, name, flavour, dtype is None)
    weighted = [f for f in chosen for _ in range(f.weight)]
    count = integer(2, 8) if nodes is None else nodes
    for _ in range(builder.integer(1, 3)):
        builder.leaf(builder.shape())
    for _ in range(count):
        family = builder.pick(weighted)
        family.draw(builder, builder.pick(family.names))
    return _case(builder, builder.chance(50) if gradient is None else gradient)


def _case(b: Builder, gradient: bool) -> Case:
    outputs, updates = _outputs(b), _updates(b)
    named = {k: v.node for k, v in outputs.items()}
    if gradient:
        named.update(_gradients(b))
    spare = _spare(b, [*named.values(), *updates.values()])
    graph = Graph(named, updates=updates, name=b.name, inputs=spare)
    exact = frozenset(k for k, v in outputs.items() if v.exact)
    return Case(graph, b.maxima, b.least, exact, frozenset(b.used))


def _outputs(b: Builder) -> dict[str, Known]:
    """Choose results: all that nothing uses, leaves, views, and now and then one twice."""
    used = {i for n in topological([k.node for k in b.pool]) for i in n.inputs}
    chosen = [k for k in b.pool if k.node not in used and k.node.inputs] or [b.pool[-1]]
    chosen += [b.pick(b.pool) for _ in range(b.integer(0, 2))]
    if b.chance(10):
        chosen.append(chosen[0])
    if b.chance(25):
        x = b.any(lambda k: k.node.ndim > 0) or chosen[0]
        chosen.append(Known(FUNCTIONS["transpose"](x.node), x.low, x.high, x.grain))
    return {f"out{i}": k for i, k in enumerate(chosen)}


def _gradients(b: Builder) -> dict[str, Node]:
    """Return a scalar, and its gradients by what it depends on."""
    dependent = b.any(lambda k: k.node.dtype.is_float and bool(_variables(k.node)))
    x = b.scaled(dependent or b.variable(), 1e3)
    if b.chance(50):
        loss = FUNCTIONS["sum"](x.node * 0.5)
    else:
        loss = FUNCTIONS["mean"](FUNCTIONS["tanh"](x.node * 0.25))
        for size in x.node.shape:
            b.require(size)
    variables = _variables(loss)[-_MOST_VARIABLES:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GradientWarning)  # some gradients are zero: that is meant
        found = grad(loss, variables) if variables else []
    return {"loss": loss, **{f"grad_{v.name}": g for v, g in zip(variables, found, strict=True)}}


def _variables(root: Node) -> list[Node]:
    """Return the floating leaves below a node that may be differentiated by."""
    found = topological([root])
    return [n for n in found if (n.op is INPUT or is_state(n)) and n.dtype.is_float]


def _updates(b: Builder) -> dict[Node, Node]:
    """Choose new values of state: also views of itself, and of other state."""
    found: dict[Node, Node] = {}
    for state in b.states:
        if b.chance(60):
            value = b.pick([k for k in b.pool if alike(k.node, state.node)]).node
            found[state.node] = _rearranged(b, value) if b.chance(50) else value
    return found


def _rearranged(b: Builder, x: Node) -> Node:
    """Return elements of an array at other places of the same shape."""
    if not x.ndim:
        return x + x if x.dtype is not bool_ else x
    sort, axis = b.integer(0, 6), b.integer(0, x.ndim - 1)
    size = x.shape[axis]
    before = (slice(None),) * axis
    if sort == 0:
        return b.call("flip", x, axis)  # type: ignore[no-any-return]
    if sort == 1 and isinstance(size, int) and size > 1:
        cut = b.integer(1, size - 1)
        parts = [x[(*before, slice(cut, None))], x[(*before, slice(None, cut))]]
        return b.call("concat", parts, axis)  # type: ignore[no-any-return]
    square = [a for a in range(x.ndim) if a != axis and x.shape[a] == size]
    if sort == 2 and square:
        order = list(range(x.ndim))
        order[axis], order[square[0]] = square[0], axis
        return b.call("transpose", x, order)  # type: ignore[no-any-return]
    if sort == 3:
        return b.call("where", x.astype(int32) > 0, x, b.call("flip", x))  # type: ignore[no-any-return]
    if sort == 4 and isinstance(size, int) and size > 1:
        widths = [(1, 0) if a == axis else (0, 0) for a in range(x.ndim)]
        return b.call("pad", x[(*before, slice(None, -1))], widths)  # type: ignore[no-any-return]
    if sort == 5 and x.dtype is not bool_:
        return x + b.call("flip", x, axis)  # type: ignore[no-any-return]
    return x.reshape((-1,)).reshape(x.shape) if sort == 6 else x


def _spare(b: Builder, roots: Iterable[Node]) -> list[Node]:
    """Declare inputs that nothing needs: where a dim is no input's axis, and now and then."""
    graph = Graph(list(roots))
    bound = {s for i in graph.inputs for s in i.shape}
    wanted = [d for d in graph.dims if sizes.symbol(d) not in bound]
    if b.chance(10):
        wanted.append("N")
    return [input(f"{b.name}_spare_{d}", (d, 2)) for d in dict.fromkeys(wanted)]
