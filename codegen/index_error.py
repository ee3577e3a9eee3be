"""The error for an index input that points outside of its axis, the same for every target."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from graphdl.codegen.program import IndexCheck, NonEmptyCheck
from graphdl.ir.dims import evaluate
from graphdl.ir.errors import IndexRangeError


def empty_axis_error(
    entry: str, check: NonEmptyCheck, dims: Mapping[str, int]
) -> IndexRangeError | None:
    """Return the error for indices that read an axis of size 0, None if they do not."""
    if evaluate(check.size, dims) > 0 or evaluate(check.count, dims) == 0:
        return None
    return IndexRangeError(
        f"{entry}: {check.node.op.name} reads an axis of size {check.size} = 0",
        site=check.node.site,
        remedy="pass at least one element along it; state is unchanged",
    )


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
