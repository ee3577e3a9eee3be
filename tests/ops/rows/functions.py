"""Functions that choose between ops: roundings, polygamma, nan_to_num, clip with nodes."""

import mpmath
import numpy as np

import graphdl as gd
from tests.ops.rows.shared import A34, Array, row

WHOLE = Array((2, 3), "int32", -60, 60)
WIDE = Array((3, 4), low=0.03, high=0.93)


def rows():
    for name in ("floor", "ceil", "trunc", "round"):
        f, reference = gd.ops.FUNCTIONS[name], getattr(np, name)
        yield row(name, "plain", f, WIDE, reference, cut=True)
        yield row(name, "of int32", f, WHOLE, lambda x: x)
    for decimals in (1, -1):
        yield row("round", f"{decimals}", lambda x, d=decimals: gd.round(x * 7, d), A34,
                  lambda x, d=decimals: np.round(x * 7, d), cut=True)  # fmt: skip
        yield row("round", f"{decimals} of int32", lambda x, d=decimals: gd.round(x, d), WHOLE,
                  lambda x, d=decimals: np.round(x, d))  # fmt: skip
    for n in range(4):
        near = Array((5,), low=1, high=3)
        yield row("polygamma", f"{n}", lambda x, n=n: gd.polygamma(n, x), near,
                  np.vectorize(lambda v, n=n: float(mpmath.psi(n, v)), otypes=[float]))  # fmt: skip
    yield row("nan_to_num", "plain", gd.nan_to_num, A34, np.nan_to_num)
    yield row("nan_to_num", "of int32", gd.nan_to_num, WHOLE, lambda x: x)
    yield row("clip", "nodes", gd.clip, (A34, Array((4,)), Array((3, 1))), np.clip)
    yield row("clip", "nothing", gd.clip, A34, lambda x: x)
    yield row("clip", "int32", lambda x: gd.clip(x, -5, 7), WHOLE, lambda x: np.clip(x, -5, 7))
    yield row("square", "int32", gd.square, WHOLE, np.square)
    yield row("power", "int32", lambda x: x**3, WHOLE, lambda x: x**3)
    yield row("power", "number to node", lambda x: 2.0**x, A34, lambda x: 2.0**x)
