"""gd.compile on every target: run-time sizes, state, files, and everything a user can get wrong."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

import graphdl as gd
from graphdl import losses, nn, optim
from graphdl.ir.errors import (
    ArgumentError,
    DimensionError,
    DTypeError,
    DuplicateNameError,
    GradientError,
    GraphdlError,
    IndexRangeError,
    ShapeError,
    StateError,
    UnknownNameError,
)

TARGETS = ["interp", "numpy", "c"]
MAXIMUM = 16


def model(optimizer=None, features=5, classes=3, dtype="float32"):
    x = gd.input("x", ("N", features), dtype)
    y = gd.input("y", ("N",), "int32")
    net = nn.Sequential(
        nn.Dense(features, 7, activation="tanh", dtype=dtype), nn.Dense(7, classes, dtype=dtype)
    )
    logits = net(x)
    loss = losses.softmax_cross_entropy(logits, y)
    forward = gd.Graph({"probs": gd.softmax(logits), "loss": loss}, name="forward")
    return [forward, gd.train_step(loss, optimizer or optim.Adam(0.01))]


def data(count, features=5, classes=3, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, features)).astype(np.float32)
    return x, rng.integers(0, classes, count).astype(np.int32)


@pytest.fixture(params=TARGETS)
def module(request, needs_target):
    needs_target(request.param)
    return gd.compile(model(), target=request.param, name="small", dims={"N": MAXIMUM})


@pytest.fixture
def needs_target(request):
    def check(target):
        if target == "c":
            request.getfixturevalue("needs_cc")

    return check


def snapshot(module):
    return {k: v.copy() for k, v in module.state.items()}


def same(a, b):
    return all(np.array_equal(a[k], b[k]) for k in a)


@pytest.mark.parametrize("count", [0, 1, 7, MAXIMUM])
def test_one_module_serves_every_size(module, count):
    x, y = data(count)
    graph = model()[0]
    expected = gd.interpret(graph, {"x": x, "y": y}, dict(module.state))
    found = module.forward(x=x, y=y)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=2e-6, atol=1e-7)


def test_a_step_of_nothing_changes_no_parameter(module):
    before = snapshot(module)
    assert np.isnan(module.train(*data(0))["loss"])
    for name in ("dense1/w", "dense2/b"):
        np.testing.assert_array_equal(module.state[name], before[name])


def test_training_agrees_between_targets(needs_cc):
    found = {}
    for target in TARGETS:
        module = gd.compile(model(dtype="float64"), target=target, name="t", dims={"N": MAXIMUM})
        x, y = data(9)
        steps = [float(module.train(x=x.astype(np.float64), y=y)["loss"]) for _ in range(5)]
        found[target] = (steps, snapshot(module))
    for target in ("numpy", "c"):
        np.testing.assert_allclose(found[target][0], found["interp"][0], rtol=1e-12)
        for name, value in found["interp"][1].items():
            np.testing.assert_allclose(found[target][1][name], value, rtol=1e-9, atol=1e-14)


def test_positional_arguments_come_in_input_order(module):
    x, y = data(3)
    assert module.forward(x, y)["loss"] == module.forward(y=y, x=x)["loss"]


def test_going_on_equals_never_having_stopped(module, tmp_path):
    x, y = data(MAXIMUM)
    for _ in range(3):
        module.train(x=x, y=y)
    module.save_state(tmp_path / "middle.safetensors")
    for _ in range(4):
        module.train(x=x, y=y)
    end = snapshot(module)
    module.reset(seed=5)
    assert not same(end, module.state)
    module.load_state(tmp_path / "middle.safetensors")
    for _ in range(4):
        module.train(x=x, y=y)
    assert same(end, module.state)


def test_targets_read_each_others_state(tmp_path, needs_cc):
    x, y = data(8)
    first = gd.compile(model(), target="c", name="a", dims={"N": 8})
    first.train(x=x, y=y)
    first.save_state(tmp_path / "w.safetensors")
    second = gd.compile(model(), target="numpy", name="b", dims={"N": 8})
    second.load_state(tmp_path / "w.safetensors")
    assert same(first.state, second.state)


def test_seeds_decide_first_values():
    a, b = (gd.compile(model(), target="numpy", dims={"N": 4}, seed=s) for s in (1, 2))
    assert not np.array_equal(a.state["dense1/w"], b.state["dense1/w"])
    b.reset(seed=1)
    assert same(a.state, b.state)


X, Y = data(4)
BAD_CALLS = {
    "shape": ({"x": X[:, :3], "y": Y}, ShapeError, "'x'"),
    "rank": ({"x": X[0], "y": Y}, ShapeError, "'x'"),
    "sizes disagree": ({"x": X, "y": Y[:2]}, GraphdlError, "N"),
    "dtype": ({"x": X.astype(np.float64), "y": Y}, DTypeError, "astype"),
    "complex": ({"x": X + 0j, "y": Y}, DTypeError, "'x'"),
    "too many rows": ({"x": np.zeros((17, 5), np.float32), "y": np.zeros(17, np.int32)},
                      DimensionError, "16"),
    "label too large": ({"x": X, "y": np.array([0, 1, 3, 0], np.int32)}, IndexRangeError, "3"),
    "label negative": ({"x": X, "y": np.array([0, -1, 1, 0], np.int32)}, IndexRangeError, "-1"),
    "missing": ({"x": X}, ArgumentError, "lacks its input y"),
    "unknown": ({"x": X, "y": Y, "z": Y}, ArgumentError, "z"),
    "text": ({"x": "hello", "y": Y}, GraphdlError, "'x'"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_CALLS)
@pytest.mark.parametrize("entry", ["forward", "train"])
def test_bad_calls_change_nothing(module, case, entry):
    arguments, error, words = BAD_CALLS[case]
    before = snapshot(module)
    with pytest.raises(error, match=words) as caught:
        module.entries[entry](**arguments)
    assert "remedy" in str(caught.value)
    assert same(before, module.state)
    module.train(x=X, y=Y)  # still works


def test_state_that_nothing_needs_stays():
    w = gd.param("w", (3,))
    graph = gd.Graph({"x": gd.input("x", (3,))}, updates={w: w}, name="idle")
    assert list(gd.compile(graph, target="numpy").state) == ["w"]


@pytest.mark.parametrize("target", TARGETS)
def test_computed_indices_cannot_read_an_empty_axis(target, needs_target):
    needs_target(target)
    x, k = gd.input("x", ("N", 2)), gd.input("k", ("M",), "int32")
    graph = gd.Graph(gd.gather(x, k + k), name="pick")
    module = gd.compile(graph, target=target, dims={"N": 4, "M": 4})
    empty, none = np.zeros((0, 2), np.float32), np.zeros(0, np.int32)
    assert module.pick(x=empty, k=none)["out"].shape == (0, 2)
    with pytest.raises(IndexRangeError, match="size"):
        module.pick(x=empty, k=np.zeros(3, np.int32))
    assert module.pick(x=np.ones((1, 2), np.float32), k=np.array([9], np.int32))["out"].sum() == 2


def test_unknown_entry_point(module):
    with pytest.raises(AttributeError, match="forward"):
        module.predict(x=X)


def test_state_is_checked_when_assigned(module):
    with pytest.raises(UnknownNameError, match="dense1/w"):
        module.state["nothing"] = 1.0
    with pytest.raises(ShapeError, match=r"\(5, 7\)"):
        module.state["dense1/w"] = np.zeros((7, 5), np.float32)
    with pytest.raises(DTypeError, match="astype"):
        module.state["dense1/w"] = np.zeros((5, 7), complex)
    module.state["dense1/b"] = np.arange(7)
    assert module.state["dense1/b"].tolist() == list(range(7))


def corrupt(path, how):
    whole = path.read_bytes()
    if how == "truncated":
        path.write_bytes(whole[: len(whole) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "missing":
        path.unlink()
    else:
        path.write_bytes(b"\xff" * 8 + whole[8:])


@pytest.mark.parametrize("how", ["truncated", "empty", "missing", "lying header"])
def test_damaged_state_files_change_nothing(module, tmp_path, how):
    path = tmp_path / "w.safetensors"
    module.save_state(path)
    corrupt(path, how)
    module.train(x=X, y=Y)
    before = snapshot(module)
    with pytest.raises(StateError, match=r"w\.safetensors") as caught:
        module.load_state(path)
    assert "remedy" in str(caught.value)
    assert "test_compiler.py" in str(caught.value)
    assert same(before, module.state)


def test_a_state_file_that_is_too_large_is_not_read(module, tmp_path):
    path = tmp_path / "w.safetensors"
    module.save_state(path)
    os.truncate(path, 1 << 40)  # zeros that take no room
    before = snapshot(module)
    with pytest.raises(StateError, match="larger than"):
        module.load_state(path)
    assert same(before, module.state)


def test_state_of_another_module_is_refused(module, tmp_path):
    other = gd.compile(model(optim.SGD(0.1)), target="numpy", dims={"N": 4})
    other.save_state(tmp_path / "o.safetensors")
    with pytest.raises(StateError, match="another module"):
        module.load_state(tmp_path / "o.safetensors")


def test_bad_compile_calls():
    graphs = model()
    with pytest.raises(DimensionError, match="maximum"):
        gd.compile(graphs, target="numpy")
    with pytest.raises(DimensionError, match="M"):
        gd.compile(graphs, target="numpy", dims={"N": 4, "M": 2})
    with pytest.raises(DimensionError, match="-1"):
        gd.compile(graphs, target="numpy", dims={"N": -1})
    unbound = gd.Graph(gd.broadcast_to(gd.param("w", ()), ("M",)), name="unbound")
    with pytest.raises(DimensionError, match="no axis of an input"):
        gd.compile(unbound, target="numpy", dims={"M": 4})
    with pytest.raises(ArgumentError, match="fortran"):
        gd.compile(graphs, target="fortran", dims={"N": 4})
    with pytest.raises(DuplicateNameError, match="forward"):
        gd.compile([graphs[0], graphs[0]], target="numpy", dims={"N": 4})


def test_a_loss_that_is_no_scalar_is_refused_with_its_line():
    x = gd.input("x", ("N", 2))
    loss = x * gd.param("w", (2,))
    with pytest.raises(GradientError, match=r"gd\.mean") as caught:
        gd.train_step(loss, optim.SGD(0.1))
    assert "test_compiler.py" in str(caught.value)


def test_calls_from_many_threads_are_serialised(module):
    x, y = data(MAXIMUM)
    reference = gd.compile(model(), target="numpy", dims={"N": MAXIMUM})
    reference.state.update(module.state)
    for _ in range(40):
        reference.train(x=x, y=y)
    threads = [
        threading.Thread(target=lambda: [module.train(x=x, y=y) for _ in range(10)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, value in reference.state.items():
        np.testing.assert_allclose(module.state[name], value, rtol=2e-3, atol=2e-4)
