"""Gathers and scatters: elements at places that data decides."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Shape, Size, product
from graphdl.ir.dtypes import DType, bool_, uint8
from graphdl.ir.errors import DTypeError, ShapeError
from graphdl.ir.kinds.elementwise import ElementwiseOp
from graphdl.ir.kinds.op import Adjoint, LeafOp, Op, require, require_axes
from graphdl.ir.kinds.view import Affine, ViewOp
from graphdl.ir.node import Attrs, Node, site_text

MODES = ("strict", "negative", "clip")
"""Which indices are allowed: ``[0, size)``, ``[-size, size)``, or any, which are then clipped."""


@dataclass(frozen=True)
class Place:
    """An index array and the axis that it indexes.

    Attributes
    ----------
    size : Size
        Of the axis.
    checked : bool
        Whether it is checked before anything is stored; else it is clipped.
    negative : bool
        Whether indices in ``[-size, 0)`` count from the end.
    """

    indices: Node
    axis: int
    size: Size
    checked: bool
    negative: bool


class IndexedOp(Op):
    """What gathers and scatters share: index arrays of one shape, each for an axis of an array.

    ``along`` False: whole slices; the axes of the index arrays stand where the first indexed axis
    is. True: one index array with one index an element, as ``numpy.take_along_axis``.

    Attributes of nodes: ``axes`` (ascending), ``mode`` (see ``MODES``), and ``checked``, a bool an
    index array. Indices that come straight from an input, and constant ones, are checked before
    anything is stored. Computed ones are clipped, after those that count from the end have moved.
    """

    attributes = frozenset(["axes", "mode", "checked"])
    operands = 1
    """Number of inputs before the index arrays."""

    def __init__(self, name: str, *, along: bool, adjoint: Adjoint, doc: str | None = None) -> None:
        self.along = along
        self.adjoint = adjoint
        super().__init__(name, doc)

    @abstractmethod
    def indexed_shape(self, node: Node) -> Shape:
        """Return the shape of the array that the indices point into."""

    def places(self, node: Node) -> tuple[Place, ...]:
        """Return the index arrays of a node with what they index."""
        shape, negative = self.indexed_shape(node), node.attr("mode") == "negative"
        indices = node.inputs[self.operands :]
        return tuple(
            Place(i, axis, shape[axis], checked, negative and i.dtype is not uint8)
            for i, axis, checked in zip(
                indices, node.attr("axes"), node.attr("checked"), strict=True
            )
        )

    def check(self, node: Node) -> None:
        """Refuse axes that do not exist, and indices that nothing checks, too."""
        super().check(node)
        axes, mode, flags = (node.attr(k) for k in ("axes", "mode", "checked"))
        indices = node.inputs[self.operands :]
        require_axes(node, axes, len(self.indexed_shape(node)))
        require(len(axes) == len(indices) == len(flags), "each index array has one axis and flag")
        require(len({i.shape for i in indices}) == 1, "the index arrays must be of one shape")
        require(len(indices) == 1 or not self.along, "there is one index array")
        require(mode in MODES, f"mode must be one of {', '.join(MODES)}")
        for checked, can_be in zip(flags, checked_of(indices, mode), strict=True):
            fits = isinstance(checked, bool) and checked <= can_be
            require(fits, "these indices are not checked before the call")

    def rechecked(self, inputs: Sequence[Node], attrs: Attrs) -> Attrs:
        """Return the attributes of a node whose index arrays have been replaced."""
        checked = checked_of(inputs[self.operands :], dict(attrs)["mode"])
        return tuple((k, checked if k == "checked" else v) for k, v in attrs)

    def indices_at(self, node: Node, index: Sequence[Affine]) -> tuple[Affine, ...]:
        """Return the part of an index of the slices at which the index arrays are read."""
        if self.along:
            return tuple(index)
        first = node.attr("axes")[0]
        return tuple(index[first : first + node.inputs[self.operands].ndim])

    def target(
        self, node: Node, index: Sequence[Affine], found: Sequence[Affine]
    ) -> tuple[Affine, ...]:
        """Return the index into the indexed array, given what the index arrays say."""
        first = node.attr("axes")[0]
        count = 1 if self.along else node.inputs[self.operands].ndim
        result = [*index[:first], *index[first + count :]]
        for axis, at in zip(node.attr("axes"), found, strict=True):
            result.insert(axis, at)
        return tuple(result)

    def _slices(self, shape: Shape, indices: Sequence[Node], attrs: Mapping[str, Any]) -> Shape:
        """Return the shape of what lies at the indices of an array."""
        axes = attrs["axes"]
        for index in indices:
            if not index.dtype.is_integer:
                raise DTypeError(
                    f"{self.name}: indices must be integers, not {index.dtype}",
                    site=site_text(),
                    remedy=_index_remedy(index),
                )
        at = indices[0].shape
        for axis in axes:
            if shape[axis] == 0 and 0 not in at:
                raise ShapeError(
                    f"{self.name}: axis {axis} of {shape_text(shape)} is empty", site=site_text()
                )
        if self.along:
            return _along_shape(self.name, shape, at, axes[0])
        first = axes[0]
        rest = tuple(s for i, s in enumerate(shape) if i not in axes)
        return rest[:first] + at + rest[first:]


class GatherOp(IndexedOp):
    """Elements at data-dependent places; inputs are ``(x, *indices)``."""

    kind = "gather"

    def indexed_shape(self, node: Node) -> Shape:
        """Return the shape of ``x``."""
        return node.inputs[0].shape

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Replace the indexed axes by the axes of the index arrays."""
        x, *indices = inputs
        return self._slices(x.shape, indices, attrs), x.dtype


