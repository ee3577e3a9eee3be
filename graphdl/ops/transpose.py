"""transpose: axes in another order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.ir.dims import Shape
from graphdl.ir.dtypes import DType
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import Affine, Contribution, ViewOp, as_node, normalise_axis
from graphdl.ir.node import Node, make, operators, site_text
from graphdl.ir.rewrites import rewrite


def _inverse(axes: Sequence[int]) -> tuple[int, ...]:
    return tuple(sorted(range(len(axes)), key=lambda i: axes[i]))


def _written(name: str, axes: Sequence[int]) -> str:
    return f"{name}ᵀ" if tuple(axes) == (1, 0) else f"transpose({name}; {str(tuple(axes))[1:-1]})"


class Permute(ViewOp):
    """Result axis ``i`` is input axis ``axes[i]``."""

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Reorder the sizes."""
        (x,) = inputs
        if sorted(attrs["axes"]) != list(range(x.ndim)):
            raise ShapeError(
                f"transpose: {attrs['axes']} is no order of {x.ndim} axes", site=site_text()
            )
        return tuple(x.shape[a] for a in attrs["axes"]), x.dtype

    def evaluate(self, x: np.ndarray, attrs: Mapping[str, Any], shape: tuple[int, ...]) -> Any:
        """Return the transposed array."""
        return np.transpose(x, attrs["axes"])

    def transpose(self, node: Node, cotangent: Node) -> Contribution:
        """Put the axes back."""
        back = _inverse(node.attr("axes"))
        return transpose(cotangent, back), f"~{{0}} += {_written('~{z}', back)}"

    def math(self, node: Node) -> str:
        """Write transposed matrices as such, and else the order of axes."""
        return _written("{0}", node.attr("axes"))

    def pull(self, node: Node, index: Sequence[Affine]) -> tuple[Affine, ...] | None:
        """Reorder the index."""
        return tuple(index[i] for i in _inverse(node.attr("axes")))


_permute = Permute("transpose", "Return the axes in another order.")


def transpose(x: Any, axes: int | Sequence[int] | None = None) -> Node:
    """Return ``x`` with its axes in another order, reversed by default.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.transpose(gd.input("x", (2, 3, 4)), (1, 0, 2))
    <transpose float32(3, 2, 4)>
    """
    node = as_node(x)
    given = range(node.ndim)[::-1] if axes is None else axes
    given = given if isinstance(given, Sequence) else tuple(np.ravel(np.asarray(given, object)))
    order = tuple(normalise_axis("transpose", a, node.ndim) for a in given)
    if order == tuple(range(node.ndim)):
        return node
    return make(_permute, [node], axes=order)


operators["transpose"] = transpose


@rewrite(
    "views",
    _permute,
    math="(xᵀ)ᵀ → x, any two orders → one",
    examples=lambda gd, w: [
        w.T.T,
        gd.transpose(gd.transpose(gd.expand_dims(w, 0), (1, 2, 0)), (2, 1, 0)),
    ],
)
def _ordered_twice(node: Node) -> Node | None:
    (x,) = node.inputs
    if x.op is not _permute:
        return None
    inner = x.attr("axes")
    return transpose(x.inputs[0], tuple(inner[a] for a in node.attr("axes")))


@rewrite(
    "views",
    _permute,
    math="xᵀ → reshape(x) where only axes of size 1 move",
    examples=lambda gd, w: gd.transpose(gd.expand_dims(w, 1), (1, 0, 2)),
)
def _only_ones_move(node: Node) -> Node | None:
    (x,) = node.inputs
    moved = [a for a in node.attr("axes") if x.shape[a] != 1]
    return operators["reshape"](x, node.shape) if moved == sorted(moved) else None


__all__ = ["transpose"]
