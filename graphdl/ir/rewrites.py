"""Rewrite rules: small functions from a node to a better node, each with the math it stands for.

A rule belongs to a *stage* and is filed under what stands at the root of its pattern: an op, a
scalar instruction (any op that is just this instruction) or a kind. Op files register rules of
their own; a pass drives all rules of its stage to a fixpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from graphdl.ir.instructions import Instruction
from graphdl.ir.kinds import ElementwiseOp, Op, ViewOp
from graphdl.ir.leaves import CONSTANT
from graphdl.ir.node import Attrs, Node, make

Root = Op | str
"""What stands at the root of a pattern: an op, an instruction's name, or a kind's name."""


@dataclass(frozen=True, eq=False, slots=True)
class Rewrite:
    """A rewrite rule.

    Attributes
    ----------
    stage : str
        The pass that applies it: ``simplify``, ``views`` or ``stabilise``.
    name : str
        A unique name.
    roots : tuple of Op or str
        Where its pattern starts.
    math : str
        What it does, as math: ``"x·1 → x"``.
    function : callable
        From a node to what replaces it, of the same shape and dtype; None where it doesn't match.
    exact : bool
        Whether every bit of the result stays (NaN counts as one value).
    """

    stage: str
    name: str
    roots: tuple[Root, ...]
    math: str
    function: Callable[[Node], Node | None]
    exact: bool = True

    def __repr__(self) -> str:
        return f"<{self.stage} {self.name}: {self.math}>"


REWRITES: dict[str, list[Rewrite]] = {}
"""Stage -> its rules, in the order in which they are tried."""


def rewrite(
    stage: str, *roots: Root, math: str, exact: bool = True
) -> Callable[[Callable[[Node], Node | None]], Callable[[Node], Node | None]]:
    """Register the decorated function as a rewrite rule.

    Parameters
    ----------
    stage : str
        The pass that applies it.
    *roots : Op or str
        What stands at the root of the pattern: ops, names of instructions, or kinds.
    math : str
        What it does, as math.
    exact : bool
        Whether results stay the same bit for bit.

    Examples
    --------
    >>> @rewrite("example", "neg", math="−(−x) → x")
    ... def twice_negated(node):
    ...     (x,) = node.inputs
    ...     return x.inputs[0] if is_instruction(x, "neg") else None
    >>> REWRITES.pop("example")
    [<example twice_negated: −(−x) → x>]
    """

    def registered(function: Callable[[Node], Node | None]) -> Callable[[Node], Node | None]:
        name = function.__name__.lstrip("_")
        rules = REWRITES.setdefault(stage, [])
        assert all(rule.name != name for rule in rules), f"two rules are named {name}"
        rules.append(Rewrite(stage, name, roots, math, function, exact))
        return function

    return registered


_bare: dict[tuple[Op, Attrs], Instruction | None] = {}


def instruction_of(node: Node) -> Instruction | None:
    """Return the instruction that an elementwise node is, and nothing besides; else None."""
    op = node.op
    if op.kind != "elementwise":
        return None
    key = (op, node.attrs)
    if key not in _bare:
        assert isinstance(op, ElementwiseOp)
        body = op.body(node.attrs)
        bare = all(a.is_argument and a.payload == i for i, a in enumerate(body.args))
        _bare[key] = body.instruction if bare and len(body.args) == len(node.inputs) else None
    return _bare[key]


def is_instruction(node: Node, name: str) -> bool:
    """Whether the node is an elementwise op that is just the named instruction."""
    found = instruction_of(node)
    return found is not None and found.name == name


def operands_of(node: Node, name: str) -> tuple[Node, ...] | None:
    """Return the inputs of a node that is just the named instruction; else None."""
    return node.inputs if is_instruction(node, name) else None


def both_orders(pair: Sequence[Node]) -> Iterator[tuple[Node, Node]]:
    """Yield two operands in both orders, for patterns on commutative instructions."""
    if pair:
        a, b = pair
        yield a, b
        yield b, a


def picked(node: Node) -> tuple[Node, Callable[[Node], Node]]:
    """Look through views and gathers: what does something element by element passes them.

    Returns
    -------
    Node
        What elements are picked from.
    callable
        Picks the same elements from another node of its shape.
    """
    steps: list[Node] = []
    while node.op.kind in ("view", "gather") and len(steps) < 8:
        steps.append(node)
        node = node.inputs[0]

    def pick(value: Node) -> Node:
        for step in reversed(steps):
            value = make(step.op, (value, *step.inputs[1:]), **dict(step.attrs))
        return value

    return node, pick


def uniform(node: Node) -> np.generic | None:
    """Return the value of a node whose elements are all one known number; else None.

    That is: a constant with one element, seen through any views.
    """
    while isinstance(node.op, ViewOp):
        node = node.inputs[0]
    if node.op is not CONSTANT:
        return None
    value: np.ndarray = node.attr("value")
    result: np.generic | None = value.reshape(-1)[0] if value.size == 1 else None
    return result


def is_number(node: Node, number: float) -> bool:
    """Whether all elements are known to be this number; the sign of zero counts for floats."""
    value = uniform(node)
    if value is None or value != number:
        return False
    return number != 0 or not node.dtype.is_float or bool(np.signbit(value) == np.signbit(number))
