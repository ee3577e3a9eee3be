"""Views: those that cancel are removed, others move to where they cost nothing.

Reordered, repeated and size-1 axes of an operand become labels of its contraction; a view that all
inputs of an elementwise node share moves behind it; a repetition that broadcasting implies goes.
Which view a view undoes is said by the views' own files, as rewrite rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from graphdl.ir.dims import Size, product
from graphdl.ir.graph import Graph
from graphdl.ir.kinds import Affine, ContractOp, ElementwiseOp, ReduceOp, ViewOp, split_spec
from graphdl.ir.node import Node, make, operators
from graphdl.ir.rewrites import REWRITES, rewrite
from graphdl.passes.rewriting import may_fire, note, rewritten

RULES = REWRITES.setdefault("views", [])
"""All rules of this pass, those in op files included."""


def views(graph: Graph, fired: Counter[str] | None = None) -> Graph:
    """Return the graph with views cancelled and absorbed.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, y = gd.input("x", (3, 4)), gd.input("y", (3, 5))
    >>> [n.op.name for n in views(gd.Graph(x.T @ y)).nodes]
    ['input', 'input', 'contract']
    """
    return absorb_orders(rewritten(graph, RULES, fired), fired)


AxesMap = tuple[int | None, ...]


def axes_map(node: Node) -> AxesMap | None:
    """Tell which axis of a view each axis of its input is; None for those of size 1 that are gone.

    Returns
    -------
    tuple of (int or None), or None
        One an axis of the input; None altogether if the view does anything but reorder axes,
        repeat, and insert or drop axes of size 1.
    """
    op = node.op
    if not isinstance(op, ViewOp):
        return None
    pulled = op.pull(node, [Affine.index(str(i)) for i in range(node.ndim)])
    if pulled is None:
        return None
    source = node.inputs[0].shape
    result: list[int | None] = []
    for size, affine in zip(source, pulled, strict=True):
        if not affine.terms:
            if affine.offset != 0 or size != 1:
                return None
            result.append(None)
            continue
        ((name, factor), *others) = affine.terms
        seen = int(name) in result  # a diagonal
        if others or seen or factor != 1 or affine.offset != 0 or node.shape[int(name)] != size:
            return None
        result.append(int(name))
    return tuple(result)


def permutation(node: Node) -> tuple[int, ...] | None:
    """Return which axis of a view each axis of its input is, if the view only reorders axes."""
    axes = axes_map(node)
    if axes is None or len(axes) != node.ndim or None in axes:
        return None
    return tuple(a for a in axes if a is not None)


@rewrite(
    "views",
    "view",
    math="view(x) → x where nothing moves",
    examples=lambda gd, m: make(m[:, 1:].op, [m], starts=(0, 0), steps=(1, 1), sizes=m.shape),
)
def _nothing_moves(node: Node) -> Node | None:
    (x,) = node.inputs
    if x.shape != node.shape or permutation(node) != tuple(range(node.ndim)):
        return None
    return x


@rewrite(
    "views",
    "elementwise",
    math="f(broadcast(a), b) → f(a, b) where b broadcasts a",
    examples=lambda gd, m, v: [gd.broadcast_to(v, m.shape) + m, gd.expand_dims(v, 0) * m],
)
def _implied_repetition(node: Node) -> Node | None:
    shapes = [i.shape for i in node.inputs]
    for place, x in enumerate(node.inputs):
        if x.op.kind == "view" and x.ndim <= node.ndim:
            source = x.inputs[0]
            shapes[place] = source.shape
            if _broadcasts_by_itself(x) and _broadcast(shapes) == node.shape:
                inputs = [*node.inputs[:place], source, *node.inputs[place + 1 :]]
                return make(node.op, inputs, **dict(node.attrs))
            shapes[place] = x.shape
    return None


def _broadcasts_by_itself(view: Node) -> bool:
    """Whether NumPy's broadcasting would do what the view does."""
    axes, missing = axes_map(view), view.ndim - view.inputs[0].ndim
    return (
        axes is not None
        and missing >= 0
        and all(a is None or a == i + missing for i, a in enumerate(axes))
    )


def _broadcast(shapes: Sequence[tuple[Size, ...]]) -> tuple[Size, ...]:
    """Broadcast shapes that are known to fit."""
    rank = max(map(len, shapes))
    result: list[Size] = [1] * rank
    for shape in shapes:
        for axis, size in enumerate(shape, rank - len(shape)):
            if size != 1:
                result[axis] = size
    return tuple(result)


@rewrite(
    "views",
    "elementwise",
    math="f(view(a), view(b)) → view(f(a, b))",
    examples=lambda gd, w: [gd.exp(w.T), w.T * gd.tanh(w).T, gd.exp(gd.broadcast_to(w, (2, 3, 2)))],
)
def _shared_view(node: Node) -> Node | None:
    """Only where the inputs are no larger than what is seen of them."""
    seen = [i for i in node.inputs if i.shape]
    if not seen or seen[0].op.kind != "view" or seen[0].shape != node.shape:
        return None
    view = seen[0]
    source = view.inputs[0]
    for other in seen[1:]:
        same = other.op is view.op and other.attrs == view.attrs and other.shape == view.shape
        if not same or other.inputs[0].shape != source.shape:
            return None
    if product(source.shape) != product(view.shape) and axes_map(view) is None:
        return None
    inputs = [i.inputs[0] if i.shape else i for i in node.inputs]
    assert isinstance(node.op, ElementwiseOp)
    return make(view.op, [make(node.op, inputs, **dict(node.attrs))], **dict(view.attrs))


