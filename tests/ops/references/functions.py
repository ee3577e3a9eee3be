"""Roundings, roots, circular, hyperbolic and special functions."""

import math

import mpmath
import numpy as np


def _exact(function):
    """Return a function of mpmath on arrays: right to the last digit."""
    return lambda *x: np.vectorize(
        lambda *v: float(mpmath.re(function(*map(mpmath.mpf, v)))), otypes=[float]
    )(*x)


def _xlogy(x, y):
    return np.where((x == 0) & ~np.isnan(y), 0.0, x * np.log(np.where(y == 0, 1.0, y)))


REFERENCES = {
    "rint": np.rint, "exp2": np.exp2, "log2": np.log2, "log10": np.log10, "cbrt": np.cbrt,
    "rsqrt": lambda x: 1 / np.sqrt(x), "reciprocal": lambda x: 1 / x, "sin": np.sin,
    "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "atan2": np.arctan2, "sinh": np.sinh, "cosh": np.cosh, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh, "hypot": np.hypot, "isinf": np.isinf,
    "isfinite": np.isfinite, "erfc": np.vectorize(math.erfc, otypes=[float]),
    "lgamma": _exact(mpmath.loggamma), "digamma": _exact(mpmath.digamma),
    "logaddexp": np.logaddexp, "xlogy": _xlogy, "exp_product": lambda x, y: np.exp(x * y),
}  # fmt: skip

DOMAINS = {
    "rsqrt": (0.5, 3.0), "reciprocal": (0.5, 2.5), "log2": (0.4, 3.0), "log10": (0.4, 3.0),
    "cbrt": (0.4, 3.0), "tan": (-1.1, 1.1), "asin": (-0.8, 0.8), "acos": (-0.8, 0.8),
    "atan2": (0.3, 2.0), "acosh": (1.4, 3.0), "atanh": (-0.8, 0.8), "hypot": (0.3, 2.0),
    "lgamma": (0.6, 4.0), "digamma": (0.6, 4.0), "xlogy": (0.4, 3.0), "rint": (0.55, 1.45),
    "floor": (1.05, 1.95), "ceil": (1.05, 1.95), "trunc": (1.05, 1.95), "round": (1.21, 1.24),
    "polygamma": (1.1, 4.0),
}  # fmt: skip

VARIANTS = {
    "round": [{"decimals": 1}, {"decimals": -1}],
    "nan_to_num": [{"nan": 0.5, "posinf": 3.0, "neginf": -3.0}],
}

WHOLE = {"polygamma": {0: (1, 4)}}
