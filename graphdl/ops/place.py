"""place: an array inside a larger one, a constant around and between its elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, NamedTuple

from graphdl.ir.dim_text import region_text
from graphdl.ir.dims import Shape, Size
from graphdl.ir.dtypes import DType
from graphdl.ir.kinds import AssemblyOp, Contribution, Piece
from graphdl.ir.node import Node, instead_of, make, operators
from graphdl.ops.concat import concat

Starts = tuple[Size, ...]


class Part(NamedTuple):
    """An array that stands somewhere among zeros, and the terms of a sum that say so."""

    array: Node
    terms: tuple[Node, ...]


class Place(AssemblyOp):
    """The input at ``starts`` with ``steps`` in an array of ``shape``; ``value`` elsewhere."""

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Return the declared shape."""
        return attrs["shape"], inputs[0].dtype

    def pieces(self, node: Node) -> tuple[Piece, ...]:
        """Return the one region."""
        return (Piece(0, node.attr("starts"), node.attr("steps")),)

    def fill(self, attrs: Mapping[str, Any]) -> float | None:
        """Return the value around it."""
        value: float = attrs["value"]
        return value

    def transpose(self, node: Node, cotangent: Node) -> Sequence[Contribution]:
        """Slice the region out."""
        region = node.attr("starts"), node.attr("steps"), node.inputs[0].shape
        where = region_text(*region, node.shape)
        return [(operators["slice"](cotangent, *region), f"~{{0}} += ~{{z}}{where}")]


_place = Place("pad", "Surround an array with a constant.")


def place(
    x: Node, starts: Sequence[Size], steps: Sequence[int], shape: Shape, value: float = 0.0
) -> Node:
    """Put ``x`` into a larger array: the transpose of slicing."""
    return make(
        _place, [x], starts=tuple(starts), steps=tuple(steps), shape=shape, value=float(value)
    )


def joined(terms: Sequence[Node]) -> list[Node]:
    """Return the terms of a sum, in which neighbouring parts of zeros have become one array.

    So the gradient of an array that was split is what joins the parts' gradients: no zeros are
    written, and nothing is added.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, y = gd.input("x", ("N", 2)), gd.input("y", ("N", 3))
    >>> joined([gd.pad(x, ((0, 0), (0, 3))), gd.pad(y, ((0, 0), (2, 0)))])
    [<concat float32(N, 5)>]
    """
    parts = {t.attr("starts"): Part(t.inputs[0], (t,)) for t in terms if _is_part(t)}
    known = {id(t) for p in parts.values() for t in p.terms}
    kept = [t for t in terms if id(t) not in known]
    if len(parts) < 2:
        return list(terms)
    shape = terms[0].shape
    for axis in range(len(shape)):
        parts = _joined_along(parts, axis)
    return [*(_among_zeros(s, p, shape) for s, p in parts.items()), *kept]


def _among_zeros(starts: Starts, part: Part, shape: Shape) -> Node:
    """Return a part as a term of the sum."""
    array, terms = part
    if len(terms) == 1:
        return terms[0]
    whole = array if array.shape == shape else place(array, starts, (1,) * len(shape), shape)
    return instead_of(whole, terms)


def _is_part(term: Node) -> bool:
    """Whether a node is an array without gaps among zeros."""
    return term.op is _place and term.attr("value") == 0 and set(term.attr("steps")) <= {1}


def _joined_along(parts: dict[Starts, Part], axis: int) -> dict[Starts, Part]:
    """Let parts of one width become one where each starts at the end of the one before."""
    following: dict[Starts, Starts] = {}
    taken: set[Starts] = set()
    for starts, (x, _) in parts.items():
        after = (*starts[:axis], starts[axis] + x.shape[axis], *starts[axis + 1 :])
        if after in parts and after not in taken and after != starts:
            pairs = enumerate(zip(x.shape, parts[after].array.shape, strict=True))
            if all(i == axis or a == b for i, (a, b) in pairs):
                following[starts] = after
                taken.add(after)
    result = {}
    for starts in (s for s in parts if s not in taken):
        run = [starts]
        while run[-1] in following:
            run.append(following[run[-1]])
        joined = concat([parts[s].array for s in run], axis)
        result[starts] = Part(joined, tuple(t for s in run for t in parts[s].terms))
    return result


def total(terms: Sequence[Node]) -> Node:
    """Return the sum of contributions to one adjoint."""
    return reduce(operators["add"], joined(terms))


operators.update(place=place, total=total)

__all__: list[str] = []
