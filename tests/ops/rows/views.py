"""Views."""

import numpy as np

import graphdl as gd
from tests.ops.rows.shared import A34, A234, N3, Array, row

SQUARE = Array(("N", "N", 2))
FLAGS, WHOLE = Array((3, 4), "bool"), Array((3, 4), "int32", -9, 9)


def rows():
    yield from _shapes()
    yield from _orders()
    yield from _slices()
    yield from _repetitions()
    yield from _diagonals()


def _shapes():
    yield row("reshape", "flat", lambda x: gd.reshape(x, -1), A234, lambda x: x.reshape(-1))
    yield row("reshape", "split", lambda x: x.reshape(4, 6), A234, lambda x: x.reshape(4, 6))
    yield row("reshape", "symbolic", lambda x: gd.reshape(x, -1), N3, lambda x: x.reshape(-1))
    yield row("reshape", "empty", lambda x: gd.reshape(x, (3, 0)), Array((0, 3)),
              lambda x: x.reshape(3, 0))  # fmt: skip
    yield row("ravel", "matrix", gd.ravel, A34, np.ravel)
    yield row("ravel", "of an order", lambda x: gd.ravel(x.T), N3, lambda x: np.ravel(x.T))
    yield row("ravel", "number", gd.ravel, Array(()), np.ravel)
    yield row("expand_dims", "two", lambda x: gd.expand_dims(x, (0, 2)), A34,
              lambda x: np.expand_dims(x, (0, 2)))  # fmt: skip
    yield row("squeeze", "all", gd.squeeze, Array((1, 3, 1)), np.squeeze)
    yield row("squeeze", "one", lambda x: gd.squeeze(x, -1), Array((1, 3, 1)),
              lambda x: np.squeeze(x, -1))  # fmt: skip
    yield row("flatten", "images", gd.flatten, Array(("N", 2, 3)), lambda x: x.reshape(5, 6))


def _orders():
    yield row("transpose", "reverse", gd.transpose, A234, np.transpose)
    yield row("transpose", "order", lambda x: gd.transpose(x, (1, -1, 0)), A234,
              lambda x: x.transpose(1, 2, 0))  # fmt: skip
    for source, goal in ((0, -1), (-1, 0), ((0, 2), (1, 0)), ((), ())):
        yield row("moveaxis", f"{source} {goal}", lambda x, a=source, b=goal: gd.moveaxis(x, a, b),
                  A234, lambda x, a=source, b=goal: np.moveaxis(x, a, b))  # fmt: skip
    yield row("swapaxes", "ends", lambda x: gd.swapaxes(x, 0, -1), Array(("N", 2, 3)),
              lambda x: np.swapaxes(x, 0, -1))  # fmt: skip
    for k in (-1, 0, 1, 2, 3, 6):
        yield row("rot90", f"{k}", lambda x, k=k: gd.rot90(x, k), A34,
                  lambda x, k=k: np.rot90(x, k))  # fmt: skip
    for label, shape in (("axes", (2, 3, 4)), ("symbolic", (2, "N", 3)), ("empty", (2, 0, 3))):
        yield row("rot90", label, lambda x: gd.rot90(x, axes=(2, -2)), Array(shape),
                  lambda x: np.rot90(x, axes=(2, -2)))  # fmt: skip
    yield row("rot90", "bool", gd.rot90, FLAGS, np.rot90)


def _slices():
    yield row("flip", "all", gd.flip, A34, np.flip)
    yield row("flip", "one", lambda x: gd.flip(x, 0), N3, lambda x: np.flip(x, 0))
    yield row("fliplr", "plain", gd.fliplr, N3, np.fliplr)
    yield row("flipud", "plain", gd.flipud, N3, np.flipud)
    for label, index in (
        ("step", np.s_[::2, 1:]), ("negative step", np.s_[::-2, -1::-1]), ("ints", np.s_[1, -1]),
        ("none", np.s_[None, 1:, ..., None]), ("ellipsis", np.s_[..., 0]), ("empty", np.s_[3:1]),
        ("array", np.array([2, 0, 0, 1])),
    ):  # fmt: skip
        key = (index,) if isinstance(index, np.ndarray) else index
        yield row("flip", f"slice {label}", lambda x, i=key: x[i], A34, lambda x, i=key: x[i])
    yield row("flip", "slice symbolic", lambda x: x[-2::-2, 1], N3, lambda x: x[-2::-2, 1])

    def joined(parts, join):  # parts are swapped, so that each of them counts
        return join([*parts[1:], parts[0]])

    for name in ("split", "array_split"):
        cut, reference = gd.ops.FUNCTIONS[name], getattr(np, name)
        for label, given, how, axis in (
            ("two", A34, 2, 1), ("cuts", A34, [1, 3], -1), ("cuts beyond", A34, (1, 7), 0),
            ("backward cuts", A34, [2, 1], 1), ("symbolic", Array((4, "N")), 4, 0),
            ("symbolic cuts", N3, [1, 2], 0), ("empty", Array((0, 3)), 2, 0), ("one", A34, 1, 0),
        ):  # fmt: skip
            yield row(
                name, label,
                lambda x, f=cut, h=how, a=axis: joined(f(x, h, a), lambda p: gd.concat(p, a)),
                given, lambda x, f=reference, h=how, a=axis:
                joined(f(x, h, a), lambda p: np.concatenate(p, a)),
            )  # fmt: skip
    for label, given, count in (("uneven", A34, 3), ("more than there are", A34, 5),
                                ("uneven symbolic", Array((2, "N")), 3)):  # fmt: skip
        yield row("array_split", label,
                  lambda x, n=count: joined(gd.array_split(x, n, 1), lambda p: gd.concat(p, 1)),
                  given, lambda x, n=count:
                  joined(np.array_split(x, n, 1), lambda p: np.concatenate(p, 1)))  # fmt: skip


