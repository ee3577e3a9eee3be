"""The parts of a proof: zeros, regions, readings of floats, 50 digits, linearity, limits."""

import math
import random
import threading
import time

import numpy as np
import pytest
import sympy as sp

import graphdl as gd
from graphdl.verification import precise
from graphdl.verification.evaluator import UnsupportedError
from graphdl.verification.limits import time_limit
from graphdl.verification.linearity import is_linear
from graphdl.verification.pieces import equal_arrays, equal_elements
from graphdl.verification.reals import real
from graphdl.verification.regions import OutsideDomainError, Region, explore
from graphdl.verification.zero import is_zero
from tests.verification.shared import f

X, Y = sp.symbols("x y", real=True)


def positive(*symbols):
    region = Region()
    for symbol in symbols:
        region.require(symbol)
    return region


@pytest.mark.parametrize(
    "zero",
    [
        (X + Y) ** 3 - X**3 - 3 * X**2 * Y - 3 * X * Y**2 - Y**3,
        sp.exp(X + Y) - sp.exp(X) * sp.exp(Y),
        sp.tanh(X) - (sp.exp(2 * X) - 1) / (sp.exp(2 * X) + 1),
        1 / (1 + sp.exp(-X)) - sp.exp(X) / (1 + sp.exp(X)),
        sp.sin(X) ** 2 + sp.cos(X) ** 2 - 1,
        sp.log(X * Y) - sp.log(X) - sp.log(Y),
        sp.log(1 + sp.exp(X)) - X - sp.log(1 + sp.exp(-X)),
        sp.sqrt(X**2 * Y) - X * sp.sqrt(Y),
        sp.sqrt(X**2 + Y**2) ** 2 - X**2 - Y**2,
        X**Y - sp.exp(Y * sp.log(X)),
        X ** (Y - 1) * X - X**Y,
        sp.erfc(X) + sp.erf(X) - 1,
        sp.Abs(X) - X,
    ],
)
def test_zeros_are_found(zero):
    assert is_zero(zero, positive(X, Y))


@pytest.mark.parametrize(
    "value",
    [
        X - Y,
        sp.exp(X) - 1 - X,
        sp.tanh(X) - sp.Rational(1001, 1000) * sp.tanh(X),
        sp.sqrt(X**2) - X,
    ],
)
def test_nothing_else_is(value):
    assert not is_zero(value, Region())


def test_regions_cover_all_orders():
    orders = set()
    for region in explore(100):
        a, b, c = sp.symbols("a b c", real=True)
        orders.add((region.sign(a - b), region.sign(b - c), region.sign(a - c)))
    assert len(orders) == 6  # of 8: two contradict themselves


def test_regions_know_what_follows():
    region = positive(X - 2)
    assert region.sign(X + 1) == 1
    assert region.known(X - 3) is None
    with pytest.raises(OutsideDomainError):
        region.require(1 - X)
    point = region.point([X, Y], random.Random(0))
    assert point[X] > 2


def test_too_many_regions_are_refused():
    def signs():
        return [[r.sign(s) for s in sp.symbols("a:5", real=True)] for r in explore(3)]

    with pytest.raises(TimeoutError):
        signs()


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (0.1, sp.Rational(1, 10)),
        (np.float32(0.1), sp.Rational(1, 10)),
        (1 / 3, sp.Rational(1, 3)),
        (-math.sqrt(0.5), -1 / sp.sqrt(2)),
        (math.sqrt(2 / math.pi), sp.sqrt(2 / sp.pi)),
        (math.log(2), sp.log(2)),
        (1 / math.log(2), 1 / sp.log(2)),
        (True, sp.Integer(1)),
    ],
)
def test_floats_are_read_as_what_was_meant(value, meant):
    assert sp.simplify(real(value) - meant) == 0


def test_floats_that_mean_nothing_else_are_exact():
    assert float(real(0.1234567890123456)) == 0.1234567890123456


