"""Reverse mode: the chain rule, node by node from outputs to inputs, giving ordinary nodes.

Each kind has one rule. Every node a rule makes carries, as its origin, the forward node it serves
and the rule as math, so that the backward pass can be drawn, explained and checked.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from graphdl.ir import kinds, scalar
from graphdl.ir.collector import paused
from graphdl.ir.dim_text import shape_text
from graphdl.ir.dtypes import DType
from graphdl.ir.errors import GradientError
from graphdl.ir.graph import intern
from graphdl.ir.instructions import Instruction
from graphdl.ir.leaves import constant
from graphdl.ir.node import (
    Node,
    Rule,
    make,
    operators,
    origin_of,
    topological,
    user_site,
)
from graphdl.ir.rewrites import Rewrite
from graphdl.ir.scalar import Scalar
from graphdl.passes.partials import partials
from graphdl.passes.rewriting import Rewriter
from graphdl.passes.untaken import Guards, added


class GradientWarning(UserWarning):
    """A gradient is zero because nothing connects the loss with the variable."""


def reverse(
    outputs: Sequence[Node],
    cotangents: Sequence[Node],
    wrt: Sequence[Node],
    *,
    warn: bool = True,
) -> list[Node]:
    """Pull cotangents of the outputs back to variables.

    Parameters
    ----------
    outputs : sequence of Node
        What is differentiated.
    cotangents : sequence of Node
        One an output, of its shape.
    wrt : sequence of Node
        What it is differentiated by: floating nodes of any op.
    warn : bool
        Tell the user about variables that no path leads to. Second derivatives are often zero for
        good reason.

    Returns
    -------
    list of Node
        One cotangent a variable; zeros where no path leads to it.
    """
    _check(outputs, cotangents, wrt)
    with paused():
        return _reverse(outputs, cotangents, wrt, warn)


def _reverse(
    outputs: Sequence[Node], cotangents: Sequence[Node], wrt: Sequence[Node], warn: bool
) -> list[Node]:
    interned = intern([*outputs, *wrt])
    opened = open_composites([interned[o] for o in outputs])
    roots = [opened[interned[o]] for o in outputs]
    variables = [opened.get(interned[w], interned[w]) for w in wrt]
    order = topological(roots)
    active = _active(order, set(variables))
    arrived: dict[Node, list[Node]] = {}
    for root, cotangent in zip(roots, cotangents, strict=True):
        arrived.setdefault(root, []).append(cotangent)
    totals: dict[Node, Node] = {}
    guards = Guards([*order, *cotangents])
    for node in reversed(order):
        if node in active and node in arrived:
            totals[node] = _accumulated(node, arrived.pop(node))
            for source, contribution in _contributions(node, totals[node], active, guards):
                arrived.setdefault(source, []).append(contribution)
    if warn:
        for given, variable in zip(wrt, variables, strict=True):
            if variable not in totals:
                _warn(given, variable, order)
    return [
        totals[v] if v in totals else operators["zeros"](w.shape, w.dtype)
        for w, v in zip(wrt, variables, strict=True)
    ]


def _check(outputs: Sequence[Node], cotangents: Sequence[Node], wrt: Sequence[Node]) -> None:
    for node in wrt:
        if not node.dtype.is_float:
            raise GradientError(
                f"cannot differentiate by {node!r}: {node.dtype} has no derivative",
                site=node.site,
                remedy="differentiate by a floating node",
            )
    for output, cotangent in zip(outputs, cotangents, strict=True):
        if not output.dtype.is_float:
            raise GradientError(
                f"cannot differentiate {output!r}: {output.dtype} has no derivative",
                site=output.site,
            )
        if output.shape != cotangent.shape:
            raise GradientError(
                f"the cotangent of {output!r} has shape {shape_text(cotangent.shape)}",
                site=output.site,
            )


_OPEN = Rewrite(
    "derivative",
    "opened",
    ("composite",),
    "composite → its expansion",
    lambda node: _opened(node),
)


def _opened(node: Node) -> Node | None:
    op = node.op
    return op.expanded(node) if isinstance(op, kinds.CompositeOp) and op.adjoint is None else None


def open_composites(roots: Sequence[Node]) -> dict[Node, Node]:
    """Replace composites that declare no derivative by what they stand for, nested ones too."""
    return Rewriter([_OPEN]).run(roots)


def _active(order: Sequence[Node], variables: set[Node]) -> set[Node]:
    """Return the nodes through which a derivative can flow to a variable."""
    active: set[Node] = set()
    for node in order:
        if node in variables or (node.dtype.is_float and any(i in active for i in node.inputs)):
            active.add(node)
    return active


def _accumulated(node: Node, contributions: Sequence[Node]) -> Node:
    with origin_of(node.origins[0], Rule("~{z} is the sum over its uses", node, -1)):
        return added(contributions)


def _contributions(
    node: Node, cotangent: Node, active: set[Node], guards: Guards
) -> Iterator[tuple[Node, Node]]:
    """Apply the rule of the node's kind; yield what each active input receives."""
    if not node.inputs:
        return
    for operand, source in enumerate(node.inputs):
        if source in active:
            template = Rule("", node, operand)
            with origin_of(node.origins[0], template):
                found = _RULES[node.op.kind](node, cotangent, operand)
            if found is not None:
                value, math = found
                yield source, _finished(value, node, operand, math, guards)


