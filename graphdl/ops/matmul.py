"""matmul and einsum: contractions."""

from __future__ import annotations

import string
from typing import Any

from graphdl.ir.dims import Size, shape_text
from graphdl.ir.errors import ArgumentError, ShapeError
from graphdl.ir.kinds import ContractOp, as_node, common_dtype
from graphdl.ir.node import Node, make, operators, site_text
from graphdl.ops.arithmetic import multiply
from graphdl.ops.reshape import reshape
from graphdl.ops.sum import sum
from graphdl.ops.transpose import transpose

CONTRACT = ContractOp("contract", "Multiply two arrays and sum over the labels they share.")


def contract(x: Node, y: Node, spec: str) -> Node:
    """Return the two-operand einsum."""
    return make(CONTRACT, [x, y], spec=spec)


def matmul(x: Any, y: Any) -> Node:
    """Return the matrix product, as NumPy: vectors, matrices, and batches that broadcast.

    Parameters
    ----------
    x, y : node or array_like
        ``(..., m, k)`` and ``(..., k, n)``; a vector stands for a row on the left and for a column
        on the right.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.input("x", ("N", 64)) @ gd.param("w", (64, 10))
    <contract float32(N, 10)>
    """
    dtype = common_dtype([x, y])
    a, b = as_node(x, dtype), as_node(y, dtype)
    if not a.ndim or not b.ndim:
        raise ShapeError("matmul takes no scalars", site=site_text(), remedy="use * instead")
    inner = b.shape[-2] if b.ndim > 1 else b.shape[0]
    if a.shape[-1] != inner:
        raise ShapeError(
            f"matmul: {shape_text(a.shape)} @ {shape_text(b.shape)}: {a.shape[-1]} against {inner}",
            site=site_text(),
            remedy="the last axis of the left must be the last but one of the right",
        )
    return _batched(a, b)


def _batched(a: Node, b: Node) -> Node:
    """Give batch axes that both have one label; drop batch axes of size 1."""
    row, column = ("i",) if a.ndim > 1 else (), ("j",) if b.ndim > 1 else ()
    rank = max(a.ndim - 2, b.ndim - 2, 0)
    letters = [c for c in string.ascii_letters if c not in "ijk"][:rank]
    sizes_a, labels_a = _batch(a, letters)
    sizes_b, labels_b = _batch(b, letters)
    out: list[str] = []
    full: list[Size] = []
    for letter in letters:
        x, y = sizes_a.get(letter, 1), sizes_b.get(letter, 1)
        if x != y and x != 1 and y != 1:
            raise ShapeError(
                f"matmul: batches of {shape_text(a.shape)} and {shape_text(b.shape)} do not "
                f"broadcast: {x} against {y}",
                site=site_text(),
            )
        full.append(y if x == 1 else x)
        if letter in labels_a or letter in labels_b:
            out.append(letter)
    left = reshape(a, (*(sizes_a[c] for c in labels_a), *a.shape[-2:]))
    right = reshape(b, (*(sizes_b[c] for c in labels_b), *b.shape[-2:]))
    spec = "".join([*labels_a, *row, "k", ",", *labels_b, "k", *column, "->", *out, *row, *column])
    result = contract(left, right, spec)
    return reshape(result, (*full, *result.shape[len(out) :]))


def _batch(x: Node, letters: list[str]) -> tuple[dict[str, Size], list[str]]:
    """Return the sizes of batch axes, and the labels of those that are not 1."""
    axes = x.shape[: max(x.ndim - 2, 0)]
    sizes = dict(zip(letters[len(letters) - len(axes) :], axes, strict=True))
    return sizes, [c for c, s in sizes.items() if s != 1]


def einsum(spec: str, *operands: Any) -> Node:
    """Return the einsum of one or more operands, contracted from left to right.

    Parameters
    ----------
    spec : str
        As in ``numpy.einsum``, e.g. ``"bik,bkj->bij"``; a label occurs once an operand.
    *operands : node or array_like
        One array a comma.

    Examples
    --------
    >>> import graphdl as gd
    >>> a, b = gd.input("a", ("B", 4, 8)), gd.input("b", ("B", 8))
    >>> gd.einsum("bij,bj->bi", a, b)
    <contract float32(B, 4)>
    """
    dtype = common_dtype(operands)
    nodes = [as_node(o, dtype) for o in operands]
    labels, out = _parse(spec, nodes)
    while len(nodes) > 1:
        later = set("".join(labels[2:]) + out)
        joint = [c for c in dict.fromkeys(labels[0] + labels[1]) if c in later]
        result = _pair(nodes[0], nodes[1], labels[0], labels[1], "".join(joint))
        nodes, labels = [result, *nodes[2:]], ["".join(joint), *labels[2:]]
    node = sum(nodes[0], tuple(i for i, c in enumerate(labels[0]) if c not in out))
    left = [c for c in labels[0] if c in out]
    return transpose(node, [left.index(c) for c in out])


def _parse(spec: str, nodes: list[Node]) -> tuple[list[str], str]:
    given, arrow, out = spec.replace(" ", "").partition("->")
    labels = given.split(",")
    if not arrow:
        joined = given.replace(",", "")
        out = "".join(sorted(c for c in set(joined) if joined.count(c) == 1))
    fits = len(labels) == len(nodes) and all(
        len(x) == n.ndim and len(set(x)) == len(x) and (x.isalpha() or not x)
        for x, n in zip(labels, nodes, strict=False)
    )
    if not fits or set(out) - set(given) or len(set(out)) != len(out):
        shapes = ", ".join(shape_text(n.shape) for n in nodes)
        raise ArgumentError(
            f"einsum {spec!r} does not fit operands {shapes}",
            site=site_text(),
            remedy="one distinct letter an axis, one group an operand",
        )
    return labels, out


def _pair(a: Node, b: Node, x: str, y: str, out: str) -> Node:
    """Contract two operands; sum out first what only one of them has."""
    a = sum(a, tuple(i for i, c in enumerate(x) if c not in y and c not in out))
    b = sum(b, tuple(i for i, c in enumerate(y) if c not in x and c not in out))
    x, y = "".join(c for c in x if c in y or c in out), "".join(c for c in y if c in x or c in out)
    if not x or not y:
        return multiply(a, b)  # type: ignore[no-any-return]
    return contract(a, b, f"{x},{y}->{out}")


operators.update(matmul=matmul, contract=contract)

__all__ = ["einsum", "matmul"]
