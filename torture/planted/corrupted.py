"""Derivative rules with one thing wrong: what the proofs of rules have to refute.

The rule of a node's kind is made to give something else: with the other sign, a millionth more,
with one of its sums cut down to the first term, or with the operands of one of its operations (or
two of its partial derivatives) exchanged.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from graphdl.ir import kinds
from graphdl.ir.dim_bounds import upper_bound
from graphdl.ir.dims import Shape, product, symbols
from graphdl.ir.errors import GraphdlError
from graphdl.ir.graph import Graph, static_shape
from graphdl.ir.interpreter import interpret
from graphdl.ir.kinds import CompositeOp, ElementwiseOp
from graphdl.ir.node import Node, make, operators, rebuild, topological
from graphdl.ir.rewrites import instruction_of
from graphdl.passes import derivative
from graphdl.verification import remembered, verify
from graphdl.verification.instances import bound
from graphdl.verification.rules import established

Change = Callable[[Node], Node]
"""What becomes of a rule's contribution."""

MOST = 70
"""Elements of a view and its input; the catalogue's tests have smaller and larger ones."""

_RANGES = ((0.1, 0.9), (1.1, 3.0), (-0.9, -0.1), (-3.0, 3.0), (-2.0, -1.1))
"""Where values are drawn from: one of them lies in every op's domain."""

_COMMUTE = frozenset(("add", "mul", "max", "min", "eq", "ne", "and", "or", "xor"))


@dataclass(frozen=True, eq=False)
class Corruption:
    """A node, and how the rule for one of its operands is wrong.

    Attributes
    ----------
    node : Node
        Its op's rule is corrupted.
    operand : int
        The operand whose contribution is wrong.
    way : str
        ``sign``, ``scale``, ``dropped sum`` or ``swapped arguments``.
    place : int
        Which of the sums or operations of the contribution.
    """

    node: Node
    operand: int
    way: str
    place: int = 0

    def __str__(self) -> str:
        shapes = ", ".join(str(i.shape) for i in self.node.inputs)
        which = f" {self.place}" if self.place else ""
        return f"{self.node.op.name}({shapes}) by operand {self.operand}: {self.way}{which}"

    def verdict(self) -> str:
        """Return ``refuted``, by the proof of rules or else by ``gd.verify``, or what they say."""
        with _changed(self.operand, functools.partial(_changed_value, self)):
            proof = established(self.node)
            if proof.verdict == "refuted":
                return "refuted"
            loss, wrt, inputs = _loss(self.node)
            found = verify(loss, wrt, inputs=inputs).verdict
        return found if found == "refuted" else f"{found}, and the rule is {proof}"


@functools.cache
def corruptions() -> tuple[Corruption, ...]:
    """Return all corruptions of all rules of the catalogue."""
    found: list[Corruption] = []
    for node in nodes_of_the_catalogue():
        for operand in _with_rule(node):
            found += [Corruption(node, operand, way) for way in ("sign", "scale")]
            sums, swaps = _places(node, operand)
            found += [Corruption(node, operand, "dropped sum", k) for k in range(sums)]
            found += [Corruption(node, operand, "swapped arguments", k) for k in swaps]
    return tuple(found)


def nodes_of_the_catalogue() -> list[Node]:
    """Return a node for every op with a rule, for each set of attributes, from the ops' tests."""
    from tests.ops.cases import elementwise_cases
    from tests.ops.rows import rows

    found: dict[object, Node] = {}
    for case in [*elementwise_cases(), *rows()]:
        if "empty" in case.label:
            continue
        value = case.call(*case.nodes("float64"))
        for node in topological(value if isinstance(value, tuple) else [value]):
            if node.inputs and node.dtype.is_float and _is_fit(node) and not _is_opened(node):
                found.setdefault(_form(node), node)
    return list(found.values())


