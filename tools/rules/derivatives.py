"""Derivative rules with their verdicts: every op of the catalogue, by each operand."""

from __future__ import annotations

import importlib
import pkgutil
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphdl import losses, ops
from graphdl.codegen.diagram.mathtext import atom, escaped, symbol
from graphdl.ir import scalar
from graphdl.ir.errors import GraphdlError
from graphdl.ir.graph import Graph
from graphdl.ir.kinds import CompositeOp, ElementwiseOp, Op
from graphdl.ir.leaves import input
from graphdl.ir.node import Node, make
from graphdl.ir.rewrites import is_number
from graphdl.passes.derivative import reverse
from graphdl.passes.expand import expand
from graphdl.passes.partials import partials
from graphdl.verification.outcome import Outcome, joined
from graphdl.verification.rules import established
from graphdl.verification.wording import counted
from tests.ops.cases import elementwise_cases
from tests.ops.rows import rows
from tools.rules.math import inline, latex
from tools.rules.verdicts import Verdict

KINDS = {
    "elementwise": "the cotangent times the partial derivative, summed over broadcast axes",
    "reduce": "the cotangent back to the elements that count",
    "prefix": "running combinations: the same backwards",
    "contract": "the cotangent contracted with the other operand",
    "view": "every element back to where it came from",
    "assembly": "to each piece its part of the cotangent",
    "gather": "added up where it was read",
    "scatter": "read where it was written",
    "composite": "composites with a rule of their own",
}
"""Kinds that have derivatives, in the order of the page."""

LONGEST = 170
"""Characters of LaTeX up to which a formula stands in a table."""
_VARIANTS = 3
_FEW = 3
_NONE = "no derivative by"
_HOW = {"moved elements": "by following every element"}
_LETTERS = {True: "xywuvt", False: "klbc"}


@dataclass(frozen=True)
class Entry:
    """The derivative rule of an op.

    Attributes
    ----------
    kind, op : str
        What it belongs to.
    formula : str
        What the op computes, as inline math; empty if too long.
    derivatives : tuple of (str, str)
        Operand and derivative by it, as inline math; empty if too long.
    verdict : Verdict
        How it is established.
    kinks : tuple of str
        Where the derivative is a convention.
    remarks : tuple of str
        What else there is to say.
    variants : int
        Settings of attributes that were looked at.
    """

    kind: str
    op: str
    formula: str
    derivatives: tuple[tuple[str, str], ...]
    verdict: Verdict
    kinks: tuple[str, ...]
    remarks: tuple[str, ...]
    variants: int


def nodes() -> dict[Op, list[Node]]:
    """Return uses of every op of the catalogue in the cases that the tests run."""
    found: dict[Op, list[Node]] = {op: [] for op in _catalogue()}
    for case in [*elementwise_cases(), *rows()]:
        graph = Graph(case.call(*case.nodes("float64")))
        for node in dict.fromkeys([*graph.nodes, *expand(graph).nodes]):
            if node.op in found:
                found[node.op].append(node)
    return found


def _catalogue() -> list[Op]:
    """Return the ops that modules of the package define, not those of tests or users."""
    modules = [
        importlib.import_module(f"{package.__name__}.{found.name}")
        for package in (ops, losses)
        for found in pkgutil.iter_modules(package.__path__)
    ]
    found = [v for m in modules for v in vars(m).values() if isinstance(v, Op)]
    return [op for op in dict.fromkeys(found) if op.kind != "leaf"]


def has_rule(node: Node) -> bool:
    """Whether a derivative could flow through a node, by a rule of its op."""
    own = not isinstance(node.op, CompositeOp) or node.op.adjoint is not None
    return own and node.dtype.is_float and any(i.dtype.is_float for i in node.inputs)


def entries() -> Iterator[Entry]:
    """Yield the rules of all ops that have one, by kind and name."""
    order = list(KINDS)
    found = nodes()
    for op in sorted(found, key=lambda o: (order.index(o.kind) if o.kind in order else -1, o.name)):
        uses = [n for n in found[op] if has_rule(n)]
        if uses:
            yield _entry(op, uses)


def without_rule() -> dict[str, list[str]]:
    """Return ops without a rule: why, and their names."""
    found: dict[str, list[str]] = {"composites, through their expansion": [], "no derivative": []}
    for op, uses in nodes().items():
        if not any(map(has_rule, uses)):
            opened = isinstance(op, CompositeOp) and any(n.dtype.is_float for n in uses)
            found["composites, through their expansion" if opened else "no derivative"].append(
                op.name
            )
    return {reason: sorted(names) for reason, names in found.items()}


def _entry(op: Op, uses: Sequence[Node]) -> Entry:
    variants = _variants(uses)
    outcomes = [established(node) for node in variants]
    outcome = joined(outcomes)
    node = _named(variants[0])
    names = [i.name for i in node.inputs]
    remarks = [_spoken(r, names) for r in outcome.remarks if not r.startswith(_NONE)]
    return Entry(
        op.kind,
        op.name,
        _formula(node),
        tuple(_derivatives(node)),
        _verdict(op, outcome, node),
        _some(outcome.kinks, names),
        tuple(remarks),
        len(variants),
    )


