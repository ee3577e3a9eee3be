"""Sets of units, against sets of Python."""

import doctest
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torture import ranges, skeleton
from torture.ranges import gap, merged, size

RANGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted), max_size=8)


def members(of):
    return {unit for start, stop in of for unit in range(start, stop)}


@given(RANGES, st.integers(0, 50), st.integers(1, 10))
def test_sets_of_units(given_ranges, limit, most):
    found = merged(given_ranges)
    assert members(found) == members(given_ranges)
    assert all(a[1] < b[0] for a, b in itertools.pairwise(found))
    assert size(found, limit) == len([u for u in members(found) if u < limit])
    units = gap(found, limit, most)
    missing = sorted(set(range(limit)) - members(found))
    assert list(units) == missing[: len(units)]
    assert len(units) <= most
    assert bool(units) == bool(missing)


@pytest.mark.parametrize("module", [ranges, skeleton])
def test_examples(module):
    assert doctest.testmod(module).failed == 0
