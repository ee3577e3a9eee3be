"""Chains of casts: a detour is left out only where it changes no value."""

from itertools import product

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.dtypes import DTYPES
from graphdl.passes.simplify import simplify

VALUES = {
    "bool": [False, True],
    "uint8": [0, 1, 200, 255],
    "int32": [0, -1, 300, 2**24 + 1, -(2**31), 2**31 - 1],
    "int64": [0, -1, 300, 2**24 + 1, 2**53 + 1, -(2**63), 2**63 - 1],
    "float32": [0.0, -0.0, 0.5, -3.75, 1e-45, 1e30, np.inf, np.nan],
    "float64": [0.0, -0.0, 0.1, -3.75, 1e-320, 1e300, np.inf, np.nan],
}


def has_a_value(array, dtype):
    """Where a conversion is defined: floats beyond an integer's range have none."""
    if array.dtype.kind != "f" or dtype.is_float or dtype.name == "bool":
        return np.ones(array.shape, bool)
    info = np.iinfo(dtype.numpy)
    return np.isfinite(array) & (array >= info.min) & (array <= float(info.max) * (1 - 2**-23))


@pytest.mark.parametrize("names", list(product(DTYPES, repeat=3)), ids="-".join)
def test_two_casts_keep_every_bit(names):
    source, middle, target = (DTYPES[n] for n in names)
    given = np.array(VALUES[source.name], source.numpy)
    with np.errstate(all="ignore"):
        defined = has_a_value(given, middle)
        defined &= has_a_value(given.astype(middle.numpy), target)
    given = given[defined]
    x = gd.input("x", ("N",), source)
    graph = gd.Graph(gd.cast(gd.cast(x, middle), target))
    expected = gd.interpret(graph, {"x": given})["out"]
    found = gd.interpret(simplify(graph), {"x": given})["out"]
    assert found.dtype == expected.dtype
    assert found.tobytes() == expected.tobytes()


def test_a_sum_of_one_element_is_no_identity():
    """It starts from 0, so that -0 becomes 0; the largest of one element is that element."""
    x = gd.input("x", (3, 1))
    assert simplify(gd.Graph(gd.sum(x, 1))).outputs["out"].op.kind == "reduce"
    assert "reduce" not in {n.op.kind for n in simplify(gd.Graph(gd.max(x, 1))).nodes}
