"""The promotion table, written out."""

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir import dtypes
from graphdl.ir.errors import DTypeError

ORDER = ["bool", "uint8", "int32", "int64", "float32", "float64"]


@pytest.mark.parametrize("a", ORDER)
@pytest.mark.parametrize("b", ORDER)
def test_operands_meet_at_the_higher_dtype(a, b):
    expected = ORDER[max(ORDER.index(a), ORDER.index(b))]
    assert dtypes.promote(dtypes.as_dtype(a), dtypes.as_dtype(b)).name == expected
    total = gd.input("x", (3,), a) + gd.input("y", (3,), b)
    assert total.dtype.name == expected


@pytest.mark.parametrize(
    ("dtype", "with_bool", "with_int", "with_float", "divided"),
    [
        ("bool", "bool", "int64", "float32", "float32"),
        ("uint8", "uint8", "uint8", "float32", "float32"),
        ("int32", "int32", "int32", "float32", "float32"),
        ("int64", "int64", "int64", "float32", "float32"),
        ("float32", "float32", "float32", "float32", "float32"),
        ("float64", "float64", "float64", "float64", "float64"),
    ],
)
def test_python_scalars_are_weak(dtype, with_bool, with_int, with_float, divided):
    x = gd.input("x", (3,), dtype)
    assert (x * True).dtype.name == with_bool
    assert (x * 2).dtype.name == (2 * x).dtype.name == with_int
    assert (x * 2.5).dtype.name == (2.5 * x).dtype.name == with_float
    assert (x / x).dtype.name == divided
    assert gd.exp(x).dtype.name == divided


@pytest.mark.parametrize("dtype", ORDER)
def test_comparisons_give_bool(dtype):
    x = gd.input("x", (3,), dtype)
    assert (x < x).dtype is dtypes.bool_
    assert gd.equal(x, x).dtype is dtypes.bool_


def test_arrays_and_numpy_scalars_keep_their_dtype():
    x = gd.input("x", (3,))
    assert (x * np.float64(2)).dtype is dtypes.float64
    assert (x * np.ones(3)).dtype is dtypes.float64
    assert (x * np.ones(3, np.float32)).dtype is dtypes.float32


@pytest.mark.parametrize("name", ORDER)
def test_one_dtype_under_all_its_names(name):
    dtype = dtypes.as_dtype(name)
    assert dtypes.as_dtype(np.dtype(name)) is dtype
    assert dtypes.as_dtype(dtype) is dtype
    assert dtypes.as_dtype(np.dtype(name).type) is dtype
    assert dtype.numpy == np.dtype(name)
    assert dtype.itemsize == np.dtype(name).itemsize
    assert repr(dtype) == name
    assert dtype.is_float == name.startswith("float")
    assert dtype.is_integer == ("int" in name)


@pytest.mark.parametrize("value", ["float16", np.complex64, np.int8, "nonsense", object()])
def test_unknown_dtypes(value):
    with pytest.raises(DTypeError, match="use one of bool, float32"):
        dtypes.as_dtype(value)


def test_constants():
    assert gd.constant(1).dtype is dtypes.int32
    assert gd.constant(2**40).dtype is dtypes.int64
    assert gd.constant(1.5).dtype is dtypes.float32
    assert gd.constant(True).dtype is dtypes.bool_
    assert gd.constant([1, 2.5]).dtype is dtypes.float32
    assert gd.constant(np.float64(1)).dtype is dtypes.float64
    assert gd.constant([]).dtype is dtypes.float32
