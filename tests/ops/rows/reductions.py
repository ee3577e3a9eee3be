"""Reductions."""

import numpy as np

import graphdl as gd
from tests.ops.rows.shared import A34, A234, N3, Array, row


def _axes(function, reference, *extra):
    """Return a reduction's cases: over all, one or several axes, of size 1 and 0, symbolic."""
    f = gd.ops.FUNCTIONS[function]
    table = [
        ("all", A234, None, False), ("first", A234, 0, False), ("middle", A234, 1, True),
        ("last", A234, -1, False), ("two", A234, (0, 2), False), ("two kept", A234, (2, 0), True),
        ("one", Array((3, 1)), 1, False), ("ones", Array((1, 1)), None, True),
        ("symbolic", N3, 0, False), ("symbolic last", N3, 1, True),
        ("empty result", Array((0, 3)), 1, False), ("scalar", Array(()), None, False), *extra,
    ]  # fmt: skip
    return [
        row(function, label, lambda x, a=axis, k=keep: f(x, a, keepdims=k), given,
            lambda x, a=axis, k=keep: reference(x, axis=a, keepdims=k))
        for label, given, axis, keep in table
    ]  # fmt: skip


def _logsumexp(x, axis, keepdims=False):
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def _softmax(x, axis=-1):
    e = np.exp(x)
    return e / e.sum(axis, keepdims=True)


def _spreads():
    for name in ("var", "std"):
        f, g = gd.ops.FUNCTIONS[name], getattr(np, name)
        for label, given, axis, ddof in (
            ("all", A34, None, 0), ("first", A34, 0, 1), ("two", A234, (2, 0), 0.5),
            ("symbolic", N3, 0, 1), ("symbolic last", N3, -1, 0),
        ):  # fmt: skip
            yield row(name, label, lambda x, f=f, a=axis, d=ddof: f(x, a, d, keepdims=True), given,
                      lambda x, g=g, a=axis, d=ddof: g(x, a, ddof=d, keepdims=True))  # fmt: skip
        yield row(name, "of int32", f, Array((3, 4), "int32", -9, 9),
                  lambda x, g=g: g(x.astype(np.float32)))  # fmt: skip


def _norms():
    for ord in (None, 0, 1, 2, 3, 2.5, 0.5, -1, -2.5, np.inf, -np.inf):
        low = 0.5 if ord in (np.inf, -np.inf) else -2.0  # no ties of x and -x
        for axis, shape in ((0, (3, 4)), (-1, (2, 3, 4)), (0, ("N", 3))):
            given = Array(shape, low=low)
            yield row("norm", f"{ord} along {axis} of {given.shape}",
                      lambda x, o=ord, a=axis: gd.norm(x, o, a, keepdims=True), given,
                      lambda x, o=ord, a=axis: np.linalg.norm(x, o, a, keepdims=True),
                      cut=ord == 0)  # fmt: skip
    for ord in (None, "fro", 1, -1, np.inf, -np.inf):
        for axis, shape in ((None, (3, 4)), ((2, 0), (2, 3, 4)), ((0, 1), ("N", 3))):
            given = Array(shape, low=-2.5)
            yield row("norm", f"matrix {ord} over {axis} of {given.shape}",
                      lambda x, o=ord, a=axis: gd.norm(x, o, a), given,
                      lambda x, o=ord, a=axis: np.linalg.norm(x, o, a))  # fmt: skip
    yield row("norm", "all", gd.norm, A234, np.linalg.norm)
    yield row("norm", "empty", lambda x: gd.norm(x, axis=0), Array((0, 3)),
              lambda x: np.linalg.norm(x, axis=0))  # fmt: skip


def rows():
    empty = ("empty", Array((0, 3)), 0, False)
    yield from _axes("sum", np.sum, empty)
    yield from _axes("mean", np.mean)
    for name in ("max", "min", "ptp"):
        yield from _axes(name, getattr(np, name))
    for name in ("max", "min"):
        f, g = gd.ops.FUNCTIONS[name], getattr(np, name)
        for label, given in (("initial", A34), ("initial of symbolic", N3)):
            yield row(name, label, lambda x, f=f: f(x, 0, initial=0.25), given,
                      lambda x, g=g: g(x, 0, initial=0.25))  # fmt: skip
    for name in ("any", "all", "count_nonzero"):
        yield from _axes(name, getattr(np, name), empty)
        f, g = gd.ops.FUNCTIONS[name], getattr(np, name)
        for sort in ("bool", "int32"):
            yield row(name, f"of {sort}", lambda x, f=f: f(x, 1), Array((3, 4), sort, -1, 2),
                      lambda x, g=g: g(x, 1))  # fmt: skip
    yield from _axes("prod", np.prod, empty)
    yield row("prod", "of int32", lambda x: gd.prod(x, 0), Array((3, 4), "int32", -9, 9),
              lambda x: x.prod(0))  # fmt: skip
    yield from _spreads()
    yield from _norms()
    yield from _axes("logsumexp", _logsumexp)
    yield row("sum", "of int32", gd.sum, Array((3, 4), "int32", -9, 9), np.sum)
    yield row("sum", "of bool", lambda x: gd.sum(x, 0), Array((3, 4), "bool"), lambda x: x.sum(0))
    yield row("mean", "of int32", gd.mean, Array((3, 4), "int32", -9, 9), np.mean)
    for name in ("argmax", "argmin"):
        f, g = gd.ops.FUNCTIONS[name], getattr(np, name)
        for axis in (None, 0, 1, -1):
            yield row(name, f"{axis}", lambda x, f=f, a=axis: f(x, a), A234,
                      lambda x, g=g, a=axis: g(x, a))  # fmt: skip
        yield row(name, "kept", lambda x, f=f: f(x, 0, keepdims=True), N3,
                  lambda x, g=g: g(x, 0, keepdims=True))  # fmt: skip
    for name, reference in (
        ("softmax", _softmax),
        ("log_softmax", lambda x, axis=-1: np.log(_softmax(x, axis))),
    ):
        f = gd.ops.FUNCTIONS[name]
        for label, given, axis in (
            ("last", A34, -1), ("first", A34, 0), ("middle", A234, 1), ("one", Array((3, 1)), 1),
            ("symbolic", N3, 1), ("symbolic axis", N3, 0), ("empty", Array((0, 3)), 1),
        ):  # fmt: skip
            yield row(name, label, lambda x, f=f, a=axis: f(x, a), given,
                      lambda x, r=reference, a=axis: r(x, axis=a))  # fmt: skip
