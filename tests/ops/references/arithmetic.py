"""Arithmetic, comparison, logic, powers."""

import numpy as np

REFERENCES = {
    "abs": np.abs, "add": np.add, "divide": np.divide, "multiply": np.multiply,
    "negative": np.negative, "sign": np.sign, "subtract": np.subtract, "sqrt": np.sqrt,
    "minimum": np.minimum, "maximum": np.maximum, "where": np.where,
    "integer_power": lambda x, n: np.power(x, n if n >= 0 else float(n)), "real_power": np.power,
    "less": np.less, "less_equal": np.less_equal, "greater": np.greater,
    "greater_equal": np.greater_equal, "equal": np.equal, "not_equal": np.not_equal,
    "isnan": np.isnan, "logical_and": np.logical_and, "logical_or": np.logical_or,
    "logical_xor": np.logical_xor, "logical_not": np.logical_not, "stop_gradient": np.positive,
}  # fmt: skip

DOMAINS = {
    "sqrt": (0.2, 3.0), "divide": (0.4, 2.5), "integer_power": (0.5, 2.0), "real_power": (0.3, 2.0),
}  # fmt: skip

VARIANTS = {"integer_power": [{"n": n} for n in (-3, -1, 0, 1, 2, 5)]}