class ScatterOp(IndexedOp):
    """An array changed at data-dependent places; inputs are ``(base, updates, *indices)``.

    Updates that meet in one element are taken in row-major order of the updates.

    Parameters
    ----------
    combine : str
        What an update does to the element: ``set``, ``add``, ``min`` or ``max``.
    """

    kind = "scatter"
    operands = 2

    def __init__(
        self, name: str, combine: str, *, along: bool, adjoint: Adjoint, doc: str | None = None
    ) -> None:
        self.combine = combine
        super().__init__(name, along=along, adjoint=adjoint, doc=doc)

    def indexed_shape(self, node: Node) -> Shape:
        """Return the shape of the result."""
        return node.shape

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Return that of the base, which the updates have to fit."""
        base, updates, *indices = inputs
        wanted = self._slices(base.shape, indices, attrs)
        if updates.shape != wanted:
            raise ShapeError(
                f"{self.name}: updates {shape_text(updates.shape)} do not fit indices "
                f"{shape_text(indices[0].shape)} into {shape_text(base.shape)}",
                site=site_text(),
                remedy=f"give them the shape {shape_text(wanted)}",
            )
        if updates.dtype is not base.dtype or (base.dtype is bool_ and self.combine != "set"):
            raise DTypeError(
                f"{self.name}: updates {updates.dtype} for an array of {base.dtype}",
                site=site_text(),
                remedy="cast one of them; bools can only be set",
            )
        return base.shape, base.dtype


def _index_remedy(indices: Node) -> str:
    if indices.dtype is bool_:
        return "choose with gd.where(mask, x, other), or multiply by the mask"
    return "cast them: indices.astype('int32')"


def _along_shape(op: str, x: Shape, indices: Shape, axis: int) -> Shape:
    rest_x, rest_i = x[:axis] + x[axis + 1 :], indices[:axis] + indices[axis + 1 :]
    if len(x) != len(indices) or rest_x != rest_i:
        raise ShapeError(
            f"{op}: {shape_text(x)} and indices {shape_text(indices)} differ off axis {axis}",
            site=site_text(),
            remedy="expand the indices first: indices[:, None]",
        )
    return indices


@dataclass(frozen=True)
class Part:
    """The elements of a leaf that a chain of views shows.

    Attributes
    ----------
    loops : tuple of (str, Size)
        Names and lengths of the loops that ``index`` uses.
    index : tuple of Affine
        One an axis of the leaf.
    """

    leaf: Node
    loops: tuple[tuple[str, Size], ...]
    index: tuple[Affine, ...]

    @property
    def is_input(self) -> bool:
        """Whether the leaf is an input rather than a constant."""
        return isinstance(self.leaf.op, LeafOp) and self.leaf.op.is_input

    @property
    def is_whole(self) -> bool:
        """Whether it shows every element."""
        return _is_whole(self.index, self.leaf.shape, dict(self.loops))


def known_part(node: Node) -> Part | None:
    """Return what indices show of an input or constant; None if they are computed from it.

    Views and casts to wider integers compute nothing. It is decided where the graph is built, so
    that no pass turns clipped indices into checked ones.
    """
    loops, index = _loops(node.shape)
    while node.inputs:
        source = node.inputs[0]
        if isinstance(node.op, ViewOp):
            pulled = node.op.pull(node, index)
            if pulled is not None:
                index = pulled
            elif _is_whole(index, node.shape, loops) and product(node.shape) == product(
                source.shape
            ):
                loops, index = _loops(source.shape)
            else:
                return None
        elif not _is_wider(node, source):
            return None
        node = source
    if not isinstance(node.op, LeafOp) or not (node.op.is_input or node.op.is_constant):
        return None
    used = {n for i in index for n, _ in i.terms}
    return Part(node, tuple((n, s) for n, s in loops.items() if n in used), index)


def checked_of(indices: Sequence[Node], mode: str) -> tuple[bool, ...]:
    """Return which index arrays are checked before a call stores anything."""
    return tuple(mode != "clip" and known_part(i) is not None for i in indices)


def _loops(shape: Shape) -> tuple[dict[str, Size], tuple[Affine, ...]]:
    names = [f"i{k}" for k in range(len(shape))]
    return dict(zip(names, shape, strict=True)), tuple(Affine.index(n) for n in names)


def _is_whole(index: Sequence[Affine], shape: Shape, loops: Mapping[str, Size]) -> bool:
    """Whether an index takes every place: each axis has a loop of its own, in either direction."""
    used = [n for i in index for n, _ in i.terms]
    return len(set(used)) == len(used) and all(
        size == 1
        or (len(i.terms) == 1 and i.terms[0][1] in (1, -1) and loops[i.terms[0][0]] == size)
        for i, size in zip(index, shape, strict=True)
    )


def _is_wider(node: Node, source: Node) -> bool:
    """Whether a node is a cast between integers that keeps every value."""
    if not isinstance(node.op, ElementwiseOp) or len(node.inputs) != 1:
        return False
    body = node.op.body(node.attrs)
    cast = body.instruction is not None and isinstance(body.payload, DType)
    kept = source.dtype.is_integer and node.dtype.is_integer
    return cast and kept and node.dtype.rank >= source.dtype.rank
