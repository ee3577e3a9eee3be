"""What lies between some nodes of a graph and others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

import numpy as np

from graphdl.ir import scalar
from graphdl.ir.kinds import ElementwiseOp, ReduceOp
from graphdl.ir.leaves import CONSTANT, IOTA
from graphdl.ir.node import Attrs, Node


def between(given: Collection[Node], roots: Sequence[Node]) -> list[Node]:
    """Return the nodes at and below roots, down to given ones, inputs first."""
    order: list[Node] = []
    done = set(given)
    stack = list(reversed(roots))
    while stack:
        node = stack[-1]
        waiting = [] if node in done else [i for i in reversed(node.inputs) if i not in done]
        if waiting:
            stack.extend(waiting)
            continue
        stack.pop()
        if node not in done:
            done.add(node)
            order.append(node)
    return order


def number(node: Node) -> Any:
    """Return the number or bool that all elements are, if that is written in the graph."""
    while node.op.kind == "view":
        node = node.inputs[0]
    value = node.attr("value") if node.op is CONSTANT else np.empty(0)
    if not value.size or (value != value.flat[0]).any():
        return None
    return bool(value.flat[0]) if node.dtype.name == "bool" else value.flat[0]


def cut_below(
    pair: Sequence[Node], common: Collection[Node], depth: int, *, within: bool
) -> list[Node]:
    """Return what lies some steps below what a pair has in common: what becomes symbols.

    Steps that compute bools and integers do not count: a choice is looked at with its condition.

    Parameters
    ----------
    pair : sequence of Node
        What is compared.
    common : collection of Node
        What both depend on.
    depth : int
        Number of steps.
    within : bool
        Whether these steps are elementwise: views between them do not count, all else is cut off.
    """
    level, cut = dict.fromkeys(pair, 0), list[Node]()
    pending = list(level)
    for node in pending:
        if number(node) is not None:
            continue
        is_view = within and node.op.kind == "view"
        if not node.inputs or (node in common and not is_view and level[node] >= depth):
            cut.append(node)
            continue
        if within and node in common and node.op.kind not in ("elementwise", "view"):
            cut.append(node)
            continue
        for source in node.inputs:
            if source not in level:
                step = node in common and node.dtype.is_float and not is_view
                level[source] = level[node] + step
                pending.append(source)
    return cut


def cut_around_sums(node: Node, most: int, *, masks: bool, functions: bool) -> list[Node] | None:
    """Return what a node is a fraction of polynomials in; None if that takes too many steps.

    Parameters
    ----------
    node : Node
        Of floats.
    most : int
        Number of steps.
    masks : bool
        Whether masks that only depend on integers are looked into, and floats made of masks.
    functions : bool
        Whether other functions than these are, too.
    """
    cut, seen = list[Node](), {node}
    pending = [node]
    for n in pending:
        if number(n) is not None or n.op is IOTA:
            continue
        inside = masks and _is_counted(n)
        if n.dtype.is_float:
            inside = _is_sum(n, masks=masks, functions=functions)
        if not n.inputs or not inside:
            cut.append(n)
            continue
        pending += [i for i in dict.fromkeys(n.inputs) if i not in seen]
        seen.update(n.inputs)
        if len(pending) - len(cut) > most:
            return None
    return cut


def _is_sum(node: Node, *, masks: bool, functions: bool) -> bool:
    """Whether a node is made of sums, products and fractions of its floats; or functions."""
    op = node.op
    if isinstance(op, ElementwiseOp):
        return functions or _is_fraction(op, node.attrs, casts=masks)
    return op.kind == "view" or (isinstance(op, ReduceOp) and op.combine == "add")


def _is_counted(node: Node) -> bool:
    """Whether nothing but integers is below bools or integers."""
    if node.dtype.is_float:
        return False
    return node.op.kind in ("elementwise", "view", "leaf") and all(map(_is_counted, node.inputs))


@cache
def _is_fraction(op: ElementwiseOp, attrs: Attrs, *, casts: bool) -> bool:
    import sympy as sp

    def is_plain(part: scalar.Scalar) -> bool:
        row = part.instruction
        if row is None or row.result in ("select", "bool"):
            return True
        if row.result == "cast":
            return casts
        if row.sympy is None or part.payload is not None:
            return False
        symbols = sp.symbols(f"a:{row.arity}", real=True)
        return bool(row.sympy(sp, *symbols).is_rational_function(*symbols))

    return all(map(is_plain, scalar.walk(op.body(attrs))))