def _verdict(op: Op, outcome: Outcome, node: Node) -> Verdict:
    where = _some(outcome.conditions, [i.name for i in node.inputs])
    slopes = partials(op, node.attrs) if isinstance(op, ElementwiseOp) else (1,)
    if all(slope is None for slope in slopes):
        return Verdict("convention", "no derivative is declared")
    how = _HOW.get(outcome.how, outcome.how)
    if outcome.verdict == "checked":
        how = f"to {outcome.digits} digits at {counted(outcome.points, 'point')}"
    if outcome.verdict in ("refuted", "open"):
        how = str(outcome.fault or outcome.how)
    return Verdict(outcome.verdict, how, where)


def _some(texts: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Return the first of many conditions: elements of an array all have the same."""
    shown = [_spoken(t, names) for t in texts[:_FEW]]
    return (*shown, "…") if len(texts) > _FEW else tuple(shown)


def _spoken(text: str, names: Sequence[str]) -> str:
    """Return a condition with the names of operands."""
    return re.sub(r"\bx(\d+)", lambda m: [*dict.fromkeys(names)][int(m[1])], text)


def _variants(uses: Sequence[Node]) -> list[Node]:
    """Return uses with different attributes, those that show most first."""
    chosen: dict[str, Node] = {}
    for node in sorted(uses, key=_clarity):
        chosen.setdefault(str(_settings(node)), node)
    return list(chosen.values())[:_VARIANTS]


def _settings(node: Node) -> object:
    """Return the attributes that tell variants of a rule apart; not sizes."""
    return [(k, v) for k, v in node.attrs if isinstance(v, (bool, str, int, float))]


def _clarity(node: Node) -> tuple[object, ...]:
    sizes = [s for i in (*node.inputs, node) for s in i.shape]
    return (
        len(set(node.inputs)) < len(node.inputs),
        not all(i.dtype.is_float for i in node.inputs) and isinstance(node.op, ElementwiseOp),
        0 in sizes or 1 in sizes,
        any(isinstance(v, float) and not v.is_integer() for _, v in node.attrs),
        not all(i.shape for i in node.inputs),
        len(sizes),
    )


def _named(node: Node) -> Node:
    """Return the node on inputs with one letter each."""
    if isinstance(node.op, ElementwiseOp):
        names = list(node.op.input_names)
    else:
        letters = {k: iter(v) for k, v in _LETTERS.items()}
        names = [next(letters[i.dtype.is_float]) for i in node.inputs]
    fresh = [input(n, i.shape, i.dtype) for n, i in zip(names, node.inputs, strict=True)]
    return make(node.op, fresh, **dict(node.attrs))


def _value(node: Node) -> str:
    """Return a letter for what a node computes."""
    return next(letter for letter in "yzw" if letter not in {i.name for i in node.inputs})


def _formula(node: Node) -> str:
    op, names = node.op, [symbol(i.name).latex for i in node.inputs]
    if isinstance(op, ElementwiseOp):
        return _short(f"{_value(node)} = {scalar.latex(op.body(node.attrs), names)}")
    called = rf"\operatorname{{{escaped(op.name)}}}({', '.join(names)})"
    if op.kind == "contract":
        called = rf"\operatorname{{einsum}}({', '.join(names)})"
    return inline(f"{_value(node)} = {called}")


def _short(math: str) -> str:
    return inline(math) if len(math) <= LONGEST else ""


def _derivatives(node: Node) -> Iterator[tuple[str, str]]:
    """Yield each floating operand with the derivative by it."""
    op, names = node.op, [symbol(i.name).latex for i in node.inputs]
    if isinstance(op, ElementwiseOp):
        for operand, partial in enumerate(partials(op, node.attrs)):
            if partial is not None:
                math = scalar.latex(partial, [*names, _value(node)])
                yield inline(names[operand]), _short(math)
            elif node.inputs[operand].dtype.is_float:
                yield inline(names[operand]), "none, as declared"
        return
    cotangent = input("cotangent", node.shape, node.dtype)
    wrt = [i for i in node.inputs if i.dtype.is_float]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        adjoints = reverse([node], [cotangent], wrt, warn=False)
    for variable, adjoint in zip(wrt, adjoints, strict=True):
        yield inline(variable.name), _rule(node, adjoint, cotangent)


def _rule(node: Node, adjoint: Node, cotangent: Node) -> str:
    """Return the template of the rule that made an adjoint, as math with a bar for adjoints."""
    rule = adjoint.origins[0].rule if adjoint.origins else None
    if adjoint is cotangent:
        return inline(rf"\bar{{{_value(node)}}}")
    if is_number(adjoint, 0):
        return "none"
    if rule is None:
        raise GraphdlError(f"the rule of {node!r} left no trace on {adjoint!r}")
    atoms = [rf"\bar{{{_value(node)}}}", _value(node)]
    text = rule.template.replace("~{z}", atom(0)).replace("{z}", atom(1))
    for place, operand in enumerate(node.inputs):
        text = text.replace(f"~{{{place}}}", atom(len(atoms))).replace(
            f"{{{place}}}", atom(len(atoms) + 1)
        )
        atoms += [rf"\bar{{{operand.name}}}", operand.name]
    left, sign, right = text.partition(" += ")
    plain = len(left) == 1
    return latex(right if plain else f"{left}{sign}{right}", atoms)
