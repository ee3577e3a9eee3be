"""Numbers that stand in emitted text are those of the graph, to the last bit."""

import math

import numpy as np
import pytest

import graphdl as gd

FLOATS = [math.inf, -math.inf, math.nan, 0.0, -0.0, 0.1, -1 / 3, 1.0000001, 123456.79, 1.2345e-5,
          1e-45, 3.4028235e38, -2.5e-30, 5e-324, 1.7976931348623157e308, 1e-300 / 3]  # fmt: skip
WHOLE = [2**53 + 1, -(2**53) - 1, 2**62 + 1, 2**63 - 1, -(2**63) + 1]

each_target = pytest.mark.parametrize("target", ["numpy", "c"])


def compiled(graph, target, request, dims):
    if target == "c":
        request.getfixturevalue("needs_cc")
    return gd.compile(graph, target=target, name=f"literals_{target}", dims=dims)


@each_target
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_floats(target, dtype, request):
    x, keep = gd.input("x", ("N",), dtype), gd.input("keep", ("N",), "bool")
    with np.errstate(all="ignore"):
        numbers = [float(v) for v in np.array(FLOATS, dtype)]
    graph = gd.Graph({f"o{k}": gd.where(keep, x, v) for k, v in enumerate(numbers)}, name="f")
    given = {"x": np.zeros(3, dtype), "keep": np.zeros(3, bool)}
    found = compiled(graph, target, request, {"N": 3}).f(**given)
    for k, value in enumerate(numbers):
        expected = np.full(3, value, dtype)
        np.testing.assert_array_equal(found[f"o{k}"], expected)
        assert (np.signbit(found[f"o{k}"]) == np.signbit(expected)).all() or math.isnan(value)


@each_target
def test_large_whole_numbers(target, request):
    i = gd.input("i", ("N",), "int64")
    graph = gd.Graph({f"o{k}": gd.maximum(i, n) - n for k, n in enumerate(WHOLE)}, name="f")
    given = np.array([-(2**63), 2**63 - 1, 2**53], np.int64)
    found = compiled(graph, target, request, {"N": 3}).f(i=given)
    for name, value in gd.interpret(graph, {"i": given}).items():
        np.testing.assert_array_equal(found[name], value)
