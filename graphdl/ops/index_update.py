"""index_update, index_add, index_max, index_min: ``x[index] = value`` without changing ``x``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.ir.dim_text import region_text
from graphdl.ir.dims import Shape, Size
from graphdl.ir.dtypes import DType
from graphdl.ir.errors import DTypeError
from graphdl.ir.kinds import AssemblyOp, Contribution, Piece, as_node
from graphdl.ir.leaves import constant
from graphdl.ir.node import Node, make, site_text
from graphdl.ops.add import add
from graphdl.ops.expand import broadcast_to
from graphdl.ops.indexing import select
from graphdl.ops.maximum import maximum
from graphdl.ops.minimum import minimum
from graphdl.ops.places import placed
from graphdl.ops.reshape import reshape
from graphdl.ops.scatter_add import ADD
from graphdl.ops.scatter_max import MAX, MIN
from graphdl.ops.scatter_set import SET
from graphdl.ops.slice import cut
from graphdl.ops.where import where
from graphdl.ops.zeros import zeros


class Overlay(AssemblyOp):
    """The first input, with the second on top of it at ``starts`` with ``steps``."""

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Return those of what lies below."""
        return inputs[0].shape, inputs[0].dtype

    def pieces(self, node: Node) -> tuple[Piece, ...]:
        """Return both regions; the second is written later."""
        everywhere = Piece(0, (0,) * node.ndim, (1,) * node.ndim)
        return everywhere, Piece(1, node.attr("starts"), node.attr("steps"))

    def fill(self, attrs: Mapping[str, Any]) -> float | None:
        """Nothing lies between the pieces."""
        return None

    def transpose(self, node: Node, cotangent: Node) -> Sequence[Contribution]:
        """Split the cotangent by what is seen."""
        below, above = node.inputs
        starts, steps = node.attr("starts"), node.attr("steps")
        hidden = broadcast_to(constant(False), above.shape)
        seen = make(
            _overlay, [broadcast_to(constant(True), below.shape), hidden], **dict(node.attrs)
        )
        region = region_text(starts, steps, above.shape, node.shape)
        outside = where(seen, cotangent, zeros((), cotangent.dtype))
        return [
            (outside, f"~{{0}} += ~{{z}} outside {region}"),
            (cut(cotangent, starts, steps, above.shape), f"~{{1}} += ~{{z}}{region}"),
        ]

    def math(self, node: Node) -> str:
        """Write an assignment to the region."""
        starts, steps = node.attr("starts"), node.attr("steps")
        return f"{{0}} with {region_text(starts, steps, node.inputs[1].shape, node.shape)} = {{1}}"


_overlay = Overlay("overlay", "Return ``x`` with another array laid on a part of it.")
_SLICED: dict[str, Callable[[Node, Node], Node]] = {
    "set": lambda x, y: y,
    "add": add,
    "max": maximum,
    "min": minimum,
}
_SCATTERED = {"set": SET, "add": ADD, "max": MAX, "min": MIN}


def overlay(x: Node, part: Node, starts: Sequence[Size], steps: Sequence[int]) -> Node:
    """Return ``x`` with a part of it replaced."""
    if part.shape == x.shape and all(s == 1 for s in steps):
        return part
    return make(_overlay, [x, part], starts=tuple(starts), steps=tuple(steps))


def _changed(name: str, combine: str, x: Any, index: Any, value: Any) -> Node:
    node = as_node(x)
    chosen = select(node, index)
    part, given = chosen.part(node), _as_value(name, value, node)
    if chosen.indices:
        first, count = chosen.axes[0], chosen.indices[0].shape
        rest = tuple(s for a, s in enumerate(chosen.shape) if a not in chosen.axes)
        at = 0 if chosen.front else first
        updates = chosen.turned(broadcast_to(given, rest[:at] + count + rest[at:]), back=True)
        new = placed(_SCATTERED[combine], [part, updates], chosen.indices, chosen.axes, chosen.mode)
    else:
        new = _SLICED[combine](part, broadcast_to(given, part.shape))
    return overlay(node, reshape(new, chosen.sizes), chosen.starts, chosen.steps)


def _as_value(name: str, value: Any, x: Node) -> Node:
    """Return what is stored in the dtype of the array; a number takes it if it can."""
    weak = isinstance(value, (bool, int)) or (isinstance(value, float) and x.dtype.is_float)
    given = as_node(value, x.dtype if weak and not isinstance(value, np.generic) else None)
    if given.dtype.rank > x.dtype.rank:
        raise DTypeError(
            f"{name}: {given.dtype} does not fit into {x.dtype}",
            site=site_text(),
            remedy=f"cast the value to {x.dtype}, or the array to {given.dtype}",
        )
    return as_node(given, x.dtype)


def index_update(x: Any, index: Any, value: Any) -> Node:
    """Return ``x`` after ``x[index] = value``, as JAX's ``x.at[index].set(value)``.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    index : integer, slice, None, ..., integer array or node, or a tuple of these
        As between square brackets. Indices in ``[-size, 0)`` count from the end; those of inputs
        are checked before anything is stored, computed ones are clipped.
    value : node, array_like or number
        Broadcasts to ``x[index]``. Where an index repeats, the last value stays; only what stays
        has a gradient.

    Raises
    ------
    ShapeError, DTypeError, IndexRangeError
        If the index is none for this shape, or the value does not broadcast or would lose digits.

    Examples
    --------
    >>> import graphdl as gd
    >>> changed = gd.index_update(gd.constant([1.0, 2.0, 3.0, 4.0]), slice(1, 3), 0.0)
    >>> gd.interpret(gd.Graph(changed))["out"].tolist()
    [1.0, 0.0, 0.0, 4.0]
    """
    return _changed("index_update", "set", x, index, value)


def index_add(x: Any, index: Any, value: Any) -> Node:
    """Return ``x`` after ``numpy.add.at(x, index, value)``: repeated indices add up.

    Arguments and errors are those of :func:`index_update`.

    Examples
    --------
    >>> import graphdl as gd
    >>> changed = gd.index_add(gd.constant([1.0, 2.0, 3.0]), [0, 0, -1], 1.0)
    >>> gd.interpret(gd.Graph(changed))["out"].tolist()
    [3.0, 2.0, 4.0]
    """
    return _changed("index_add", "add", x, index, value)


def index_max(x: Any, index: Any, value: Any) -> Node:
    """Return ``x`` after ``numpy.maximum.at(x, index, value)``.

    The gradient goes to what won: to ``x`` at ties with it, else to the first of the values.
    Arguments and errors are those of :func:`index_update`.

    Examples
    --------
    >>> import graphdl as gd
    >>> changed = gd.index_max(gd.constant([1.0, 2.0, 3.0]), [0, 1], [5.0, 0.0])
    >>> gd.interpret(gd.Graph(changed))["out"].tolist()
    [5.0, 2.0, 3.0]
    """
    return _changed("index_max", "max", x, index, value)


def index_min(x: Any, index: Any, value: Any) -> Node:
    """Return ``x`` after ``numpy.minimum.at(x, index, value)``; see :func:`index_max`.

    Examples
    --------
    >>> import graphdl as gd
    >>> changed = gd.index_min(gd.constant([1.0, 2.0, 3.0]), [0, 1], [5.0, 0.0])
    >>> gd.interpret(gd.Graph(changed))["out"].tolist()
    [1.0, 0.0, 3.0]
    """
    return _changed("index_min", "min", x, index, value)


__all__ = ["index_add", "index_max", "index_min", "index_update"]
