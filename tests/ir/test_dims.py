"""Sizes are a ring, evaluation is a homomorphism, and text reads back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphdl.ir import dims
from graphdl.ir.dim_bounds import is_at_least, upper_bound
from graphdl.ir.dim_parsing import as_shape, as_size, parse_size
from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import DimensionError, ParseError

ENV = {"N": 7, "M": 3, "batch_1": 11, "λ": 2}

sizes = st.recursive(
    st.one_of(st.integers(-9, 9), st.sampled_from(sorted(ENV)).map(dims.symbol)),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: p[0] + p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] - p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] * p[1]),
        st.tuples(inner, st.integers(1, 5)).map(lambda p: p[0] // p[1]),
    ),
    max_leaves=6,
)


@given(sizes, sizes, sizes)
def test_ring_laws(a, b, c):
    assert a + b == b + a
    assert a * b == b * a
    assert (a + b) + c == a + (b + c)
    assert (a * b) * c == a * (b * c)
    assert a * (b + c) == a * b + a * c
    assert a + 0 == a
    assert a * 1 == a
    assert a * 0 == 0
    assert a - a == 0
    assert 0 - (0 - a) == a


@given(sizes, sizes, st.integers(1, 6))
def test_evaluation_is_a_homomorphism(a, b, divisor):
    def value(size):
        return dims.evaluate(size, ENV)

    assert value(a + b) == value(a) + value(b)
    assert value(a - b) == value(a) - value(b)
    assert value(a * b) == value(a) * value(b)
    assert value(a // divisor) == value(a) // divisor


@given(sizes)
def test_text_reads_back(a):
    assert parse_size(repr(a)) == a


@given(sizes, sizes)
def test_equal_sizes_have_equal_hashes(a, b):
    assert hash(a + b) == hash(b + a)
    assert isinstance(a - b + b - a, int)


@given(sizes, sizes)
def test_exact_division_undoes_multiplication(a, b):
    quotient = dims.divide(a * b, b)
    assert quotient is None or b == 0 or quotient * b == a * b


@given(st.sampled_from(["N", "M"]).map(dims.symbol), st.integers(1, 9), sizes)
def test_division_by_a_monomial_is_found(symbol, factor, a):
    if a != 0:
        assert dims.divide(a * symbol * factor, symbol * factor) == a


@given(sizes)
def test_sympy_gives_the_same_value(a):
    if isinstance(a, dims.Dim):
        expression = a.sympy()
        values = {s: ENV[s.name] for s in expression.free_symbols}
        assert int(expression.subs(values)) == dims.evaluate(a, ENV)


@given(sizes, st.fixed_dictionaries({name: st.integers(0, top) for name, top in ENV.items()}))
def test_upper_bound_is_one(a, values):
    assert dims.evaluate(a, values) <= upper_bound(a, ENV)


def test_upper_bound_of_a_floor_division_of_a_difference():
    n, m = dims.symbol("N"), dims.symbol("M")
    bound = upper_bound((n - m) // 2, {"N": 10, "M": 8})
    assert bound >= dims.evaluate((n - m) // 2, {"N": 10, "M": 0})


def test_symbols_are_sorted_and_reach_into_floor_division():
    n, m = dims.symbol("N"), dims.symbol("M")
    assert dims.symbols((n + 1) // 2 * m) == ("M", "N")
    assert dims.symbols(5) == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2 * dims.symbol("N") + 1, "2*N + 1"),
        (1 - dims.symbol("N"), "-N + 1"),
        (dims.symbol("N") * dims.symbol("N"), "N*N"),
        ((dims.symbol("N") + 1) // 2, "((N + 1)//2)"),
        (2 * dims.symbol("N") // 2, "N"),
    ],
)
def test_repr(value, text):
    assert repr(value) == text


def test_shape_text_is_a_tuple():
    assert shape_text(()) == "()"
    assert shape_text((dims.symbol("N"),)) == "(N,)"


def test_as_shape_takes_names_ints_and_polynomials():
    n = dims.symbol("N")
    assert as_shape(("N", 3, 2 * n, "N + 1")) == (n, 3, 2 * n, n + 1)
    assert as_shape("N") == (n,)
    assert as_shape(3) == (3,)


@pytest.mark.parametrize("value", [-1, 1.5, None])
def test_no_size(value):
    with pytest.raises(DimensionError, match="is not a size"):
        as_size(value)


def test_no_shape():
    with pytest.raises(DimensionError, match="is not a shape"):
        as_shape(1.5)


@pytest.mark.parametrize("text", ["", "N +", "(N", "N N", "N//0", "N//M", "N/2", "2**N", "$"])
def test_bad_size_text(text):
    with pytest.raises(ParseError, match="is not a size"):
        parse_size(text)


def test_missing_value():
    with pytest.raises(DimensionError, match="'N' has no value"):
        dims.evaluate(dims.symbol("N"), {})


def test_a_symbol_must_be_an_identifier():
    with pytest.raises(DimensionError, match="use an identifier"):
        dims.symbol("2 N")


@given(sizes, st.integers(-3, 3))
def test_lower_bounds_hold(size, bound):
    """What is claimed for all dims holds for those tried."""
    if is_at_least(size, bound):
        for n in (0, 1, 2, 5, 7):
            env = {name: n + k for k, name in enumerate(ENV)}
            assert dims.evaluate(size, env) >= bound
            assert dims.evaluate(size, dict.fromkeys(ENV, n)) >= bound


@pytest.mark.parametrize(
    ("text", "bound", "known"),
    [
        ("N", 0, True), ("N", 1, False), ("N - 1", 0, False), ("2*N + 1", 1, True),
        ("(N + 1)//2", 0, True), ("N - (N + 1)//2", 0, True), ("N - 2*((N + 1)//2) + 2", 1, True),
        ("N - M", 0, False), ("(N - 1)//2", 0, False), ("N*M + 3", 3, True),
    ],
)  # fmt: skip
def test_lower_bounds(text, bound, known):
    assert is_at_least(as_size(text), bound) == known
