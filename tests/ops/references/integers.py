"""Division with remainder, bits, and comparisons of arrays."""

import numpy as np


def _whole_power(x, y, bits=8):
    counted = y & np.array(2**bits - 1).astype(y.dtype)
    return np.where(y < 0, 0, np.power(x, counted)).astype(x.dtype)


REFERENCES = {
    "whole_power": _whole_power,
    "floor_divide": np.floor_divide, "mod": np.mod, "remainder": np.remainder, "fmod": np.fmod,
    "bitwise_and": np.bitwise_and, "bitwise_or": np.bitwise_or, "bitwise_xor": np.bitwise_xor,
    "bitwise_not": np.bitwise_not, "left_shift": np.left_shift, "right_shift": np.right_shift,
    "isclose": np.isclose,
}  # fmt: skip

# No quotient within a step of differences of a whole number; counts of shifts that mpmath takes.
DOMAINS = dict.fromkeys(("floor_divide", "mod", "remainder", "fmod"), (1.05, 1.95)) | {
    "left_shift": (0, 9), "right_shift": (0, 9), "whole_power": (0, 9), "isclose": (0.5, 2.0),
}  # fmt: skip

VARIANTS = {"isclose": [{}, {"rtol": 0.2, "atol": 0.1}, {"equal_nan": True}]}
