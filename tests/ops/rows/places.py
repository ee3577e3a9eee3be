"""Gathers and scatters."""

import numpy as np

import graphdl as gd
from tests.ops.rows.shared import A34, A234, N3, Array, row


def _scatter(x, k, size, axis):
    result = np.zeros((*x.shape[:axis], size, *x.shape[axis + k.ndim :]))
    moved = np.moveaxis(result, axis, 0)
    source = tuple(range(axis, axis + k.ndim))
    np.add.at(moved, k, np.moveaxis(x, source, tuple(range(k.ndim))))
    return result


def _scatter_along(x, k, size, axis):
    result = np.zeros((*x.shape[:axis], size, *x.shape[axis + 1 :]))
    grid = list(np.indices(k.shape))
    grid[axis] = k
    np.add.at(result, tuple(grid), x)
    return result


def rows():
    """Data-dependent places; indices are drawn from few, so that some occur twice."""

    def k(*shape, high=3):
        return Array(shape, "int32", 0, high)

    for label, given, indices, axis in (
        ("rows", A34, k(5), 0), ("columns", A34, k(6), 1), ("matrix", A34, k(2, 2), 0),
        ("middle", A234, k(2, 2), 1), ("scalar", A34, k(), 0), ("none", A34, k(0), 0),
        ("symbolic", A34, k("N"), 1), ("symbolic table", N3, k(4), 0),
    ):  # fmt: skip
        yield row("gather", label, lambda x, i, a=axis: gd.gather(x, i, a), (given, indices),
                  lambda x, i, a=axis: np.take(x, i, a))  # fmt: skip
    for label, given, indices, axis in (
        ("rows", Array((5, 2)), k(5), 0), ("columns", A34, k(4), 1), ("matrix", A234, k(2, 3), 0),
        ("middle", A234, k(3), 1), ("symbolic", N3, k("N"), 0), ("none", Array((0, 2)), k(0), 0),
    ):  # fmt: skip
        yield row("scatter_add", label, lambda x, i, a=axis: gd.scatter_add(x, i, 4, a),
                  (given, indices), lambda x, i, a=axis: _scatter(x, i, 4, a))  # fmt: skip
    for label, given, indices, axis in (
        ("one", A34, k(3, 1), 1), ("several", A34, k(3, 5), 1), ("first", A34, k(2, 4), 0),
        ("labels", N3, k("N", 1), 1), ("vector", Array((3,)), k(4), 0),
        ("one of one", Array((3, 1)), k(3, 1, high=1), 1),
    ):  # fmt: skip
        yield row("take_along_axis", label, lambda x, i, a=axis: gd.take_along_axis(x, i, a),
                  (given, indices), lambda x, i, a=axis: np.take_along_axis(x, i, a))  # fmt: skip
    for label, shape, axis in (
        ("last", (3, 4), 1),
        ("first", (3, 4), 0),
        ("symbolic", ("N", 2), 1),
    ):
        yield row("scatter_add_along_axis", label,
                  lambda x, i, a=axis: gd.scatter_add_along_axis(x, i, 4, a),
                  (Array(shape), k(*shape)), lambda x, i, a=axis: _scatter_along(x, i, 4, a),
                  )  # fmt: skip
    yield row("one_hot", "labels", lambda i: gd.one_hot(i, 4), Array(("N",), "int32", -1, 6),
              lambda i: (i[:, None] == np.arange(4)).astype(float))  # fmt: skip
    yield row("one_hot", "matrix", lambda i: gd.one_hot(i, 3, "int64"), k(2, 3),
              lambda i: (i[..., None] == np.arange(3)).astype(int))  # fmt: skip
