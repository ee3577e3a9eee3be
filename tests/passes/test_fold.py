"""Constant folding: what comes out is what would have been computed."""

from __future__ import annotations

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.leaves import CONSTANT
from graphdl.passes import fold as module
from graphdl.passes.fold import fold
from tests.passes.support import assert_idempotent, assert_same_bits, edge_pairs, op_names

FLOAT_PAIR = [gd.constant(v) for v in edge_pairs()]
WHOLE = gd.constant(np.array([2**31 - 1, -(2**31), 7], "int32"))
BYTES = gd.constant(np.array([255, 0, 7], "uint8"))
MATRIX = gd.constant(np.arange(12, dtype=np.float32).reshape(3, 4))

FOLDED = {
    "add": FLOAT_PAIR[0] + FLOAT_PAIR[1],
    "subtract": FLOAT_PAIR[0] - FLOAT_PAIR[1],
    "multiply": FLOAT_PAIR[0] * FLOAT_PAIR[1],
    "divide": FLOAT_PAIR[0] / FLOAT_PAIR[1],
    "maximum": gd.maximum(*FLOAT_PAIR),
    "less": FLOAT_PAIR[0] < FLOAT_PAIR[1],
    "log": gd.log(FLOAT_PAIR[0]),
    "integers wrap": WHOLE + WHOLE,
    "negated integers wrap": -WHOLE,
    "bytes wrap": BYTES * BYTES,
    "cast": gd.cast(BYTES, "float64") / 3,
    "sum": gd.sum(MATRIX, 0),
    "argmax": gd.argmax(MATRIX, 1),
    "contract": MATRIX @ MATRIX.T,
    "transpose": MATRIX.T,
    "slice": MATRIX[1:, ::-1],
    "concat": gd.concat([MATRIX, MATRIX]),
    "gather": gd.gather(MATRIX, [2, 0]),
    "scatter": gd.scatter_add(MATRIX, [1, 1, 0], 2),
    "softmax": gd.softmax(MATRIX),
}


@pytest.mark.parametrize("name", FOLDED)
def test_folded(name: str) -> None:
    graph = gd.Graph(FOLDED[name])
    after = assert_idempotent(fold, graph)
    assert [n.op for n in after.nodes] == [CONSTANT]
    assert_same_bits(graph, after, {})


UNTOUCHED = {
    "repeating": gd.broadcast_to(gd.constant(1.0), (4, 4)),
    "a large result": gd.constant(np.ones((64, 1))) * gd.constant(np.ones((1, 64))),
    "a large operand": gd.sum(gd.constant(np.ones(1 << 17))),
    "a symbolic size": gd.exp(gd.zeros(("N", 2))) + gd.input("x", ("N", 2)),
    "a symbolic size of an empty array": gd.broadcast_to(gd.constant(np.ones((0, 1))), (0, "N")),
    "positions": gd.iota(4) * 2,
}


@pytest.mark.parametrize("name", UNTOUCHED)
def test_untouched(name: str) -> None:
    graph = gd.Graph(UNTOUCHED[name])
    assert fold(graph) is graph


def test_bounds_are_small() -> None:
    assert module.MOST_RESULTS * 8 <= 1 << 16


def test_only_the_constant_part_is_folded() -> None:
    x = gd.input("x", (3,))
    with gd.scope("scale"):
        half = gd.constant(1.0) / gd.constant(2.0)
    after = fold(gd.Graph(x * half))
    assert op_names(after) == ["multiply"]
    (constant,) = [n for n in after.nodes if n.op is CONSTANT]
    assert constant.origins[0].scope == "scale"
