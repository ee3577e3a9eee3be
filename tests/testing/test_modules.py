"""assert_module: modules of every target pass; whatever is changed in an entry is found."""

import importlib.util

import numpy as np
import pytest

import graphdl as gd
from graphdl import testing


def step():
    x, y = gd.input("x", ("N", 4)), gd.input("y", ("N",), "int32")
    net = gd.nn.Sequential(gd.nn.Dense(4, 3, activation="relu"), gd.nn.Dense(3, 2))
    return gd.train_step(gd.losses.softmax_cross_entropy(net(x), y), gd.optim.Adam(1e-3))


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
def test_a_training_step(target, request):
    if target == "c":
        request.getfixturevalue("needs_cc")
    module = gd.compile(step(), target, dims={"N": 16})
    before = {k: v.copy() for k, v in module.state.items()}
    result = testing.assert_module(module)
    assert result.verdict == "agrees"
    assert result.values == len(before) + 1
    for name, value in module.state.items():
        np.testing.assert_array_equal(value, before[name])


def test_a_standalone_module_and_its_method(tmp_path):
    graph = step()
    gd.compile(graph, "numpy", name="alone", dims={"N": 16}).save(tmp_path / "alone")
    spec = importlib.util.spec_from_file_location("alone", tmp_path / "alone" / "alone.py")
    alone = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(alone)
    module = alone.Module()
    sizes = {"N": [5, 0, 1, 16]}
    assert testing.assert_module(module, graph, dims=sizes).values == 14
    assert testing.assert_module(module.train, graph, dims=sizes).values == 14


def rows():
    x = gd.input("x", ("N", 3))
    return gd.Graph({"most": gd.argmax(x, axis=1), "sum": gd.sum(x, axis=1)}, name="rows")


def honest(x):
    return {"most": np.argmax(x, axis=1), "sum": x.sum(axis=1)}


def changed(**changes):
    def entry(x):
        out = honest(x)
        return {k: changes.get(k, lambda x, v: v)(x, v) for k, v in out.items()}

    return entry


WRONG = {
    "a dtype": (changed(sum=lambda x, v: v.astype(np.float64)), "float64"),
    "a shape": (changed(sum=lambda x, v: v[:, None]), "shape (5, 1)"),
    "a value": (changed(sum=lambda x, v: v * np.float32(1.0001)), "sum ["),
    "an index": (changed(most=lambda x, v: (v + 1) % 3), "most ["),
    "many rows": (changed(sum=lambda x, v: v * np.float32(len(v) < 7)), "N=7"),
    "the last tie": (changed(most=lambda x, v: 2 - np.argmax(x[:, ::-1], axis=1)), "zeros"),
    "NaN": (changed(sum=lambda x, v: np.nansum(x, axis=1)), "one nan"),
    "a missing output": (lambda x: {"sum": x.sum(axis=1)}, "no such output"),
    "no rows": (lambda x: honest(x) if len(x) else honest(x[0]), "IndexError"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_entries(name):
    entry, text = WRONG[name]
    with pytest.raises(testing.Disagreement) as caught:
        testing.assert_module(entry, rows())
    assert text in str(caught.value)


def test_an_honest_function_of_numpy():
    assert testing.assert_module(honest, rows()).digits > 6
    single = gd.Graph({"sum": gd.sum(gd.input("x", ("N", 3)), axis=1)})
    assert testing.assert_module(lambda x: x.sum(axis=1), single).digits > 6


class Counter:
    """An entry point with state; `broken` says how it is wrong."""

    def __init__(self, broken=""):
        self.state = {"count": np.zeros((), np.float32)}
        self.broken = broken

    def count(self, k):
        if self.broken == "changes before it refuses":
            self.state["count"] = self.state["count"] + np.float32(1)
        if len(k) and self.broken != "refuses nothing" and (k.min() < 0 or k.max() >= 4):
            raise IndexError("index")
        if self.broken != "forgets":
            self.state["count"] = np.float32(self.state["count"] + 1)
        return {"y": np.arange(4.0, dtype=np.float32)[k % 4]}


def counting():
    count, k = gd.state("count", ()), gd.input("k", ("N",), "int32")
    y = gd.gather(gd.constant(np.arange(4.0, dtype=np.float32)), k)
    return gd.Graph({"y": y}, updates={count: count + 1.0}, name="count")


def test_state_and_refusals():
    module = Counter()
    bad = {"k": np.array([0, 9])}
    testing.assert_module(module, counting())
    assert module.state["count"] == 0
    with pytest.raises(gd.GraphdlError, match="finite at none"):
        testing.assert_module(module, counting(), inputs=bad)  # nothing but refusals
    for broken, options, text in (
        ("forgets", {}, "state count"),
        ("refuses nothing", {"inputs": bad}, "IndexRangeError"),
        ("changes before it refuses", {"inputs": bad}, "unchanged"),
    ):
        with pytest.raises(testing.Disagreement, match=text):
            testing.assert_module(Counter(broken), counting(), **options)


def test_what_cannot_be_called_or_seen_is_refused():
    with pytest.raises(gd.GraphdlError, match="no entry point 'rows'"):
        testing.assert_module(object(), rows())
    with pytest.raises(gd.GraphdlError, match="does not show"):
        testing.assert_module(lambda k: None, counting())
    module = gd.compile([rows(), counting()], "interp", dims={"N": 4})
    with pytest.raises(gd.GraphdlError, match="which graph"):
        testing.assert_module(module)
    assert testing.assert_module(module, counting()).values == 2


def test_a_report_is_written(tmp_path):
    with pytest.raises(testing.Disagreement) as caught:
        testing.assert_module(WRONG["a value"][0], rows(), report=tmp_path)
    assert caught.value.page.parent == tmp_path