def _is_fit(node: Node) -> bool:
    """Whether a node has elements, and few enough for views of them to be written out."""
    total = 0
    for shape in (n.shape for n in (node, *node.inputs)):
        count = upper_bound(product(shape), dict.fromkeys(_names(shape), 3))
        if count == 0:
            return False
        total += count
    return total <= MOST or node.op.kind not in ("view", "assembly")


def _names(shape: Shape) -> list[str]:
    return [name for size in shape for name in symbols(size)]


def _is_opened(node: Node) -> bool:
    return isinstance(node.op, CompositeOp) and node.op.adjoint is None


def _form(node: Node) -> object:
    """Return what makes two nodes have one rule: attributes count by their names' first values."""
    if isinstance(node.op, (ElementwiseOp, CompositeOp)):
        return (node.op, str([(k, v) for k, v in node.attrs if isinstance(v, (str, bool))]),
                len({i.shape for i in node.inputs}) > 1)  # fmt: skip
    return (node.op, node.ndim, tuple(i.ndim for i in node.inputs), str(node.attrs))


def _loss(node: Node) -> tuple[Node, list[Node], dict[str, np.ndarray]]:
    """Return a weighted sum of a node's elements, its variables, and inputs where it is finite."""
    made = bound(node)
    rng = np.random.default_rng(0)
    loss = operators["sum"](made * rng.uniform(0.5, 1.5, static_shape(made.shape, {})))
    wrt = [i for i in dict.fromkeys(made.inputs) if i.dtype.is_float]
    for low, high in _RANGES:
        given = {i.name: _drawn(i, low, high, rng) for i in dict.fromkeys(made.inputs)}
        with np.errstate(all="ignore"):
            if np.isfinite(interpret(Graph(loss), given)["out"]):
                return loss, wrt, given
    raise ValueError(f"{node!r} is finite in none of {_RANGES}")


def _drawn(
    node: Node,
    low: float,
    high: float,
    rng: np.random.Generator,
    dims: Mapping[str, int] = MappingProxyType({}),
) -> np.ndarray:
    """Return values of an input; indices are 0."""
    shape = static_shape(node.shape, dims)
    if node.dtype.is_integer:
        return np.zeros(shape, node.dtype.numpy)
    return np.asarray(rng.uniform(low, high, shape)).astype(node.dtype.numpy)


def _with_rule(node: Node) -> list[int]:
    """Return the operands that get something other than zero."""
    found = []
    for operand, source in enumerate(node.inputs):
        if source.dtype.is_float and _contribution(node, operand) is not None:
            found.append(operand)
    return found


def _contribution(node: Node, operand: int) -> Node | None:
    cotangent = kinds.as_node(operators["zeros"](node.shape, node.dtype)) + 1.0
    try:
        found = derivative._RULES[node.op.kind](node, cotangent, operand)
    except GraphdlError:
        return None
    return None if found is None else found[0]


def _places(node: Node, operand: int) -> tuple[int, list[int]]:
    """Return how many sums a contribution has, and the operations where operands' order counts."""
    value = _contribution(node, operand)
    assert value is not None
    order = _own(value, node)
    swaps = [n for n in order if _exchanged(n) is not None]
    counting = [
        k for k, n in enumerate(swaps) if _differ(node, value, _replaced(value, n, _exchanged))
    ]
    return sum(_first_term(n) is not None for n in order), counting


def _differ(node: Node, value: Node, other: Node) -> bool:
    """Whether two values differ where a node is finite: in hypot(x, 1) no order counts."""
    graph = Graph({"node": node, "value": value, "other": other})
    rng = np.random.default_rng(0)
    dims = {name: 3 + k for k, name in enumerate(graph.dims)}
    for low, high in _RANGES:
        given = {i.name: _drawn(i, low, high, rng, dims) for i in graph.inputs}
        with np.errstate(all="ignore"):
            found = interpret(graph, given, dims=dims)
        inside = bool(np.isfinite(found["node"]).all())
        same = np.allclose(found["value"], found["other"], 1e-12, 1e-300, equal_nan=True)
        if inside and not same:
            return True
    return False


