"""m.report() and m.summary()."""

import json

import numpy as np
import pytest

import graphdl as gd
from tests.codegen.standalone_models import digits


def test_flops_of_a_contraction() -> None:
    x, w = gd.input("x", ("N", 6)), gd.param("w", (6, 8))
    m = gd.compile(gd.Graph({"y": x @ w}, name="f"), target="numpy", dims={"N": 10})
    (entry,) = m.report().entries
    assert entry.flops == 2 * 10 * 6 * 8
    assert entry.read == 4 * (10 * 6 + 6 * 8)
    assert entry.written == 4 * 10 * 8
    assert entry.dims == {"N": 10}
    (kernel,) = entry.kernels
    assert kernel.strategy == "contract"
    assert "test_report.py:" in kernel.lines[0]


def test_flops_of_a_loop() -> None:
    x = gd.input("x", ("N", 6))
    graph = gd.Graph({"total": gd.sum(gd.exp(x) * x, axis=1)}, name="f")
    (entry,) = gd.compile(graph, target="numpy", dims={"N": 10}).report().entries
    assert entry.flops == 3 * 60  # exponential, product, sum
    assert (entry.read, entry.written) == (240, 40)


def test_memory_by_purpose() -> None:
    m = digits("adam", target="numpy")
    memory = m.report().memory
    held = {k: -(-v.nbytes // 64) * 64 for k, v in m.state.items()}
    assert memory.parameters == sum(v for k, v in held.items() if "optimizer" not in k)
    assert memory.optimizer == sum(v for k, v in held.items() if "optimizer" in k)
    assert memory.other_state == 0
    assert memory.activations > 0
    assert memory.gradients > 0
    assert memory.arena <= memory.activations + memory.gradients
    assert memory.total == sum(held.values()) + memory.arena


def test_running_statistics_are_no_optimizer_state() -> None:
    x, w = gd.input("x", ("N",)), gd.param("w", ())
    mean = gd.state("mean", ())
    gd.update(mean, 0.9 * mean + 0.1 * gd.mean(x))
    train = gd.train_step(gd.mean(w * x), gd.optim.SGD(0.1))
    forward = gd.Graph({"y": (x - mean) * w}, name="forward")
    m = gd.compile([forward, train], target="numpy", dims={"N": 4})
    assert m.report().memory.other_state == 64
    assert m.report().memory.optimizer == 0


@pytest.mark.usefixtures("needs_cc")
def test_c_report_tells_the_strategies_and_the_context() -> None:
    m = digits("sgd")
    report = m.report()
    parts = report.memory
    used = parts.parameters + parts.optimizer + parts.other_state + parts.arena + parts.scratch
    assert parts.total == used
    assert all("," in k.strategy for e in report.entries for k in e.kernels)
    assert [e.name for e in report.entries] == ["forward", "train"]


def test_report_as_text_and_json() -> None:
    report = digits("adam", target="numpy").report()
    text = str(report)
    assert "train at N = 9" in text
    assert "FLOPs" in text
    assert "optimizer state" in text
    data = json.loads(report.to_json())
    assert data["memory"]["total"] == report.memory.total
    assert data["entries"][1]["flops"] == report.entries[1].flops


def test_summary() -> None:
    text = digits("adam", target="interp").summary()
    rows = {line.split()[0]: line for line in text.splitlines() if line}
    assert "float32(N, 8)" in rows["dense1"]
    assert rows["dense1"].endswith(" 56")
    assert "float32(N, 4)" in rows["dense2"]
    assert rows["dense2"].endswith(" 36")
    assert "92" in rows["trainable"]
    assert "forward: x, y -> loss, probs" in text
    assert "optimizer" not in text


def test_summary_of_scopes_without_parameters() -> None:
    x = gd.input("x", ("N", 4, 2))
    net = gd.nn.Sequential(gd.nn.Flatten(), gd.nn.Dense(8, 3))
    with gd.scope("head"):
        y = gd.softmax(net(x))
    m = gd.compile(gd.Graph({"y": y}, name="f"), target="interp", dims={"N": 2})
    text = m.summary()
    assert "head/flatten1" in text
    assert "head/dense1" in text
    assert np.prod((8, 3)) + 3 == 27
    assert " 27" in text
