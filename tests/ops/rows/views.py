"""Views."""

import numpy as np

import graphdl as gd
from tests.ops.rows.shared import A34, A234, N3, Array, row


def rows():
    yield row("reshape", "flat", lambda x: gd.reshape(x, -1), A234, lambda x: x.reshape(-1))
    yield row("reshape", "split", lambda x: x.reshape(4, 6), A234, lambda x: x.reshape(4, 6))
    yield row("reshape", "symbolic", lambda x: gd.reshape(x, -1), N3, lambda x: x.reshape(-1))
    yield row("reshape", "empty", lambda x: gd.reshape(x, (3, 0)), Array((0, 3)),
              lambda x: x.reshape(3, 0))  # fmt: skip
    yield row("expand_dims", "two", lambda x: gd.expand_dims(x, (0, 2)), A34,
              lambda x: np.expand_dims(x, (0, 2)))  # fmt: skip
    yield row("squeeze", "all", gd.squeeze, Array((1, 3, 1)), np.squeeze)
    yield row("squeeze", "one", lambda x: gd.squeeze(x, -1), Array((1, 3, 1)),
              lambda x: np.squeeze(x, -1))  # fmt: skip
    yield row("flatten", "images", gd.flatten, Array(("N", 2, 3)), lambda x: x.reshape(5, 6))
    yield row("transpose", "reverse", gd.transpose, A234, np.transpose)
    yield row("transpose", "order", lambda x: gd.transpose(x, (1, -1, 0)), A234,
              lambda x: x.transpose(1, 2, 0))  # fmt: skip
    yield row("broadcast_to", "grow", lambda x: gd.broadcast_to(x, (2, 3, 4)), Array((3, 1)),
              lambda x: np.broadcast_to(x, (2, 3, 4)))  # fmt: skip
    yield row("broadcast_to", "symbolic", lambda x: gd.broadcast_to(x, ("N", 4)), Array((4,)),
              lambda x: np.broadcast_to(x, (5, 4)))  # fmt: skip
    yield row("broadcast_to", "empty", lambda x: gd.broadcast_to(x, (0, 4)), Array((4,)),
              lambda x: np.broadcast_to(x, (0, 4)))  # fmt: skip
    yield row("flip", "all", gd.flip, A34, np.flip)
    yield row("flip", "one", lambda x: gd.flip(x, 0), N3, lambda x: np.flip(x, 0))
    for label, index in (
        ("step", np.s_[::2, 1:]), ("negative step", np.s_[::-2, -1::-1]), ("ints", np.s_[1, -1]),
        ("none", np.s_[None, 1:, ..., None]), ("ellipsis", np.s_[..., 0]), ("empty", np.s_[3:1]),
        ("array", np.array([2, 0, 0, 1])),
    ):  # fmt: skip
        key = (index,) if isinstance(index, np.ndarray) else index
        yield row("flip", f"slice {label}", lambda x, i=key: x[i], A34, lambda x, i=key: x[i])
    yield row("flip", "slice symbolic", lambda x: x[-2::-2, 1], N3, lambda x: x[-2::-2, 1])
