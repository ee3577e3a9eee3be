"""The errors for indices of places that do not exist, the same for every target."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from graphdl.codegen.program import IndexCheck
from graphdl.ir.dims import evaluate
from graphdl.ir.errors import IndexRangeError


def index_error(
    entry: str, check: IndexCheck, array: np.ndarray, dims: Mapping[str, int]
) -> IndexRangeError | None:
    """Return the error for an array that fails a check, None for one that does not.

    Parameters
    ----------
    entry : str
        Name of the entry point.
    check : IndexCheck
        What is asked of the array.
    array : ndarray
        The input.
    dims : mapping of str to int
        This call's values of the dims.
    """
    size, low = evaluate(check.size, dims), evaluate(check.low, dims)
    flat = np.asarray(array).ravel()
    if check.part is not None:
        flat = flat[_places(check, dims)].ravel()
    bad = flat[(flat < low) | (flat >= size)]
    if not bad.size:
        return None
    return IndexRangeError(
        f"{entry}: input {check.buffer.label!r} holds {int(bad[0])}, which is not in "
        f"[{low}, {size}); {check.node.op.name} reads an axis of that size",
        site=check.node.site,
        remedy="check the labels or indices that you pass in; state is unchanged",
    )


def _places(check: IndexCheck, dims: Mapping[str, int]) -> np.ndarray:
    """Return where in the flat buffer the checked elements lie."""
    assert check.part is not None
    strides, offset = check.part.strides()
    grid = np.indices([evaluate(a.size, dims) for a in check.axes], sparse=True)
    steps = [evaluate(strides[a.name], dims) for a in check.axes]
    total = sum((g * s for g, s in zip(grid, steps, strict=True)), start=np.int64(0))
    return np.asarray(total + evaluate(offset, dims))
