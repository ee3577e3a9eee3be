"""Rewrite rules: small functions from a node to a better node, each with the math it stands for.

A rule belongs to a *stage* and is filed under what stands at the root of its pattern: an op, a
scalar instruction (any op that is just this instruction) or a kind. Op files register rules of
their own; a pass drives all rules of its stage to a fixpoint.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from graphdl.ir.instructions import Instruction
from graphdl.ir.kinds import PRIMITIVES, ElementwiseOp, Op, ViewOp
from graphdl.ir.leaves import CONSTANT, input
from graphdl.ir.node import Attrs, Node, make, operators

Root = Op | str
"""What stands at the root of a pattern: an op, an instruction's name, or a kind's name."""

Examples = Callable[..., "Node | Sequence[Node]"]
"""From ``gd`` (all operations) and inputs of :data:`EXAMPLE_INPUTS` to where a rule fires."""

EXAMPLE_INPUTS: dict[str, tuple[tuple[int | str, ...], str]] = {
    "s": ((), "float64"),
    "x": (("N",), "float64"),
    "y": (("N",), "float64"),
    "z": (("N",), "float64"),
    "v": ((3,), "float64"),
    "m": (("N", 3), "float64"),
    "u": ((3, 4), "float64"),
    "w": ((3, 2), "float64"),
    "b": (("N",), "bool"),
    "c": (("N",), "bool"),
    "k": (("N",), "int32"),
}
"""What a parameter of a rule's examples stands for: shape and dtype, by its name."""


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
    examples : callable, optional
        Makes nodes at which it fires, a case of each of its patterns: what is proved of the rule is
        proved of these. Our own rules all have some.
    """

    stage: str
    name: str
    roots: tuple[Root, ...]
    math: str
    function: Callable[[Node], Node | None]
    exact: bool = True
    examples: Examples | None = None

    def cases(self) -> list[Node]:
        """Return what the examples make, on fresh inputs.

        Examples
        --------
        >>> import graphdl as gd
        >>> rule = Rewrite("s", "n", ("neg",), "−(−x) → x", lambda n: None, True, lambda x: -(-x))
        >>> rule.cases()
        [<negative float64(N,)>]
        """
        if self.examples is None:
            return []
        names = inspect.signature(self.examples).parameters
        given = {
            n: SimpleNamespace(**operators) if n == "gd" else input(n, *EXAMPLE_INPUTS[n])
            for n in names
        }
        found = self.examples(**given)
        return [found] if isinstance(found, Node) else list(found)

    def __repr__(self) -> str:
        return f"<{self.stage} {self.name}: {self.math}>"


REWRITES: dict[str, list[Rewrite]] = {}
"""Stage -> its rules, in the order in which they are tried."""


def rewrite(
    stage: str,
    *roots: Root,
    math: str,
    exact: bool = True,
    examples: Examples | None = None,
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
    examples : callable, optional
        Makes nodes at which the rule fires: ``lambda gd, x: -(-x)``.

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
        rules.append(Rewrite(stage, name, roots, math, function, exact, examples))
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


def applied(name: str, *operands: Node) -> Node:
    """Return the named instruction on operands."""
    result: Node = PRIMITIVES[name](*operands)
    return result


def like(x: Node, node: Node) -> Node | None:
    """Return ``x`` broadcast to the node's shape; None if the dtypes differ."""
    return operators["broadcast_to"](x, node.shape) if x.dtype is node.dtype else None
