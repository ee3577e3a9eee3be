"""What reads a part of what a kernel computes has a kernel of its own, of its own size."""

import numpy as np
import pytest

import graphdl as gd

X = gd.input("x", (6, 4))
DATA = np.random.default_rng(0).normal(size=(6, 4)).astype("f4")

GRAPHS = {
    "first sums": gd.exp(gd.sum(X, 1)[:3]) * 2.0,
    "last sums": gd.exp(gd.sum(X, 1)[3:]) * 2.0,
    "every other sum": gd.exp(gd.sum(X, 1)[::2]),
    "first column of sums": gd.exp(gd.sum(X, 0)[:1]) - 1.0,
    "sums beside rows": gd.concat([gd.tanh(gd.sum(X, 1))[:4] * gd.sum(X, 0), gd.sum(X, 0)]),
    "first rows": gd.tanh(gd.exp(X)[:2] + 1.0),
    "a running sum's beginning": gd.exp(gd.cumsum(X, 0)[:3]),
    "rows by computed places": gd.take(gd.tanh(X), gd.argmax(gd.tanh(X), 0), 0)[:, 0] + X[0],
    "places of places": gd.exp(X[:, 0])[gd.argsort(X[:, 0])] * gd.exp(X[:, 0]),
    "a running sum's end": gd.cumsum(X, 0)[-1] * gd.cumsum(X, 0, reverse=True)[0],
}


@pytest.mark.parametrize("target", ["numpy", "c"])
def test_values(target, request):
    if target == "c":
        request.getfixturevalue("needs_cc")
    graph = gd.Graph(dict(GRAPHS), name="parts")
    found = gd.compile(graph, target=target, name=f"partial_consumers_{target}").parts(x=DATA)
    expected = gd.interpret(graph, {"x": DATA})
    for name in GRAPHS:
        np.testing.assert_allclose(found[name], expected[name], 2e-6, 1e-6, err_msg=name)
    alone = [gd.Graph({"y": node}, name=f"g{k}") for k, node in enumerate(GRAPHS.values())]
    module = gd.compile(alone, target=target, name=f"partial_consumers_alone_{target}")
    for k, name in enumerate(GRAPHS):
        got = module.entries[f"g{k}"](x=DATA)["y"]
        np.testing.assert_allclose(got, expected[name], 2e-6, 1e-6, err_msg=name)
