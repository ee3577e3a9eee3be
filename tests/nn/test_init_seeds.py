"""Seeds of initialisers: each has values of its own, again and again."""

import numpy as np
import pytest

from graphdl.nn import init

DRAWN = [init.uniform, init.normal, init.truncated_normal, init.he, init.xavier, init.lecun,
         init.orthogonal, init.variance_scaling]  # fmt: skip


def values(initialiser):
    return initialiser((8, 8), np.dtype("f8"), np.random.default_rng(123))


@pytest.mark.parametrize("made", DRAWN)
def test_a_seed_decides_all_values(made):
    found = {seed: values(made(seed=seed)) for seed in (0, 1, 2, 2**31)}
    for seed, array in found.items():
        np.testing.assert_array_equal(values(made(seed=seed)), array)
        others = [v for s, v in found.items() if s != seed] + [values(made())]
        assert all((array != other).any() for other in others)
