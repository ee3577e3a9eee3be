"""Assemblies, and what is made of slices of one array."""

import numpy as np

import graphdl as gd
from tests.ops.rows.shared import A34, A234, N3, Array, row

FLAGS, WHOLE = Array((3, 4), "bool"), Array((3, 4), "int32", -9, 9)


def rows():
    yield from _joined()
    yield from _padded()
    yield from _rolled()


def _joined():
    pair = (Array((2, 3)), Array((2, 1)))
    yield row("concat", "last", lambda *x: gd.concat(x, 1), pair, lambda *x: np.concatenate(x, 1))
    yield row("concat", "symbolic", lambda *x: gd.concat(x, -2), (N3, Array((2, 3)), N3),
              lambda *x: np.concatenate(x, 0))  # fmt: skip
    yield row("concat", "empty part", lambda *x: gd.concat(x), (Array((0, 3)), Array((2, 3))),
              lambda *x: np.concatenate(x))  # fmt: skip
    yield row("concat", "twice the same", lambda x: gd.concat([x, x, x]), A34,
              lambda x: np.concatenate([x, x, x]))  # fmt: skip
    yield row("concat", "bool", lambda *x: gd.concat(x), (FLAGS, FLAGS),
              lambda *x: np.concatenate(x))  # fmt: skip
    for axis in (0, 1, -1):
        yield row("stack", f"{axis}", lambda *x, a=axis: gd.stack(x, a), (A34, A34),
                  lambda *x, a=axis: np.stack(x, a))  # fmt: skip
    for name in ("vstack", "hstack"):
        f, reference = gd.ops.FUNCTIONS[name], getattr(np, name)
        for label, inputs in (
            ("matrices", (A34, A34)), ("vectors", (Array((3,)), Array((3,)))),
            ("numbers", (Array(()), Array(()))), ("one", (N3,)), ("cubes", (A234, A234)),
        ):  # fmt: skip
            yield row(name, label, lambda *x, f=f: f(x), inputs, lambda *x, f=reference: f(x))
    yield row("vstack", "mixed", lambda *x: gd.vstack(x), (Array((3,)), N3),
              lambda *x: np.vstack(x))  # fmt: skip


def _padded():
    yield row("pad", "around", lambda x: gd.pad(x, 1), A34, lambda x: np.pad(x, 1))
    yield row("pad", "sides", lambda x: gd.pad(x, ((0, 2), (1, 0)), constant_values=-1.5), N3,
              lambda x: np.pad(x, ((0, 2), (1, 0)), constant_values=-1.5))  # fmt: skip
    yield row("pad", "empty", lambda x: gd.pad(x, ((1, 1), (0, 0))), Array((0, 3)),
              lambda x: np.pad(x, ((1, 1), (0, 0))))  # fmt: skip
    yield row("pad", "number", lambda x: gd.pad(x, 2) * 1.0, Array(()), lambda x: np.pad(x, 2))
    for label, widths, values in (
        ("two values", (1, 2), (0.5, -0.5)), ("values an axis", 1, ((1.0, 2.0), (3.0, 4.0))),
        ("a value an axis", ((2, 0), (1, 3)), ((1.0,), (3.0,))),
    ):  # fmt: skip
        yield row("pad", label, lambda x, w=widths, v=values: gd.pad(x, w, constant_values=v), N3,
                  lambda x, w=widths, v=values: np.pad(x, w, constant_values=v))  # fmt: skip
    for mode in ("edge", "reflect", "symmetric", "wrap"):
        for label, given, widths in (
            ("plain", A34, 1), ("sides", A34, ((0, 2), (3, 0))), ("wide", A34, ((7, 8), (9, 11))),
            ("one", Array((1, 3)), ((2, 3), (0, 1))), ("nothing", A34, 0), ("int32", WHOLE, (1, 2)),
            ("symbolic", N3, ((2, 1), (1, 0))), ("wide symbolic", N3, ((7, 12), (0, 2))),
            ("bool", FLAGS, 2), ("no need", Array((0, 3)), ((0, 0), (1, 2))),
        ):  # fmt: skip
            yield row("pad", f"{mode} {label}", lambda x, w=widths, m=mode: gd.pad(x, w, m), given,
                      lambda x, w=widths, m=mode: np.pad(x, w, m))  # fmt: skip


def _rolled():
    for label, given, shift, axis in (
        ("all", A34, 5, None), ("rows", A34, 1, 0), ("back", A34, -1, 1), ("far", A34, 11, -1),
        ("two", A34, (1, -2), (0, 1)), ("one by two axes", A34, 2, (1, 0)),
        ("twice", A34, (1, 2), (0, 0)), ("round", A34, 3, 0), ("empty", Array((0, 3)), 1, 0),
        ("symbolic", N3, 2, 0), ("symbolic back", N3, -1, 0), ("symbolic far", N3, 13, 0),
        ("symbolic all", N3, -7, None), ("int32", WHOLE, 1, 1), ("bool", FLAGS, 2, None),
        ("one", Array((1, 3)), 2, 0),
    ):  # fmt: skip
        yield row("roll", label, lambda x, s=shift, a=axis: gd.roll(x, s, a), given,
                  lambda x, s=shift, a=axis: np.roll(x, s, a))  # fmt: skip
