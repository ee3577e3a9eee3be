"""The error for an index input that points outside of its axis, the same for every target."""

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
    size = evaluate(check.size, dims)
    flat = np.asarray(array).ravel()
    bad = flat[(flat < 0) | (flat >= size)]
    if not bad.size:
        return None
    return IndexRangeError(
        f"{entry}: input {check.buffer.label!r} holds {int(bad[0])}, which is not in [0, {size}); "
        f"{check.node.op.name} reads an axis of that size",
        site=check.node.site,
        remedy="check the labels or indices that you pass in; state is unchanged",
    )
