"""Activations that are not elementwise: gated units and maxout."""

import numpy as np

import graphdl as gd
from tests.ops.references.activations import REFERENCES
from tests.ops.rows.shared import A34, A234, Array, row

GATES = {
    "glu": lambda x: 1 / (1 + np.exp(-x)),
    "swiglu": REFERENCES["silu"],
    "geglu": REFERENCES["gelu"],
}


def _gated(x, gate, axis):
    value, other = np.split(x, 2, axis)
    return value * gate(other)


def _maxout(x, pieces, axis):
    place = axis % x.ndim
    size = x.shape[place] // pieces
    return x.reshape(*x.shape[:place], size, pieces, *x.shape[place + 1 :]).max(place + 1)


def rows():
    for name, gate in GATES.items():
        f = gd.ops.FUNCTIONS[name]
        for label, given, axis in (
            ("last", A34, -1), ("first", A234, 0), ("two", Array((3, 2)), 1),
            ("symbolic", Array(("N", 4)), 1), ("empty", Array((0, 4)), 1),
            ("vector", Array((6,)), 0),
        ):  # fmt: skip
            yield row(name, label, lambda x, f=f, a=axis: f(x, a), given,
                      lambda x, g=gate, a=axis: _gated(x, g, a))  # fmt: skip
    for label, given, pieces, axis in (
        ("last", A34, 2, -1), ("middle", Array((2, 6, 2)), 3, 1), ("all", A34, 3, 0),
        ("one piece", A34, 1, 1), ("symbolic", Array(("N", 6)), 3, 1),
        ("empty", Array((0, 4)), 2, 1),
    ):  # fmt: skip
        yield row("maxout", label, lambda x, p=pieces, a=axis: gd.maxout(x, p, a), given,
                  lambda x, p=pieces, a=axis: _maxout(x, p, a))  # fmt: skip
