"""Where a cotangent can differ from zero: what leads there, read from how it was made.

Choices against zero, products with them, pieces among zeros, elements that an index array reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from graphdl.ir import kinds
from graphdl.ir.dtypes import int32
from graphdl.ir.leaves import constant
from graphdl.ir.node import Node, make, operators
from graphdl.ir.rewrites import instruction_of, is_number
from graphdl.passes.conditions import (
    along,
    anywhere,
    arrived,
    both,
    either,
    moved,
    of_rank,
    placed,
    summed,
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


class Taken:
    """Conditions under which elements of the cotangents of one reverse sweep differ from zero.

    Parameters
    ----------
    forward : iterable of Node
        What is differentiated, and the cotangents it started with: zeros in these are values. What
        an earlier sweep has made is read like what this one makes.
    """

    def __init__(self, forward: Iterable[Node]) -> None:
        self.known: dict[Node, Node | None] = {n: None for n in forward if not _is_derived(n)}
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
        self.lines: dict[Node, set[int]] = {}

    def choice(self, node: Node) -> Choice | None:
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

    def condition(self, cotangent: Node) -> Node | None:
        """Return bools that broadcast to the cotangent's shape; None if it is taken everywhere."""
        known = self.known
        if cotangent in known:
            return known[cotangent]
        stack = [cotangent]
        while stack:
            node = stack[-1]
            waiting = [i for i in node.inputs if i not in known and i.dtype.is_float]
            if waiting and node not in known:
                stack.extend(waiting)
                continue
            stack.pop()
            if node not in known:
                known[node] = self._own(node)
        return known[cotangent]

    def anywhere(self, part: Node, axes: Iterable[int]) -> Node | None:
        """Return where a condition holds somewhere along axes, which stay with size 1.

        On each line along the axis of an index array an element is read.
        """
        wide = {a for a in axes if part.shape[a] != 1}
        if self.lines.get(part, wide | {-1}) <= wide:
            return None
        found = anywhere(part, sorted(wide))
        return None if is_number(found, True) else found

    def _own(self, node: Node) -> Node | None:
        """Return the condition with as many axes as the node has, of size 1 where it can be."""
        rule = self.rules.get(node.op.kind)
        if rule is None:
            return None
        found = rule(node, [self.known.get(i) for i in node.inputs])
        return None if found is None else of_rank(found, node.ndim)

    def _elementwise(self, node: Node, parts: list[Node | None]) -> Node | None:
        """Follow choices against zero, products, quotients and sums."""
        instruction = instruction_of(node)
        if instruction is None:
            return None
        if instruction.result == "select":
            chosen = choice(node)
            if chosen is not None:
                return both(chosen.condition, self.known.get(chosen.value))
        if instruction.infix == "*":
            return both(*parts)
        if instruction.name in ("add", "sub", "select"):
            return either(*parts[-2:])
        return parts[0] if instruction.name in ("div", "neg", "cast") else None

    def _contract(self, node: Node, parts: list[Node | None]) -> Node | None:
        """Something leads to a sum if it leads to one of its terms."""
        left, right, out = kinds.split_spec(node.attr("spec"))
        found: list[Node | None] = [None, None]
        for k, (part, labels) in enumerate(zip(parts, (left, right), strict=True)):
            if part is not None:
                inner = tuple(a for a, name in enumerate(labels) if name not in out)
                met = self.anywhere(part, inner)
                found[k] = None if met is None else along(met, labels, out)
        return both(*found)

    def _view(self, node: Node, parts: list[Node | None]) -> Node | None:
        (part,) = parts
        return None if part is None else moved(node, [part])

    def _reduce(self, node: Node, parts: list[Node | None]) -> Node | None:
        (part,) = parts
        met = None if part is None else self.anywhere(part, node.attr("axes"))
        return None if met is None else summed(node, met)

    def _assembly(self, node: Node, parts: list[Node | None]) -> Node | None:
        """Nothing leads to what lies between the pieces, nor to pieces that are zero."""
        assert isinstance(node.op, kinds.AssemblyOp)
        fill = node.op.fill(dict(node.attrs))
        parts = _without_zeros(node.inputs, parts)
        everywhere = fill is None and parts == [None] * len(parts)
        if everywhere or fill not in (None, 0):
            return None
        return placed(node, parts[0]) if len(parts) == 1 else moved(node, parts)

    def _scatter(self, node: Node, parts: list[Node | None]) -> Node | None:
        """Nothing leads to where no index points."""
        assert isinstance(node.op, kinds.ScatterOp)
        base, updates, *indices = node.inputs
        if node.op.combine != "add" or not is_number(base, 0):
            return None
        counts = operators["cast"](whole(parts[1], updates.shape), dtype=int32)
        nothing = operators["zeros"](base.shape, int32)
        met = make(node.op, [nothing, counts, *indices], **dict(node.attrs))
        found: Node = operators["gt"](met, 0)
        if parts[1] is None:
            self.lines[found] = set(node.attr("axes"))
        return found

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
        part, attrs = parts[-1], dict(node.attrs)
        everywhere = part is None and not attrs["exclusive"]
        if everywhere or node.op.combine not in ("add", "linear"):
            return None
        return arrived(part, node.shape, attrs)


def _is_derived(node: Node) -> bool:
    """Whether the chain rule alone has made a node, not the user too."""
    return bool(node.origins) and all(o.rule is not None for o in node.origins)


def _without_zeros(nodes: Iterable[Node], parts: Iterable[Node | None]) -> list[Node | None]:
    """Return the conditions of some nodes: nothing leads to those that are zero."""
    pairs = zip(nodes, parts, strict=True)
    return [constant(False) if is_number(n, 0) else part for n, part in pairs]


Rule = Callable[[Node, list[Node | None]], Node | None]
