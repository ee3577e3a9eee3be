"""What makes arrays of sizes and numbers; ``x`` only binds dims and takes a gradient."""

import numpy as np

import graphdl as gd
from tests.ops.rows.shared import A34, N3, Array, row


def rows():
    for name, value in (("zeros", 0.0), ("ones", 1.0)):
        f = gd.ops.FUNCTIONS[name]
        yield row(name, "plain", lambda x, f=f: x * f((2, 3)), Array((3,)),
                  lambda x, v=value: np.broadcast_to(x, (2, 3)) * v)  # fmt: skip
        like = gd.ops.FUNCTIONS[f"{name}_like"]
        yield row(f"{name}_like", "plain", lambda x, f=like: x + f(x), N3, lambda x, v=value: x + v)
        yield row(f"{name}_like", "int64", lambda x, f=like: f(x, "int64"), A34,
                  lambda x, v=value: np.full(x.shape, v))  # fmt: skip
    yield row("full", "symbolic", lambda x: x + gd.full(("N", 3), 2.5), N3, lambda x: x + 2.5)
    yield row("full_like", "plain", lambda x: x * gd.full_like(x, -3), N3, lambda x: x * -3)
    for args in ((3,), (2, 3), (3, 2, -1), (2, 5, 3), (2, 2, 4), (0, 2)):
        yield row("eye", f"{args}", lambda x, a=args: gd.eye(*a, dtype=x.dtype) * x, Array(()),
                  lambda x, a=args: np.eye(*a) * x)  # fmt: skip
    yield row("eye", "symbolic", lambda x: x @ gd.eye("N", 3, 1, x.dtype), Array(("N", "N")),
              lambda x: x @ np.eye(5, 3, 1))  # fmt: skip
    yield row("eye", "bool", lambda x: gd.eye(3, dtype="bool"), A34, lambda x: np.eye(3) > 0)
    yield from _ranges()
    yield from _grids()


def _ranges():
    for args in (
        (4,), (1, 5), (5, 1), (5, 0, -2), (0, 10, 3), (-3, 3, 2), (0,), (0.0, 1.0, 0.1),
        (1, 0, -0.25), (0.5, 3.5), (1.0, 1.0, 0.5), (0, 1000, 7.5),
    ):  # fmt: skip
        yield row("arange", f"{args}", lambda x, a=args: gd.arange(*a, dtype=x.dtype) * x,
                  Array(()), lambda x, a=args: np.arange(*a) * x)  # fmt: skip
        yield row("arange", f"own dtype {args}", lambda x, a=args: gd.arange(*a), Array(()),
                  lambda x, a=args: np.arange(*a))  # fmt: skip
    for args, numbers in (
        (("N",), (5,)), ((2, "N"), (2, 5)), (("N", 0, -1), (5, 0, -1)), ((-1, "N", 2), (-1, 5, 2)),
        (("N", "2*N + 1", 3), (5, 11, 3)), ((9, "N", -2), (9, 5, -2)),
    ):  # fmt: skip
        yield row("arange", f"symbolic {args}", lambda x, a=args: gd.arange(*a) * x[0, 0], N3,
                  lambda x, a=numbers: np.arange(*a) * x[0, 0])  # fmt: skip
    for num in (0, 1, 2, 5, 12):
        for end in (True, False):
            yield row("linspace", f"{num} {end}",
                      lambda a, b, n=num, e=end: gd.linspace(a, b, n, e), (Array(()), Array(())),
                      lambda a, b, n=num, e=end: np.linspace(a, b, n, e))  # fmt: skip
    yield row("linspace", "symbolic", lambda x: gd.linspace(x[0, 0], x[1, 2], "N"), N3,
              lambda x: np.linspace(x[0, 0], x[1, 2], 5))  # fmt: skip
    yield row("linspace", "of arrays", lambda a, b: gd.linspace(a, b, 4), (A34, Array((4,))),
              lambda a, b: np.linspace(a, b, 4))  # fmt: skip
    yield row("linspace", "int32", lambda x: gd.linspace(0, 10, 5, dtype="int32"), A34,
              lambda x: np.linspace(0, 10, 5, dtype=int))  # fmt: skip
    yield row("linspace", "of ints", lambda x: x * gd.linspace(-3, 4, 8)[:4], A34,
              lambda x: x * np.linspace(-3, 4, 8)[:4])  # fmt: skip


def _grids():
    given = (Array((3,)), Array(("N",)), Array(()))
    for indexing in ("xy", "ij"):
        for sparse in (False, True):
            for count in (1, 2, 3):
                yield row(
                    "meshgrid", f"{indexing} {sparse} {count}",
                    lambda *x, i=indexing, s=sparse: _sum(gd.meshgrid(*x, indexing=i, sparse=s)),
                    given[:count],
                    lambda *x, i=indexing, s=sparse: _sum(np.meshgrid(*x, indexing=i, sparse=s)),
                )  # fmt: skip


def _sum(grids):
    return sum((k + 2) * g for k, g in enumerate(grids))
