"""The arena plan by a rule of its own: only equal elements of a dying operand share bytes."""

from itertools import combinations

import numpy as np
import pytest

from graphdl.codegen.lower.memory import buffer_bytes, in_place, plan
from graphdl.codegen.program import Axis, Buffer, LoopKernel, Stage, kernel_stores, reads
from graphdl.ir.dtypes import float32, float64, int64
from tests.codegen.hand_programs import load, number, op, store


def temporary(name, dtype=float32, count=16):
    return Buffer(name, dtype, (count,), "temporary")


def kernel(name, count, *stages):
    return LoopKernel(name, "", (Axis("i", count),), tuple(Stage((), s) for s in stages))


def random_kernels(seed):
    """Elementwise kernels; what is of another size is read at one element."""
    rng = np.random.default_rng(seed)
    made, kernels = [], []
    for step in range(int(rng.integers(4, 12))):
        count = int(rng.choice([16, 24, 32]))
        dtype = [float32, float64, int64][rng.choice(3, p=[0.7, 0.2, 0.1])]
        new = temporary(f"t{step}", dtype, count)
        value = number(1.0, dtype)
        recent = made[-4:]
        for old in rng.permutation(len(recent))[: rng.integers(0, 3)]:
            source = recent[old]
            read = load(source, "i" if source.shape == new.shape else 0)
            cast = op("cast", read, dtype=dtype)
            value = op("add", value, read if source.dtype is dtype else cast)
        kernels.append(kernel(f"k{step}", count, (store(new, ["i"], value),)))
        made.append(new)
    return made, kernels


def test_only_equal_elements_of_a_dying_operand_share_bytes():
    shared = 0
    for seed in range(2000):
        buffers, kernels = random_kernels(seed)
        arena = plan(kernels, {})
        lives = {
            b: [
                n
                for n, k in enumerate(kernels)
                if b in {a.buffer for a in (*reads(k), *(s.access for s in kernel_stores(k)))}
            ]
            for b in buffers
        }
        ends = {b: b.offset + buffer_bytes(b, {}) for b in buffers}
        assert max(ends.values()) <= arena
        for a, b in combinations(buffers, 2):
            alive = lives[a][-1] >= lives[b][0] and lives[b][-1] >= lives[a][0]
            if not alive or min(ends[a], ends[b]) <= max(a.offset, b.offset):
                continue
            shared += 1
            assert a.offset == b.offset, seed
            assert a.shape == b.shape, seed
            assert a.dtype.itemsize == b.dtype.itemsize, seed
            assert lives[a][-1] == lives[b][0], seed
    assert shared > 500, "the generator makes no operand that dies in place"


OLD, NEW, OTHER = temporary("old"), temporary("new"), temporary("other")
OF_OLD, AT_END = load(OLD, "i"), load(OLD, 15)


@pytest.mark.parametrize(
    ("stages", "allowed"),
    [
        ([(store(NEW, ["i"], OF_OLD),)], True),
        ([(store(NEW, ["i"], AT_END),)], False),
        ([(store(NEW, ["i"], op("add", OF_OLD, AT_END)),)], False),
        ([(store(NEW, ["i"], OF_OLD),), (store(OTHER, ["i"], OF_OLD),)], False),
        ([(store(OTHER, ["i"], OF_OLD),), (store(NEW, ["i"], OF_OLD),)], True),
        ([(store(OTHER, ["i"], AT_END),), (store(NEW, ["i"], OF_OLD),)], False),
    ],
)
def test_what_may_happen_in_place(stages, allowed):
    assert in_place(kernel("k", 16, *stages), OLD, NEW) is allowed
