"""Where a cotangent is zero because nothing leads there: branches not taken, elements not read.

Zero times infinity is NaN. So a zero that stands for "this element had no part in the result" must
not be multiplied by a partial derivative, which may be infinite there: sqrt at 0 behind a ``where``
that took the other branch. The rules below read from a cotangent's own structure where that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import NamedTuple

from graphdl.ir import kinds
from graphdl.ir.dims import Shape
from graphdl.ir.dtypes import int32
from graphdl.ir.instructions import Instruction
from graphdl.ir.leaves import CONSTANT, DIMENSION, constant, is_state
from graphdl.ir.node import Node, instead_of, make, operators
from graphdl.ir.rewrites import instruction_of, is_number
from graphdl.passes.conditions import (
    along,
    anywhere,
    arrived,
    both,
    moved,
    of_rank,
    summed,
    used_labels,
    whole,
)


class Choice(NamedTuple):
    """A node that is something where a condition holds, and zero elsewhere."""

    condition: Node
    value: Node
    node: Node


def choice(node: Node) -> Choice | None:
    """Return what a choice against zero is made of; None for all other nodes.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> choice(gd.where(x > 1, x, 0.0)).value is x
    True
    """
    instruction = instruction_of(node)
    if instruction is None or instruction.result != "select":
        return None
    condition, value, other = node.inputs
    if is_number(other, 0):
        return Choice(condition, value, node)
    if is_number(value, 0):
        return Choice(operators["not"](condition), other, node)
    return None


def added(contributions: Sequence[Node]) -> Node:
    """Return the sum; of choices against zero, one such choice.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, kept = gd.input("x", (3,)), gd.input("kept", (3,), "bool")
    >>> choice(added([gd.where(kept, x, 0.0), gd.where(kept, gd.exp(x), 0.0)])).value
    <add float32(3,)>
    """
    chosen = [choice(c) for c in contributions]
    total = operators["total"](contributions)
    found = [c for c in chosen if c is not None]
    if len(contributions) == 1 or len(found) < len(contributions):
        return total
    conditions = list(dict.fromkeys(c.condition for c in found))
    if len(conditions) == 1:
        total = operators["total"]([c.value for c in found])
    condition = reduce(operators["or"], conditions)
    return _chosen(condition, total, contributions[0].shape, found)


def _chosen(condition: Node, value: Node, shape: Shape, moved: Iterable[Choice | None]) -> Node:
    """Return the value where the condition holds, and zero elsewhere, instead of other choices."""
    chosen = operators["where"](condition, value, constant(0.0, value.dtype))
    return instead_of(operators["broadcast_to"](chosen, shape), [c.node for c in moved if c])


class Taken:
    """Conditions under which elements of the cotangents of one reverse sweep differ from zero.

    Parameters
    ----------
    forward : iterable of Node
        What is differentiated, and the cotangents it started with: zeros in these are values.
    """

    def __init__(self, forward: Iterable[Node]) -> None:
        self.known: dict[Node, Node | None] = dict.fromkeys(forward)
        self.rules: dict[str, Rule] = {
            "elementwise": self._elementwise,
            "contract": self._contract,
            "view": self._view,
            "reduce": self._reduce,
            "assembly": self._assembly,
            "scatter": self._scatter,
            "gather": self._gather,
            "prefix": self._prefix,
            "composite": self._composite,
        }

    def guarded(self, node: Node, singular: set[Node]) -> Node:
        """Return a node that a rule has made; products are zero where nothing leads to them.

        A choice against zero is always taken outside of a product, which costs nothing. Where a
        factor is singular, everything counts that is known of the cotangent: earlier choices, and
        which elements slices and gathers have read.

        Parameters
        ----------
        node : Node
            The rule's nodes come one by one, inputs first.
        singular : set of Node
            Those of the same rule that have poles; grows.
        """
        if node.op.kind in ("view", "reduce"):
            return self._seen(node)
        if node.op.kind == "prefix":
            return self._running(node)
        instruction = instruction_of(node)
        if instruction is None:
            return node
        poles = instruction.poles and not _is_known(node.inputs[-1])
        if poles or not singular.isdisjoint(node.inputs):
            singular.add(node)
        chosen = [self._choice(i) for i in node.inputs]
        condition, values = _outside(instruction, node, chosen)
        if node in singular and instruction.infix in ("*", "/"):
            condition = self.condition(node)
        if condition is None:
            return node
        return _chosen(condition, make(node.op, values, **dict(node.attrs)), node.shape, chosen)

    def _choice(self, node: Node) -> Choice | None:
        """Return the choice that a cotangent makes, or several in each other as one.

        Values of the forward pass make none.
        """
        if node in self.known and self.known[node] is None:
            return None
        found = choice(node)
        inner = found and choice(found.value)
        while found and inner:
            found = Choice(operators["and"](found.condition, inner.condition), inner.value, node)
            inner = choice(found.value)
        return found

    def _seen(self, node: Node) -> Node:
        """Choose between what a view shows rather than show what was chosen; sums of rows alike."""
        (source,) = node.inputs
        found = self._choice(source)
        if found is None:
            return node
        part = of_rank(found.condition, source.ndim)
        if node.op.kind == "view":
            condition: Node | None = moved(node, [part])
        else:
            condition = summed(node, part)
        if condition is None:
            return node
        value = make(node.op, [whole(found.value, source.shape)], **dict(node.attrs))
        return _chosen(condition, value, node.shape, [found])

    def _running(self, node: Node) -> Node:
        """Choose between running sums; take factors as zero where nothing meets them."""
        assert isinstance(node.op, kinds.PrefixOp)
        found, attrs = self._choice(node.inputs[-1]), dict(node.attrs)
        if node.op.combine not in ("add", "linear") or found is None:
            return node
        *factors, added = node.inputs
        met = arrived(found.condition, node.shape, {**attrs, "exclusive": True})
        factors = [operators["where"](met, f, constant(0.0, f.dtype)) for f in factors]
        value = make(node.op, [*factors, added], **attrs)
        return _chosen(arrived(found.condition, node.shape, attrs), value, node.shape, [])

    def condition(self, cotangent: Node) -> Node | None:
        """Return bools that broadcast to the cotangent's shape; None if it is taken everywhere."""
        stack = [cotangent]
        while stack:
            node = stack[-1]
            waiting = [i for i in node.inputs if i not in self.known and i.dtype.is_float]
            if node in self.known or not waiting:
                stack.pop()
                if node not in self.known:
                    self.known[node] = self._own(node)
            else:
                stack.extend(waiting)
        return self.known[cotangent]

    def _own(self, node: Node) -> Node | None:
        """Return the condition with as many axes as the node has, of size 1 where it can be."""
        if node.op.kind not in self.rules:
            return None
        found = self.rules[node.op.kind](node, [self.known.get(i) for i in node.inputs])
        return None if found is None else of_rank(found, node.ndim)

    def _elementwise(self, node: Node, parts: list[Node | None]) -> Node | None:
        """Follow choices against zero, products, quotients and sums."""
        chosen = choice(node)
        if chosen is not None:
            return both(chosen.condition, self.known.get(chosen.value))
        instruction = instruction_of(node)
        name = None if instruction is None else instruction.name
        if name == "mul":
            return both(*parts)
        if name in ("add", "sub", "select"):
            first, second = parts[-2:]
            return None if first is None or second is None else operators["or"](first, second)
        return parts[0] if name in ("div", "neg", "cast") else None

    def _contract(self, node: Node, parts: list[Node | None]) -> Node | None:
        """Something leads to a sum if it leads to one of its terms."""
        left, right, out = kinds.split_spec(node.attr("spec"))
        found: list[Node | None] = [None, None]
        for k, (part, labels) in enumerate(zip(parts, (left, right), strict=True)):
            if part is not None:
                inner = tuple(a for a, name in enumerate(labels) if name not in out)
                found[k] = along(anywhere(part, inner), labels, out)
        return both(*found)

    def _view(self, node: Node, parts: list[Node | None]) -> Node | None:
        (part,) = parts
        return None if part is None else moved(node, [part])

    def _reduce(self, node: Node, parts: list[Node | None]) -> Node | None:
        (part,) = parts
        if part is None:
            return None
        return summed(node, anywhere(part, node.attr("axes")))

    def _assembly(self, node: Node, parts: list[Node | None]) -> Node | None:
        """Nothing leads to what lies between the pieces."""
        assert isinstance(node.op, kinds.AssemblyOp)
        fill = node.op.fill(dict(node.attrs))
        everywhere = fill is None and parts == [None] * len(parts)
        return None if everywhere or fill not in (None, 0) else moved(node, parts)

    def _scatter(self, node: Node, parts: list[Node | None]) -> Node | None:
        """Nothing leads to where no index points."""
        assert isinstance(node.op, kinds.ScatterOp)
        base, updates, *indices = node.inputs
        if node.op.combine != "add" or not is_number(base, 0):
            return None
        counts = operators["cast"](whole(parts[1], updates.shape), dtype=int32)
        nothing = operators["zeros"](base.shape, int32)
        met = make(node.op, [nothing, counts, *indices], **dict(node.attrs))
        return operators["gt"](met, 0)

    def _gather(self, node: Node, parts: list[Node | None]) -> Node | None:
        source, *indices = node.inputs
        part = parts[0]
        if part is None:
            return None
        return make(node.op, [whole(part, source.shape), *indices], **dict(node.attrs))

    def _composite(self, node: Node, parts: list[Node | None]) -> Node | None:
        """Open it: what a roll does is known of its pieces."""
        assert isinstance(node.op, kinds.CompositeOp)
        return None if parts == [None] * len(parts) else self.condition(node.op.expanded(node))

    def _prefix(self, node: Node, parts: list[Node | None]) -> Node | None:
        """Something leads to a running sum if it leads to what has been added so far."""
        assert isinstance(node.op, kinds.PrefixOp)
        part = parts[-1]
        if part is None or node.op.combine not in ("add", "linear"):
            return None
        return arrived(part, node.shape, dict(node.attrs))


