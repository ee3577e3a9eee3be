"""einsum: products of any number of arrays, summed over labels."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any, NoReturn

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Size
from graphdl.ir.errors import ArgumentError, ShapeError
from graphdl.ir.kinds import as_node, common_dtype
from graphdl.ir.node import Node, site_text
from graphdl.ops.contract import contract_all
from graphdl.ops.diagonal import diagonal


def einsum(spec: str, *operands: Any) -> Node:
    """Return products of elements, summed over the labels that the result lacks.

    Parameters
    ----------
    spec : str
        As in ``numpy.einsum``: a letter an axis, a group an operand, ``"bik,bkj->bij"``. Without
        ``->`` the result has the labels that occur once, sorted. A label that an operand repeats
        takes its diagonal; ``...`` stands for leading axes that broadcast.
    *operands : node or array_like
        One array a group; axes of size 1 broadcast.

    Returns
    -------
    Node
        Of the dtype at which all meet. Integers stay integers and wrap around, bools are combined
        by "or" of "and". A sum over an empty label is 0.

    Raises
    ------
    ArgumentError
        If the specification cannot be read or does not fit the operands' ranks.
    ShapeError
        If two axes of a label differ in size.

    Notes
    -----
    The order of contractions is the one with the fewest multiplications (greedy beyond ten
    operands), where a symbolic dim counts as 64. It depends on nothing but specification and
    shapes.

    Examples
    --------
    >>> import graphdl as gd
    >>> a, b = gd.input("a", ("B", 4, 8)), gd.input("b", ("B", 8))
    >>> gd.einsum("bij,bj->bi", a, b)
    <contract float32(B, 4)>
    >>> gd.einsum("...ii->...", gd.input("c", (5, 3, 3)))
    <sum float32(5,)>
    """
    dtype = common_dtype(operands)
    nodes = [as_node(o, dtype) for o in operands]
    terms, out = _Subscripts(spec, nodes).parsed()
    sizes = _sizes(spec, nodes, terms)
    parts = [_distinct(x, labels) for x, labels in zip(nodes, terms, strict=True)]
    shape = tuple(sizes[c] for c in out)
    return contract_all([x for x, _ in parts], [labels for _, labels in parts], out, shape)


class _Subscripts:
    """Reads a specification; every ellipsis becomes letters of its own."""

    def __init__(self, spec: str, nodes: Sequence[Node]) -> None:
        self.spec, self.nodes = spec, nodes

    def parsed(self) -> tuple[list[str], str]:
        """Return the labels of each operand and of the result."""
        given, arrow, out = self.spec.replace(" ", "").partition("->")
        groups = given.split(",")
        for c in (given + out).replace("...", "").replace(",", ""):
            if c not in string.ascii_letters:
                self._refuse(f"{c!r} is no label", "labels are letters, '...' stands for axes")
        if len(groups) != len(self.nodes) or not self.nodes:
            text = f"{len(groups)} groups for {len(self.nodes)} operands"
            self._refuse(text, "one group an operand, separated by commas")
        free = "".join(c for c in string.ascii_letters if c not in self.spec)
        rank = max(self._hidden(*pair) for pair in zip(groups, self.nodes, strict=True))
        if rank > len(free):
            self._refuse("more axes than letters", "reshape the operands to fewer axes")
        free = free[:rank]
        terms = [
            group.replace("...", free[rank - self._hidden(group, x) :])
            for group, x in zip(groups, self.nodes, strict=True)
        ]
        letters = given.replace("...", "").replace(",", "")
        if arrow:
            self._check_result(out, letters, rank)
            return terms, out.replace("...", free)
        return terms, free + "".join(sorted(c for c in letters if letters.count(c) == 1))

    def _hidden(self, group: str, x: Node) -> int:
        """Return how many axes an operand's ellipsis stands for."""
        named = len(group.replace("...", ""))
        dots = group.count("...")
        if dots > 1 or named > x.ndim or (named < x.ndim and not dots):
            axes = f"{group!r} names {named} axes of {shape_text(x.shape)}"
            self._refuse(axes, "one letter an axis; '...' once for those without a letter")
        return x.ndim - named

    def _check_result(self, out: str, letters: str, rank: int) -> None:
        named = out.replace("...", "")
        for c in named:
            if c not in letters:
                self._refuse(f"label {c!r} of the result is in no operand", "name it in one")
            if named.count(c) > 1:
                self._refuse(f"label {c!r} is twice in the result", "name it once")
        if out.count("...") > 1 or (rank and "..." not in out):
            self._refuse("the result needs '...' once, like the operands", "write '...' in it")

    def _refuse(self, problem: str, remedy: str) -> NoReturn:
        shapes = ", ".join(shape_text(x.shape) for x in self.nodes)
        raise ArgumentError(
            f"einsum {self.spec!r} does not fit operands {shapes}: {problem}",
            site=site_text(),
            remedy=remedy,
        )


def _sizes(spec: str, nodes: Sequence[Node], terms: Sequence[str]) -> dict[str, Size]:
    """Return the size of every label; size 1 gives way to another operand's."""
    sizes: dict[str, Size] = {}
    for x, labels in zip(nodes, terms, strict=True):
        own: dict[str, Size] = {}
        for label, size in zip(labels, x.shape, strict=True):
            known = sizes.get(label, 1)
            twice = own.setdefault(label, size)
            other = twice if twice != size or 1 in (known, size) else known
            if other != size:
                shapes = ", ".join(shape_text(n.shape) for n in nodes)
                raise ShapeError(
                    f"einsum {spec!r} of {shapes}: label {label!r} is {other} against {size}",
                    site=site_text(),
                    remedy="axes of one label must have one size; transpose an operand?",
                )
            sizes[label] = size if known == 1 else known
    return sizes


def _distinct(x: Node, labels: str) -> tuple[Node, str]:
    """Take the diagonal of labels that occur more than once."""
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            x = diagonal(x, 0, first, second)
            labels = labels[:first] + labels[first + 1 : second] + labels[second + 1 :] + label
    return x, labels


__all__ = ["einsum"]
