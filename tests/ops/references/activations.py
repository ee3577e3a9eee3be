"""Activations."""

import numpy as np

from tests.ops.references.exponential import erf


def _gelu(x, approximate="none"):
    if approximate == "tanh":
        return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + erf(x / np.sqrt(2)))


def _silu(x):
    return x / (1 + np.exp(-x))


def _elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * (np.exp(x) - 1))


def _leaky(x, slope=0.01):
    return np.where(x > 0, x, slope * x)


REFERENCES = {
    "relu": lambda x: np.maximum(x, 0), "leaky_relu": _leaky, "prelu": _leaky,
    "relu6": lambda x: np.clip(x, 0, 6), "gelu": _gelu, "silu": _silu, "swish": _silu,
    "mish": lambda x: x * np.tanh(np.log(1 + np.exp(x))), "elu": _elu,
    "selu": lambda x: 1.0507009873554805 * _elu(x, 1.6732632423543772),
    "celu": lambda x, alpha=1.0: np.maximum(x, 0) + np.minimum(0, alpha * np.expm1(x / alpha)),
    "softplus": lambda x, beta=1.0: np.logaddexp(beta * x, 0) / beta,
    "softsign": lambda x: x / (1 + np.abs(x)), "log_sigmoid": lambda x: -np.logaddexp(-x, 0),
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "hard_tanh": lambda x, low=-1.0, high=1.0: np.clip(x, low, high),
    "hard_swish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "step": lambda x, at_zero=1.0: np.heaviside(x, at_zero),
}  # fmt: skip

# Wide enough for all pieces; no point within 0.03 of a kink.
DOMAINS = {
    "relu6": (-2.1, 8.3), "hard_sigmoid": (-4.4, 4.4), "hard_swish": (-4.4, 4.4),
    "hard_tanh": (-2.2, 2.2),
}  # fmt: skip

VARIANTS = {
    "leaky_relu": [{}, {"slope": 0.2}],
    "gelu": [{}, {"approximate": "tanh"}],
    "elu": [{}, {"alpha": 0.4}],
    "celu": [{}, {"alpha": 0.4}],
    "softplus": [{}, {"beta": 2.5}],
    "hard_tanh": [{}, {"low": -0.7, "high": 1.3}],
    "step": [{}, {"at_zero": 0.5}],
}
