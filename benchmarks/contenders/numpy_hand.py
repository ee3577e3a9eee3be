"""A careful person's NumPy step: buffers allocated once, ``out=`` everywhere.

Run in float64 the same code is the reference every contender is checked against; the tests
check its gradients in turn against complex differences of a plainly written loss.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.contenders.base import HAND, Contender
from benchmarks.workloads import Chain, Mlp, Workload

Floats = NDArray[np.floating[Any]]

_BLOCK = 1 << 13  # elements; a dozen float32 buffers of this length stay in a 1 MiB cache
_GELU_SCALE = float(np.sqrt(2.0 / np.pi))
_GELU_CUBIC = 0.044715


class NumpyHand(Contender):
    """Hand-written forward, backward and update.

    Parameters
    ----------
    dtype : dtype-like
        Floating type of the whole computation.
    """

    name: ClassVar[str] = "numpy-hand"
    role: ClassVar[str] = HAND
    modules: ClassVar[tuple[str, ...]] = ("numpy",)
    versions: ClassVar[tuple[str, ...]] = ("numpy",)

    def __init__(self, dtype: Any = np.float32) -> None:
        self.dtype = np.dtype(dtype)
        self.work: Workload | None = None
        self.pairs: list[tuple[Floats, Floats]] = []
        self.run: Callable[[], Any] = lambda: None

    def build(self, workload: Workload, threads: int) -> None:
        """Allocate weights and buffers; the thread count is the environment's."""
        self.work = workload
        if isinstance(workload, Mlp):
            self.pairs = [
                (k.astype(self.dtype), b.astype(self.dtype)) for k, b in workload.weights()
            ]
            self.run = mlp_step(workload, self.pairs, self.dtype)
        else:
            self.run = chain_step(workload, self.dtype)

    def reset(self) -> None:
        """Copy the initial weights back into place."""
        if isinstance(self.work, Mlp):
            for (kernel, bias), (first, second) in zip(
                self.pairs, self.work.weights(), strict=True
            ):
                kernel[...] = first
                bias[...] = second

    def step(self) -> Any:
        """Run one step and return its loss, for chain also both derivatives."""
        return self.run()

    def read(self, result: Any) -> Sequence[float]:
        """Return the step's numbers as floats."""
        return [float(v) for v in np.atleast_1d(result)]

    def state(self) -> list[NDArray[Any]]:
        """Return copies of all weights."""
        return [array.copy() for pair in self.pairs for array in pair]


def mlp_step(
    work: Mlp, pairs: list[tuple[Floats, Floats]], dtype: np.dtype[Any]
) -> Callable[[], float]:
    """Return a function that trains *pairs* in place by one step and returns the loss before it.

    The learning rate is folded into the gradient of the logits: one small product there
    instead of one pass over every weight.
    """
    x = work.inputs()[0].astype(dtype)
    labels = work.inputs()[1].astype(np.intp)
    rows = np.arange(work.batch)
    acts: list[Floats] = [np.empty((work.batch, n), dtype) for n in work.sizes[1:]]
    kernels = [np.empty_like(kernel) for kernel, _ in pairs]
    biases = [np.empty_like(bias) for _, bias in pairs]
    backs: list[Floats] = [np.empty_like(act) for act in acts[:-1]]
    masks = [np.empty(act.shape, bool) for act in acts[:-1]]
    column: Floats = np.empty((work.batch, 1), dtype)
    inputs = [x, *acts[:-1]]
    last = len(pairs) - 1
    scale = dtype.type(work.rate / work.batch)
    zero = dtype.type(0)

    def forward() -> float:
        for i, (kernel, bias) in enumerate(pairs):
            np.matmul(inputs[i], kernel, out=acts[i])
            np.add(acts[i], bias, out=acts[i])
            if i < last:
                np.maximum(acts[i], zero, out=acts[i])
        logits = acts[last]
        np.maximum.reduce(logits, axis=1, keepdims=True, out=column)
        np.subtract(logits, column, out=logits)
        picked = logits[rows, labels]
        np.exp(logits, out=logits)
        np.add.reduce(logits, axis=1, keepdims=True, out=column)
        np.divide(logits, column, out=logits)
        np.log(column, out=column)
        return float((column.sum() - picked.sum()) / work.batch)

    def backward() -> None:
        delta = acts[last]
        delta[rows, labels] -= 1
        np.multiply(delta, scale, out=delta)
        for i in range(last, -1, -1):
            np.matmul(inputs[i].T, delta, out=kernels[i])
            np.add.reduce(delta, axis=0, out=biases[i])
            if i:
                np.matmul(delta, pairs[i][0].T, out=backs[i - 1])
                np.greater(inputs[i], zero, out=masks[i - 1])
                np.multiply(backs[i - 1], masks[i - 1], out=backs[i - 1])
                delta = backs[i - 1]

    def step() -> float:
        loss = forward()
        backward()
        for (kernel, bias), dk, db in zip(pairs, kernels, biases, strict=True):
            np.subtract(kernel, dk, out=kernel)
            np.subtract(bias, db, out=bias)
        return loss

    return step


