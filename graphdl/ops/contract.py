"""contract: what all products with sums are made of."""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Sequence
from typing import Any

from graphdl.ir.contraction_order import Order, contraction_order
from graphdl.ir.dims import Shape, Size
from graphdl.ir.kinds import ContractOp, as_node, common_dtype
from graphdl.ir.node import Node, make, operators
from graphdl.ops.multiply import multiply
from graphdl.ops.reshape import reshape
from graphdl.ops.sum import sum
from graphdl.ops.transpose import transpose

CONTRACT = ContractOp("contract", "Multiply two arrays and sum over the labels they share.")

TYPICAL = 64
"""What a symbolic dim counts for where the cheapest order of contractions is looked for."""


def contract(x: Node, y: Node, spec: str) -> Node:
    """Return the two-operand einsum; a product of elements where nothing is summed.

    Every label of an operand stands in the other one or in the result, none twice in one of them.
    """
    inputs, out = spec.split("->")
    left, right = inputs.split(",")
    if set(left + right) - set(out):
        return make(CONTRACT, [x, y], spec=spec)
    product: Node = multiply(aligned(x, left, out), aligned(y, right, out))
    return product


def aligned(x: Node, labels: str, out: str) -> Node:
    """Bring axes into the order of ``out``, with size 1 where a label is missing."""
    order = sorted(range(x.ndim), key=lambda axis: out.index(labels[axis]))
    sizes = dict(zip(labels, x.shape, strict=True))
    return reshape(transpose(x, order), tuple(sizes.get(c, 1) for c in out))


def operands(x: Any, y: Any) -> tuple[Node, Node]:
    """Return both at the dtype at which they meet."""
    dtype = common_dtype([x, y])
    return as_node(x, dtype), as_node(y, dtype)


def contract_all(nodes: Sequence[Node], terms: Sequence[str], out: str, shape: Shape) -> Node:
    """Return the einsum of operands of one dtype, contracted in the cheapest order.

    Parameters
    ----------
    nodes : sequence of Node
        Operands.
    terms : sequence of str
        A label an axis, none twice in an operand; axes of size 1 broadcast.
    out : str
        Labels of the result.
    shape : tuple of Size
        Their sizes.
    """
    parts = [_without_ones(x, labels) for x, labels in zip(nodes, terms, strict=True)]
    count = Counter(c for _, labels in parts for c in labels)
    alone = {c for c in count if count[c] == 1} - set(out)
    live = {i: _summed(x, labels, alone) for i, (x, labels) in enumerate(parts)}
    for step, (i, j) in enumerate(_order(list(live.values()), out), len(parts)):
        (x, left), (y, right) = live.pop(i), live.pop(j)
        needed = {*out}.union(*(labels for _, labels in live.values()))
        shared = [c for c in left if c in right]
        joint = [c for c in dict.fromkeys([*shared, *left, *right]) if c in needed]
        labels = "".join(joint if live else (c for c in out if c in joint))
        live[step] = contract(x, y, f"{left},{right}->{labels}"), labels
    ((x, labels),) = live.values()
    return reshape(transpose(x, [labels.index(c) for c in out if c in labels]), shape)


def _without_ones(x: Node, labels: str) -> tuple[Node, str]:
    """Drop axes of size 1, which say nothing about their label's size."""
    kept = [i for i, s in enumerate(x.shape) if s != 1]
    return reshape(x, tuple(x.shape[i] for i in kept)), "".join(labels[i] for i in kept)


def _summed(x: Node, labels: str, gone: set[str]) -> tuple[Node, str]:
    """Sum over labels; unlike ``sum``, integers and bools keep their dtype."""
    axes = tuple(i for i, c in enumerate(labels) if c in gone)
    rest = "".join(c for c in labels if c not in gone)
    return (sum(x, axes).astype(x.dtype), rest) if axes else (x, labels)


def _order(parts: Sequence[tuple[Node, str]], out: str) -> Order:
    """Return the pairs to contract one after the other."""
    sizes: dict[str, Size] = {}
    for x, labels in parts:
        sizes.update(zip(labels, x.shape, strict=True))
    bit = {c: 1 << i for i, c in enumerate(sizes)}
    typical = [s if isinstance(s, int) else TYPICAL for s in sizes.values()]
    kept = builtins.sum(bit[c] for c in out if c in bit)
    operands = [builtins.sum(bit[c] for c in labels) for _, labels in parts]
    return contraction_order(operands, kept, typical)


operators["contract"] = contract

__all__: list[str] = []
