"""reshape, expand_dims, squeeze, ravel, flatten: the same elements in another shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.ir.dims import Shape, Size, as_size, divide, product, shape_text
from graphdl.ir.dtypes import DType
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import Affine, Contribution, ViewOp, as_node, normalise_axes
from graphdl.ir.node import Node, make, operators, site_text
from graphdl.ir.rewrites import rewrite


class Reshape(ViewOp):
    """Row-major order is kept."""

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Check that the number of elements stays."""
        (x,) = inputs
        if product(x.shape) != product(attrs["shape"]):
            raise ShapeError(
                f"reshape: {shape_text(x.shape)} has not as many elements as "
                f"{shape_text(attrs['shape'])}",
                site=site_text(),
                remedy="use -1 for one axis to have it computed",
            )
        return attrs["shape"], x.dtype

    def evaluate(self, x: np.ndarray, attrs: Mapping[str, Any], shape: tuple[int, ...]) -> Any:
        """Return the reshaped array."""
        return x.reshape(shape)

    def transpose(self, node: Node, cotangent: Node) -> Contribution:
        """Reshape back."""
        return reshape(cotangent, node.inputs[0].shape), "~{0} += reshape(~{z})"

    def pull(self, node: Node, index: Sequence[Affine]) -> tuple[Affine, ...] | None:
        """Map the index where only axes of size 1 come and go."""
        source = node.inputs[0].shape
        kept = [i for i, s in zip(index, node.shape, strict=True) if s != 1]
        if [s for s in source if s != 1] != [s for s in node.shape if s != 1]:
            return None
        remaining = iter(kept)
        return tuple(Affine() if s == 1 else next(remaining) for s in source)


_reshape = Reshape("reshape", "Return the same elements, row-major, in another shape.")


def reshape(x: Any, shape: Any) -> Node:
    """Return the elements in another shape; one size may be -1.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    shape : int or sequence of int or str
        New sizes.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.reshape(gd.input("x", ("N", 8, 8)), ("N", -1))
    <reshape float32(N, 64)>
    """
    node = as_node(x)
    sizes = shape if isinstance(shape, (tuple, list)) else (shape,)
    known = [s if isinstance(s, int) and s == -1 else as_size(s) for s in sizes]
    if known.count(-1) == 1:
        rest = product(s for s in known if s != -1)
        missing = divide(product(node.shape), rest)
        if missing is None:
            raise ShapeError(
                f"reshape: {shape_text(node.shape)} cannot become {tuple(sizes)}", site=site_text()
            )
        known[known.index(-1)] = missing
    target: Shape = tuple(known)
    return node if target == node.shape else make(_reshape, [node], shape=target)


def expand_dims(x: Any, axis: int | Sequence[int]) -> Node:
    """Insert axes of size 1 at these places of the result.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.expand_dims(gd.input("x", ("N",)), 1)
    <reshape float32(N, 1)>
    """
    node = as_node(x)
    count = len(axis) if isinstance(axis, Sequence) else 1
    axes = normalise_axes("expand_dims", axis, node.ndim + count)
    sizes = iter(node.shape)
    shape = [1 if i in axes else next(sizes) for i in range(node.ndim + count)]
    return reshape(node, shape)


def squeeze(x: Any, axis: int | Sequence[int] | None = None) -> Node:
    """Drop axes of size 1: those named, or all.

    Raises
    ------
    ShapeError
        If a named axis has another size.
    """
    node = as_node(x)
    ones = [i for i, s in enumerate(node.shape) if s == 1]
    axes = tuple(ones) if axis is None else normalise_axes("squeeze", axis, node.ndim)
    if any(node.shape[a] != 1 for a in axes):
        raise ShapeError(
            f"squeeze: axis {axis} of {shape_text(node.shape)} is not of size 1", site=site_text()
        )
    return reshape(node, tuple(s for i, s in enumerate(node.shape) if i not in axes))


def flatten(x: Any, start: int = 1) -> Node:
    """Merge all axes from ``start`` on: images to vectors."""
    node = as_node(x)
    sizes: list[Size] = [*node.shape[:start], product(node.shape[start:])]
    return reshape(node, sizes)


operators["reshape"] = reshape


@rewrite("views", _reshape, math="reshape(reshape(x)) → reshape(x)")
def _reshaped_twice(node: Node) -> Node | None:
    (x,) = node.inputs
    return reshape(x.inputs[0], node.shape) if x.op is _reshape else None


__all__ = ["expand_dims", "flatten", "reshape", "squeeze"]
