"""Guards: products are zero where nothing leads to them, whatever the other factor is.

Zero times infinity is NaN. So a zero that stands for "this element had no part in the result" must
not be multiplied by what may be infinite there: the derivative of a square root at 0 behind a
``where`` that took the other branch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

from graphdl.ir import kinds
from graphdl.ir.dims import Shape
from graphdl.ir.instructions import Instruction
from graphdl.ir.leaves import constant, is_state
from graphdl.ir.node import Node, instead_of, make, operators
from graphdl.ir.rewrites import instruction_of, is_instruction
from graphdl.passes.conditions import along, arrived, both, moved, of_rank, summed, used_labels
from graphdl.passes.ranges import Ranges
from graphdl.passes.taken import Choice, Taken, choice


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


class Guards:
    """What guards the products of one reverse sweep.

    A choice against zero is always taken outside of a product, which costs nothing. Where the other
    factor may be NaN or infinite, everything counts that is known of the cotangent: earlier
    choices, and which elements slices and gathers have read.

    Parameters
    ----------
    forward : iterable of Node
        What is differentiated, and the cotangents it started with.
    """

    def __init__(self, forward: Iterable[Node]) -> None:
        self.taken = Taken(forward)
        self.ranges = Ranges()
        self.rules = {
            "elementwise": self._elementwise,
            "contract": self._contract,
            "view": self._seen,
            "reduce": self._seen,
            "prefix": self._running,
        }

    def guarded(self, node: Node) -> Node:
        """Return a node that a rule has made; they come one by one, inputs first."""
        rule = self.rules.get(node.op.kind)
        return node if rule is None else rule(node)

    def _elementwise(self, node: Node) -> Node:
        """Move choices outside; guard products."""
        instruction = instruction_of(node)
        if instruction is None:
            return node
        chosen = [self.taken.choice(i) for i in node.inputs]
        condition, values = _outside(instruction, node, chosen)
        if instruction.infix in ("*", "/") and self._is_singular(node):
            condition = self.taken.condition(node)
        if condition is None:
            return node
        return _chosen(condition, make(node.op, values, **dict(node.attrs)), node.shape, chosen)

    def _is_singular(self, node: Node) -> bool:
        """Whether a zero that means "not taken" may meet NaN or infinity."""
        (x, y), divides = node.inputs, is_instruction(node, "div")
        if self.taken.condition(x) is not None:
            by = self.ranges[y]
            if by is None or (divides and by[0] <= 0 <= by[1]):
                return True
        return not divides and self.taken.condition(y) is not None and self.ranges[x] is None

    def _seen(self, node: Node) -> Node:
        """Choose between what a view shows rather than show what was chosen; sums of rows alike."""
        (source,) = node.inputs
        found = self.taken.choice(source)
        if found is None:
            return node
        part = of_rank(found.condition, source.ndim)
        if node.op.kind == "view":
            condition: Node | None = moved(node, [part])
        else:
            condition = summed(node, part)
        if condition is None:
            return node
        value = operators["broadcast_to"](found.value, source.shape)
        return _chosen(condition, make(node.op, [value], **dict(node.attrs)), node.shape, [found])

    def _running(self, node: Node) -> Node:
        """Choose between running sums; take factors as zero where nothing meets them."""
        assert isinstance(node.op, kinds.PrefixOp)
        *factors, added = node.inputs
        if node.op.combine not in ("add", "linear"):
            return node
        found, attrs = self.taken.choice(added), dict(node.attrs)
        condition = found and of_rank(found.condition, added.ndim)
        known = self.taken.condition(added)
        if known is not None and any(self.ranges[f] is None for f in factors):
            condition = known
        if condition is None:
            return node
        met = arrived(condition, node.shape, {**attrs, "exclusive": True})
        factors = [operators["where"](met, f, constant(0.0, f.dtype)) for f in factors]
        value = make(node.op, [*factors, added], **attrs)
        return _chosen(arrived(condition, node.shape, attrs), value, node.shape, [])

    def _contract(self, node: Node) -> Node:
        """Put zeros into each factor where nothing leads to the elements that it meets."""
        left, right, _ = kinds.split_spec(node.attr("spec"))
        x, y = node.inputs
        first, second = self._masked(x, left, y, right), self._masked(y, right, x, left)
        if first is x and second is y:
            return node
        value = make(node.op, [first, second], **dict(node.attrs))
        missed = self._missed(x, left, right) or self._missed(y, right, left)
        condition = self.taken.condition(node) if missed else None
        return value if condition is None else _chosen(condition, value, node.shape, [])

    def _missed(self, cotangent: Node, labels: str, others: str) -> bool:
        """Whether a choice depends on axes that the factor lacks, and the factor is masked."""
        condition = self.taken.condition(cotangent)
        return condition is not None and not used_labels(condition, labels) <= set(others)

    def _masked(self, factor: Node, labels: str, cotangent: Node, given: str) -> Node:
        """Return a factor with zeros where the cotangent that it meets is not taken.

        A choice that depends on axes of the factor only, rows that a mask leaves out, say, counts
        for all factors but parameters: what stands in such a row, NaN included, has no part in the
        sum. Where the factor may be NaN or infinite, all that is known counts.
        """
        condition, known = None, self.taken.condition(cotangent)
        if known is None:
            return factor
        if self.ranges[factor] is None:
            others = [a for a, name in enumerate(given) if name not in labels]
            condition = self.taken.anywhere(known, others)
        elif not is_state(factor):
            found = self.taken.choice(cotangent)
            condition = found and of_rank(found.condition, cotangent.ndim)
            if condition is not None and not used_labels(condition, given) <= set(labels):
                condition = None
        if condition is None:
            return factor
        zero = constant(0.0, factor.dtype)
        return operators["where"](along(condition, given, labels), factor, zero)


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
