"""NumPy's functions give the same whatever the strides: not all do on every processor."""

import inspect

import numpy as np
import pytest

from graphdl.codegen.numpy.support import SUPPORT
from graphdl.ir.instructions import INSTRUCTIONS

LENGTHS = (1, 3, 16, 33, 65, 130)
STRIDES = (1, 2, 3, 4, 5, 8, 16, -1, -2)
DTYPES = ("float32", "float64", "int32", "int64", "uint8", "bool")
STATEMENTS = {"_select", "_cast"}
"""What is no function."""
REPLACED = {"neg"}
"""What is printed as something else, because of what this test found."""

FUNCTIONS = {"np": np}
exec("".join(SUPPORT.values()), FUNCTIONS)


def function(name):
    """Return what the NumPy target calls."""
    return FUNCTIONS[name] if name.startswith("_") else getattr(np, name)


def arity(called):
    """Return how many operands a function takes beside ``out``."""
    return (
        called.nin
        if isinstance(called, np.ufunc)
        else len(inspect.signature(called).parameters) - 1
    )


def strided(values, stride):
    """Return the values in memory at every so many places."""
    found = np.zeros(values.size * abs(stride), values.dtype)[::stride]
    found[:] = values
    return found


def operand(dtype, size, rng):
    """Return moderate numbers, special ones among floats."""
    if dtype.startswith("float"):
        special = rng.choice([np.nan, np.inf, -np.inf, -0.0, 0.0], size)
        return np.where(rng.random(size) < 0.2, special, rng.normal(size=size) * 3).astype(dtype)
    return rng.integers(0, 2 if dtype == "bool" else 7, size).astype(dtype)


@pytest.mark.parametrize("name", sorted(INSTRUCTIONS.keys() - REPLACED))
@pytest.mark.filterwarnings("ignore")
def test_strides_change_nothing(name):
    instruction = INSTRUCTIONS[name]
    if instruction.numpy in STATEMENTS:
        assert instruction.result in ("select", "cast")
        return
    called = function(instruction.numpy)
    rng = np.random.default_rng(0)
    tried = 0
    for dtype in DTYPES:
        for size in LENGTHS:
            operands = [operand(dtype, size, rng) for _ in range(arity(called))]
            result = np.dtype("bool" if instruction.result == "bool" else dtype)
            try:
                called(*operands, out=(wanted := np.zeros(size, result)))
            except TypeError:  # there is no such loop: the instruction is not for this dtype
                continue
            for stride in STRIDES:
                for apart in (1, stride):
                    out = strided(np.zeros(size, result), stride)
                    called(*(strided(x, apart) for x in operands), out=out)
                    np.testing.assert_allclose(out, wanted, rtol=1e-5, err_msg=f"{dtype} {stride}")
                    tried += 1
    assert tried >= len(LENGTHS) * len(STRIDES) * 2