def _outside(
    instruction: Instruction, node: Node, chosen: Sequence[Choice | None]
) -> tuple[Node | None, Sequence[Node]]:
    """Return where a node of choices against zero differs from zero, and its operands there."""
    if instruction.infix == "/":
        chosen = [chosen[0], None]
    values = [c.value if c else i for c, i in zip(chosen, node.inputs, strict=True)]
    if instruction.infix in ("*", "/") or instruction.name in ("neg", "cast"):
        return reduce(both, [c and c.condition for c in chosen]), values
    if instruction.name not in ("add", "sub", "select") or None in chosen[-2:]:
        return None, values
    first, second = (c.condition for c in chosen[-2:] if c)
    if first is second:
        return first, values
    if instruction.name == "select":
        return operators["where"](node.inputs[0], first, second), values
    return operators["or"](first, second), node.inputs


def _is_known(node: Node) -> bool:
    """Whether a divisor or exponent is a constant or a size."""
    while len(node.inputs) == 1:
        (node,) = node.inputs
    return node.op in (CONSTANT, DIMENSION)


def only_taken(factor: Node, labels: str, cotangent: Node, out: str) -> Node:
    """Return a contraction's factor with zeros where the cotangent that it meets is not taken.

    That is possible where the choice depends on axes of the factor only: rows that a mask leaves
    out, say. What stands in such a row, NaN included, then has no part in the sum. Parameters have
    no such rows.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, g = gd.input("x", ("N", 3)), gd.input("g", ("N", 2))
    >>> kept = gd.input("kept", ("N", 1), "bool")
    >>> only_taken(x, "ij", gd.where(kept, g, 0.0), "ik")
    <where float32(N, 3)>
    """
    chosen = choice(cotangent)
    if chosen is None or is_state(factor):
        return factor
    condition = of_rank(chosen.condition, len(out))
    used = used_labels(condition, out)
    if not used <= set(labels):
        return factor
    zero = constant(0.0, factor.dtype)
    return operators["where"](along(condition, out, labels), factor, zero)


Rule = Callable[[Node, list[Node | None]], Node | None]