def test_50_digits_of_a_derivative():
    import mpmath

    x = f("x")
    found = precise.directional(gd.exp(x), {x: np.asarray(1.0)}, {x: np.ones(())}, {})
    with mpmath.workdps(60):
        assert abs(found - mpmath.e) < mpmath.mpf(10) ** -50


def test_linearity_is_seen():
    x, c = f("x", 3), f("c", 3)
    for yes in (c * x, gd.where(x > 0.0, c, 0.0), gd.sum(c), c[::-1], gd.pad(c, ((1, 1),))):
        assert is_linear([yes], c)
    for no in (c * c, c + 1.0, gd.abs(c), gd.where(c > 0.0, c, 0.0), gd.exp(c), c / c):
        assert not is_linear([no], c)


def test_elements_are_compared_at_all_places():
    m, c, s = f("m", 3, 3), f("c", "N", 1), f("s", "N", 4)
    assert equal_elements(m - m.T.T, gd.zeros((3, 3), "float64"), [m], {})
    assert equal_elements(gd.broadcast_to(c, ("N", 4)) * s, s * c, [c, s], {})
    assert not equal_elements(m, m.T, [m], {})
    assert not equal_elements(s, s[:, ::-1], [s], {})
    assert not equal_elements(s, s[::-1], [s], {})
    shares = gd.sum(s / gd.sum(s, 1, keepdims=True), 1)
    assert equal_elements(shares, gd.ones(("N",), "float64"), [s], {})
    assert not equal_elements(shares * 1.001, gd.ones(("N",), "float64"), [s], {})


def test_labels_take_all_their_values():
    s, y = f("s", "N", 4), gd.input("y", ("N",), "int32")
    chosen = gd.sum(gd.where(gd.equal(gd.iota(4), y[:, None]), 1.0, 0.0) * s[:, :1], 1)
    assert equal_elements(chosen, s[:, 0], [s, y], {y: 4})
    assert not equal_elements(chosen, s[:, 0], [s, y], {y: 5})
    with pytest.raises(UnsupportedError, match="too many values"):
        equal_elements(chosen, s[:, 0], [s, y], {})


def test_sums_of_unknown_size_are_looked_at_at_sizes():
    x, y = f("x", 2, "N"), f("y", 2, "N")
    with pytest.raises(UnsupportedError, match="too many terms"):
        equal_elements(gd.sum(x, 1), gd.sum(y, 1), [x, y], {})
    both = gd.sum(x + y, 1)
    assert equal_arrays(both, gd.sum(x, 1) + gd.sum(y, 1), [x, y], {"N": 2}, {})
    assert not equal_arrays(both, gd.sum(x, 1), [x, y], {"N": 2}, {})


def test_time_is_limited_and_the_outer_limit_is_kept():
    def inner():
        with time_limit(10):
            _think(0.01)
        _think(5)

    started = time.process_time()
    with pytest.raises(TimeoutError), time_limit(0.2):
        inner()
    assert time.process_time() - started < 4


def _think(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_waiting_does_not_count():
    with time_limit(0.05):
        time.sleep(0.2)


def test_other_threads_have_no_limit():
    done = []
    thread = threading.Thread(target=lambda: [done.append(1) for _ in [0] if _limited()])
    thread.start()
    thread.join()
    assert done == [1]


def _limited():
    with time_limit(1e-9):
        return True


@pytest.mark.parametrize("shape", [(), (2,)])
def test_a_choice_is_looked_at_both_ways(shape):
    chosen = gd.input("c", shape, "bool")
    x, y = gd.input("x", shape, "float64"), gd.input("y", shape, "float64")
    for value, same in ((gd.where(chosen, x, y), False), (gd.where(chosen, y, y + 0.0), True)):
        assert equal_elements(value, y, [chosen, x, y], {}) is same
        assert equal_arrays(value, y, [chosen, x, y], {}, {}) is same
