"""Stabilisation: equal where the naive formula is fine, right where it fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import mpmath
import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.node import Node
from graphdl.passes.pipeline import run
from graphdl.passes.stabilise import RULES, stabilise, stabilised
from tests.passes.support import assert_idempotent

X = gd.input("x", ("N",))
M = gd.input("m", ("N", 3))
LABEL = gd.input("label", ("N",), "int32")
EXTREMES = np.array([-1000, -100, -88, -1, -1e-6, 0, 1e-6, 1, 88, 100, 1000], "float32")

mp = mpmath.mp


def _softplus(x: float) -> mpmath.mpf:
    return mp.log1p(mp.exp(x))


# What is written, and its value in many digits.
SCALAR: dict[str, tuple[Node, Callable[[float], mpmath.mpf]]] = {
    "log(1 + x²)": (gd.log(1.0 + X * X), lambda x: mp.log1p(mp.mpf(x) ** 2)),
    "log(1 − s/2)": (
        gd.log(1.0 - 0.5 * gd.sigmoid(X)), lambda x: mp.log(1 - 1 / (2 + 2 * mp.exp(-mp.mpf(x)))),
    ),
    "log(exp(x))": (gd.log(gd.exp(X)), lambda x: mp.mpf(x)),
    "exp(x) − 1": (gd.exp(-gd.abs(X)) - 1.0, lambda x: mp.expm1(-abs(x))),
    "1 − exp(x)": (1.0 - gd.exp(-gd.abs(X)), lambda x: -mp.expm1(-abs(x))),
    "1 − erf(x)": (1.0 - gd.erf(X), lambda x: mp.erfc(min(x, 30))),
    "log(σ(x))": (gd.log(gd.sigmoid(X)), lambda x: -_softplus(-x)),
    "log(1 − σ(x))": (gd.log(1.0 - gd.sigmoid(X)), lambda x: -_softplus(x)),
    "log1p(−σ(x))": (gd.log1p(-gd.sigmoid(X)), lambda x: -_softplus(x)),
    "log(1 + exp(x))": (gd.log(1.0 + gd.exp(X)), _softplus),
    "log(exp(x) + 1)": (gd.log(gd.exp(X) + 1.0), _softplus),
    "log of a written-out σ": (gd.log(1.0 / (1.0 + gd.exp(-X))), lambda x: -_softplus(-x)),
    "σ, written out": (1.0 / (1.0 + gd.exp(-X)), lambda x: 1 / (1 + mp.exp(-x))),
    "σ of −x, written out": (1.0 / (1.0 + gd.exp(X)), lambda x: 1 / (1 + mp.exp(x))),
    "σ by exp(x)": (gd.exp(X) / (1.0 + gd.exp(X)), lambda x: 1 / (1 + mp.exp(-x))),
    "log(σ(x)) of a column": (
        gd.log(gd.expand_dims(gd.sigmoid(X), 1)).reshape(-1), lambda x: -_softplus(-x),
    ),
    "naive cross-entropy": (
        -(0.25 * gd.log(gd.sigmoid(X)) + (1.0 - 0.25) * gd.log(1.0 - gd.sigmoid(X))),
        lambda x: mp.mpf("0.25") * _softplus(-x) + mp.mpf("0.75") * _softplus(x),
    ),
    "√x·√x": (gd.sqrt(X) * gd.sqrt(X), lambda x: mp.mpf(x) if x >= 0 else mp.nan),
    "(√x)²": (gd.square(gd.sqrt(X)), lambda x: mp.mpf(x) if x >= 0 else mp.nan),
    "cross-entropy of σ(x)": (
        gd.losses.binary_cross_entropy(
            gd.sigmoid(X), gd.full(X.shape, 0.25), reduction="none"
        ),
        lambda x: mp.mpf("0.25") * _softplus(-x) + mp.mpf("0.75") * _softplus(x),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCALAR)
def test_scalar(name: str) -> None:
    node, truth = SCALAR[name]
    after = assert_idempotent(stabilise, gd.Graph(node))
    got = gd.interpret(after, {"x": EXTREMES})["out"]
    with mp.workdps(500):
        want = np.array([float(truth(float(x))) for x in EXTREMES])
    np.testing.assert_allclose(got, want, rtol=3e-6, atol=1e-37)


ROWS = np.array(
    [[1000, 0, -1000], [-1000, -1000, -1000], [88, 89, 90], [0, 0.5, 1], [-2000, -2001, 3]],
    "float32",
)


def _log_softmax(rows: np.ndarray) -> np.ndarray:
    wide = rows.astype(np.float64)
    shifted = wide - wide.max(1, keepdims=True)
    result: np.ndarray = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return result


E = gd.exp(M)
ROW_CASES: dict[str, tuple[Node, np.ndarray]] = {
    "log(softmax)": (gd.log(gd.softmax(M)), _log_softmax(ROWS)),
    "log of a written-out softmax": (gd.log(E / gd.sum(E, 1, keepdims=True)), _log_softmax(ROWS)),
    "written-out softmax": (E / gd.sum(E, 1, keepdims=True), np.exp(_log_softmax(ROWS))),
    "softmax along axis 0": (
        (gd.exp(M.T) / gd.sum(gd.exp(M.T), 0)).T, np.exp(_log_softmax(ROWS)),
    ),
    "log Σ exp": (gd.log(gd.sum(E, 1)), (ROWS.astype(float) - _log_softmax(ROWS))[:, 0]),
    "log Σ exp, axis kept": (
        gd.log(gd.sum(E, 1, keepdims=True))[:, 0], (ROWS.astype(float) - _log_softmax(ROWS))[:, 0],
    ),
    "log of the label's softmax": (
        gd.log(gd.take_along_axis(gd.softmax(M), gd.expand_dims(LABEL, 1), 1))[:, 0],
        _log_softmax(ROWS)[np.arange(5), [0, 1, 2, 1, 0]],
    ),
    "log of one column": (gd.log(gd.softmax(M)[:, 1]), _log_softmax(ROWS)[:, 1]),
}  # fmt: skip


@pytest.mark.parametrize("name", ROW_CASES)
def test_rows(name: str) -> None:
    node, want = ROW_CASES[name]
    graph = gd.Graph(node, inputs=[M, LABEL])
    after = assert_idempotent(stabilise, graph)
    values = {"m": ROWS, "label": [0, 1, 2, 1, 0]}
    np.testing.assert_allclose(gd.interpret(after, values)["out"], want, rtol=3e-5, atol=1e-35)
    mild = {"m": ROWS / 1000, "label": [0, 1, 2, 1, 0]}
    old, new = gd.interpret(graph, mild)["out"], gd.interpret(after, mild)["out"]
    np.testing.assert_allclose(new, old, rtol=1e-5, atol=1e-6)


def test_softmax_over_two_axes() -> None:
    e = gd.exp(gd.input("m", (2, 3)))
    after = stabilise(gd.Graph(e / gd.sum(e, keepdims=True)))
    got = gd.interpret(after, {"m": np.full((2, 3), 1000)})["out"]
    np.testing.assert_allclose(got, np.full((2, 3), 1 / 6), rtol=1e-6)


def test_every_rule_is_tried() -> None:
    fired: Counter[str] = Counter()
    for node in (*(n for n, _ in SCALAR.values()), *(n for n, _ in ROW_CASES.values())):
        stabilise(gd.Graph(node), fired)
    assert {f"stabilise: {rule.math}" for rule in RULES} == set(fired)


def test_what_is_stable_stays() -> None:
    for node in (gd.softmax(M), gd.logsumexp(M, 1), gd.log_softmax(M), gd.softplus(X)):
        opened = run(gd.Graph(node))
        assert stabilise(opened) is opened
        assert run(opened) is opened


def test_gradient_of_a_stabilised_loss_is_finite() -> None:
    chosen = gd.take_along_axis(gd.softmax(M), gd.expand_dims(LABEL, 1), 1)
    (loss,) = stabilised([-gd.sum(gd.log(chosen))])
    (g,) = gd.grad(loss, M)
    got = gd.interpret(gd.Graph(g), {"m": ROWS, "label": [2, 1, 0, 1, 1]})["out"]
    want = np.exp(_log_softmax(ROWS)) - np.eye(3)[[2, 1, 0, 1, 1]]
    np.testing.assert_allclose(got, want, rtol=3e-5, atol=1e-7)


def test_what_is_differentiated_by_stays_in_the_way() -> None:
    p = gd.softmax(M)
    q = p + 0.0
    loss = gd.sum(gd.log(q))
    (kept,) = stabilised([loss], wrt=[p, q])
    by_p, by_q = gd.grad(kept, [p, q])
    values = {"m": np.array([[0.0, 1.0, 2.0]], "float32")}
    got = gd.interpret(gd.Graph([by_p, by_q, 1.0 / p]), values)
    np.testing.assert_array_equal(got["out0"], got["out2"])
    np.testing.assert_array_equal(got["out1"], got["out2"])


def test_gradient_of_naive_cross_entropy() -> None:
    p = gd.sigmoid(X)
    (loss,) = stabilised([-gd.sum(0.25 * gd.log(p) + 0.75 * gd.log(1.0 - p))])
    (g,) = gd.grad(loss, X)
    got = gd.interpret(gd.Graph(g), {"x": EXTREMES})["out"]
    wide = EXTREMES.astype(np.float64)
    want = 0.5 * (1 + np.tanh(wide / 2)) - 0.25
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)
