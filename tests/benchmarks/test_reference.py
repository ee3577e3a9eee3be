"""The steps written by hand, which all contenders are compared with, are right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.contenders.numpy_hand import NumpyHand
from benchmarks.harness import Settings, race, reference
from benchmarks.workloads import ROWS, Chain, Mlp

SMALL: list[Mlp] = [
    replace(row, batch=min(row.batch, 8)) for row in ROWS.values() if isinstance(row, Mlp)
]


def plain_loss(work: Mlp, pairs: list[tuple[NDArray[Any], NDArray[Any]]]) -> Any:
    """Return the loss of complex weights, written as plainly as can be."""
    x, y = work.inputs()
    h: NDArray[Any] = x.astype(np.complex128)
    for i, (kernel, bias) in enumerate(pairs):
        h = h @ kernel + bias
        if i < len(pairs) - 1:
            h = np.where(h.real > 0, h, 0)
    h = h - h.real.max(axis=1, keepdims=True)
    log_probs = h - np.log(np.exp(h).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(work.batch), y].mean()


@pytest.mark.parametrize("work", SMALL, ids=lambda work: work.name)
def test_hand_written_step_follows_the_gradient(work: Mlp) -> None:
    """Complex differences along a random direction of every weight array."""
    hand = NumpyHand(np.float64)
    hand.setup(work, 1)
    before = hand.state()
    loss = hand.read(hand.step())[0]
    grads = [(old - new) / work.rate for old, new in zip(before, hand.state(), strict=True)]
    assert loss == pytest.approx(plain_loss(work, list(zip(*[iter(before)] * 2, strict=True))).real)
    rng = np.random.default_rng(7)
    for i, grad in enumerate(grads):
        direction = rng.standard_normal(grad.shape)
        moved: list[NDArray[Any]] = list(before)
        moved[i] = before[i] + 1e-30j * direction
        slope = plain_loss(work, list(zip(*[iter(moved)] * 2, strict=True))).imag / 1e-30
        # The step's own rounding stands in old - new: 1e-16 of a weight, over rate * gradient.
        assert np.vdot(grad, direction) == pytest.approx(slope, rel=1e-7, abs=1e-11)


@pytest.mark.parametrize("elements", [1, 1000, 2**13 + 5, 2**16])
def test_hand_written_chain_follows_the_gradient(elements: int) -> None:
    work = Chain("chain", elements)
    hand = NumpyHand(np.float64)
    hand.setup(work, 1)
    x = work.inputs()[0].astype(np.float64)

    def plain(a: complex, b: complex) -> complex:
        u = a * x + b
        h = 0.5 * u * (1 + np.tanh(np.sqrt(2 / np.pi) * (u + 0.044715 * u**3)))
        return complex((h / (1 + np.exp(-x)) + np.tanh(h)).sum())

    a, b = work.scalars
    expected = [plain(a, b).real, plain(a + 1e-30j, b).imag / 1e-30]
    expected.append(plain(a, b + 1e-30j).imag / 1e-30)
    assert hand.read(hand.step()) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("row", ["logreg", "mlp-digits", "chain"])
def test_float32_passes_its_own_check(row: str) -> None:
    settings = Settings(repeats=1, chunk=1e-4, settle=0.0)
    right = reference(NumpyHand(np.float64), ROWS[row], settings.steps)
    (entry,), _ = race(ROWS[row], [NumpyHand()], 1, right, settings)
    assert (entry.status, entry.reason) == ("ok", "")


@pytest.mark.parametrize("work", SMALL, ids=lambda work: work.name)
def test_weights_that_stand_still_would_be_noticed(work: Mlp) -> None:
    losses = reference(NumpyHand(np.float64), work, 5).losses[:, 0]
    assert abs(losses[-1] / losses[0] - 1) > 3 * Settings.rtol
