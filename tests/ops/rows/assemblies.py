"""Assemblies."""

import numpy as np

import graphdl as gd
from tests.ops.rows.shared import A34, N3, Array, row


def rows():
    pair = (Array((2, 3)), Array((2, 1)))
    yield row("concat", "last", lambda *x: gd.concat(x, 1), pair, lambda *x: np.concatenate(x, 1))
    yield row("concat", "symbolic", lambda *x: gd.concat(x, -2), (N3, Array((2, 3)), N3),
              lambda *x: np.concatenate(x, 0))  # fmt: skip
    yield row("concat", "empty part", lambda *x: gd.concat(x), (Array((0, 3)), Array((2, 3))),
              lambda *x: np.concatenate(x))  # fmt: skip
    yield row("concat", "twice the same", lambda x: gd.concat([x, x, x]), A34,
              lambda x: np.concatenate([x, x, x]))  # fmt: skip
    for axis in (0, 1, -1):
        yield row("stack", f"{axis}", lambda *x, a=axis: gd.stack(x, a), (A34, A34),
                  lambda *x, a=axis: np.stack(x, a))  # fmt: skip
    yield row("pad", "around", lambda x: gd.pad(x, 1), A34, lambda x: np.pad(x, 1))
    yield row("pad", "sides", lambda x: gd.pad(x, ((0, 2), (1, 0)), -1.5), N3,
              lambda x: np.pad(x, ((0, 2), (1, 0)), constant_values=-1.5))  # fmt: skip
    yield row("pad", "empty", lambda x: gd.pad(x, ((1, 1), (0, 0))), Array((0, 3)),
              lambda x: np.pad(x, ((1, 1), (0, 0))))  # fmt: skip
