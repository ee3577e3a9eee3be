"""The digits' training step as one writes it in NumPy by hand: the measure of emitted code."""

from __future__ import annotations

import numpy as np


class ByHand:
    """64-128-10 with ReLU, softmax cross-entropy and Adam, in float32."""

    def __init__(self, state: dict[str, np.ndarray], learning_rate: float) -> None:
        self.learning_rate = learning_rate
        names = ("dense1/w", "dense1/b", "dense2/w", "dense2/b")
        self.params = [np.array(state[name]) for name in names]
        self.m = [np.zeros_like(p) for p in self.params]
        self.v = [np.zeros_like(p) for p in self.params]
        self.steps = 0

    def train(self, x: np.ndarray, y: np.ndarray) -> float:
        """Take one step of Adam; return the loss of before."""
        w1, b1, w2, b2 = self.params
        h = np.maximum(x @ w1 + b1, 0)
        z = h @ w2 + b2
        z -= z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        rows = np.arange(len(y))
        loss = float(np.mean(np.log(total[:, 0]) - z[rows, y]))
        dz = e / total
        dz[rows, y] -= 1
        dz /= np.float32(len(y))
        dh = (dz @ w2.T) * (h > 0)
        self._adam([x.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)])
        return loss

    def _adam(self, gradients: list[np.ndarray]) -> None:
        self.steps += 1
        rate = np.float32(self.learning_rate / (1 - 0.9**self.steps))
        scale = np.float32(1 / np.sqrt(1 - 0.999**self.steps))
        for p, g, m, v in zip(self.params, gradients, self.m, self.v, strict=True):
            m += np.float32(0.1) * (g - m)
            v += np.float32(0.001) * (g * g - v)
            p -= rate * m / (np.sqrt(v) * scale + np.float32(1e-8))
