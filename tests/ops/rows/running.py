"""Running combinations, and differences of neighbours."""

import numpy as np

import graphdl as gd
from tests.ops.rows.shared import A34, A234, N3, Array, row

SHAPES = (
    ("first", A34, 0), ("last", A34, -1), ("middle", A234, 1), ("symbolic axis", N3, 0),
    ("symbolic", N3, 1), ("one", Array((3, 1)), 1), ("empty", Array((0, 3)), 0),
    ("no lines", Array((0, 3)), 1),
)  # fmt: skip


def _exclusive(x, accumulate, axis, neutral):
    start = np.full_like(np.take(x, [0], axis), neutral)
    return np.delete(np.concatenate([start, accumulate(x, axis)], axis), -1, axis)


def _recurrence(a, b, axis=-1, reverse=False):
    a, b = (np.moveaxis(v, axis, 0) for v in np.broadcast_arrays(a, b))
    a, b = (v[::-1] if reverse else v for v in (a, b))
    h = np.array(b)
    for i in range(1, len(h)):
        h[i] = a[i] * h[i - 1] + b[i]
    return np.moveaxis(h[::-1] if reverse else h, 0, axis)


def _wins(x, better):
    """Return how often each element of a row is the best so far."""
    best = better.accumulate(x, 1)
    return (x[:, None, :] == best[:, :, None]).sum(1).astype(x.dtype)


def rows():
    for name, reference in (
        ("cumsum", np.cumsum), ("cumprod", np.cumprod), ("cummax", np.maximum.accumulate),
        ("cummin", np.minimum.accumulate),
    ):  # fmt: skip
        f = gd.ops.FUNCTIONS[name]
        for label, given, axis in SHAPES:
            yield row(name, label, lambda x, f=f, a=axis: f(x, a), given,
                      lambda x, r=reference, a=axis: r(x, a))  # fmt: skip
            yield row(name, f"{label} reverse", lambda x, f=f, a=axis: f(x, a, reverse=True), given,
                      lambda x, r=reference, a=axis: np.flip(r(np.flip(x, a), a), a))  # fmt: skip
        yield row(name, "of int32", lambda x, f=f: f(x, 1), Array((3, 4), "int32", -9, 9),
                  lambda x, r=reference: r(x, 1))  # fmt: skip
    for name, reference, neutral in (("cumsum", np.cumsum, 0), ("cumprod", np.cumprod, 1)):
        f = gd.ops.FUNCTIONS[name]
        yield row(name, "flat", f, A34, reference)
        yield row(name, "of bool", f, Array((3, 4), "bool"), reference)
        for label, given, axis in SHAPES[:6]:
            yield row(name, f"{label} exclusive", lambda x, f=f, a=axis: f(x, a, exclusive=True),
                      given, lambda x, r=reference, a=axis, n=neutral: _exclusive(x, r, a, n),
                      )  # fmt: skip
    for label, given, axis in SHAPES:
        for reverse in (False, True):
            yield row("linear_recurrence", f"{label} {reverse}",
                      lambda a, b, x=axis, r=reverse: gd.linear_recurrence(a, b, x, reverse=r),
                      (given, given), lambda a, b, x=axis, r=reverse: _recurrence(a, b, x, r),
                      )  # fmt: skip
    for name, better in (("cummax", np.maximum), ("cummin", np.minimum)):
        f = gd.ops.FUNCTIONS[name]
        yield row(name, "gradient", lambda x, f=f: gd.grad(gd.sum(f(x, 1)), [x])[0], A34,
                  lambda x, b=better: _wins(x, b))  # fmt: skip
    yield row("linear_recurrence", "broadcast", lambda a, b: gd.linear_recurrence(a, b, 1),
              (Array((3, 1)), A234), lambda a, b: _recurrence(a, b, 1))  # fmt: skip
    yield row("linear_recurrence", "of a number", lambda b: gd.linear_recurrence(0.5, b), A34,
              lambda b: _recurrence(0.5, b))  # fmt: skip
    yield row("diff", "last", gd.diff, A34, np.diff)
    yield row("diff", "twice", lambda x: gd.diff(x, 2, 0), N3, lambda x: np.diff(x, 2, 0))
    yield row("diff", "never", lambda x: gd.diff(x, 0), A34, lambda x: np.diff(x, 0))
    yield row("diff", "of bool", gd.diff, Array((3, 4), "bool"), np.diff)
