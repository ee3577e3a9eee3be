"""Between which numbers a node's elements are, and whether they are finite, for finite leaves.

Interval arithmetic, a rule a kind; what an instruction does to intervals stands in its table. What
has no interval may be NaN or infinite: a logarithm, a quotient, what is computed from them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphdl.ir import kinds, scalar
from graphdl.ir.instructions import Instruction
from graphdl.ir.instructions import bounds as intervals
from graphdl.ir.instructions.bounds import ANY, Interval
from graphdl.ir.leaves import CONSTANT, DIMENSION
from graphdl.ir.node import Node

Found = Interval | None


class Ranges:
    """The intervals of nodes; each is found once.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ("N",))
    >>> ranges = Ranges()
    >>> ranges[gd.tanh(x)], ranges[gd.sqrt(x * x + 1.0)], ranges[gd.sqrt(x)]
    ((-1, 1), (1.0, inf), None)
    """

    def __init__(self) -> None:
        self.known: dict[Node, Found] = {}

    def __getitem__(self, wanted: Node) -> Found:
        if wanted in self.known:
            return self.known[wanted]
        stack = [wanted]
        while stack:
            node = stack[-1]
            waiting = [i for i in node.inputs if i not in self.known]
            if waiting:
                stack.extend(waiting)
            else:
                stack.pop()
                self.known[node] = self._own(node)
        return self.known[wanted]

    def _own(self, node: Node) -> Found:
        parts = [self.known[i] for i in node.inputs]
        if not node.inputs:
            return _of_leaf(node)
        if node.op.kind == "composite":
            return self._of_composite(node, parts)
        if None in parts:
            return None
        rule = _RULES.get(node.op.kind)
        return rule(node, parts) if rule else ANY

    def _of_composite(self, node: Node, parts: Sequence[Found]) -> Found:
        """Take what it declares for finite inputs, else what its expansion gives."""
        assert isinstance(node.op, kinds.CompositeOp)
        if node.op.bounds is not None:
            return None if None in parts else node.op.bounds
        return self[node.op.expanded(node)]


def _of_leaf(node: Node) -> Found:
    if node.op is DIMENSION:
        return 1.0, math.inf
    if node.op is not CONSTANT or not node.dtype.is_float:
        return ANY
    return _of_array(node.attr("value"))


def _of_array(value: np.ndarray) -> Found:
    if not value.size:
        return ANY
    low, high = float(value.min()), float(value.max())
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


_seen: dict[object, Found] = {}


def _of_elementwise(node: Node, parts: Sequence[Interval]) -> Found:
    """Evaluate the scalar expression on intervals."""
    op = node.op
    assert isinstance(op, kinds.ElementwiseOp)
    places = tuple(node.inputs.index(i) for i in node.inputs)
    key = (op, node.attrs, places, *parts)
    if key not in _seen:
        _seen[key] = _evaluated(op.body(node.attrs), places, parts)
    return _seen[key]


def _evaluated(body: scalar.Scalar, places: Sequence[int], parts: Sequence[Interval]) -> Found:
    """Return the interval of an expression, in which equal arguments have equal places."""
    values: list[tuple[object, Found]] = [(p, parts[p]) for p in places]

    def of_constant(value: Any) -> tuple[object, Found]:
        number = float(value)
        return object(), (number, number) if math.isfinite(number) else None

    def of_instruction(
        instruction: Instruction, operands: list[tuple[object, Found]], payload: object
    ) -> tuple[object, Found]:
        given = [interval for _, interval in operands]
        if None in given:
            return object(), None
        found = instruction.bounds(*given)
        squared = instruction.infix == "*" and operands[0][0] == operands[1][0]
        if squared and found is not None:
            found = max(found[0], 0.0), found[1]
        return object(), found

    return scalar.evaluate(body, values, of_constant, of_instruction)[1]


def _of_sums(parts: Sequence[Interval]) -> Interval:
    """Return the interval of sums of any number of elements."""
    low, high = intervals.hull(*parts)
    return (0.0 if low >= 0 else -math.inf), (0.0 if high <= 0 else math.inf)


def _of_products(parts: Sequence[Interval]) -> Interval:
    low, _ = intervals.hull(*parts)
    return (0.0 if low >= 0 else -math.inf), math.inf


def _of_reduction(node: Node, parts: Sequence[Interval]) -> Found:
    """Sums and products keep a sign, extrema stay between the limits."""
    assert isinstance(node.op, (kinds.ReduceOp, kinds.PrefixOp))
    combine = node.op.combine
    if combine == "add":
        return _of_sums(parts)
    if combine in ("mul", "linear"):
        return _of_products(parts)
    return parts[0] if combine in ("min", "max") else ANY


def _of_contraction(node: Node, parts: Sequence[Interval]) -> Found:
    return _of_sums([intervals.multiplied(*parts)])


def _of_assembly(node: Node, parts: Sequence[Interval]) -> Found:
    assert isinstance(node.op, kinds.AssemblyOp)
    fill = node.op.fill(dict(node.attrs))
    if fill is None:
        return intervals.hull(*parts)
    return intervals.hull(*parts, (fill, fill)) if math.isfinite(fill) else None


def _of_scatter(node: Node, parts: Sequence[Interval]) -> Found:
    assert isinstance(node.op, kinds.ScatterOp)
    base, updates = parts[:2]
    if node.op.combine == "add":
        return intervals.added(base, _of_sums([updates]))
    return intervals.hull(base, updates)


_RULES: dict[str, Callable[[Node, Any], Found]] = {
    "elementwise": _of_elementwise,
    "view": lambda node, parts: parts[0],
    "gather": lambda node, parts: parts[0],
    "reduce": _of_reduction,
    "prefix": _of_reduction,
    "contract": _of_contraction,
    "assembly": _of_assembly,
    "scatter": _of_scatter,
}
