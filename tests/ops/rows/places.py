"""Gathers and scatters."""

import numpy as np

import graphdl as gd
from tests.ops.rows.shared import A34, A234, N3, Array, row


def _moved(result, x, k, axis):
    source = tuple(range(axis, axis + k.ndim))
    return np.moveaxis(result, axis, 0), np.moveaxis(x, source, tuple(range(k.ndim)))


def _store(x, k, y):
    for place in np.ndindex(k.shape):
        x[k[place]] = y[place]


APPLY = {"add": np.add.at, "max": np.maximum.at, "min": np.minimum.at, "set": _store}
EMPTY = {"add": 0.0, "set": 0.0, "max": -np.inf, "min": np.inf}


def _scatter(combine, x, k, size, axis, base=None):
    if base is None:
        base = np.full((*x.shape[:axis], size, *x.shape[axis + k.ndim :]), EMPTY[combine])
    result = np.array(base)
    target, updates = _moved(result, x, k, axis)
    APPLY[combine](target, k, updates)
    return result


def _scatter_along(combine, x, k, size, axis, base=None):
    if base is None:
        base = np.full((*x.shape[:axis], size, *x.shape[axis + 1 :]), EMPTY[combine])
    result = np.array(base)
    grid = list(np.indices(k.shape))
    grid[axis] = k
    if combine == "set":
        for place in np.ndindex(k.shape):
            result[tuple(g[place] for g in grid)] = x[place]
    else:
        APPLY[combine](result, tuple(grid), x)
    return result


def k(*shape, low=0, high=3):
    return Array(shape, "int32", low, high)


def rows():
    """Data-dependent places; indices are drawn from few, so that some occur twice."""
    yield from _gathers()
    yield from _scatters()
    yield from _updates()
    yield row("one_hot", "labels", lambda i: gd.one_hot(i, 4), Array(("N",), "int32", -1, 6),
              lambda i: (i[:, None] == np.arange(4)).astype(float))  # fmt: skip
    yield row("one_hot", "matrix", lambda i: gd.one_hot(i, 3, "int64"), k(2, 3),
              lambda i: (i[..., None] == np.arange(3)).astype(int))  # fmt: skip
    yield row("one_hot", "axis", lambda i: gd.one_hot(i, 3, "int64", axis=1), k(2, 4),
              lambda i: (i[:, None] == np.arange(3)[:, None]).astype(int))  # fmt: skip


def _gathers():
    for label, given, indices, axis in (
        ("rows", A34, k(5), 0), ("columns", A34, k(6), 1), ("matrix", A34, k(2, 2), 0),
        ("middle", A234, k(2, 2), 1), ("scalar", A34, k(), 0), ("none", A34, k(0), 0),
        ("symbolic", A34, k("N"), 1), ("symbolic table", N3, k(4), 0),
    ):  # fmt: skip
        yield row("gather", label, lambda x, i, a=axis: gd.gather(x, i, a), (given, indices),
                  lambda x, i, a=axis: np.take(x, i, a))  # fmt: skip
        negative = k(*indices.shape, low=-3)
        yield row("take", label, lambda x, i, a=axis: gd.take(x, i, a), (given, negative),
                  lambda x, i, a=axis: np.take(x, i, a))  # fmt: skip
    for mode in ("clip", "wrap"):
        yield row("take", mode, lambda x, i, m=mode: gd.take(x, i, 1, mode=m),
                  (A34, k(5, low=-9, high=9)), lambda x, i, m=mode: np.take(x, i, 1, mode=m),
                  )  # fmt: skip
    yield row("take", "flat", lambda x, i: gd.take(x, i), (A34, k(2, 4, low=-12, high=12)), np.take)
    yield row("take", "constants", lambda x: gd.take(x, [[0, -1], [2, 2]], -1), A34,
              lambda x: np.take(x, [[0, -1], [2, 2]], -1))  # fmt: skip
    yield row("take", "constants of a symbolic axis", lambda x: gd.take(x, [0, -2, 3], 0), N3,
              lambda x: np.take(x, [0, -2, 3], 0))  # fmt: skip
    for label, ids in (("vector", k("N")), ("matrix", k(2, 3)), ("one", k())):
        yield row("embedding", label, gd.embedding, (A34, ids), lambda x, i: x[i])
    for label, given, indices, axis in (
        ("one", A34, k(3, 1), 1), ("several", A34, k(3, 5), 1), ("first", A34, k(2, 4), 0),
        ("labels", N3, k("N", 1), 1), ("vector", Array((3,)), k(4), 0),
        ("one of one", Array((3, 1)), k(3, 1, high=1), 1),
        ("negative", A34, k(3, 1, low=-4), 1), ("from both ends", A34, k(3, 5, low=-4), 1),
    ):  # fmt: skip
        yield row("take_along_axis", label, lambda x, i, a=axis: gd.take_along_axis(x, i, a),
                  (given, indices), lambda x, i, a=axis: np.take_along_axis(x, i, a))  # fmt: skip


