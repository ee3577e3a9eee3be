"""Products over several axes at once, of computed operands, into results in any order."""

import numpy as np
import pytest

import graphdl as gd

SPECS = ["aij,jib->ab", "aij,jib->ba", "jai,bji->ba", "aji,ijb->ab", "ija,bij->ab", "aibj,jci->abc"]
SIZES = {"a": 5, "b": 7, "c": 2, "i": 3, "j": 4}


def shape(labels):
    return tuple(SIZES[c] for c in labels)


def build(spec, computed):
    left, right = spec.partition("->")[0].split(",")
    x, y = gd.input(f"x_{left}", shape(left)), gd.input(f"y_{right}", shape(right))
    first = gd.tanh(x) * 0.5 if "x" in computed else x
    second = gd.exp(y) - x.sum() if "y" in computed else y
    return gd.einsum(spec, first, second)


GRAPH = gd.Graph(
    {f"{s} {c}": build(s, c) for s in SPECS for c in ("", "x", "y", "xy")},
    name="f",
)


@pytest.mark.parametrize("target", ["numpy", "c"])
def test_values(target, request):
    if target == "c":
        request.getfixturevalue("needs_cc")
    rng = np.random.default_rng(0)
    given = {i.name: rng.normal(size=i.shape).astype("f4") for i in GRAPH.inputs}
    found = gd.compile(GRAPH, target=target, name=f"operands_{target}").f(**given)
    for name, value in gd.interpret(GRAPH, given).items():
        np.testing.assert_allclose(found[name], value, 2e-5, 2e-5, err_msg=name)
