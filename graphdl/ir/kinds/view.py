"""Views, whose elements lie elsewhere, and assemblies, which are put together from pieces."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphdl.ir.dims import Dim, Size
from graphdl.ir.kinds.op import Contribution, Op, require
from graphdl.ir.node import Node


class ViewOp(Op):
    """Each element of the result is one element of the input, at a place known beforehand.

    Subclasses (one op file each) say where: :meth:`pull` maps an index of the result to an index
    of the input; :meth:`transpose` is the derivative; :meth:`evaluate` the NumPy meaning.
    """

    kind = "view"

    @abstractmethod
    def evaluate(self, x: np.ndarray, attrs: Mapping[str, Any], shape: tuple[int, ...]) -> Any:
        """Return the view of an array."""

    @abstractmethod
    def transpose(self, node: Node, cotangent: Node) -> Contribution:
        """Return the input's contribution: the transposed map applied to the cotangent."""

    @abstractmethod
    def pull(self, node: Node, index: Sequence[Affine]) -> tuple[Affine, ...] | None:
        """Return the input's index at an index of the result; None if it is not affine an axis."""

    def check(self, node: Node) -> None:
        """Refuse places with another number of axes than the input, too."""
        super().check(node)
        require(len(node.inputs) == 1, "takes 1 input")
        places = self.pull(node, [Affine.index(f"i{k}") for k in range(node.ndim)])
        if places is not None:
            require(len(places) == node.inputs[0].ndim, "it has other axes")
            require_integers([v for p in places for v in (p.offset, *(c for _, c in p.terms))])


def require_integers(values: Iterable[object]) -> None:
    """Refuse starts and steps that are no sizes."""
    require(all(type(v) in (int, Dim) for v in values), "starts and steps must be integers")


@dataclass(frozen=True)
class Affine:
    """An integer-affine function of loop indices: ``offset + sum(coefficient * index)``.

    Attributes
    ----------
    terms : tuple of (str, Size)
        Loop index name and its coefficient, sorted by name.
    offset : Size
        The constant part.
    """

    terms: tuple[tuple[str, Size], ...] = ()
    offset: Size = 0

    @staticmethod
    def index(name: str) -> Affine:
        """Return the function that is one loop index."""
        return Affine(((name, 1),))

    def scaled(self, factor: Size, offset: Size = 0) -> Affine:
        """Return ``factor * self + offset``."""
        terms = tuple((n, c * factor) for n, c in self.terms if c * factor != 0)
        return Affine(terms, self.offset * factor + offset)

    def plus(self, other: Affine) -> Affine:
        """Return the sum."""
        terms = dict(self.terms)
        for name, coefficient in other.terms:
            terms[name] = terms.get(name, 0) + coefficient
        kept = tuple((n, c) for n, c in sorted(terms.items()) if c != 0)
        return Affine(kept, self.offset + other.offset)


@dataclass(frozen=True)
class Piece:
    """A region of an assembled result: input ``operand`` lands at ``starts`` with ``steps``."""

    operand: int
    starts: tuple[Size, ...]
    steps: tuple[int, ...]


class AssemblyOp(Op):
    """A result put together from whole inputs in disjoint regions, and a fill elsewhere."""

    kind = "assembly"

    @abstractmethod
    def pieces(self, node: Node) -> tuple[Piece, ...]:
        """Return where each input lands."""

    @abstractmethod
    def fill(self, attrs: Mapping[str, Any]) -> float | None:
        """Return the value between the pieces; None if they cover everything."""

    def check(self, node: Node) -> None:
        """Refuse regions with another number of axes, and fills that are no numbers, too."""
        super().check(node)
        fill = self.fill(dict(node.attrs))
        require(fill is None or isinstance(fill, (int, float)), "the fill must be a number")
        for piece in self.pieces(node):
            ranks = {len(piece.starts), len(piece.steps), node.inputs[piece.operand].ndim}
            require(ranks == {node.ndim}, "it has other axes")
            require_integers((*piece.starts, *piece.steps))

    @abstractmethod
    def transpose(self, node: Node, cotangent: Node) -> Sequence[Contribution]:
        """Return the contribution to each input: its region of the cotangent."""