def _own(value: Node, node: Node) -> list[Node]:
    """Return the nodes below a contribution that the rule has made, inputs first."""
    known = set(topological([node]))
    return [n for n in topological([value]) if n not in known and n.inputs and n.dtype.is_float]


def _first_term(node: Node) -> Node | None:
    """Return a sum's first term instead of the sum; None for what adds nothing up."""
    op = node.op
    if isinstance(op, kinds.ReduceOp) and op.combine == "add":
        (x,), axes = node.inputs, node.attr("axes")
        if all(x.shape[a] == 1 for a in axes):
            return None
        return x[tuple(0 if a in axes else slice(None) for a in range(x.ndim))]
    if isinstance(op, kinds.ContractOp):
        left, right, out = kinds.split_spec(node.attr("spec"))
        pairs = list(zip(node.inputs, (left, right), strict=True))
        if all(
            s == 1
            for x, labels in pairs
            for s, c in zip(x.shape, labels, strict=True)
            if c not in out
        ):
            return None
        x, y = (
            source[tuple(slice(None) if c in out else slice(0, 1) for c in labels)]
            for source, labels in pairs
        )
        return make(op, [x, y], **dict(node.attrs))
    return None


def _exchanged(node: Node) -> Node | None:
    """Return an operation with two operands exchanged; None where that changes nothing or fails."""
    inputs = list(node.inputs)
    instruction = instruction_of(node)
    if instruction is not None and instruction.name in _COMMUTE:
        return None
    if len(inputs) < 2 or node.op.kind not in ("elementwise", "prefix"):
        return None
    if inputs[-1] is inputs[-2] or inputs[-1].dtype is not inputs[-2].dtype:
        return None
    try:
        made = make(node.op, [*inputs[:-2], inputs[-1], inputs[-2]], **dict(node.attrs))
    except GraphdlError:
        return None
    return made if made.shape == node.shape and made.dtype is node.dtype else None


def _changed_value(corruption: Corruption, served: Node, value: Node) -> Node:
    """Return the corrupted contribution."""
    if corruption.way == "sign":
        return -value
    if corruption.way == "scale":
        return value * (1 + 1e-6)
    change = _first_term if corruption.way == "dropped sum" else _exchanged
    places = [n for n in _own(value, served) if change(n) is not None]
    if corruption.place >= len(places):
        return value  # at another size this sum is not there
    return _replaced(value, places[corruption.place], change)


def _replaced(value: Node, target: Node, change: Callable[[Node], Node | None]) -> Node:
    """Return a value with one node below it changed."""
    mapping: dict[Node, Node] = {}
    for node in topological([value]):
        made = rebuild(node, [mapping[i] for i in node.inputs]) if node.inputs else node
        instead = change(made) if node is target else made
        assert instead is not None
        mapping[node] = instead
    return mapping[value]


@contextmanager
def _changed(operand: int, change: Callable[[Node, Node], Node]) -> Iterator[None]:
    """Let every rule give another contribution to one operand; nothing is remembered."""
    rules, known = dict(derivative._RULES), dict(remembered._known)

    def wrong(kind: str) -> Callable[[Node, Node, int], derivative.Found]:
        def rule(served: Node, cotangent: Node, at: int) -> derivative.Found:
            found = rules[kind](served, cotangent, at)
            if found is None or at != operand:
                return found
            return change(served, found[0]), found[1]

        return rule

    remembered._known.clear()
    derivative._RULES.update({kind: wrong(kind) for kind in rules})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        derivative._RULES.update(rules)
        remembered._known.clear()
        remembered._known.update(known)


def try_corrupted(units: range) -> Sequence[str]:
    """Try the corruptions of these numbers; return those that are not refuted."""
    chosen = corruptions()[units.start : units.stop]
    verdicts = [(corruption, corruption.verdict()) for corruption in chosen]
    return [f"{c}: {verdict}" for c, verdict in verdicts if verdict != "refuted"]
