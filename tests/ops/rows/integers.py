"""Integers and bits; what compares whole arrays."""

import numpy as np

import graphdl as gd
from tests.ops.rows.shared import A34, N3, Array, row


def rows():
    whole, other = Array((2, 3), "int32", -9, 9), Array((3,), "int32", -9, 9)
    truth = Array((2, 3), "bool"), Array((3,), "bool")
    for name in ("and", "or", "xor"):
        f, reference = gd.ops.FUNCTIONS[f"bitwise_{name}"], getattr(np, f"bitwise_{name}")
        yield row(f"bitwise_{name}", "integers", f, (whole, other), reference)
        yield row(f"bitwise_{name}", "bools", f, truth, reference)
        yield row(f"bitwise_{name}", "number", lambda x, f=f: f(6, x), whole,
                  lambda x, r=reference: r(6, x))  # fmt: skip
    for name in ("bitwise_not", "invert"):
        yield row(name, "integers", gd.ops.FUNCTIONS[name], whole, np.invert)
        yield row(name, "bools", gd.ops.FUNCTIONS[name], truth[:1], np.invert)
    counts = Array((3,), "int32", 0, 6)
    yield row("power", "of integer arrays", gd.power, (whole, counts), np.power)
    for k, reference in enumerate((np.floor_divide, np.mod)):
        yield row("divmod", f"{k} of int32", lambda *x, k=k: gd.divmod(*x)[k], (whole, other),
                  reference)  # fmt: skip
        yield row("divmod", f"{k} of floats", lambda x, k=k: gd.divmod(x, 0.3)[k],
                  Array((4,), low=-0.28, high=0.28), lambda x, r=reference: r(x, 0.3))  # fmt: skip
    yield row("allclose", "far", gd.allclose, (A34, A34), np.allclose)
    yield row("allclose", "near", lambda x: gd.allclose(x, x + 1e-9), A34, lambda x: np.True_)
    yield row("array_equal", "the same", lambda x: gd.array_equal(x, x), N3, lambda x: np.True_)
    yield row("array_equal", "others", gd.array_equal, (A34, A34), np.array_equal)
    yield row("array_equal", "another shape", gd.array_equal, (A34, N3), np.array_equal)
