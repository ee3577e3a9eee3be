"""NumPy's square brackets: slices, integers, None, ``...``, and integer arrays that broadcast."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Shape, Size
from graphdl.ir.dtypes import bool_
from graphdl.ir.errors import DTypeError, ShapeError
from graphdl.ir.kinds import as_array, as_node, broadcast
from graphdl.ir.leaves import CONSTANT
from graphdl.ir.node import Node, operators, site_text
from graphdl.ops.expand import broadcast_to
from graphdl.ops.gather import GATHER
from graphdl.ops.places import as_indices, checked_indices, placed
from graphdl.ops.reshape import reshape
from graphdl.ops.slice import cut, position, span


@dataclass(frozen=True)
class Selection:
    """What an index selects: a slice of an array, seen in a shape, and places in that.

    Attributes
    ----------
    starts, steps, sizes : tuple
        The slice of the whole array, an entry an axis.
    shape : Shape
        The slice without axes that an integer indexes, with new ones.
    indices : tuple of Node
        Index arrays of one shape; empty if there are none.
    axes : tuple of int
        Axes of ``shape`` that they index.
    mode : str
        See ``graphdl.ir.kinds.gather.MODES``.
    front : bool
        Whether the axes of the index arrays come first in the result, rather than in the place of
        the first axis that they index: a slice stands between them.
    """

    starts: tuple[Size, ...]
    steps: tuple[int, ...]
    sizes: Shape
    shape: Shape
    indices: tuple[Node, ...]
    axes: tuple[int, ...]
    mode: str
    front: bool

    def part(self, x: Node) -> Node:
        """Return the slice of an array in its shape."""
        return reshape(cut(x, self.starts, self.steps, self.sizes), self.shape)

    def turned(self, x: Node, *, back: bool = False) -> Node:
        """Bring the axes of the index arrays to where NumPy has them, or back from there."""
        if not self.front:
            return x
        first, count = self.axes[0], self.indices[0].ndim
        order = [*range(first, first + count), *range(first), *range(first + count, x.ndim)]
        return operators["transpose"](x, np.argsort(order).tolist() if back else order)


@dataclass(frozen=True)
class _Picked:
    """An index array; one of a mask's knows the size of its axis."""

    indices: Node
    size: int | None = None


def select(x: Node, index: Any) -> Selection:
    """Return what an index selects of an array.

    Raises
    ------
    ShapeError, DTypeError, IndexRangeError
        If there are too many indices, one is neither integer nor slice, or one is out of range.
    """
    items = _whole(
        x, [e for i in (index if isinstance(index, tuple) else (index,)) for e in _read(i)]
    )
    slices: list[tuple[Size, int, Size]] = []
    shape: list[Size] = []
    found: list[tuple[int, Node, Size]] = []
    for item in items:
        if item is None:
            shape.append(1)
            continue
        size = x.shape[len(slices)]
        if isinstance(item, builtins.slice):
            slices.append(span(size, item))
            shape.append(slices[-1][2])
        elif isinstance(item, _Picked):
            found.append((len(shape), _checked(item, size), size))
            slices.append((0, 1, size))
            shape.append(size)
        else:
            slices.append((position(size, item), 1, 1))
    nodes = [n for _, n, _ in found]
    known = all(n.op is CONSTANT and isinstance(size, int) for _, n, size in found)
    joint = broadcast("index arrays", [n.shape for n in nodes]) if nodes else ()
    starts, steps, sizes = zip(*slices, strict=True) if slices else ((), (), ())
    return Selection(
        starts,
        steps,
        sizes,
        tuple(shape),
        tuple(broadcast_to(n, joint) for n in nodes),
        tuple(a for a, _, _ in found),
        "strict" if known else "negative",
        bool(nodes) and _are_apart(items),
    )


def getitem(x: Any, index: Any) -> Node:
    """Return ``x[index]`` with NumPy's meaning.

    Integers, slices with any step, ``None``, ``...``, masks that are constant, and integer arrays
    and nodes, which broadcast. Those in ``[-size, 0)`` count from the end; inputs are checked
    before anything is stored, computed ones are clipped.
    """
    node = as_node(x)
    chosen = select(node, index)
    part = chosen.part(node)
    if not chosen.indices:
        return part
    return chosen.turned(placed(GATHER, [part], chosen.indices, chosen.axes, chosen.mode))


def _read(item: Any) -> Iterator[Any]:
    """Yield None, ..., a slice, an integer or an index array; a mask becomes one array an axis."""
    if item is None or item is Ellipsis or isinstance(item, builtins.slice):
        yield item
    elif isinstance(item, Node):
        yield _Picked(item)
    else:
        try:
            values = as_array(item)
        except DTypeError:
            raise DTypeError(
                f"{item!r} cannot index a node",
                site=site_text(),
                remedy="use integers, slices, None or ...; gd.stack puts nodes into one array",
            ) from None
        if values.dtype.kind == "b" and values.ndim:
            yield from map(_Picked, map(as_indices, np.nonzero(values)), values.shape)
        elif values.ndim or values.dtype.kind not in "iu":
            yield _Picked(as_indices(item))
        else:
            yield int(values)


def _checked(picked: _Picked, size: Size) -> Node:
    node = picked.indices
    if not node.dtype.is_integer:
        mask = "gd.where(mask, x, 0), or x * mask: the shape of a result cannot depend on data"
        raise DTypeError(
            f"{node!r} cannot index a node",
            site=site_text(),
            remedy=mask if node.dtype is bool_ else "cast it: index.astype('int32')",
        )
    if picked.size is not None and picked.size != size:
        raise ShapeError(f"a mask of {picked.size} for an axis of size {size}", site=site_text())
    return checked_indices("index array", node, size, negative=True)


def _whole(x: Node, items: list[Any]) -> list[Any]:
    """Put full slices where ``...`` is, or at the end."""
    used = builtins.sum(1 for i in items if i is not None and i is not Ellipsis)
    if used > x.ndim or items.count(Ellipsis) > 1:
        raise ShapeError(
            f"{used} indices for {shape_text(x.shape)}, which has {x.ndim} axes"
            if used > x.ndim
            else "an index has more than one '...'",
            site=site_text(),
        )
    at = items.index(Ellipsis) if Ellipsis in items else len(items)
    return [*items[:at], *[builtins.slice(None)] * (x.ndim - used), *items[at + 1 :]]


def _are_apart(items: list[Any]) -> bool:
    """Whether a slice or None stands between two indices; beside arrays, integers count too."""
    places = [k for k, i in enumerate(items) if not (i is None or isinstance(i, builtins.slice))]
    return places[-1] - places[0] >= len(places)


operators["getitem"] = getitem

__all__: list[str] = []