@rewrite(
    "views",
    "contract",
    math="einsum(view(a), b) → einsum(a, b) with other labels",
    examples=lambda gd, u, w: [
        w.T @ u,
        gd.einsum("bij,kj->bik", gd.broadcast_to(w, (2, 3, 2)), w),
    ],
)
def _operand_seen(node: Node) -> Node | None:
    left, right, out = split_spec(node.attr("spec"))
    for place, (labels, other) in enumerate(((left, right), (right, left))):
        x = node.inputs[place]
        axes = axes_map(x) if x.op.kind == "view" else None
        if axes is None:
            continue
        inner = "".join(labels[a] for a in axes if a is not None)
        dropped = [c for c in labels if c not in inner]
        # What only drops axes of size 1 has to stay.
        if inner not in ("", labels) and all(c in out for c in dropped):
            source = x.inputs[0]
            kept = tuple(s for s, a in zip(source.shape, axes, strict=True) if a is not None)
            operand = operators["reshape"](source, kept)
            result = "".join(c for c in out if c not in dropped or c in other)
            pair = [operand, node.inputs[1]] if place == 0 else [node.inputs[0], operand]
            spec = f"{inner},{right}" if place == 0 else f"{left},{inner}"
            value = make(node.op, pair, spec=f"{spec}->{result}")
            return _with_axes(value, result, out, node)
    return None


def _with_axes(value: Node, labels: str, out: str, node: Node) -> Node:
    """Insert the axes that only a repeated operand had."""
    if labels == out:
        return value
    shape = tuple(s if c in labels else 1 for c, s in zip(out, node.shape, strict=True))
    result: Node = operators["broadcast_to"](operators["reshape"](value, shape), node.shape)
    return result


@rewrite(
    "views",
    "reduce",
    math="max(xᵀ) → max(x) along other axes",
    examples=lambda gd, w: [gd.max(w.T, 1), gd.sum(w.T, 0)],
)
def _reduced_in_other_order(node: Node) -> Node | None:
    """Along one axis, or by what doesn't depend on the order."""
    (x,) = node.inputs
    order = permutation(x) if x.op.kind == "view" else None
    axes: tuple[int, ...] = node.attr("axes")
    assert isinstance(node.op, ReduceOp)
    if order is None or (len(axes) != 1 and node.op.combine not in ("and", "or")):
        return None
    kept = [a for a in order if a not in axes]
    value = make(node.op, [x.inputs[0]], axes=tuple(sorted(order.index(a) for a in axes)))
    wanted = sorted(kept)
    return operators["transpose"](value, tuple(kept.index(a) for a in wanted))


ABSORBED = "einsum(a, b)ᵀ → einsum(a, b) with other labels"
"""What :func:`absorb_orders` does, as math."""


def absorb_orders(graph: Graph, fired: Counter[str] | None = None) -> Graph:
    """Let contractions write their result in the order in which it is read.

    Only where the reordered view is the only reader: nothing is computed twice.
    """
    readers: Counter[Node] = Counter(i for n in graph.nodes for i in set(n.inputs))
    readers.update(set(graph.roots))
    mapping: dict[Node, Node] = {}
    for node in graph.nodes:
        inputs = [mapping[i] for i in node.inputs]
        order = None
        if node.op.kind == "view" and readers[node.inputs[0]] == 1 and may_fire(fired):
            order = permutation(node) if isinstance(node.inputs[0].op, ContractOp) else None
        if order is None:
            same = all(a is b for a, b in zip(inputs, node.inputs, strict=True))
            mapping[node] = node if same else _on(node, inputs)
            continue
        mapping[node] = made = _in_order(inputs[0], node, order)
        note(fired, f"views: {ABSORBED}", _on(node, inputs), made, absorb_orders)
    if all(mapping[r] is r for r in graph.roots):
        return graph
    return graph.replace(mapping)


def _on(node: Node, inputs: Sequence[Node]) -> Node:
    return Node(node.op, tuple(inputs), node.attrs, node.shape, node.dtype, node.origins)


def _in_order(contraction: Node, view: Node, order: tuple[int, ...]) -> Node:
    """Return a contraction whose result's axes are those of a view of it."""
    left, right, out = split_spec(contraction.attr("spec"))
    labels = [""] * len(out)
    for label, axis in zip(out, order, strict=True):
        labels[axis] = label
    attrs = tuple(
        (k, f"{left},{right}->{''.join(labels)}" if k == "spec" else v)
        for k, v in contraction.attrs
    )
    origins = tuple(dict.fromkeys((*contraction.origins, *view.origins)))
    return Node(contraction.op, contraction.inputs, attrs, view.shape, view.dtype, origins)
