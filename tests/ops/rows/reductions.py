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


def rows():
    empty = ("empty", Array((0, 3)), 0, False)
    yield from _axes("sum", np.sum, empty)
    yield from _axes("mean", np.mean)
    for name in ("max", "min"):
        yield from _axes(name, getattr(np, name))
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