def _finished(value: Node, node: Node, operand: int, math: str, guards: Guards) -> Node:
    """Write the rule's math on the nodes that it made; guard what they multiply."""
    empty, rule = Rule("", node, operand), Rule(math, node, operand)
    mapping: dict[Node, Node] = {}
    with origin_of(node.origins[0], rule):
        for made in _made_by(value, empty):
            inputs = tuple(mapping.get(i, i) for i in made.inputs)
            origins = tuple(o._replace(rule=rule) for o in made.origins)
            labelled = Node(made.op, inputs, made.attrs, made.shape, made.dtype, origins)
            mapping[made] = guards.guarded(labelled)
    return mapping.get(value, value)


def _made_by(value: Node, rule: Rule) -> list[Node]:
    """Return the nodes below ``value`` that carry the rule, inputs first."""
    order: list[Node] = []
    seen: set[Node] = set()
    stack = [(value, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif node not in seen and node.origins and node.origins[0].rule == rule:
            seen.add(node)
            stack.append((node, True))
            stack.extend((i, False) for i in reversed(node.inputs))
    return order


Found = tuple[Node, str] | None


def _elementwise(node: Node, cotangent: Node, operand: int) -> Found:
    """Cotangent times the partial derivative, summed over broadcast axes."""
    op = node.op
    assert isinstance(op, kinds.ElementwiseOp)
    partial = partials(op, node.attrs)[operand]
    if partial is None or (partial.is_constant and partial.payload == 0):
        return None
    source = node.inputs[operand]
    product = _times(cotangent, partial, _arguments(node))
    assert product is not None
    value = operators["cast"](operators["sum_to"](product, source.shape), dtype=source.dtype)
    return value, _elementwise_template(op, partial, operand, source.shape != node.shape)


def _arguments(node: Node) -> list[Node]:
    """Return what a partial derivative's arguments stand for: inputs, then outputs."""
    op = node.op
    assert isinstance(op, kinds.ElementwiseOp)
    if op.outputs == 1:
        return [*node.inputs, node]
    attrs = {k: v for k, v in node.attrs if k != "output"}
    return [*node.inputs, *(make(op, node.inputs, **attrs, output=k) for k in range(op.outputs))]


def _times(cotangent: Node, partial: Scalar, arguments: Sequence[Node]) -> Node | None:
    """Multiply; None stands for zero.

    Choices are pulled outside, so that a branch that is not taken gets an exact zero however large
    the cotangent is.
    """
    instruction = partial.instruction
    if partial.is_constant:
        factor = partial.payload
        assert isinstance(factor, (int, float))
        if factor == 0:
            return None
        if factor in (1, -1):
            return cotangent if factor == 1 else operators["neg"](cotangent)
        return operators["mul"](cotangent, float(factor))
    if instruction is not None and instruction.result == "select":
        condition = instantiate(partial.args[0], arguments, cotangent.dtype)
        branches = [_times(cotangent, a, arguments) for a in partial.args[1:]]
        zero = constant(0.0, cotangent.dtype)
        return operators["where"](condition, *(zero if b is None else b for b in branches))
    if instruction is not None and instruction.infix == "/":
        top = _times(cotangent, partial.args[0], arguments)
        below = instantiate(partial.args[1], arguments, cotangent.dtype)
        return None if top is None else operators["div"](top, below)
    return operators["mul"](cotangent, instantiate(partial, arguments, cotangent.dtype))


def instantiate(body: Scalar, arguments: Sequence[Node], dtype: DType) -> Node:
    """Build a scalar expression as nodes: each instruction becomes the op that is just this."""

    def of_constant(value: float | int | bool) -> Node:
        return constant(value, None if isinstance(value, bool) else dtype)

    def of_instruction(instruction: Instruction, operands: list[Node], payload: object) -> Node:
        if isinstance(payload, DType):
            return operators["cast"](operands[0], dtype=payload)
        result: Node = kinds.PRIMITIVES[instruction.name](*operands)
        return result

    return scalar.evaluate(body, arguments, of_constant, of_instruction)


@cache
def _elementwise_template(
    op: kinds.ElementwiseOp, partial: Scalar, operand: int, summed: bool
) -> str:
    count = len(op.input_names)
    outputs = ["{z}"] if op.outputs == 1 else [f"{{z{k}}}" for k in range(op.outputs)]
    names = [f"{{{i}}}" for i in range(count)] + outputs
    start = f"~{{{operand}}} += " + ("Σ " if summed else "")
    if partial.is_constant and partial.payload == 1:
        return start + "~{z}"
    if partial.is_constant and partial.payload == -1:
        return start + "−~{z}"
    math = scalar.text(partial, names)
    bracketed = math.startswith("(") and scalar.parenthesised(math) == math
    plain = bracketed or not any(c in math for c in "+−/ ")
    return start + (f"~{{z}}·{math}" if plain else f"~{{z}}·({math})")


def _contract(node: Node, cotangent: Node, operand: int) -> Found:
    """Contract the cotangent with the other operand, labels exchanged."""
    left, right, out = kinds.split_spec(node.attr("spec"))
    x, y = node.inputs
    if operand == 0:
        value = operators["contract"](cotangent, y, f"{out},{right}->{left}")
    else:
        value = operators["contract"](x, cotangent, f"{left},{out}->{right}")
    value = operators["cast"](value, dtype=node.inputs[operand].dtype)
    matrices = len(left) == len(right) == len(out) == 2 and left[1] == right[0]
    if matrices and out == left[0] + right[1]:
        return value, ("~{0} += ~{z}·{1}ᵀ", "~{1} += {0}ᵀ·~{z}")[operand]
    labels = f"{out},{right}→{left}" if operand == 0 else f"{left},{out}→{right}"
    pair = "~{z}, {1}" if operand == 0 else "{0}, ~{z}"
    return value, f"~{{{operand}}} += einsum({labels}; {pair})"


def _view(node: Node, cotangent: Node, operand: int) -> Found:
    assert isinstance(node.op, kinds.ViewOp)
    return node.op.transpose(node, cotangent)


def _assembly(node: Node, cotangent: Node, operand: int) -> Found:
    assert isinstance(node.op, kinds.AssemblyOp)
    return node.op.transpose(node, cotangent)[operand]


def _declared(node: Node, cotangent: Node, operand: int) -> Found:
    op = node.op
    assert isinstance(
        op, (kinds.ReduceOp, kinds.PrefixOp, kinds.GatherOp, kinds.ScatterOp, kinds.CompositeOp)
    )
    return None if op.adjoint is None else op.adjoint(node, cotangent)[operand]


_RULES: dict[str, Callable[[Node, Node, int], Found]] = {
    "elementwise": _elementwise,
    "contract": _contract,
    "view": _view,
    "assembly": _assembly,
    "reduce": _declared,
    "prefix": _declared,
    "gather": _declared,
    "scatter": _declared,
    "composite": _declared,
}


def _warn(wrt: Node, variable: Node, order: Sequence[Node]) -> None:
    """Say where the path from a variable is cut."""
    message = f"gradient by {wrt!r} is zero: {_cut(variable, order)}"
    warnings.warn_explicit(message, GradientWarning, *user_site())


def _cut(variable: Node, order: Sequence[Node]) -> str:
    """Tell the first op after which no derivative flows any more."""
    reached: set[Node] = {variable}
    for node in order:
        if any(i in reached for i in node.inputs):
            if not node.dtype.is_float or _blocks(node, reached):
                return f"the path is cut at {node!r} ({node.site}), which has no derivative"
            reached.add(node)
    return "the output does not depend on it"


def _blocks(node: Node, reached: set[Node]) -> bool:
    """Whether a node passes no derivative on to the inputs that depend on the variable."""
    op = node.op
    if isinstance(op, kinds.ElementwiseOp):
        known = partials(op, node.attrs)
        return all(known[k] is None for k, i in enumerate(node.inputs) if i in reached)
    if isinstance(op, (kinds.ReduceOp, kinds.PrefixOp)):
        return op.adjoint is None
    return isinstance(op, kinds.IndexedOp) and not reached & set(node.inputs[: op.operands])