def _scatters():
    for combine in APPLY:
        name = f"scatter_{combine}"
        for label, given, indices, axis in (
            ("rows", Array((5, 2)), k(5), 0), ("columns", A34, k(4), 1),
            ("matrix", A234, k(2, 3), 0), ("middle", A234, k(3), 1), ("scalar", A34, k(), 1),
            ("symbolic", N3, k("N"), 0), ("none", Array((0, 2)), k(0), 0),
        ):  # fmt: skip
            if combine in ("add", "set"):  # no sums of infinities in the tests of derivatives
                yield row(
                    name, label, lambda x, i, c=combine, a=axis: _function(c)(x, i, 4, a),
                    (given, indices), lambda x, i, c=combine, a=axis: _scatter(c, x, i, 4, a),
                )  # fmt: skip
            taken = len(indices.shape)
            base = Array((*given.shape[:axis], 4, *given.shape[axis + taken :]))
            yield row(
                name, f"{label} onto",
                lambda b, x, i, c=combine, a=axis: _function(c)(x, i, axis=a, base=b),
                (base, given, indices),
                lambda b, x, i, c=combine, a=axis: _scatter(c, x, i, 4, a, b),
            )  # fmt: skip
        for label, shape, axis in (
            ("last", (3, 4), 1), ("first", (3, 4), 0), ("symbolic", ("N", 2), 1),
            ("one", (3, 1), 1),
        ):  # fmt: skip
            base = Array((*shape[:axis], 4, *shape[axis + 1 :]))
            yield row(
                f"{name}_along_axis", label,
                lambda b, x, i, c=combine, a=axis: _function(c, "_along_axis")(
                    x, i, axis=a, base=b
                ),
                (base, Array(shape), k(*shape)),
                lambda b, x, i, c=combine, a=axis: _scatter_along(c, x, i, 4, a, b),
            )  # fmt: skip
    yield row("scatter_add_along_axis", "zeros", lambda x, i: gd.scatter_add_along_axis(x, i, 4, 1),
              (A34, k(3, 4)), lambda x, i: _scatter_along("add", x, i, 4, 1))  # fmt: skip
    yield row("put_along_axis", "one", lambda x, i, v: gd.put_along_axis(x, i, v, 1),
              (A34, k(3, 2, low=-4), Array((3, 1))),
              lambda x, i, v: _scatter_along("set", np.broadcast_to(v, (3, 2)), i % 4, 4, 1, x),
              )  # fmt: skip


def _function(combine, ending=""):
    return getattr(gd, f"scatter_{combine}{ending}")


def _changed(combine, x, index, value):
    result = np.array(x)
    if combine == "set":
        result[index] = value
    else:
        APPLY[combine](result, index, value)
    return result


def _updates():
    for combine, name in (("set", "update"), ("add", "add"), ("max", "max"), ("min", "min")):
        function = getattr(gd, f"index_{name}")
        for label, given, index, value in (
            ("slice", A34, (slice(1, None), slice(None, None, -2)), (2, 2)),
            ("integer", A34, 1, ()), ("all", A34, ..., (4,)), ("new axis", A34, (None, 2), (1, 4)),
            ("symbolic", N3, (slice(1, -1), 2), ()),
            ("array", A34, ([0, -1, 0],), (3, 4)),
            ("pair", A234, ([1, 0, 1], slice(None), [-1, 2, 3]), (3, 3)),
            ("apart", A234, (1, slice(None, None, 2), [3, 0, 3]), (3, 1)),
            ("mask", A34, (np.arange(12).reshape(3, 4) % 3 == 0,), ()),
        ):  # fmt: skip
            yield row(
                f"index_{name}", label, lambda x, v, f=function, i=index: f(x, i, v),
                (given, Array(value)), lambda x, v, c=combine, i=index: _changed(c, x, i, v),
            )  # fmt: skip
    yield row(
        "index_add", "input", lambda x, i, j, v: gd.index_add(x, (i[:, None], j), v),
        (A34, k(2, low=-3), k(3, low=-4), Array((2, 3))),
        lambda x, i, j, v: _changed("add", x, (i[:, None], j), v),
    )  # fmt: skip
