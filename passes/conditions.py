"""Conditions: bools that broadcast to an array, carried through what is done with the array.

None stands for a condition that holds everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from graphdl.ir import kinds
from graphdl.ir.dims import Shape
from graphdl.ir.dtypes import int32
from graphdl.ir.leaves import CONSTANT, constant
from graphdl.ir.node import Node, make, operators
from graphdl.ir.rewrites import is_number


def whole(given: Node | None, shape: Shape) -> Node:
    """Return the condition with the shape of its array."""
    return operators["broadcast_to"](constant(True) if given is None else given, shape)


def both(first: Node | None, second: Node | None) -> Node | None:
    """Return where two conditions hold."""
    if first is None or second is None or first is second:
        return second if first is None else first
    return operators["and"](first, second)


def either(first: Node | None, second: Node | None) -> Node | None:
    """Return where one of two conditions holds."""
    if first is None or second is None or first is second:
        return None if first is None or second is None else first
    return operators["or"](first, second)


def of_rank(condition: Node, ndim: int) -> Node:
    """Put axes of size 1 in front."""
    if condition.ndim == ndim:
        return condition
    return operators["reshape"](condition, (1,) * (ndim - condition.ndim) + condition.shape)


def used_labels(condition: Node, labels: str) -> set[str]:
    """Return the labels of the axes on which a condition depends."""
    return {n for n, size in zip(labels, condition.shape, strict=True) if size != 1}


def along(condition: Node, labels: str, wanted: str) -> Node:
    """Return the condition with its axes in the order of other labels, of size 1 for new ones."""
    used = [n for n in labels if n in used_labels(condition, labels)]
    sizes = dict(zip(labels, condition.shape, strict=True))
    line = operators["reshape"](condition, tuple(sizes[n] for n in used))
    turned = operators["transpose"](line, tuple(used.index(n) for n in wanted if n in used))
    return operators["reshape"](turned, tuple(sizes[n] if n in used else 1 for n in wanted))


def anywhere(part: Node, axes: Iterable[int]) -> Node:
    """Return where a condition holds somewhere along axes, which stay with size 1."""
    wide = tuple(a for a in axes if part.shape[a] != 1)
    if not wide or 0 in part.shape:
        return part
    short = tuple(1 if a in wide else s for a, s in enumerate(part.shape))
    if is_number(part, True):
        return whole(None, short)
    value = _array(part)
    if value is not None:
        found = value.any(axis=wide, keepdims=True)
        return whole(None, short) if found.all() else constant(found)
    if _is_placed(part) and 0 not in part.inputs[0].shape:
        return _put(part, anywhere(part.inputs[0], wide), short)
    result: Node = operators["any"](part, wide, True)
    return result


def _array(node: Node) -> np.ndarray | None:
    """Return the value of a constant, or of what views show of it; None of all else."""
    if node.op is CONSTANT:
        value: np.ndarray = node.attr("value")
        return value
    if not isinstance(node.op, kinds.ViewOp) or not all(isinstance(s, int) for s in node.shape):
        return None
    source, shape = _array(node.inputs[0]), tuple(int(str(s)) for s in node.shape)
    return None if source is None else np.asarray(node.op.evaluate(source, dict(node.attrs), shape))


def _is_placed(node: Node) -> bool:
    """Whether a node is one array among zeros."""
    if not isinstance(node.op, kinds.AssemblyOp) or len(node.inputs) != 1:
        return False
    return node.op.fill(dict(node.attrs)) == 0


def placed(node: Node, part: Node | None) -> Node:
    """Return where something leads to one array among zeros; axes that it fills keep size 1."""
    (source,) = node.inputs
    given = of_rank(constant(True) if part is None else part, node.ndim)
    filled = [s == full != 1 for s, full in zip(source.shape, node.shape, strict=True)]
    thin = [f and s == 1 for f, s in zip(filled, given.shape, strict=True)]
    sizes = tuple(1 if t else s for t, s in zip(thin, source.shape, strict=True))
    shape = tuple(1 if t else s for t, s in zip(thin, node.shape, strict=True))
    return _put(node, whole(given, sizes), shape)


def _put(node: Node, part: Node, shape: Shape) -> Node:
    """Place a condition as an assembly places its one array, except along axes of size 1."""
    assert isinstance(node.op, kinds.AssemblyOp)
    (piece,) = node.op.pieces(node)
    starts = tuple(0 if s == 1 else start for s, start in zip(shape, piece.starts, strict=True))
    steps = tuple(1 if s == 1 else step for s, step in zip(shape, piece.steps, strict=True))
    if part.shape == shape and all(step == 1 for step in steps):
        return part
    result: Node = operators["place"](part, starts, steps, shape)
    return result


def arrived(part: Node | None, shape: Shape, attrs: dict[str, Any]) -> Node:
    """Return where a condition has held at some place that a running sum has seen."""
    given = of_rank(constant(True) if part is None else part, len(shape))
    pairs = enumerate(zip(given.shape, shape, strict=True))
    thin = tuple(s if a == attrs["axis"] or had != 1 else 1 for a, (had, s) in pairs)
    counts = operators["cast"](whole(given, thin), dtype=int32)
    result: Node = operators["gt"](operators["cumsum"](counts, **attrs), 0)
    return result


def summed(node: Node, part: Node) -> Node | None:
    """Return the condition of a sum of which all terms are taken, or none; else None."""
    assert isinstance(node.op, kinds.ReduceOp)
    axes = node.attr("axes")
    if node.op.combine != "add" or any(part.shape[a] != 1 for a in axes):
        return None
    kept = tuple(s for a, s in enumerate(part.shape) if a not in axes)
    return operators["reshape"](part, kept)


def moved(node: Node, parts: Sequence[Node | None]) -> Node:
    """Do with conditions what a view or an assembly does with its inputs.

    What a view only repeats is not repeated: conditions broadcast by themselves.
    """
    (first, *others) = parts
    if first is not None and not others and _repeats(node):
        return first
    wide = [whole(p, i.shape) for p, i in zip(parts, node.inputs, strict=True)]
    return make(node.op, wide, **dict(node.attrs))


def _repeats(view: Node) -> bool:
    """Whether a view is broadcasting, and nothing else."""
    if not isinstance(view.op, kinds.ViewOp):
        return False
    (source,) = view.inputs
    new = view.ndim - source.ndim
    if new < 0:
        return False
    if any(s not in (1, full) for s, full in zip(source.shape, view.shape[new:], strict=True)):
        return False
    index = tuple(kinds.Affine.index(f"x{a}") for a in range(view.ndim))
    same = zip(index[new:], source.shape, strict=True)
    return view.op.pull(view, index) == tuple(kinds.Affine() if s == 1 else i for i, s in same)
