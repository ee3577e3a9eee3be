"""Exponentials, logarithms, and what is made of them."""

import math

import numpy as np


def erf(x):
    return np.vectorize(math.erf, otypes=[float])(x)


REFERENCES = {
    "erf": erf, "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p,
    "tanh": np.tanh, "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}  # fmt: skip

DOMAINS = {"log": (0.2, 3.0), "log1p": (-0.7, 2.0)}