def chain_step(work: Chain, dtype: np.dtype[Any]) -> Callable[[], tuple[float, float, float]]:
    """Return a function giving loss, d loss/da and d loss/db, block by cache-sized block."""
    x = work.inputs()[0].astype(dtype)
    a, b, half, one = (dtype.type(v) for v in (*work.scalars, 0.5, 1.0))
    scale, cubic = dtype.type(_GELU_SCALE), dtype.type(_GELU_SCALE * _GELU_CUBIC)
    cubic3 = dtype.type(3 * _GELU_SCALE * _GELU_CUBIC)
    size = min(_BLOCK, work.elements)
    full: list[Floats] = [np.empty(size, dtype) for _ in range(6)]

    def block(xs: Floats, buffers: list[Floats]) -> tuple[float, float, float]:
        u, sq, t, h, s, g = buffers
        np.multiply(xs, a, out=u)
        np.add(u, b, out=u)
        np.multiply(u, u, out=sq)
        np.multiply(sq, cubic, out=t)  # t = tanh(u * (scale + cubic * u^2))
        np.add(t, scale, out=t)
        np.multiply(t, u, out=t)
        np.tanh(t, out=t)
        np.add(t, one, out=g)
        np.multiply(g, half, out=g)  # g = (1 + t) / 2
        np.multiply(g, u, out=h)
        np.negative(xs, out=s)
        np.exp(s, out=s)
        np.add(s, one, out=s)
        np.divide(one, s, out=s)
        loss = float(np.dot(h, s))
        # gelu'(u) = (1 + t) / 2 + u (1 - t^2) / 2 * (scale + 3 cubic u^2)
        np.multiply(sq, cubic3, out=sq)
        np.add(sq, scale, out=sq)
        np.multiply(sq, u, out=sq)
        np.multiply(sq, half, out=sq)
        np.multiply(t, t, out=t)
        np.subtract(one, t, out=t)
        np.multiply(t, sq, out=t)
        np.add(g, t, out=g)
        np.tanh(h, out=h)
        loss += float(np.add.reduce(h))
        np.multiply(h, h, out=h)  # d loss/dh = sigmoid(x) + 1 - tanh(h)^2
        np.subtract(one, h, out=h)
        np.add(h, s, out=h)
        np.multiply(g, h, out=g)
        return loss, float(np.dot(g, xs)), float(np.add.reduce(g))

    def step() -> tuple[float, float, float]:
        loss = da = db = 0.0
        for start in range(0, work.elements, size):
            xs = x[start : start + size]
            buffers = full if len(xs) == size else [buffer[: len(xs)] for buffer in full]
            part = block(xs, buffers)
            loss, da, db = loss + part[0], da + part[1], db + part[2]
        return loss, da, db

    return step
