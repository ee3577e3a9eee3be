"""Loop nests: which axes merge into one, which one fills the lanes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from graphdl.codegen.c.values import Place, accesses_of, flatten
from graphdl.codegen.program import Access, Axis, LoopKernel, Value, scans, walk_values
from graphdl.ir.dims import Size


@dataclass(eq=False)
class Nest:
    """The loops of a kernel after merging.

    Attributes
    ----------
    outer, inner : list of Axis
        Parallel axes, and the axes that stages sweep over.
    places : dict of Access to Place
        Flat positions over the merged loops.
    vector_axis : str or None
        The loop that fills the lanes.
    """

    outer: list[Axis]
    inner: list[Axis]
    places: dict[Access, Place]
    vector_axis: str | None


def nest_of(kernel: LoopKernel) -> Nest:
    """Return the loops of a kernel."""
    roots = [v for stage in kernel.stages for v in stage.roots()]
    stores = [s.access for stage in kernel.stages for s in stage.stores]
    places = {a: flatten(a) for a in accesses_of(roots, stores)}
    indexed = {n for v in walk_values(roots) if v.kind == "index" for n, _ in v.payload.terms}
    swept = [stage.axes for stage in kernel.stages if stage.axes]
    inner = list(swept[0]) if swept else []
    outer = merge_axes(list(kernel.axes), list(places.values()), indexed)
    inner = merge_axes(inner, list(places.values()), indexed)
    # what runs along an axis has its lanes across it
    able = outer if scans(walk_values(roots)) else [*outer, *inner]
    return Nest(outer, inner, places, _vector_axis(able, list(places.values())))


def merge_axes(axes: list[Axis], places: Sequence[Place], fixed: set[str]) -> list[Axis]:
    """Merge neighbouring axes that every access walks through as one; rewrite the places."""
    merged: list[Axis] = []
    for axis in axes:
        if (
            merged
            and not {axis.name, merged[-1].name} & fixed
            and _one_walk(merged[-1], axis, places)
        ):
            gone = merged.pop()
            for place in places:
                place.terms.pop(gone.name, None)
            axis = Axis(axis.name, gone.size * axis.size)
        merged.append(axis)
    return merged


def _one_walk(outer: Axis, inner: Axis, places: Sequence[Place]) -> bool:
    return all(_term(p, outer.name) == inner.size * _term(p, inner.name) for p in places)


def walks_evenly(axes: Sequence[Axis], place: Place) -> bool:
    """Whether nested loops over these axes meet elements at one stride."""
    return all(_one_walk(outer, inner, [place]) for outer, inner in pairwise(axes))


def _term(place: Place, name: str) -> Size:
    return place.terms.get(name, 0)


def _vector_axis(axes: Sequence[Axis], places: Sequence[Place]) -> str | None:
    """Return the axis along which most accesses are neighbours."""

    def score(axis: Axis) -> float:
        total = 0.0
        for place in places:
            stride = _term(place, axis.name)
            total += 2 if stride == 1 else 0 if stride == 0 else -1
            if any(axis.name in _dependences(v) for v in place.gathered.values()):
                return float("-inf")
        return total

    scored = [(score(a), i, a.name) for i, a in enumerate(axes)]
    best = max(scored, default=None)
    return None if best is None or best[0] == float("-inf") else best[2]


def _dependences(value: Value) -> set[str]:
    """Return the loops that a gathered index depends on."""
    found: set[str] = set()
    for inner in walk_values([value]):
        if inner.kind == "load":
            found |= {n for i in inner.payload.index for n, _ in i.terms}
        elif inner.kind == "index":
            found |= {n for n, _ in inner.payload.terms}
    return found
