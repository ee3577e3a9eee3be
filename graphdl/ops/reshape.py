"""reshape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.ir.dim_parsing import as_size
from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Shape, divide, product
from graphdl.ir.dtypes import DType
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import Affine, Contribution, ViewOp, as_node
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
        math = "~{0} += ~{z}" if self.math(node) else "~{0} += reshape(~{z})"
        return reshape(cotangent, node.inputs[0].shape), math

    def math(self, node: Node) -> str | None:
        """Write new axes of size 1 as ``None``; do not write that such axes go."""
        before, after = node.inputs[0].shape, node.shape
        if [s for s in before if s != 1] != [s for s in after if s != 1]:
            return None
        if len(before) > len(after):
            return "{0}"
        rest, index = list(before), []
        for size in after:
            kept = rest[:1] == [size]
            index.append(":" if kept else "None")
            del rest[: int(kept)]
        while index[-1:] == [":"]:
            index.pop()
        return None if rest else f"{{0}}[{', '.join(index)}]"

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
    """Return the elements, row-major, in another shape; one size may be -1.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    shape : int or sequence of int or str
        New sizes; -1 stands for what the number of elements leaves.

    Raises
    ------
    ShapeError
        If the number of elements differs, or the size for -1 is not a whole number, not unique, or
        not known before run time.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.reshape(gd.input("x", ("N", 8, 8)), ("N", -1))
    <reshape float32(N, 64)>
    """
    node = as_node(x)
    sizes = shape if isinstance(shape, (tuple, list)) else (shape,)
    known = [s if isinstance(s, int) and s == -1 else as_size(s) for s in sizes]
    if -1 in known:
        rest = product(s for s in known if s != -1)
        missing = None if rest == 0 or known.count(-1) > 1 else divide(product(node.shape), rest)
        if missing is None:
            raise ShapeError(
                f"reshape: {shape_text(node.shape)} cannot become {tuple(sizes)}",
                site=site_text(),
                remedy="write the sizes out; -1 may stand once, for a size that follows",
            )
        known[known.index(-1)] = missing
    target: Shape = tuple(known)
    return node if target == node.shape else make(_reshape, [node], shape=target)


@rewrite(
    "views",
    _reshape,
    math="reshape(reshape(x)) → reshape(x)",
    examples=lambda gd, w: gd.reshape(gd.reshape(w, (6,)), (2, 3)),
)
def _reshaped_twice(node: Node) -> Node | None:
    (x,) = node.inputs
    return reshape(x.inputs[0], node.shape) if x.op is _reshape else None


operators["reshape"] = reshape

__all__ = ["reshape"]