def _repetitions():
    for label, call, given, reference in (
        ("grow", lambda x: gd.broadcast_to(x, (2, 3, 4)), Array((3, 1)),
         lambda x: np.broadcast_to(x, (2, 3, 4))),
        ("symbolic", lambda x: gd.broadcast_to(x, ("N", 4)), Array((4,)),
         lambda x: np.broadcast_to(x, (5, 4))),
        ("empty", lambda x: gd.broadcast_to(x, (0, 4)), Array((4,)),
         lambda x: np.broadcast_to(x, (0, 4))),
    ):  # fmt: skip
        yield row("broadcast_to", label, call, given, reference)
    pair = (Array(("N", 1)), Array((3,)))
    for k in (0, 1):
        yield row("broadcast_arrays", f"{k}", lambda *x, k=k: gd.broadcast_arrays(*x)[k] * x[0],
                  pair, lambda *x, k=k: np.broadcast_arrays(*x)[k] * x[0])  # fmt: skip
    for reps in (2, (2,), (1, 3), (2, 1, 2), (0, 2), ()):
        yield row("tile", f"{reps}", lambda x, r=reps: gd.tile(x, r), A34,
                  lambda x, r=reps: np.tile(x, r))  # fmt: skip
    yield row("tile", "symbolic", lambda x: gd.tile(x, (2, 1)), N3, lambda x: np.tile(x, (2, 1)))
    yield row("tile", "symbolic times", lambda x: gd.tile(x, ("N", 1)), N3,
              lambda x: np.tile(x, (5, 1)))  # fmt: skip
    yield row("tile", "number", lambda x: gd.tile(x, 3), Array(()), lambda x: np.tile(x, 3))
    many = np.arange(20) % 3
    for label, given, count, axis in (
        ("all", A34, 2, None), ("rows", A34, 3, 0), ("none", A34, 0, 1), ("symbolic", N3, 2, -2),
        ("counts", A34, [1, 0, 2], 0), ("counts of all", Array((2, 2)), (2, 1, 0, 3), None),
        ("no counts", A34, [0, 0, 0], 0), ("one count", A34, [2], 1), ("int32", WHOLE, 2, 1),
        ("many counts", Array((20,)), many, 0), ("bool", FLAGS, [2, 1, 2], 0),
        ("empty", Array((0, 2)), 2, 0),
    ):  # fmt: skip
        yield row("repeat", label, lambda x, n=count, a=axis: gd.repeat(x, n, a), given,
                  lambda x, n=count, a=axis: np.repeat(x, n, a))  # fmt: skip


def _diagonals():
    for k in (-3, -1, 0, 2, 4):
        yield row("diagonal", f"{k}", lambda x, k=k: gd.diagonal(x, k), A34,
                  lambda x, k=k: np.diagonal(x, k))  # fmt: skip
        yield row("trace", f"{k}", lambda x, k=k: gd.trace(x, k), A34,
                  lambda x, k=k: np.trace(x, k))  # fmt: skip
        yield row("diag", f"of a matrix {k}", lambda x, k=k: gd.diag(x, k), A34,
                  lambda x, k=k: np.diag(x, k))  # fmt: skip
        yield row("diag", f"of a vector {k}", lambda x, k=k: gd.diag(x, k), Array((3,)),
                  lambda x, k=k: np.diag(x, k))  # fmt: skip
    for axes in ((0, 2), (2, 0), (-1, 1)):
        yield row("diagonal", f"axes {axes}", lambda x, a=axes: gd.diagonal(x, 1, *a), A234,
                  lambda x, a=axes: np.diagonal(x, 1, *a))  # fmt: skip
    for k in (0, 2, -1):
        yield row("diagonal", f"symbolic {k}", lambda x, k=k: gd.diagonal(x, k), SQUARE,
                  lambda x, k=k: np.diagonal(x, k))  # fmt: skip
        yield row("diag", f"symbolic {k}", lambda x, k=k: gd.diag(x, k), Array(("N",)),
                  lambda x, k=k: np.diag(x, k))  # fmt: skip
    yield row("diagonal", "empty", gd.diagonal, Array((0, 3)), np.diagonal)
    yield row("diagonal", "one", gd.diagonal, Array((1, 1, 1)), np.diagonal)
    yield row("diagonal", "of an order", lambda x: gd.diagonal(x.T[::-1], 1) * 2.0, A34,
              lambda x: np.diagonal(x.T[::-1], 1) * 2)  # fmt: skip
    yield row("diagonal", "plus all", lambda x: x[:3, :3] + gd.diagonal(x), A34,
              lambda x: x[:3, :3] + np.diagonal(x))  # fmt: skip
    yield row("diag", "int32", gd.diag, Array((3,), "int32", 1, 9), np.diag)
    yield row("diag", "bool", gd.diag, Array((3,), "bool"), np.diag)
    yield row("trace", "symbolic", lambda x: gd.trace(x, 1), SQUARE, lambda x: np.trace(x, 1))
    for name in ("tril", "triu"):
        f, reference = gd.ops.FUNCTIONS[name], getattr(np, name)
        for k in (-2, 0, 1, 5):
            yield row(name, f"{k}", lambda x, f=f, k=k: f(x, k), A234,
                      lambda x, f=reference, k=k: f(x, k))  # fmt: skip
        yield row(name, "symbolic", f, Array(("N", "N")), reference)
        yield row(name, "bool", f, FLAGS, reference)
        yield row(name, "int32", f, WHOLE, reference)
        yield row(name, "empty", f, Array((2, 0)), reference)
