"""The rows of the table: shapes, inputs and initial weights, in plain NumPy.

Every contender starts from the arrays made here, so that all of them do the same work.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Mlp:
    """A dense classifier with ReLU between its layers, trained by plain SGD on one batch.

    Parameters
    ----------
    name : str
        Row name in the table.
    batch : int
        Samples a step sees.
    sizes : tuple of int
        Width of the input, of each hidden layer and of the output (number of classes).
    rate : float
        Learning rate.
    seed : int
        Seed of inputs, labels and weights.

    Examples
    --------
    >>> row = Mlp("tiny", batch=4, sizes=(3, 2))
    >>> x, y = row.inputs()
    >>> x.shape, y.dtype.name, [w.shape for w, _ in row.weights()]
    ((4, 3), 'int32', [(3, 2)])
    """

    name: str
    batch: int
    sizes: tuple[int, ...]
    rate: float = 0.01
    seed: int = 0

    def inputs(self) -> tuple[Array, NDArray[np.int32]]:
        """Return samples (batch, features) as float32 and labels (batch,) as int32."""
        rng = np.random.default_rng(self.seed)
        x = rng.standard_normal((self.batch, self.sizes[0]), dtype=np.float32)
        y = rng.integers(0, self.sizes[-1], self.batch, dtype=np.int32)
        return x, y

    def weights(self) -> list[tuple[Array, Array]]:
        """Return fresh ``(kernel (in, out), bias (out,))`` pairs, He-scaled kernels.

        Biases are small but not zero, so that a contender that forgets them is found out.
        """
        rng = np.random.default_rng(self.seed + 1)
        pairs = []
        for fan_in, fan_out in zip(self.sizes, self.sizes[1:], strict=False):
            kernel = rng.standard_normal((fan_in, fan_out)) * np.sqrt(2.0 / fan_in)
            bias = rng.standard_normal(fan_out) * 0.1
            pairs.append((kernel.astype(np.float32), bias.astype(np.float32)))
        return pairs

    @property
    def flops(self) -> int:
        """Multiplications and additions of the matrix products in one step."""
        layers = list(zip(self.sizes, self.sizes[1:], strict=False))
        forward_and_weights = sum(4 * self.batch * i * o for i, o in layers)
        back_to_inputs = sum(2 * self.batch * i * o for i, o in layers[1:])
        return forward_and_weights + back_to_inputs

    @property
    def shape(self) -> str:
        """The row's size in words."""
        return f"b{self.batch}, {'-'.join(map(str, self.sizes))}"


@dataclass(frozen=True)
class Chain:
    """Element-wise work only: ``h = gelu_tanh(a*x + b)``, ``sum(h*sigmoid(x) + tanh(h))``.

    A step returns the loss and its derivatives by the scalars *a* and *b*; nothing is updated.
    """

    name: str
    elements: int
    scalars: tuple[float, float] = field(default=(0.7, 0.1))
    seed: int = 0

    def inputs(self) -> tuple[Array]:
        """Return ``x`` of shape (elements,), float32, standard normal."""
        rng = np.random.default_rng(self.seed)
        return (rng.standard_normal(self.elements, dtype=np.float32),)

    @property
    def flops(self) -> int:
        """Zero: the row has no matrix products."""
        return 0

    @property
    def shape(self) -> str:
        """The row's size in words."""
        return f"{self.elements} elements"


Workload = Mlp | Chain

ROWS: dict[str, Workload] = {
    row.name: row
    for row in (
        Mlp("logreg", batch=32, sizes=(64, 10)),
        Mlp("mlp-digits", batch=32, sizes=(64, 128, 10)),
        Mlp("mlp-mnist", batch=128, sizes=(784, 512, 256, 10)),
        Mlp("mlp-wide", batch=256, sizes=(1024, 2048, 2048, 1000)),
        Chain("chain", elements=2**20),
    )
}
