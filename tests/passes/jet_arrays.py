"""Functions of jets (see ``jets``) on arrays of them: each element, each line along an axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tests.passes.jets import Jet


def each(function: Callable[..., Jet], *arrays: np.ndarray) -> np.ndarray:
    """Apply a function to the elements of arrays of one shape."""
    result = np.empty(arrays[0].shape, object)
    for at in np.ndindex(result.shape):
        result[at] = function(*(a[at] for a in arrays))
    return result


def lines(function: Callable[[Sequence[Jet]], Jet], array: np.ndarray, axis: int) -> np.ndarray:
    """Apply a function to the lines along an axis."""
    moved = np.moveaxis(array, axis, -1)
    result = np.empty(moved.shape[:-1], object)
    for at in np.ndindex(result.shape):
        result[at] = function(list(moved[at]))
    return result


def along(
    function: Callable[[Sequence[Jet]], list[Jet]], array: np.ndarray, axis: int
) -> np.ndarray:
    """Replace the lines along an axis."""
    moved = np.moveaxis(array, axis, -1)
    result = np.empty(moved.shape, object)
    for at in np.ndindex(moved.shape[:-1]):
        result[at] = function(list(moved[at]))
    return np.moveaxis(result, -1, axis)


def running(combine: Callable[[Jet, Jet], Jet]) -> Callable[[Sequence[Jet]], list[Jet]]:
    """Return what combines each element with all before it."""

    def line(items: Sequence[Jet]) -> list[Jet]:
        result = [items[0]]
        for item in items[1:]:
            result.append(combine(result[-1], item))
        return result

    return line
