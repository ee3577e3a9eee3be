"""Attribute values of the text form: names, numbers, sizes, arrays and initialisers, exact."""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphdl as gd
from graphdl import nn
from graphdl.ir import dims
from graphdl.ir.compare import same_structure
from graphdl.ir.dtypes import DTYPES
from graphdl.ir.errors import ArgumentError, ParseError
from graphdl.ir.initializers import INITIALIZERS, initializer
from graphdl.ir.literals import Reader, name_text, value_text
from graphdl.ir.text import parse, to_text

floats = st.floats(allow_nan=True, allow_infinity=True)
sizes = st.builds(
    lambda c, s, k, d: (c * dims.symbol(s) + k) // d,
    st.integers(-3, 3),
    st.sampled_from(["N", "float32", "inf", "true", "λ_1"]),
    st.integers(-5, 5),
    st.integers(1, 3),
)
arrays = st.builds(
    lambda dtype, shape, seed: random_array(dtype, shape, seed),
    st.sampled_from(sorted(DTYPES)),
    st.lists(st.integers(0, 5), max_size=3),
    st.integers(0, 1000),
)
text = st.text(st.characters(), max_size=8)  # surrogates included
values = st.recursive(
    st.one_of(
        st.integers(), floats, st.booleans(), st.none(), text, sizes,
        st.sampled_from(sorted(DTYPES)).map(DTYPES.get), arrays, floats.map(nn.init.Constant),
    ),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=8,
)  # fmt: skip


def random_array(dtype, shape, seed):
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 256, [*shape, DTYPES[dtype].itemsize], dtype=np.uint8)
    if dtype == "bool":
        return np.asarray(bits[..., 0] > 100)
    array = np.asarray(bits.view(dtype)[..., 0])  # NaNs with payloads, subnormals and all
    return array if seed % 2 else np.where(array > 1, 0.1, -0.0).astype(dtype)


def identical(a, b):
    if isinstance(a, np.ndarray):
        return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    if isinstance(a, tuple):
        return len(a) == len(b) and all(itertools.starmap(identical, zip(a, b, strict=True)))
    if isinstance(a, nn.init.Constant):
        return identical(a.value, b.value)
    return type(a) is type(b) and (a.hex() == b.hex() if isinstance(a, float) else a == b)


@given(values)
def test_values_read_back_exactly(value):
    written = value_text(value)
    assert "\n" not in written
    assert identical(value, Reader(written + "]", "test").value())


@pytest.mark.parametrize(
    ("name", "shown"),
    [("x", "x"), ("a/b_1", "a/b_1"), ("λ", "λ"), ("1x", '"1x"'), ("", '""'), ("a b", '"a b"'),
     ('"', r'"\""'), ("a\n", r'"a\n"'), ("a//b", '"a//b"'), ("\u200b", r'"\u200b"'), ("0", '"0"')],
)  # fmt: skip
def test_names_that_are_no_identifiers_are_quoted(name, shown):
    assert name_text(name) == shown


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
def test_every_initializer_reads_back(name):
    cls = INITIALIZERS[name]
    try:
        value = cls()
    except TypeError:
        value = cls(0.25)
    graph = gd.Graph(gd.param("w", (3, 2), init=value))
    assert f"init={name}(" in to_text(graph)
    assert same_structure(parse(to_text(graph)), graph)


def test_an_initializer_from_outside():
    @initializer("halves")
    @dataclass(frozen=True)
    class Halves:
        bounds: tuple[float, ...] = (0.5, -0.0)

        def __call__(self, shape, dtype, generator):
            return np.full(shape, 0.5, dtype)

    try:
        graph = gd.Graph(gd.param("w", (2,), init=Halves()))
        assert "init=halves(bounds=(0.5, -0.0))" in to_text(graph)
        assert same_structure(parse(to_text(graph)), graph)
        with pytest.raises(ArgumentError, match="cannot be named 'halves'"):
            initializer("halves")(nn.init.Zeros)
    finally:
        del INITIALIZERS["halves"]
    with pytest.raises(ArgumentError, match="no frozen dataclass"):
        initializer("plain")(object)


def test_a_plain_function_is_shown_but_not_read():
    def mine(shape, dtype, generator):
        return np.zeros(shape, dtype)

    shown = to_text(gd.Graph(gd.param("w", (2,), init=mine)))
    assert "mine" in shown
    assert "0x" not in shown
    with pytest.raises(ParseError, match="has no text form"):
        parse(shown)
