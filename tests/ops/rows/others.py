"""Elementwise functions in other dtypes and with attributes; leaves."""

import numpy as np

import graphdl as gd
from tests.ops.rows.shared import A34, N3, Array, row


def rows():
    yield row("clip", "both", lambda x: gd.clip(x, -1.03, 1.01), A34, lambda x: x.clip(-1.03, 1.01))
    yield row("clip", "below", lambda x: gd.clip(x, min=0), A34, lambda x: x.clip(0))
    yield row("clip", "above", lambda x: gd.clip(x, max=0.4), A34, lambda x: x.clip(None, 0.4))
    positive = Array((2, 3), low=0.3)
    for exponent in (3, -2, 0.5, 1.7, 0):
        yield row("power", f"{exponent}", lambda x, p=exponent: x**p, positive,
                  lambda x, p=exponent: x ** float(p))  # fmt: skip
    yield row("power", "of nodes", gd.power, (positive, Array((3,))), np.power)
    yield row("square", "plain", gd.square, A34, np.square)
    for dtype in ("float64", "float32", "int32", "int64", "bool"):
        yield row("cast", dtype, lambda x, d=dtype: gd.cast(x * 1.0, d), A34,
                  lambda x, d=dtype: x.astype(d).astype(float), cut=dtype[0] != "f")  # fmt: skip
    yield row("cast", "of int32", lambda i: gd.cast(i, "uint8"), Array((3,), "int32", 0, 9),
              lambda i: i)  # fmt: skip
    table = np.arange(3.0)
    yield row(
        "multiply", "by a constant", lambda x: x * gd.constant(table), N3, lambda x: x * table
    )
    yield row("multiply", "by a parameter", lambda x: x * gd.param("w", (3,), x.dtype, init=table),
              N3, lambda x: x * table)  # fmt: skip
    yield row("multiply", "by state", lambda x: x * gd.state("w", (3,), x.dtype, init=table), N3,
              lambda x: x * table)  # fmt: skip
    yield row("multiply", "by positions", lambda x: x * gd.iota("N")[:, None], N3,
              lambda x: x * np.arange(5)[:, None])  # fmt: skip
    whole = Array((2, 3), "int32", -5, 5)
    for name in ("add", "subtract", "multiply", "minimum", "maximum", "less", "equal"):
        f, reference = gd.ops.FUNCTIONS[name], getattr(np, name)
        yield row(name, "of int32", f, (whole, whole), reference)
    for name in ("negative", "abs", "sign"):
        yield row(name, "of int32", gd.ops.FUNCTIONS[name], whole, getattr(np, name))
    yield row("divide", "of int32", gd.divide, (whole, Array((3,), "int32", 1, 5)), np.divide)
    yield row("equal", "same values", lambda x: gd.equal(x, x), A34, lambda x: x == x)
    yield row("where", "int32", gd.where, (Array((3,), "bool"), whole, whole), np.where)
