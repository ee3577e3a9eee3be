"""Sorting and what is made of it."""

import numpy as np

import graphdl as gd
from tests.ops.rows.running import SHAPES
from tests.ops.rows.shared import A34, A234, N3, Array, row


def _argsort(x, axis=-1, descending=False):
    if not descending:
        return np.argsort(x, axis, kind="stable")
    back = np.argsort(np.flip(x, axis), axis, kind="stable")
    return x.shape[axis] - 1 - np.flip(back, axis)


def _top(x, k, axis=-1):
    return np.take(_argsort(x, axis, True), range(k), axis)


def rows():
    for label, given, axis in SHAPES:
        for descending in (False, True):
            how = f"{label}{' descending' if descending else ''}"
            yield row("argsort", how,
                      lambda x, a=axis, d=descending: gd.argsort(x, a, descending=d), given,
                      lambda x, a=axis, d=descending: _argsort(x, a, d))  # fmt: skip
            yield row("sort", how, lambda x, a=axis, d=descending: gd.sort(x, a, descending=d),
                      given, lambda x, a=axis, d=descending:
                      np.flip(np.sort(x, a), a) if d else np.sort(x, a))  # fmt: skip
    for sort in ("int32", "bool"):
        given = Array((3, 70), sort, -9, 9)
        yield row("argsort", f"of {sort}", gd.argsort, given, _argsort)
        yield row("argsort", f"of {sort} descending", lambda x: gd.argsort(x, descending=True),
                  given, lambda x: _argsort(x, -1, True))  # fmt: skip
    yield row("sort", "long", gd.sort, Array((2, 60), low=-8.0, high=8.0), np.sort)
    for k, given, axis in ((1, A34, -1), (3, A234, 1), (4, A34, 1), (0, A34, 0), (2, N3, 1)):
        yield row("top_k", f"values {k} of {given.shape}", lambda x, k=k, a=axis:
                  gd.top_k(x, k, a)[0], given, lambda x, k=k, a=axis:
                  np.take_along_axis(x, _top(x, k, a), a))  # fmt: skip
        yield row("top_k", f"places {k} of {given.shape}", lambda x, k=k, a=axis:
                  gd.top_k(x, k, a)[1], given, lambda x, k=k, a=axis: _top(x, k, a))  # fmt: skip
    for label, given, axis in (
        ("all", A234, None), ("odd", A34, 0), ("even", A34, 1), ("two", A234, (2, 0)),
        ("symbolic", N3, 0), ("flat symbolic", N3, None), ("one", Array((1, 3)), 0),
    ):  # fmt: skip
        yield row("median", label, lambda x, a=axis: gd.median(x, a), given,
                  lambda x, a=axis: np.median(x, a))  # fmt: skip
    yield row("median", "kept", lambda x: gd.median(x, (0, 1), keepdims=True), A34,
              lambda x: np.median(x, (0, 1), keepdims=True))  # fmt: skip
    yield row("median", "of int32", lambda x: gd.median(x, 0), Array((4, 3), "int32", -9, 9),
              lambda x: np.median(x.astype(np.float32), 0))  # fmt: skip
