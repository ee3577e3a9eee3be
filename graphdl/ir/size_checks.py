"""What sizes must hold at run time, so that nothing is read or written where nothing is.

Views of symbolic axes know their reach as a polynomial in dims. What holds for all values of the
dims needs no check; the rest is checked before anything is stored, on every target alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphdl.ir import kinds
from graphdl.ir.dim_bounds import is_at_least
from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Size, evaluate, product, symbols
from graphdl.ir.errors import IndexRangeError
from graphdl.ir.kinds import Affine
from graphdl.ir.node import Node

Span = tuple[Size, Size, Size]
"""The first and the last place that are used of an axis, and the axis's size."""


@dataclass(frozen=True, eq=False, slots=True)
class SizeCheck:
    """A size that depends on dims must be at least 1, unless ``count`` is 0.

    It is that of an axis that computed (and clipped) indices read, the number of elements that an
    extremum is taken of, the part of an axis that is left behind the last element that a view
    reads, or one more than an axis's own size, which must not be negative; ``problem`` says what is
    wrong otherwise, ``remedy`` what helps.
    """

    size: Size
    count: Size
    node: Node
    problem: str
    remedy: str = "pass longer arrays"


def size_error(check: SizeCheck, dims: Mapping[str, int], entry: str) -> IndexRangeError | None:
    """Return the error for sizes with which a node would read what is not there, else None."""
    if evaluate(check.size, dims) > 0 or evaluate(check.count, dims) <= 0:
        return None
    sizes = ", ".join(f"{d} = {dims[d]}" for d in symbols(check.size))
    return IndexRangeError(
        f"{entry}: {check.problem} where {sizes}",
        site=check.node.site,
        remedy=f"{check.remedy}; state is unchanged",
    )


def require_sizes(node: Node) -> None:
    """Refuse a node that reads or writes what is not there, whatever the dims.

    Raises
    ------
    IndexRangeError
        If one of its checks has no dims, and fails.
    """
    for check in size_checks([node]):
        static = not symbols(check.size + check.count)
        error = size_error(check, {}, node.op.name) if static else None
        if error:
            raise error


def size_checks(nodes: Iterable[Node]) -> list[SizeCheck]:
    """Return the checks that a graph needs, each once."""
    found: dict[tuple[Size, Size], SizeCheck] = {}
    for node in dict.fromkeys(nodes):
        for check in _checks_of(node):
            # a size that is counted itself is at least 1 wherever it is not 0
            needed = check.count not in (0, check.size) and not is_at_least(check.size, 1)
            if needed:
                found.setdefault((check.size, check.count), check)
    return list(found.values())


def _checks_of(node: Node) -> Iterator[SizeCheck]:
    name, op = node.op.name, node.op
    for size in node.shape:
        yield SizeCheck(
            size + 1, 1, node, f"{name} has a negative size in {shape_text(node.shape)}"
        )
    if isinstance(op, kinds.IndexedOp):
        for place in op.places(node):
            need = _needed(place)
            problem = f"indices need {need} elements of an axis of size {place.size}"
            yield SizeCheck(place.size - need + 1, product(place.indices.shape), node, problem)
    elif isinstance(op, kinds.ReduceOp) and op.needs_elements:
        (x,) = node.inputs
        taken = product(x.shape[a] for a in node.attr("axes"))
        problem = f"{name} of an empty axis: {shape_text(x.shape)}"
        remedy = "pass longer arrays, or give gd.max or gd.min an initial value"
        yield SizeCheck(taken, product(node.shape), node, problem, remedy)
    elif isinstance(op, kinds.ViewOp):
        index = tuple(Affine.index(f"x{i}") for i in range(node.ndim))
        reached = op.pull(node, index) or ()
        spans = _spans(reached, node.shape, node.inputs[0].shape)
        yield from _within(node, spans, product(node.shape), "reads beyond the end of")
    elif isinstance(op, kinds.AssemblyOp):
        for piece in op.pieces(node):
            part = node.inputs[piece.operand].shape
            places = [
                Affine.index(f"x{i}").scaled(step, start)
                for i, (start, step) in enumerate(zip(piece.starts, piece.steps, strict=True))
            ]
            yield from _within(
                node, _spans(places, part, node.shape), product(part), "has no room in"
            )


def _needed(place: kinds.Place) -> int:
    """Return how long an axis must be: clipping needs a place, and constant indices are known."""
    part = kinds.known_part(place.indices) if place.checked else None
    if part is None or part.is_input:
        return 0 if place.checked else 1
    values = part.leaf.attr("value")
    high, low = int(values.max(initial=-1)), int(values.min(initial=0))
    if low < 0 and not place.negative:
        raise IndexRangeError(
            f"constant index {low} is not in [0, {place.size})", site=part.leaf.site
        )
    return max(high + 1, -low)


def _spans(places: Sequence[Affine], loops: Sequence[Size], axes: Sequence[Size]) -> Iterator[Span]:
    """Yield which part of each axis places reach while loops run."""
    for place, size in zip(places, axes, strict=False):
        first = last = place.offset
        for name, step in place.terms:
            reach = (loops[int(name[1:])] - 1) * step
            backward = isinstance(step, int) and step < 0
            first, last = (first + reach, last) if backward else (first, last + reach)
        yield first, last, size


def _within(node: Node, spans: Iterable[Span], count: Size, what: str) -> Iterator[SizeCheck]:
    for first, last, size in spans:
        problem = f"{node.op.name} {what} an axis of size {size}"
        yield SizeCheck(first + 1, count, node, problem)
        yield SizeCheck(size - last, count, node, problem)
