"""Activations."""

import numpy as np

from tests.ops.references.exponential import erf


def _gelu(x, approximate="none"):
    if approximate == "tanh":
        return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + erf(x / np.sqrt(2)))


REFERENCES = {
    "relu": lambda x: np.maximum(x, 0), "softplus": lambda x: np.logaddexp(x, 0),
    "leaky_relu": lambda x, slope=0.01: np.where(x > 0, x, slope * x), "gelu": _gelu,
}  # fmt: skip

VARIANTS = {
    "leaky_relu": [{}, {"slope": 0.2}],
    "gelu": [{}, {"approximate": "tanh"}],
}
